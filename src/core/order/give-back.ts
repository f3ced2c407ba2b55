import type { Transfer } from "../ledger/transfer.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import { reverse } from "./lines.ts";
import { postDisputeFee, postUnapplied } from "./posting.ts";
import { returnedParts } from "./returned.ts";
import type { OrderState, Return, Sale } from "./state.ts";
import { postTakings } from "./takings.ts";
import { type Change, changedOrder } from "./told.ts";

/** The order with these returns of its sale, or nothing where they are more than it was. */
export function withReturns(
  order: OrderState,
  sale: Sale,
  returns: readonly Return[],
): OrderState | undefined {
  const parts = returnedParts(sale, returns);
  if (parts === undefined) return undefined;
  const after = { ...order, returns, returned: parts };
  return { ...after, lines: reverse(after, order) };
}

/** The order with more returned of a payment that it has no goods for; below 0 given back. */
export const withExtraReturned = (
  order: OrderState,
  paymentId: string,
  by: number,
): OrderState => ({
  ...order,
  extras: order.extras.map((extra) =>
    extra.payment_id === paymentId
      ? { ...extra, returned_minor: extra.returned_minor + by }
      : extra,
  ),
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

/** P6, P7: posts the difference that a return, or its end, makes to the sale. */
export function giveBack(giving: GivingBack): Act {
  const { before, after, fee_minor, currency, reference, occurred_ms } = giving;
  const { sale } = after;
  const returns = [before.returns, after.returns];
  const transfers = [
    ...(sale === undefined ? [] : postTakings(sale, returns, occurred_ms)),
    ...postDisputeFee({ currency, reference, amount_minor: fee_minor }),
    ...(giving.transfers ?? []),
  ];
  const changed = after.lines.filter((line, i) => line !== before.lines[i]);
  return effectOf(giving, changed, transfers);
}

/** Money that was nobody's order goes back out of what is owed to the customer, or comes back in. */
export function giveExtraBack(giving: GivingBack, amount_minor: number): Act {
  const { fee_minor, currency, reference } = giving;
  const money = { currency, reference };
  return effectOf(
    giving,
    [],
    [
      ...postUnapplied({ ...money, amount_minor: -amount_minor }),
      ...postDisputeFee({ ...money, amount_minor: fee_minor }),
    ],
  );
}

function effectOf(
  { key, before, after, aliases, closed, writes }: GivingBack,
  changed: Change["changed"],
  transfers: Effects["transfers"] = [],
): Act {
  const effects = { transfers, ...(aliases === undefined ? {} : { aliases }) };
  const change = { key, before, after, changed, effects, writes, closed };
  return { kind: "effect", ...changedOrder(change) };
}
