import {
  type BalanceVector,
  comparableOf,
  isAlike,
  vectorsOf,
} from "../../../core/reconciliation/balances.ts";
import { addReports } from "../../../core/reconciliation/report.ts";
import { shardOf } from "../../../core/reconciliation/shard.ts";
import type { BalanceRow } from "../../../core/reconciliation/wire.ts";
import type { OddItem } from "../../../core/reconciliation/wire-sift.ts";
import type { BalanceFound } from "./balance-ports.ts";
import { adopt, type Going, type Outcome, stopOf } from "./going.ts";
import type { BalancesAt, Paged } from "./ports.ts";
import {
  ALL_SHARDS,
  believe,
  doubtOrPass,
  type Failed,
  isDoubted,
  isDoubtful,
  passOverOdd,
  stopBefore,
} from "./unread.ts";

/** Distributors of the mirror in one look. */
export const OURS_AT_ONCE = 2000;

export const placeIn = ({ cursor }: Going): BalancesAt => cursor.balances ?? {};

export function keepPlace(going: Going, balances: BalancesAt): void {
  going.cursor = { ...going.cursor, balances };
}

/**
 * A page of the core's balances against ours. Both come in the order of distributors, so that a page
 * holds all that the core has from its first to its last, and what only we have is met on the way.
 */
export async function listBalances(going: Going): Promise<Outcome> {
  const at = placeIn(going);
  const asked = askedAt(at);
  const before = await stopBefore(going, asked);
  if (before !== undefined) return before;
  const listedAt = { snapshot: going.cursor.snapshot, place: at.place };
  const told = await going.core.balances(at.shards, listedAt);
  // Of a core that does not answer the first question nothing is known at all.
  if (isDoubtful(going, told) && going.cursor.snapshot !== undefined) {
    return withoutPage(going, at, told);
  }
  if (told.kind !== "page") return stopOf(told);
  believe(going, asked);
  const stop = (await adopt(going, told.snapshot)) ?? passOverOdd(going, "balances", told.odd);
  if (stop !== undefined) return stop;
  keepOdd(going, told.odd);
  await comparePage(going, told);
  return "on";
}

/** A page that is not told is asked for again, then in parts; a shard that is not told is passed over. */
async function withoutPage(going: Going, at: BalancesAt, told: Failed): Promise<Outcome> {
  const asked = askedAt(at);
  const parts = isDoubted(going, asked) ? askApart(going, at) : undefined;
  return parts ?? doubtOrPass(going, asked, told) ?? goWithout(going, at);
}

type Page = Extract<Paged<BalanceRow>, { readonly kind: "page" }>;

async function comparePage(going: Going, { items, next, payouts }: Page): Promise<void> {
  const { place: _place, after, ...rest } = placeIn(going);
  const now: BalancesAt = { ...rest, ...(payouts === false && { payouts }) };
  const last = items.at(-1)?.distributor_id;
  const between = { at: now, after, upTo: next && last };
  // A page without anybody on it says nothing, unless it is the last one.
  const isTelling = next === undefined || last !== undefined;
  const found = isTelling ? await differingIn(going, vectorsOf(items), between) : [];
  await keepFound(going, found, now);
  // Without digests nobody knows how many there are before they are told.
  const expected = now.shards === undefined ? items.length : 0;
  const counts = { compared: items.length, covered: items.length, expected };
  going.report = { ...going.report, ...addReports(going.report, counts) };
  going.answered += 1;
  goBehind(going, now, { next, after: last ?? after });
}

/** One page after the other of these shards: what cannot be told keeps nobody from the other shards. */
const askedAt = ({ shards = ALL_SHARDS, after }: BalancesAt) => ({
  what:
    shards.length === 1
      ? `balances/${shards[0]}`
      : `balances of ${shards.length} shards${after === undefined ? "" : ` behind ${JSON.stringify(after)}`}`,
  shards,
});

/** Has the shards of a page that is not told listed in two halves; "on" where there are two. */
function askApart(going: Going, at: BalancesAt): "on" | undefined {
  const { shards = ALL_SHARDS, rest = [], place: _place, after: _after, ...before } = at;
  if (shards.length === 1) return undefined;
  const middle = Math.ceil(shards.length / 2);
  const [first, second] = [shards.slice(0, middle), shards.slice(middle)];
  going.cursor = { ...going.cursor, failures: 0 };
  going.answered += 1;
  takeUp(going, before, [first, second, ...rest]);
  return "on";
}

/** What was not told together is doubted, until it is told: it is asked for once, and cut up further. */
function takeUp(
  going: Going,
  now: BalancesAt,
  [shards = [], ...rest]: readonly (readonly number[])[],
): void {
  const balances = { ...now, shards, rest };
  going.cursor = { ...going.cursor, balances, doubted: askedAt(balances).what };
}

/** Nothing is concluded of whoever is in a shard that is not told. */
async function goWithout(going: Going, at: BalancesAt): Promise<Outcome> {
  const { ports, run } = going;
  const shards = new Set(at.shards);
  let after: string | undefined;
  do {
    const ours = await ports.balancesAfter(run.tenant, {
      after,
      upTo: undefined,
      limit: OURS_AT_ONCE,
    });
    const ids = ours.map(({ distributor_id }) => distributor_id);
    await leave(
      going,
      ids.filter((id) => shards.has(shardOf(id, ports.sha256))),
    );
    after = ours.length === OURS_AT_ONCE ? ids.at(-1) : undefined;
  } while (after !== undefined);
  const { place: _place, after: _after, ...now } = at;
  goBehind(going, now, { next: undefined, after: undefined });
  return "on";
}

async function leave({ ports, run }: Going, distributors: readonly string[]): Promise<void> {
  const found = distributors.map((distributor_id): BalanceFound => ({ distributor_id, core: {} }));
  await ports.putBalances(run, found);
  const mark = { in_flight: true } as const;
  await ports.markBalances(
    run,
    distributors.map((distributor_id) => ({ distributor_id, mark })),
  );
}

/** Of whom nobody can read it nothing is concluded, on the pages behind this one either. */
function keepOdd(going: Going, odd: readonly OddItem[] = []): void {
  if (odd.length === 0) return;
  const at = placeIn(going);
  const names = new Set([...(at.odd ?? []), ...odd.map(({ name }) => name)]);
  keepPlace(going, { ...at, odd: [...names] });
}

/** Of whom the core may have told something that nobody can read, nothing is concluded. */
async function keepFound(
  going: Going,
  found: readonly BalanceFound[],
  { odd = [] }: BalancesAt,
): Promise<void> {
  const names = new Set(odd);
  // A row without a name may be that of anybody whom no other row is of.
  const isOdd = ({ distributor_id, core }: BalanceFound): boolean =>
    names.has(distributor_id) || (names.has(null) && Object.keys(core).length === 0);
  await going.ports.putBalances(
    going.run,
    found.filter((one) => !isOdd(one)),
  );
  await leave(
    going,
    found.filter(isOdd).map(({ distributor_id }) => distributor_id),
  );
}

function goBehind(
  going: Going,
  now: BalancesAt,
  { next, after }: { readonly next: object | undefined; readonly after: string | undefined },
): void {
  if (next === undefined) {
    const { rest = [], ...before } = now;
    if (rest.length > 0) return takeUp(going, before, rest);
    keepPlace(going, before);
    going.cursor = { ...going.cursor, phase: "explain" };
    return;
  }
  keepPlace(going, { ...now, place: next, ...(after !== undefined && { after }) });
}

interface Between {
  readonly at: BalancesAt;
  readonly after: string | undefined;
  /** Absent: to the end. */
  readonly upTo: string | undefined;
}

async function differingIn(
  { ports, run }: Going,
  core: ReadonlyMap<string, BalanceVector>,
  { at, after: first, upTo }: Between,
): Promise<readonly BalanceFound[]> {
  const found: BalanceFound[] = [];
  const met = new Set<string>();
  const isAsked = (id: string): boolean =>
    at.shards === undefined || at.shards.includes(shardOf(id, ports.sha256));
  let after = first;
  for (let isMore = true; isMore;) {
    const ours = await ports.balancesAfter(run.tenant, { after, upTo, limit: OURS_AT_ONCE });
    for (const money of ours) {
      const { distributor_id } = money;
      if (!isAsked(distributor_id)) continue;
      met.add(distributor_id);
      const theirs = core.get(distributor_id) ?? {};
      const isSame = isAlike(theirs, comparableOf(money, at.payouts !== false));
      if (!isSame) found.push({ distributor_id, core: theirs });
    }
    isMore = ours.length === OURS_AT_ONCE;
    after = ours.at(-1)?.distributor_id;
  }
  for (const [distributor_id, theirs] of core) {
    const isUnknown = !met.has(distributor_id) && !isAlike(theirs, {});
    if (isUnknown) found.push({ distributor_id, core: theirs });
  }
  return found;
}
