import { endOf } from "../../../core/reconciliation/aging.ts";
import { isCompared, type LineName } from "../../../core/reconciliation/differ.ts";
import { judge } from "../../../core/reconciliation/judge.ts";
import { addReports, leftOpen } from "../../../core/reconciliation/report.ts";
import { shardOf } from "../../../core/reconciliation/shard.ts";
import { contextOf, isJudged, judgingIn } from "./conclude.ts";
import { type Going, judgedRange, type Outcome } from "./going.ts";
import { isCountedAt } from "./listing.ts";
import type { OpenLineBreak } from "./ports.ts";
import { shardsUnread } from "./unread.ts";

/** Open breaks in one step. */
const CLOSED_AT_ONCE = 500;

/**
 * Closes the breaks of lines that the run has looked at and not found any more, some of them a step.
 * What is left open is counted, whether the run has found it or not.
 */
export async function closeUnfound(going: Going): Promise<Outcome> {
  const { ports, run, cursor } = going;
  const { closed, ...judging } = judgingIn(going);
  const open = await ports.openBreaks(run.tenant, {
    ...judgedRange(cursor),
    after: closed,
    limit: CLOSED_AT_ONCE,
  });
  const unfound = await unfoundOf(going, open);
  const over = await overOf(going, unfound);
  await ports.endBreaks(run.tenant, over, ports.nowMs());
  const ended = new Set(over.flatMap((one) => (one.outcome === null ? [] : [one.break_id])));
  const left = unfound.filter(({ break_id }) => !ended.has(break_id));
  going.report = { ...going.report, ...addReports(going.report, leftOpen(left)) };
  const last = open.at(-1);
  if (last === undefined || open.length < CLOSED_AT_ONCE) return "done";
  going.cursor = { ...going.cursor, judging: { ...judging, closed: last.break_id } };
  return "on";
}

interface Unfound extends OpenLineBreak {
  /** Both sides of its line were looked at, and nothing of it is in flight or doubtful. */
  readonly isLookedAt: boolean;
  /** The core does not have the line. */
  readonly isExtra: boolean;
}

/** Those that are no difference of the run's, judged again as the run has judged them. */
async function unfoundOf(
  going: Going,
  open: readonly OpenLineBreak[],
): Promise<readonly Unfound[]> {
  const { ports, run, cursor } = going;
  const names = open.map(({ distributor_id, line_id }) => ({ distributor_id, line_id }));
  const { differences, contradicted } = await ports.foundOf(run, names);
  const context = await contextOf(going, judgingIn(going), names);
  const { judged = [], others = [] } = Object.groupBy(differences, (one) =>
    isJudged(one, going) ? "judged" : "others",
  );
  const { breaks, in_flight } = judge(judged, context);
  const found = new Set(breaks.map(({ break_id }) => break_id));
  const doubtful = new Set([...contradicted, ...in_flight, ...others].map(textOf));
  const extra = new Set(differences.filter(({ kind }) => kind === "extra").map(textOf));
  // Where the core's lines are not told, or not those of its own digest, nobody knows which it has.
  const unlisted = shardsUnread(cursor);
  const isListed = ({ class: kind, distributor_id, latest_ms }: OpenLineBreak): boolean =>
    isCountedAt(latest_ms, cursor) &&
    (kind !== "EXTRA_LOCAL" || cursor.lacksExtras !== true) &&
    (unlisted.size === 0 || !unlisted.has(shardOf(distributor_id, ports.sha256)));
  return open
    .filter(({ break_id }) => !found.has(break_id))
    .map((one) => ({
      ...one,
      isLookedAt: isListed(one) && !doubtful.has(textOf(one)),
      isExtra: extra.has(textOf(one)),
    }));
}

async function overOf({ ports, run }: Going, unfound: readonly Unfound[]) {
  const looked = unfound.filter(({ isLookedAt }) => isLookedAt);
  const aside = looked.filter((one) => endOf(one) === undefined && !one.isExtra);
  const local = await ports.localPlain(run.tenant, aside);
  // It counts here again, and differs in nothing but what is another break: the core has it.
  const back = new Set(local.filter(isCompared).map(textOf));
  return looked.flatMap((one) => {
    const outcome = endOf(one, back.has(textOf(one)));
    // Above the limit were those that the core had again: by now it has not.
    const isStale = outcome === undefined && one.why === "run_limit";
    if (outcome === undefined && !isStale) return [];
    return [{ break_id: one.break_id, outcome: outcome ?? null }];
  });
}

const textOf = ({ distributor_id, line_id }: LineName): string =>
  JSON.stringify([distributor_id, line_id]);
