import {
  type BalancesFound,
  broughtUp,
  comparableOf,
  isAlike,
  judgeBalances,
  type LineSides,
} from "../../../core/reconciliation/balances.ts";
import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import type { Difference } from "../../../core/reconciliation/differ.ts";
import { isYoung, type JudgeContext } from "../../../core/reconciliation/judge.ts";
import { reportOf, type RunReport } from "../../../core/reconciliation/report.ts";
import { shardOf } from "../../../core/reconciliation/shard.ts";
import type { BalanceFound, MoneyNow } from "./balance-ports.ts";
import type { Going } from "./going.ts";
import { linesNamed } from "./named.ts";
import { type NotTold, shardsUnread } from "./unread.ts";

const IDS_AT_ONCE = 100;

/** A distributor whose lines do not say why the balances differ. */
export type Left = BalanceFound & Pick<BalancesFound, "local" | "changed_ms">;

export interface Weighed {
  readonly kind: "weighed";
  /** Of the same money, once lines are counted as the core has them. */
  readonly alike: readonly string[];
  /** Something changed just now, or the object is frozen. */
  readonly inFlight: readonly string[];
  readonly left: readonly Left[];
}

/**
 * Holds balances against each other as of now, our side brought up to the core's state by the lines
 * that are known to differ and by those that changed of late: both sides of a line are known, whatever
 * is on its way.
 */
export async function weigh(
  going: Going,
  found: readonly BalanceFound[],
  hasPayouts: boolean,
): Promise<Weighed | NotTold> {
  const { ports, run } = going;
  if (found.length === 0) return { kind: "weighed", alike: [], inFlight: [], left: [] };
  const ids = found.map(({ distributor_id }) => distributor_id);
  const differences = await ports.differencesOf(run, ids);
  const differing = Map.groupBy(differences, ({ distributor_id }) => distributor_id);
  const asked = found.map(({ distributor_id }) => {
    const lineIds = (differing.get(distributor_id) ?? []).map(({ line_id }) => line_id);
    return { distributor_id, line_ids: lineIds };
  });
  const sinceMs = run.startedMs - ports.limits.grace_ms;
  const money = await ports.moneyNow(run.tenant, asked, sinceMs);
  const told = await linesAsOf(going, differences, money);
  if (told.kind !== "known") return told;
  const core = told.lines;
  const isUntold = untoldBy(going, told.unread);

  const byId = new Map(money.map((one) => [one.distributor_id, one]));
  const alike: string[] = [];
  const inFlight: string[] = [];
  const left: Left[] = [];
  for (const one of found) {
    const { distributor_id } = one;
    const ours = byId.get(distributor_id) ?? nothingOf(distributor_id);
    const sides = sidesOf(ours, differing.get(distributor_id) ?? [], core);
    const local = broughtUp(comparableOf(ours, hasPayouts), sides);
    const isSame = isAlike(one.core, local);
    if (isUntold(ours, isSame)) inFlight.push(distributor_id);
    else if (isSame) alike.push(distributor_id);
    else if (isMoving(ours, going)) inFlight.push(distributor_id);
    else {
      const changed = ours.changed_ms === null ? {} : { changed_ms: ours.changed_ms };
      left.push({ ...one, local, ...changed });
    }
  }
  return { kind: "weighed", alike, inFlight, left };
}

/** Somebody of whom the mirror knows nothing. */
const nothingOf = (distributor_id: string): MoneyNow => ({
  distributor_id,
  balances: {},
  gateway: {},
  isFrozen: false,
  changed_ms: null,
  lines: [],
  isBusy: false,
});

/**
 * Changed since the core's state was taken, or just before. What a frozen object takes no more is a
 * question of its own, with a break of its own.
 */
function isMoving({ isFrozen, changed_ms }: MoneyNow, { ports, cursor }: Going): boolean {
  if (isFrozen) return true;
  if (changed_ms === null) return false;
  const nowMs = ports.nowMs();
  const isSince = changed_ms >= cursor.settledMs && changed_ms <= nowMs;
  return isSince || isYoung(changed_ms, nowMs, ports.limits.grace_ms);
}

/** Whether what would say why balances differ, or that they do not, may be among what the core did not tell. */
function untoldBy({ cursor, ports }: Going, ids: ReadonlySet<string>) {
  const shards = shardsUnread(cursor);
  return ({ distributor_id, lines }: MoneyNow, isSame: boolean): boolean =>
    lines.some(({ line_id }) => ids.has(line_id)) ||
    (!isSame && shards.has(shardOf(distributor_id, ports.sha256)));
}

const nameOf = (line: { readonly distributor_id: string; readonly line_id: string }): string =>
  JSON.stringify([line.distributor_id, line.line_id]);

interface CoreLines {
  readonly kind: "known";
  readonly lines: ReadonlyMap<string, CoreLine>;
  /** Ids of those that it does not tell in any way that can be used. */
  readonly unread: ReadonlySet<string>;
}

/** It has told lines by their ids before, or offers none: then nothing explains a balance. */
const NO_IDS: NotTold = {
  kind: "failed",
  failure: "unsupported",
  detail: "The core does not tell lines by their ids",
};

/** The core's side of all these lines, by name: what is known to differ, and what changed of late. */
async function linesAsOf(
  going: Going,
  differences: readonly Difference[],
  money: readonly MoneyNow[],
): Promise<CoreLines | NotTold> {
  const known = new Map<string, CoreLine>();
  const asked = new Set(differences.map(nameOf));
  for (const { core: line } of differences) if (line !== null) known.set(nameOf(line), line);
  const more = money.flatMap(({ lines, isBusy }) => (isBusy ? [] : lines));
  const ids = Map.groupBy(
    more.filter((line) => !asked.has(nameOf(line))),
    ({ line_id }) => line_id,
  );
  const all = [...ids.keys()];
  const unread = new Set<string>();
  for (let i = 0; i < all.length; i += IDS_AT_ONCE) {
    const part = all.slice(i, i + IDS_AT_ONCE).flatMap((id) => ids.get(id) ?? []);
    const told = await linesNamed(going, part, going.cursor.snapshot);
    if (told.kind === "unsupported") return NO_IDS;
    if (told.kind === "stop") return told.stop === "spent" ? { kind: "spent" } : told.stop;
    for (const line of told.items) known.set(nameOf(line), line);
    for (const id of told.unread) unread.add(id);
  }
  return { kind: "known", lines: known, unread };
}

function sidesOf(
  { lines }: MoneyNow,
  differences: readonly Difference[],
  core: ReadonlyMap<string, CoreLine>,
): readonly LineSides[] {
  const here = new Set(lines.map(nameOf));
  const missing = differences.filter((one) => !here.has(nameOf(one)));
  return [
    ...lines.map((local) => ({ core: core.get(nameOf(local)) ?? null, local })),
    ...missing.map((one) => ({ core: one.core, local: null })),
  ];
}

/**
 * Judges what was left, before and after the mirror's rows were made anew. Keeps the breaks, and
 * marks or drops every distributor that was looked at.
 */
export async function judgeFound(
  { ports, run }: Going,
  first: Weighed,
  again: Weighed,
): Promise<Partial<RunReport>> {
  const nowMs = ports.nowMs();
  const names = first.left.map(({ distributor_id }) => ({
    distributor_id,
    line_id: distributor_id,
  }));
  const context: JudgeContext = {
    nowMs,
    closed: new Set(),
    known: await ports.known(run.tenant, names),
    runId: run.runId,
    limits: ports.limits,
    sha256: ports.sha256,
  };
  const isHealed = new Set(again.alike);
  const healed = first.left.filter(({ distributor_id }) => isHealed.has(distributor_id));
  const judgedAs = (isRecomputed: boolean) => (one: Left) => {
    const judged = judgeBalances({ ...one, isRecomputed }, context);
    return typeof judged === "string" ? [] : [judged];
  };
  const over = healed.flatMap(judgedAs(false));
  const open = again.left.flatMap(judgedAs(true));
  await ports.putBreaks(run, [...over, ...open]);
  const breakOf = new Map(open.map((one) => [one.distributor_id, one.break_id]));
  const moving = [...first.inFlight, ...again.inFlight];
  await ports.markBalances(run, [
    ...again.left.map(({ distributor_id }) => {
      const break_id = breakOf.get(distributor_id);
      return { distributor_id, mark: break_id === undefined ? IN_FLIGHT : { break_id } };
    }),
    ...moving.map((distributor_id) => ({ distributor_id, mark: IN_FLIGHT })),
  ]);
  await ports.dropBalances(run, [...first.alike, ...again.alike]);
  return { ...reportOf([...over, ...open]), in_flight: moving.length };
}

const IN_FLIGHT = { in_flight: true } as const;
