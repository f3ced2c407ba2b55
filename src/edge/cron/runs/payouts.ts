import { proposePayouts } from "../../../core/runs/proposal.ts";
import type { PayoutStepPorts, Running, Step } from "./ports.ts";

const PAGE = 1000;
/** More would tell a person nothing new, and they stand in one row. */
const LEFT_OUT_MAX = 1000;

/** Proposes the payouts of some distributors; each page is written before the run goes past it. */
export async function stepPayouts(
  { run, planned: { plan }, progress }: Running,
  { payables, putProposals }: PayoutStepPorts,
): Promise<Step> {
  const { currency, rounding, payout } = plan;
  if (payout === undefined) return { kind: "done", progress };
  const asked = { tenant: run.tenant, currency };
  const { items, next } = await payables(asked, { cursor: progress.cursor, limit: PAGE });
  const { proposals, left_out } = proposePayouts({ currency, rounding, payout }, items);
  await putProposals(run, { proposals, isFirst: progress.cursor === undefined });
  const { cursor: _cursor, ...rest } = progress;
  const after = {
    ...rest,
    proposals: (progress.proposals ?? 0) + proposals.length,
    left_out: [...(progress.left_out ?? []), ...left_out].slice(0, LEFT_OUT_MAX),
  };
  if (next === undefined) return { kind: "done", progress: after };
  return { kind: "more", progress: { ...after, cursor: next } };
}
