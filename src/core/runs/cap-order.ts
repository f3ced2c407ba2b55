import { reverse } from "../order/lines.ts";
import { type OwnLine, readOrder } from "../order/state.ts";
import { changedOrder } from "../order/told.ts";
import type { Move } from "../subject/move.ts";
import type { Moved } from "../subject/rules.ts";
import type { Fact, SubjectState, Write } from "../subject/state.ts";

type Cap = Extract<Move, { readonly kind: "cap" }>;

const capKey = (lineId: string): string => `cap:${lineId}`;

/**
 * What a cap leaves of an order's lines at the close of their period (DOMAIN §4.7). The order itself
 * cuts them, so that its manifest says what stands, and a later return takes its share of no more.
 * A line is never raised, and the same cap again is nothing.
 */
export function capOrder({ cuts, run_id }: Cap, state: SubjectState): Moved | undefined {
  const order = readOrder(state.view());
  const { sale, order_id: orderId } = order;
  if (sale === undefined || orderId === undefined) return undefined;
  const limits = new Map(cuts);
  const cut = order.lines.map((line) => {
    const limit = limits.get(line.line_id);
    return limit === undefined ? line : cutTo(limit, line);
  });
  const after = { ...order, lines: reverse({ ...order, lines: cut }) };
  const changed = after.lines.filter((line, i) => line !== order.lines[i]);
  if (changed.length === 0) return undefined;
  const writes = changed.map(({ line_id, amount_minor, limit_minor = amount_minor }): Write => {
    const fact: Fact = { essence: "", eventId: run_id, state: String(limit_minor) };
    return { put: "fact", key: capKey(line_id), fact };
  });
  const change = { key: `order:${orderId}`, before: order, after, changed, effects: {}, writes };
  const cause = { kind: "due", event_id: run_id, occurred_ms: sale.paid_ms } as const;
  return { cause, ...changedOrder(change) };
}

/**
 * A line that was computed anew can be less here than with its distributor, who was paid on before:
 * there the limit counts all the same.
 */
function cutTo(limit: number, line: OwnLine): OwnLine {
  const isPaidBefore = line.part !== undefined && (line.limit_minor ?? limit + 1) > limit;
  if (line.amount_minor <= limit && !isPaidBefore) return line;
  const amount_minor = Math.min(line.amount_minor, limit);
  return { ...line, amount_minor, limit_minor: limit, ver: line.ver + 1 };
}

/** Lines of a new computation, none above what the close of its period has left of it. */
export const underCaps = <Line extends { readonly line_id: string; readonly amount_minor: number }>(
  lines: readonly Line[],
  state: Pick<SubjectState, "fact">,
): readonly Line[] =>
  lines.map((line) => {
    const cap = state.fact(capKey(line.line_id));
    const limit = cap === undefined ? line.amount_minor : Number(cap.state);
    return line.amount_minor <= limit ? line : { ...line, amount_minor: limit };
  });
