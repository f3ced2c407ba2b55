import { localSide } from "../../../core/reconciliation/break-id.ts";
import type { Difference } from "../../../core/reconciliation/differ.ts";
import { isChanging, type JudgeContext } from "../../../core/reconciliation/judge.ts";
import { type Going, judgedRange } from "./going.ts";
import { countedToMs } from "./listing.ts";

/** Keeps which of these lines are in flight, for a run of tomorrow to know that they still are. */
export async function noteFlights(
  { ports, run }: Going,
  differences: readonly Difference[],
  context: JudgeContext,
): Promise<void> {
  const flying = differences
    .filter((one) => isChanging(one, context))
    .map(({ distributor_id, line_id, core, local }) => ({
      distributor_id,
      line_id,
      local: localSide(local),
      effective_ms: (core ?? local).effective_ms,
    }));
  if (flying.length > 0) await ports.putFlights(run, { flying, nowMs: context.nowMs });
}

/** What a run has looked at and not found in flight any more has arrived. */
export async function landFlights({ ports, run, cursor }: Going): Promise<void> {
  // A run over balances looks at some shards alone.
  if (run.kind === "balances") return;
  const { fromMs, toMs } = judgedRange(cursor);
  const { aheadMs = toMs } = cursor;
  await ports.landFlights(run, { fromMs, toMs: Math.min(toMs, countedToMs(cursor)) });
  if (aheadMs < toMs) await ports.landFlights(run, { fromMs: Math.max(fromMs, aheadMs), toMs });
}
