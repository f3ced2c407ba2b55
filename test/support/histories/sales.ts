import fc from "fast-check";
import type { Json } from "#src/core/json.ts";
import type { PlainEvent } from "../naive/event.ts";
import { disputeClosed, disputed, paid, placed, refunded, refundFailed } from "../naive/told.ts";
import { instant, iso, type Of, pick, rarely, some } from "./pick.ts";
import { CURRENCIES, PACKAGES } from "./plan.ts";

const amount = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3_000_000 }));
const extra = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90_000 }));

type PartsOf = "all" | "goods" | "shipping";

const back = fc.record({
  kind: fc.constantFrom("refund", "refund", "failed", "won", "lost", "open"),
  /** In percent of what is left; 100 is all of it. */
  share: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.constant(100)),
  /** Of which of its parts, where it tells them. */
  of: fc.constantFrom<PartsOf>("all", "all", "goods", "shipping"),
  fee: fc.nat({ max: 3000 }),
});

export const saleDraft = fc.record({
  source: some,
  byCustomer: fc.boolean(),
  currency: fc.constantFrom(...CURRENCIES),
  net: amount,
  tax: extra,
  shipping: extra,
  fee: extra,
  cv: amount,
  pv: amount,
  kind: fc.constantFrom("store", "store", "autoship", "enrollment_kit"),
  at: instant,
  /** Nobody tells no package. */
  packaged: fc.constantFrom(undefined, ...PACKAGES),
  /** What tellings leave out, or tell beside an amount alone. */
  order: fc.record({ hasPackage: fc.boolean(), hasOtherGoods: rarely(4) }),
  full: fc.record({ hasPoints: fc.boolean(), hasPackage: fc.boolean() }),
  thin: fc.record({ hasPoints: rarely(3), hasPackage: rarely(3) }),
  /** In full, as an amount beside its order, or both ways by two senders. */
  told: fc.constantFrom("full", "full", "thin", "both"),
  hasOrder: fc.boolean(),
  isTwice: rarely(6),
  /** Of two payments the second can be for less, which both say themselves. */
  secondIsLess: fc.boolean(),
  hasFailed: rarely(6),
  backs: fc.array(back, { maxLength: 4 }),
  /** Of two payments, what goes back of the other one. */
  otherBacks: fc.array(back, { maxLength: 3 }),
  backsAreThin: fc.boolean(),
  /** The order that they name besides their payment, which another sender numbers otherwise. */
  backsName: fc.constantFrom("nothing", "nothing", "their order", "an unknown one", "another"),
  monthsLater: fc.nat({ max: 2 }),
  tooMuch: rarely(10),
  otherMoney: rarely(10),
});

type SaleDraft = Of<typeof saleDraft>;

/** Everything that is told of one order: its payment or two alike, and what went back. */
export function saleEvents(
  draft: SaleDraft,
  nth: number,
  { ids, customers }: { readonly ids: readonly string[]; readonly customers: readonly string[] },
): PlainEvent[] {
  const sources = draft.byCustomer && customers.length > 0 ? customers : ids;
  const whole = {
    currency: draft.currency,
    net_minor: draft.net,
    tax_minor: draft.tax,
    shipping_minor: draft.shipping,
    amount_minor: draft.net + draft.tax + draft.shipping,
    cv_x100: draft.cv,
    pv_x100: draft.pv,
    source_node: pick(sources, draft.source),
    order_kind: draft.kind,
  };
  const place = { occurred_at: iso(draft.at) };
  const order_id = `O${nth}`;
  const buyer_kind = sources === ids ? "distributor" : "customer";
  const order = placed(order_id, { ...orderedGoods(draft, whole), buyer_kind }, place);
  const failed: PlainEvent = {
    ...order,
    id: `failed-${order_id}`,
    type: "payment.failed",
    data: { order_id, reason: "insufficient_funds", attempt: 1 },
  };
  const isOther = draft.isTwice && draft.secondIsLess;
  const isPlaced = draft.hasOrder || draft.told !== "full";
  return [
    ...(isPlaced && !isOther ? [order] : []),
    ...(draft.hasFailed ? [failed] : []),
    ...payments(draft, { order_id, whole, place }, tellings(draft)),
    ...returnsOf(draft, `P${nth}`).map(naming(draft, nth)),
  ];
}

interface Sold {
  readonly net: number;
  readonly tax: number;
  readonly shipping: number;
}

/** A second payment is for the same, or for about half of each part. */
function secondOf({ net, tax, shipping, secondIsLess }: SaleDraft): Sold {
  const part = (of: number) => (secondIsLess ? Math.ceil(of / 2) : of);
  return { net: part(net), tax: part(tax), shipping: part(shipping) };
}

/** What goes back: of two payments, as it happens, more of the one or of the other. */
function returnsOf(draft: SaleDraft, payment_id: string): readonly PlainEvent[] {
  const { net, backs, otherBacks } = draft;
  const first = { payment_id, sold: draft };
  if (!draft.isTwice) return backEvents(draft, first, backs);
  const second = { payment_id: nameOfSecond(payment_id), sold: secondOf(draft) };
  const [more, other] = net % 2 === 0 ? [second, first] : [first, second];
  const possible = { ...draft, tooMuch: false, otherMoney: false };
  return [...backEvents(draft, more, backs), ...backEvents(possible, other, otherBacks)];
}

type Members = Readonly<Record<string, Json>>;

const packageOf = ({ packaged }: SaleDraft, isTold: boolean): Members =>
  isTold && packaged !== undefined ? { package: packaged } : {};

/** Where its payments say themselves what they are for, an order can tell it otherwise. */
function orderedGoods(draft: SaleDraft, whole: Members): Members {
  const { order, told, net, tax, cv } = draft;
  const isOther = order.hasOtherGoods && told !== "thin" && net > 1;
  const other = { net_minor: net - 1, tax_minor: tax + 1, cv_x100: cv + 1 };
  return { ...whole, ...packageOf(draft, order.hasPackage), ...(isOther ? other : {}) };
}

/** What one telling of a payment says. */
function tellingOf(draft: SaleDraft, whole: Members, way: "full" | "thin"): Members {
  const { pv_x100 = 0, currency = "", amount_minor = 0, ...rest } = whole;
  const { hasPoints, hasPackage } = draft[way];
  return {
    currency,
    amount_minor,
    ...(way === "full" ? rest : {}),
    ...(hasPoints ? { pv_x100 } : {}),
    ...packageOf(draft, hasPackage),
  };
}

const nameOfSecond = (payment_id: string): string => `${payment_id}-2`;

/** Says which order a return is said to be of. */
function naming({ backsName }: SaleDraft, nth: number): (event: PlainEvent) => PlainEvent {
  const order_id = {
    nothing: undefined,
    "their order": `O${nth}`,
    "an unknown one": `shop-${nth}`,
    another: `O${nth === 0 ? 1 : nth - 1}`,
  }[backsName];
  return (event) =>
    order_id === undefined ? event : { ...event, data: { ...event.data, order_id } };
}

function tellings({ told, isTwice, secondIsLess }: SaleDraft): readonly ("full" | "thin")[] {
  if (told === "full") return ["full"];
  return told === "both" || (isTwice && secondIsLess) ? ["full", "thin"] : ["thin"];
}

function payments(
  draft: SaleDraft,
  given: {
    readonly order_id: string;
    readonly whole: Readonly<Record<string, Json>>;
    readonly place: { readonly occurred_at: string };
  },
  told: readonly ("full" | "thin")[],
): PlainEvent[] {
  const { order_id, whole, place } = given;
  const first = order_id.replace("O", "P");
  // A minute before the other one, at the same time, or a minute after it.
  const beside = { occurred_at: iso(draft.at + ((draft.net % 3) - 1) * 60_000) };
  const fee = draft.fee === 0 ? {} : { fee_minor: draft.fee };
  const { net: net_minor, tax: tax_minor, shipping: shipping_minor } = secondOf(draft);
  const parts = { net_minor, tax_minor, shipping_minor };
  const less = { ...whole, ...parts, amount_minor: net_minor + tax_minor + shipping_minor };
  return (draft.isTwice ? [first, nameOfSecond(first)] : [first]).flatMap((payment_id) =>
    told.map((way) => {
      const event = paid(
        payment_id,
        { order_id, ...tellingOf(draft, payment_id === first ? whole : less, way), ...fee },
        payment_id === first ? place : beside,
      );
      return { ...event, id: `${event.id}-${way}` };
    }),
  );
}

/** All that goes back of a sale does so in one month: how its points are cut is then no question. */
function backEvents(
  draft: SaleDraft,
  { payment_id, sold: paidFor }: { readonly payment_id: string; readonly sold: Sold },
  backs: SaleDraft["backs"],
): PlainEvent[] {
  const { backsAreThin } = draft;
  const sold = new Date(draft.at);
  const from =
    draft.monthsLater === 0
      ? draft.at
      : Date.UTC(2026, sold.getUTCMonth() + draft.monthsLater, 15, 12);
  const place = (minutes: number) => ({ occurred_at: iso(from + minutes * 60_000) });
  const events: PlainEvent[] = [];
  const left = { net: paidFor.net, tax: paidFor.tax, shipping: paidFor.shipping };
  for (const [i, { kind, share, of, fee }] of backs.entries()) {
    const isOf = (part: PartsOf) => of === "all" || of === part || backsAreThin;
    const part = (minor: number) => (share === 100 ? minor : Math.floor((minor * share) / 100));
    const parts = {
      net: isOf("goods") ? part(left.net) : 0,
      tax: isOf("all") ? part(left.tax) : 0,
      shipping: isOf("shipping") ? part(left.shipping) : 0,
    };
    const amount_minor = parts.net + parts.tax + parts.shipping;
    if (amount_minor === 0) continue;
    const fails = kind === "failed" || (backsAreThin && kind === "won");
    // What takes nothing in the end leaves all to the others, which may come while it is there.
    if (!fails && kind !== "won") {
      left.net -= parts.net;
      left.tax -= parts.tax;
      left.shipping -= parts.shipping;
    }
    const whole = {
      payment_id,
      currency: draft.currency,
      amount_minor,
      net_minor: parts.net,
      tax_minor: parts.tax,
      shipping_minor: parts.shipping,
    };
    const id = `${payment_id}-${i}`;
    const thin = { payment_id, currency: draft.currency, amount_minor };
    if (fails) {
      const failure = { payment_id, currency: draft.currency };
      events.push(refundFailed(id, failure, place(i + 11)));
    }
    if (backsAreThin) events.push(refunded(id, thin, place(i + 1)));
    else if (kind === "refund" || kind === "failed") {
      events.push(refunded(id, whole, place(i + 1)));
    } else events.push(...disputeEvents(id, { whole, kind, fee, place, minutes: i + 1 }));
  }
  return [...events, ...impossible(draft, payment_id, place(20))];
}

function disputeEvents(
  id: string,
  given: {
    readonly whole: Readonly<Record<string, Json>>;
    readonly kind: "won" | "lost" | "open";
    readonly fee: number;
    readonly place: (minutes: number) => { readonly occurred_at: string };
    readonly minutes: number;
  },
): PlainEvent[] {
  const { whole, kind, fee, place, minutes } = given;
  const opened = disputed(id, { ...whole, fee_minor: fee }, place(minutes));
  if (kind === "open") return [opened];
  const { payment_id = "", currency = "" } = whole;
  const fee_refunded_minor = kind === "won" ? Math.floor(fee / 2) : 0;
  const closed = disputeClosed(
    id,
    { payment_id, currency, outcome: kind, fee_refunded_minor },
    place(minutes + 10),
  );
  return [opened, closed];
}

/** What can never have come of the sale, whatever else did. */
function impossible(
  draft: SaleDraft,
  payment_id: string,
  place: { readonly occurred_at: string },
): PlainEvent[] {
  const amount_minor = draft.net + draft.tax + draft.shipping + 1;
  const tooMuch = refunded(
    `${payment_id}-above`,
    {
      payment_id,
      currency: draft.currency,
      amount_minor,
      net_minor: draft.net + 1,
      tax_minor: draft.tax,
      shipping_minor: draft.shipping,
    },
    place,
  );
  const currency = draft.currency === "USD" ? "EUR" : "USD";
  const otherMoney = refunded(
    `${payment_id}-other`,
    { payment_id, currency, amount_minor: 1, net_minor: 1 },
    place,
  );
  return [...(draft.tooMuch ? [tooMuch] : []), ...(draft.otherMoney ? [otherMoney] : [])];
}

/** A refund of what nobody ever paid: waits for ever. */
export const orphan = (): PlainEvent =>
  refunded(
    "nobody",
    { payment_id: "P-nobody", currency: "USD", amount_minor: 100, net_minor: 100 },
    { occurred_at: "2026-06-15T12:00:00.000Z" },
  );
