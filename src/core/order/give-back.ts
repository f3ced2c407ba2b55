import type { Transfer } from "../ledger/transfer.ts";
import type { Act } from "../subject/rules.ts";
import { rebooked } from "./booked.ts";
import { reverse } from "./lines.ts";
import { postDisputeFee } from "./posting.ts";
import { liveReturns, takenBack } from "./returned.ts";
import type { Extra, OrderState, Return, Sale } from "./state.ts";
import { type Change, changedOrder } from "./told.ts";

/** The order with these returns of its sale, or nothing where they are more than it was. */
export function withReturns(
  order: OrderState,
  sale: Sale,
  returns: readonly Return[],
): OrderState | undefined {
  const parts = takenBack(sale, returns);
  if (parts === undefined) return undefined;
  const after = { ...order, returns, returned: parts };
  return { ...after, lines: reverse(after, order) };
}

/** What of a payment without goods is left. */
export const leftOfExtra = ({ amount_minor, returned_minor = 0, returns = [] }: Extra): number =>
  liveReturns({ returns }).reduce(
    (left, one) => left - one.amount_minor,
    amount_minor - returned_minor,
  );

/**
 * The order with these returns of a payment that it has no goods for, or nothing where they are more
 * than it was.
 */
export function withExtraReturns(
  order: OrderState,
  extra: Extra,
  returns: readonly Return[],
): OrderState | undefined {
  const after = { ...extra, returns };
  return leftOfExtra(after) < 0 ? undefined : withExtra(order, after);
}

/** The order with a further payment as it is now. */
export const withExtra = (order: OrderState, extra: Extra): OrderState => ({
  ...order,
  extras: order.extras.map((one) => (one.payment_id === extra.payment_id ? extra : one)),
});

export interface GivingBack {
  readonly key: string;
  readonly before: OrderState;
  readonly after: OrderState;
  readonly currency: string;
  /** The refund or dispute it is about. */
  readonly reference: string;
  /** The processor's fee for a dispute; below 0 where it is given back. */
  readonly fee_minor: number;
  /** When the event happened that tells it. */
  readonly occurred_ms: number;
  /** What else moves for it. */
  readonly transfers?: readonly Transfer[];
  readonly aliases?: readonly string[];
  readonly closed: readonly string[];
  readonly writes: Change["writes"];
}

/** P6, P7: posts the difference that a return, or its end, makes to its payment. */
export function giveBack(giving: GivingBack): Act {
  const { key, before, after, aliases, closed, writes } = giving;
  const { fee_minor, currency, reference, occurred_ms } = giving;
  const transfers = [
    ...rebooked(before, after, occurred_ms),
    ...postDisputeFee({ currency, reference, amount_minor: fee_minor }),
    ...(giving.transfers ?? []),
  ];
  const changed = after.lines.filter((line, i) => line !== before.lines[i]);
  const effects = { transfers, ...(aliases === undefined ? {} : { aliases }) };
  const change = { key, before, after, changed, effects, writes, closed };
  return { kind: "effect", ...changedOrder(change) };
}
