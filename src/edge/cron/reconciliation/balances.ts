import { balanceRows, comparableOf } from "../../../core/reconciliation/balances.ts";
import { addTexts, digestOf, NO_LINES } from "../../../core/reconciliation/digest.ts";
import { addReports, type RunReport } from "../../../core/reconciliation/report.ts";
import { shardOf } from "../../../core/reconciliation/shard.ts";
import { adopt, type Going, type Outcome, stopOf } from "./going.ts";
import { keepPlace, OURS_AT_ONCE, placeIn } from "./list-balances.ts";
import { judgeFound, weigh } from "./money.ts";
import type { BalancesAt } from "./ports.ts";
import { ALL_SHARDS } from "./unread.ts";

/** Distributors looked at one by one between two steps that are kept. */
const FOUND_AT_ONCE = 10;

function count(going: Going, part: Partial<RunReport>): void {
  going.report = { ...going.report, ...addReports(going.report, part) };
}

/**
 * The core's digests of balances against those of ours, a shard each. First the core's, so that what
 * was on its way to us has come; then ours, some distributors a step.
 */
export async function sumBalances(going: Going): Promise<Outcome> {
  const { digests } = placeIn(going);
  if (digests === undefined) return askDigests(going);
  return digests === null ? toListing(going, undefined) : sumOurs(going, digests);
}

async function askDigests(going: Going): Promise<Outcome> {
  const told = await going.core.balanceDigests(going.cursor.snapshot);
  if (told.kind === "failed" && told.failure === "unsupported") {
    keepPlace(going, { digests: null });
    return "on";
  }
  if (told.kind !== "page") return stopOf(told);
  const stop = await adopt(going, told.snapshot);
  if (stop !== undefined) return stop;
  const payouts = told.payouts === undefined ? {} : { payouts: told.payouts };
  keepPlace(going, { digests: told.items, ...payouts });
  count(going, { expected: told.items.reduce((sum, { lines }) => sum + lines, 0) });
  going.answered += 1;
  return "on";
}

async function sumOurs(
  going: Going,
  digests: NonNullable<BalancesAt["digests"]>,
): Promise<Outcome> {
  const { ports, run } = going;
  const at = placeIn(going);
  const part = { after: at.after, upTo: undefined, limit: OURS_AT_ONCE };
  const found = await ports.balancesAfter(run.tenant, part);
  const sums = new Map(Object.entries(at.sums ?? {}));
  for (const money of found) {
    const { distributor_id } = money;
    const rows = balanceRows(distributor_id, comparableOf(money, at.payouts !== false));
    const shard = String(shardOf(distributor_id, ports.sha256));
    const [lines, sum] = sums.get(shard) ?? [0, NO_LINES.sum];
    const more = addTexts({ lines, sum }, rows, ports.sha256);
    sums.set(shard, [more.lines, more.sum]);
  }
  const last = found.at(-1);
  if (last !== undefined && found.length === OURS_AT_ONCE) {
    keepPlace(going, { ...at, sums: Object.fromEntries(sums), after: last.distributor_id });
    return "on";
  }
  const theirs = new Map(digests.map((one) => [one.name, one]));
  const shards = ALL_SHARDS.filter((shard) => {
    const [lines, sum] = sums.get(String(shard)) ?? [0, NO_LINES.sum];
    const digest = lines === 0 ? undefined : digestOf({ lines, sum }, ports.sha256);
    return theirs.get(`balances/${shard}`)?.digest !== digest;
  });
  const differing = new Set(shards.map((shard) => `balances/${shard}`));
  const alike = digests.filter(({ name }) => !differing.has(name));
  count(going, { covered: alike.reduce((sum, { lines }) => sum + lines, 0) });
  return toListing(going, shards);
}

/** Of these shards the balances are listed; of all where none are named. */
function toListing(going: Going, shards: readonly number[] | undefined): Outcome {
  const { payouts } = placeIn(going);
  const kept = { digests: null, ...(payouts === false && { payouts }), ...(shards && { shards }) };
  const isNone = shards?.length === 0;
  // What the core said by shards has served: what is not listed was alike.
  keepPlace(going, kept);
  going.cursor = { ...going.cursor, phase: isNone ? "balanced" : "balances" };
  return "on";
}

/**
 * Looks at each distributor that differs again, with the lines that changed of late as the core had
 * them: what was on its way explains itself. Of the shards of those that are left, lines are compared.
 */
export async function explainBalances(going: Going): Promise<Outcome> {
  const { ports, run } = going;
  const at = placeIn(going);
  const found = await ports.readBalances(run, at.after, FOUND_AT_ONCE);
  const weighed = await weigh(going, found, at.payouts !== false);
  if (weighed.kind !== "weighed") return stopOf(weighed);
  const { alike, inFlight, left } = weighed;
  await ports.dropBalances(run, alike);
  await ports.markBalances(
    run,
    inFlight.map((distributor_id) => ({ distributor_id, mark: { in_flight: true } })),
  );
  count(going, { differing: found.length - alike.length, in_flight: inFlight.length });
  const shards = left.map(({ distributor_id }) => shardOf(distributor_id, ports.sha256));
  const asked = [...new Set([...(going.cursor.shards ?? []), ...shards])].toSorted((a, b) => a - b);
  going.cursor = { ...going.cursor, shards: asked };
  const last = found.at(-1);
  if (last !== undefined && found.length === FOUND_AT_ONCE) {
    keepPlace(going, { ...at, after: last.distributor_id });
    return "on";
  }
  const { after: _after, ...rest } = at;
  keepPlace(going, rest);
  const { range } = going.cursor;
  going.cursor =
    asked.length === 0
      ? { ...going.cursor, phase: "balanced" }
      : {
          ...going.cursor,
          phase: "walk",
          questions: [{ kind: "digests", level: "month", range, shards: asked }],
        };
  return "on";
}

/**
 * Judges what lines do not explain: the mirror's rows are made anew from the object's log, and what
 * differs all the same is a person's. Done again after a crash it goes on behind what is marked.
 */
export async function concludeBalances(going: Going): Promise<Outcome> {
  const { ports, run } = going;
  const found = await ports.readBalances(run, undefined, FOUND_AT_ONCE);
  if (found.length === 0) {
    await ports.closeBalances(run, ports.nowMs());
    return "done";
  }
  const hasPayouts = placeIn(going).payouts !== false;
  const first = await weigh(going, found, hasPayouts);
  if (first.kind !== "weighed") return stopOf(first);
  for (const { distributor_id } of first.left) await ports.recompute(run.tenant, distributor_id);
  const again = await weigh(going, first.left, hasPayouts);
  if (again.kind !== "weighed") return stopOf(again);
  const part = await judgeFound(going, first, again);
  count(going, part);
  return "on";
}
