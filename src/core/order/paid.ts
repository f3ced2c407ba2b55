import { type EventOf, narrow } from "../contracts/catalogue.ts";
import type { MessageEffect } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { SubjectState } from "../subject/state.ts";
import { isUndone } from "./end.ts";
import type { TreeGap } from "./lines.ts";
import type { GoodsTold } from "./retold.ts";
import { returnOf } from "./return-of.ts";
import { isWholeReturned, returnedParts } from "./returned.ts";
import { type Goods, NOTHING, orderIdOf, type OrderState, type Sale } from "./state.ts";
import { paymentKey } from "./told.ts";

export type Payment = EventOf<"payment.confirmed">;

/** What the fact of a payment keeps. */
export interface Paid {
  readonly fee_minor: number | null;
  /** What its tellings said, all together; an older version left it out where the order had a sale of it. */
  readonly goods?: GoodsTold;
}

export const paidText = (paid: Paid): string => JSON.stringify(paid);

// Own text: what paidText() wrote.
export const readPaid = (text: string): Paid => JSON.parse(text);

/** What returns a payment finds its order by the payment's name, though it waits there. */
export const namedBy = ({ payment_id }: Pick<Payment["data"], "payment_id">) => ({
  aliases: [paymentKey(payment_id)],
});

/** Any other way up: no node has this name. */
const ANOTHER_WAY = "node:";

/** A sale waits until somebody on the way up is known, or hangs otherwise. */
export function waitFor(
  { kind, node, tree }: TreeGap,
  data: Pick<Payment["data"], "payment_id">,
): Act {
  if (kind === "cycle") {
    const reason = `The ${tree} tree runs in a circle at "${node}": paid by itself once that is put right`;
    return { kind: "waits", code: "tree_cycle", reason, needs: ANOTHER_WAY, ...namedBy(data) };
  }
  const reason = `Nobody is known as "${node}" in the ${tree} tree: paid by itself once that is known`;
  const needs = `node:${node}`;
  return { kind: "waits", code: "ancestor_unknown", reason, needs, ...namedBy(data) };
}

type Paying = Goods & Pick<Sale, "payment_id">;

/** Tells people of a payment, unless it was refunded before we heard of it (DOMAIN §2.3). */
export const confirmed = (
  key: string,
  sale: Paying,
  state: SubjectState,
): readonly MessageEffect[] => (isReturnedAlready(sale, state) ? [] : [confirmation(key, sale)]);

function isReturnedAlready(sale: Paying, state: SubjectState): boolean {
  let all: Pick<OrderState, "returns" | "returned"> = { returns: [], returned: NOTHING };
  for (const eventId of state.waitingFor(paymentKey(sale.payment_id))) {
    const one = waitingRefund(eventId, state);
    if (one === undefined || one.data.currency !== sale.currency) continue;
    const fresh = returnOf(one);
    // Shop and processor can both have told it.
    if (all.returns.some(({ id }) => id === fresh.id)) continue;
    const returns = [...all.returns, fresh];
    const returned = returnedParts(sale, returns);
    // One that the ledger will not take takes nothing back.
    if (returned !== undefined) all = { returns, returned };
  }
  return isWholeReturned(sale, all);
}

/** A refund that waits, unless its end, which is here too, says that it failed. */
function waitingRefund(eventId: string, state: SubjectState) {
  const kept = state.kept(eventId);
  const event = kept === undefined ? undefined : narrow(kept.arrival.event);
  return event?.type !== "refund.completed" || isUndone(event, state) ? undefined : event;
}

const confirmation = (key: string, sale: Paying): MessageEffect => ({
  key: `msg:payment_confirmed:${sale.payment_id}`,
  kind: "payment_confirmed",
  about: {
    payment_id: sale.payment_id,
    order_id: orderIdOf(key),
    source_node: sale.source_node,
    amount_minor: sale.amount_minor,
    currency: sale.currency,
  },
});
