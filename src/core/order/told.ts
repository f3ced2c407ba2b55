import { canonicalJson } from "../canonical.ts";
import type { CatalogueEvent } from "../contracts/catalogue.ts";
import type { Json } from "../json.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, SubjectState, Write } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { dispatch } from "./lines.ts";
import { rowOf } from "./row.ts";
import {
  type Goods,
  orderIdOf,
  type OrderState,
  type OwnLine,
  type Parts,
  type Sale,
} from "./state.ts";
import { volumesOf, volumeSteps } from "./volume.ts";

export type OrderEvent = Extract<
  CatalogueEvent,
  {
    readonly type:
      | "order.placed"
      | "order.cancelled"
      | "payment.confirmed"
      | "payment.failed"
      | "refund.completed"
      | "refund.failed"
      | "chargeback.opened"
      | "chargeback.closed";
  }
>;

/** What a rule of an order looks at besides the event. */
export interface Told {
  readonly eventId: string;
  readonly receivedAtMs: number;
  readonly state: SubjectState;
  readonly order: OrderState;
  readonly around: Surroundings | undefined;
}

/** A fact's business key, and what two tellings of it must agree on. */
export interface OrderFact {
  readonly key: string;
  readonly essence: string;
}

export const factOf = (key: string, essence: readonly Json[]): OrderFact => ({
  key,
  essence: canonicalJson(essence),
});

export const paymentKey = (id: string): string => `payment:${id}`;
export const refundKey = (id: string): string => `refund:${id}`;
export const disputeKey = (id: string): string => `dispute:${id}`;
/** Written when a return turns out to take nothing: one that did not fit may fit now. */
export const ROOM = "room";
/** The order is told of, or a payment that knows what it is for. */
export const PLACED = "placed";

/** Answers a telling of a fact that is known already; nothing where it is the first. */
export function known(fact: OrderFact, told: Fact | undefined): Act | undefined {
  if (told === undefined) return undefined;
  if (told.essence === fact.essence) return { kind: "repeat", of: told.eventId };
  const reason = `"${fact.key}" was told before with other particulars: the first stands`;
  return { kind: "contradiction", of: told.eventId, reason };
}

/** Two tellings of a fact tell one of their members differently. */
export const contradicted = ({ key }: OrderFact, member: string, of: string): Act => ({
  kind: "contradiction",
  of,
  reason: `data.${member}: "${key}" was told before with another one: the first stands`,
});

/** The periods that are closed by now; a closed one never changes (DOMAIN §7 «Times»). */
export const closedIn = ({ around }: Told): readonly string[] => around?.closed ?? [];

/** Which periods are closed has to be known where points are to move; nothing where it is. */
export const unlessBlind = ({ around, order }: Told, sale: Sale): Act | undefined =>
  around === undefined && order.terms !== undefined
    ? { kind: "wants", want: { node: sale.source_node, at_ms: sale.paid_ms } }
    : undefined;

type Impossible = Extract<Act, { readonly kind: "impossible" }>;

export const impossible = (code: string, reason: string, needs?: string): Impossible => ({
  kind: "impossible",
  code,
  reason,
  ...(needs === undefined ? {} : { needs }),
});

export const tell = ({ key, essence }: OrderFact, eventId: string, state = ""): Write => ({
  put: "fact",
  key,
  fact: { essence, eventId, state },
});

/** The parts an event tells; null where it tells an amount alone. */
export const partsTold = (data: {
  readonly net_minor?: number;
  readonly tax_minor?: number;
  readonly shipping_minor?: number;
}): Parts | null =>
  data.net_minor === undefined
    ? null
    : {
        net_minor: data.net_minor,
        tax_minor: data.tax_minor ?? 0,
        shipping_minor: data.shipping_minor ?? 0,
      };

/** What of a payment or order is goods. */
export const goodsOf = (
  data: Parts &
    Pick<Goods, "currency" | "amount_minor" | "cv_x100" | "source_node"> & {
      readonly order_kind: string;
      readonly pv_x100?: number;
      readonly package?: unknown;
    },
): Goods => ({
  currency: data.currency,
  amount_minor: data.amount_minor,
  net_minor: data.net_minor,
  tax_minor: data.tax_minor,
  shipping_minor: data.shipping_minor,
  cv_x100: data.cv_x100,
  // Where nobody tells two kinds of points, there is one.
  pv_x100: data.pv_x100 ?? data.cv_x100,
  source_node: data.source_node,
  order_kind: data.order_kind,
  package: typeof data.package === "string" ? data.package : null,
});

export interface Change {
  readonly key: string;
  readonly before: OrderState;
  readonly after: OrderState;
  /** Lines that changed. */
  readonly changed: readonly OwnLine[];
  readonly effects: Effects;
  readonly writes: readonly Write[];
  /** Closed periods, where points may move. */
  readonly closed?: readonly string[];
}

/** The order as its object keeps it. */
export const keepOrder = (order: OrderState): Write => ({
  put: "view",
  view: JSON.stringify(order),
});

/** An order that changed: its row, its volumes, the lines to send out, and its new state. */
export function changedOrder(change: Change): {
  readonly effects: Effects;
  readonly writes: readonly Write[];
} {
  const { key, before, after, changed, effects, writes, closed = [] } = change;
  const orderId = orderIdOf(key);
  const counted: OrderState = { ...after, order_id: orderId, volumes: volumesOf(after) };
  const volumes = volumeSteps(before, counted, closed);
  const lines = dispatch(orderId, counted, changed);
  return {
    effects: {
      ...effects,
      order: rowOf(orderId, counted),
      ...(volumes.length === 0 ? {} : { volumes }),
      ...(lines.length === 0 ? {} : { dispatch: lines }),
    },
    writes: [...writes, keepOrder(counted)],
  };
}
