import type { Line } from "../ledger/line.ts";
import type { Entry } from "./entry.ts";

/** A transfer as the mirror has it, below its tenant and subject. */
export interface MirroredTransfer {
  readonly position: number;
  readonly n: number;
  readonly rule: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly reference: string;
  readonly event_id: string | null;
  readonly effective_ms: number;
  readonly recorded_ms: number;
}

/** A line as the mirror has it, below its tenant. */
export interface MirroredLine extends Omit<Line, "origin" | "due_ms"> {
  readonly origin: "core" | "gateway";
  readonly due_ms: number | null;
}

/** What brought a row about, and when it happened. */
export function originOf({ event, cause, recorded_ms }: Entry): {
  readonly event_id: string | undefined;
  readonly ms: number;
} {
  if (event !== undefined) return { event_id: event.event_id, ms: event.occurred_ms };
  if (cause !== undefined) return { event_id: cause.event_id, ms: cause.occurred_ms };
  return { event_id: undefined, ms: recorded_ms };
}

/** The transfers that a row of a log brings the mirror. */
export function mirroredTransfers(position: number, entry: Entry): readonly MirroredTransfer[] {
  const { effects, recorded_ms } = entry;
  const { event_id = null, ms } = originOf(entry);
  return (effects.transfers ?? []).map((transfer, n) => {
    const { rule, debit, credit, amount_minor, currency, reference } = transfer;
    const { effective_ms = effects.effective_ms ?? ms } = transfer;
    const moved = { rule, debit, credit, amount_minor, currency, reference };
    return { position, n, ...moved, event_id, effective_ms, recorded_ms };
  });
}

/** A line's state as the mirror has it: members in one order, so that equal rows are equal texts. */
export const mirroredLine = (line: Line): MirroredLine => ({
  distributor_id: line.distributor_id,
  line_id: line.line_id,
  order_id: line.order_id,
  component: line.component,
  level: line.level,
  depth: line.depth,
  rate_ppm: line.rate_ppm,
  amount_minor: line.amount_minor,
  reversed_minor: line.reversed_minor,
  currency: line.currency,
  state: line.state,
  period_id: line.period_id,
  effective_ms: line.effective_ms,
  origin: line.origin ?? "core",
  due_ms: line.due_ms ?? null,
});
