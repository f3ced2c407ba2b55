import type { Difference, LineName } from "../../../core/reconciliation/differ.ts";
import { healingEvents } from "../../../core/reconciliation/heal.ts";
import { countDifferences, judge, type JudgeContext } from "../../../core/reconciliation/judge.ts";
import { addReports, reportOf, type RunReport } from "../../../core/reconciliation/report.ts";
import { addCounts, limitAlerts, NO_COUNTS } from "../../../core/reconciliation/run-limits.ts";
import { landFlights, noteFlights } from "./flying.ts";
import { type Going, isSettledAt, judgedRange, type Outcome } from "./going.ts";
import type { Judging } from "./ports.ts";

/** Differences in one step. */
const JUDGED_AT_ONCE = 500;

export const judgingIn = ({ cursor, ports }: Going): Judging =>
  cursor.judging ?? { atMs: ports.nowMs(), counts: NO_COUNTS };

/** How much there is of what a run has limits on: that is known before anything is done. */
export async function countFound(going: Going): Promise<Outcome> {
  const { ports, run } = going;
  const { after, ...judging } = judgingIn(going);
  const page = await ports.foundAfter(run, after, JUDGED_AT_ONCE);
  const differences = page.differences.filter((one) => isJudged(one, going));
  const context = await contextOf(going, judging, differences);
  const counts = addCounts(judging.counts, countDifferences(differences, context));
  add(going, { contradicted: page.contradicted.length });
  if (page.last !== undefined) {
    going.cursor = { ...going.cursor, judging: { ...judging, counts, after: page.last } };
    return "on";
  }
  for (const alert of limitAlerts(counts, ports.limits)) {
    ports.log("error", "reconciliation_limit", { alert: true, tenant: run.tenant, ...alert });
  }
  going.cursor = { ...going.cursor, phase: "judge", judging: { ...judging, counts } };
  return "on";
}

/** Judges some of what was found, keeps it, and sends what heals it. */
export async function judgePart(going: Going): Promise<Outcome> {
  const { ports, run } = going;
  // A run of before there were steps: nothing of it is counted yet.
  if (going.cursor.judging === undefined) return countFound(going);
  const { after, ...judging } = judgingIn(going);
  const page = await ports.foundAfter(run, after, JUDGED_AT_ONCE);
  const differences = page.differences.filter((one) => isJudged(one, going));
  const context = await contextOf(going, judging, differences);
  const { breaks, in_flight } = judge(differences, context);
  await ports.putBreaks(run, breaks);
  await ports.heal(
    run,
    breaks.map(healingEvents).filter((events) => events.length > 0),
  );
  await noteFlights(going, differences, context);
  add(going, reportOf(breaks));
  add(going, { differing: differences.length, in_flight: in_flight.length });
  if (page.last !== undefined) {
    going.cursor = { ...going.cursor, judging: { ...judging, after: page.last } };
    return "on";
  }
  await landFlights(going);
  // A run over balances looks at some shards alone.
  const phase = run.kind === "balances" ? "balanced" : "close";
  going.cursor = { ...going.cursor, phase, judging };
  return "on";
}

/** What these differences are judged by, all of a run as of one moment. */
export async function contextOf(
  { ports, run, cursor }: Going,
  { atMs, counts }: Judging,
  differences: readonly LineName[],
): Promise<JudgeContext> {
  const names = differences.map(({ distributor_id, line_id }) => ({ distributor_id, line_id }));
  const distributors = names.map(({ distributor_id }) => distributor_id);
  // All time was looked at: the core has it under no other date.
  const isAll = run.kind === "lines" && cursor.from_ms === undefined && cursor.to_ms === undefined;
  return {
    nowMs: atMs,
    closed: await ports.closedPeriods(run.tenant),
    zones: await ports.zones(run.tenant),
    frozen: await ports.frozenAmong(run.tenant, distributors),
    unknown: await ports.unknownAmong(run.tenant, distributors),
    known: await ports.known(run.tenant, names),
    flights: await ports.flightsOf(run.tenant, names),
    runId: run.runId,
    settledMs: cursor.settledMs,
    limits: ports.limits,
    sha256: ports.sha256,
    counts,
    isLookedUp: cursor.lacksIds !== true || isAll,
  };
}

/**
 * Whether a difference is for this run to judge: of the range that was asked for, on either side. A
 * line that took effect within the grace may be on its way.
 */
export function isJudged({ core, local }: Difference, { cursor }: Pick<Going, "cursor">): boolean {
  const { fromMs, toMs } = judgedRange(cursor);
  const times = [core?.effective_ms, local?.effective_ms].filter((ms) => ms !== undefined);
  const isAsked = times.some((ms) => ms >= fromMs && ms < toMs);
  return isAsked && isSettledAt(Math.min(...times), cursor);
}

function add(going: Going, part: Partial<RunReport>): void {
  going.report = { ...going.report, ...addReports(going.report, part) };
}
