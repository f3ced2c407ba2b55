import type { Count } from "./count.ts";
import { areAtOdds, earliest, type Fact, factsOf, fullFirst, ofType, type Told } from "./event.ts";

export interface Parts {
  readonly net: bigint;
  readonly tax: bigint;
  readonly shipping: bigint;
  readonly amount: bigint;
}

/** A refund, or a dispute, which may be undone: money and volume that went back. */
export interface Return {
  readonly id: string;
  readonly atMs: number;
  readonly parts: Parts;
  /** The processor's fee for a dispute. */
  readonly fee: bigint;
  /** A dispute that was won, a refund that failed. */
  readonly undone?: { readonly atMs: number; readonly feeBack: bigint };
}

interface Draft extends Return {
  readonly ids: readonly string[];
  readonly paymentId: string;
  readonly currency: string;
  /** Told as an amount only. */
  readonly isThin: boolean;
}

/** What a payment can give back at most. */
export interface Paid {
  readonly paymentId: string;
  readonly currency: string;
  readonly parts: Parts;
}

/**
 * The returns of payments that stand; those of others stay parked. Of one payment they stand in the
 * order of arrival as long as they do not exceed it; another currency never does.
 */
export function returnsOf(count: Count, payments: readonly Paid[]): Map<string, Return[]> {
  const stands = new Map<string, Return[]>();
  const taken = new Set<string>();
  for (const [paymentId, drafts] of Map.groupBy(draftsOf(count), (draft) => draft.paymentId)) {
    const paid = payments.find((payment) => payment.paymentId === paymentId);
    if (paid === undefined) {
      for (const { ids } of drafts) count.held.put(ids, "parked");
      continue;
    }
    const accepted = acceptedOf(count, paid, drafts);
    for (const { id } of accepted) taken.add(id);
    stands.set(paymentId, split(paid.parts, accepted));
  }
  for (const { event, ids } of closings(count)) {
    if (!taken.has(disputeName(event.data.dispute_id ?? ""))) count.held.put(ids, "parked");
  }
  for (const { event, ids } of failures(count)) {
    if (!taken.has(refundName(event.data.refund_id))) count.held.put(ids, "parked");
  }
  return stands;
}

const disputeName = (id: string) => `dispute:${id}`;
const refundName = (id: string) => `refund:${id}`;

const closings = ({ events }: Count): Fact<Told<"chargeback.closed">>[] =>
  endsOf(ofType(events, "chargeback.closed"), ({ data }) => data.dispute_id ?? "");

const failures = ({ events }: Count): Fact<Told<"refund.failed">>[] =>
  endsOf(ofType(events, "refund.failed"), ({ data }) => data.refund_id);

const endsOf = <End extends { readonly id: string; readonly occurredAtMs: number }>(
  told: readonly End[],
  name: (end: End) => string,
): Fact<End>[] => earliest(factsOf(told, name), told);

function draftsOf(count: Count): Draft[] {
  const arrival = ({ id }: { readonly id: string }) => count.arrival([id]);
  const refunded = fullFirst(ofType(count.events, "refund.completed"), arrival);
  const disputed = fullFirst(ofType(count.events, "chargeback.opened"), arrival);
  const refunds = earliest(
    factsOf(refunded, ({ data }) => data.refund_id),
    refunded,
  );
  const opened = earliest(
    factsOf(disputed, ({ data }) => data.dispute_id),
    disputed,
  );
  for (const { ids } of [...refunds, ...opened]) {
    const tellings = [...refunded, ...disputed].filter(({ id }) => ids.includes(id));
    if (!areAtOdds(tellings.map(({ data }) => data))) continue;
    count.held.contest(ids);
    count.doubt(`which telling of ${ids.join(" or ")} is the first`);
  }
  const closed = closings(count);
  const failed = failures(count);
  return [
    ...refunds.map(({ event: { data, occurredAtMs }, ids }) => {
      const failure = failed.find(({ event }) => event.data.refund_id === data.refund_id);
      return {
        id: refundName(data.refund_id),
        ids,
        atMs: occurredAtMs,
        paymentId: data.payment_id,
        currency: data.currency,
        isThin: data.net_minor === undefined,
        parts: partsOf({ ...data, net_minor: data.net_minor ?? 0 }),
        fee: 0n,
        ...(failure && { undone: { atMs: failure.event.occurredAtMs, feeBack: 0n } }),
      };
    }),
    ...opened.map(({ event: { data, occurredAtMs }, ids }) => {
      const end = closed.find(({ event }) => event.data.dispute_id === data.dispute_id);
      const won = end?.event.data.outcome === "won" ? end.event : undefined;
      return {
        id: disputeName(data.dispute_id),
        ids,
        atMs: occurredAtMs,
        paymentId: data.payment_id,
        currency: data.currency,
        isThin: false,
        parts: partsOf(data),
        fee: BigInt(data.fee_minor),
        ...(won && {
          undone: { atMs: won.occurredAtMs, feeBack: BigInt(won.data.fee_refunded_minor) },
        }),
      };
    }),
  ];
}

export const partsOf = (data: {
  readonly net_minor: number;
  readonly tax_minor?: number;
  readonly shipping_minor?: number;
  readonly amount_minor: number;
}): Parts => ({
  net: BigInt(data.net_minor),
  tax: BigInt(data.tax_minor ?? 0),
  shipping: BigInt(data.shipping_minor ?? 0),
  amount: BigInt(data.amount_minor),
});

function acceptedOf(count: Count, paid: Paid, drafts: readonly Draft[]): Draft[] {
  const accepted: Draft[] = [];
  const early = (draft: Draft) => count.arrival(draft.ids);
  for (const draft of drafts.toSorted((a, b) => early(a) - early(b))) {
    const fits = isWithin(paid.parts, [...accepted, draft].filter(takes));
    if (draft.currency !== paid.currency || !fits) count.held.put(draft.ids, "quarantined");
    else accepted.push(draft);
  }
  const rivals = drafts.filter(
    (draft) => takes(draft) && draft.currency === paid.currency && isWithin(paid.parts, [draft]),
  );
  if (!isWithin(paid.parts, rivals)) count.doubt(`returns of ${paid.paymentId} exceed it`);
  return accepted;
}

/** A dispute that was won and a refund that failed take nothing in the end. */
const takes = ({ undone }: Draft): boolean => undone === undefined;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((so, each) => so + each, 0n);

function isWithin(whole: Parts, drafts: readonly Draft[]): boolean {
  const amount = sum(drafts.map(({ parts }) => parts.amount));
  const net = sum(split(whole, drafts).map(({ parts }) => parts.net));
  return amount <= whole.amount && net <= whole.net;
}

/**
 * Gives the returns that were told as an amount their parts, in proportion to the sale's: all such
 * amounts of a payment together, so that they come to the whole sale exactly.
 */
function split(whole: Parts, drafts: readonly Draft[]): Return[] {
  let before = 0n;
  return drafts
    .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
    .map(({ isThin, ...given }) => {
      if (!isThin || given.undone !== undefined) return given;
      const from = share(whole, before);
      before += given.parts.amount;
      const to = share(whole, before);
      const parts = {
        net: to.net - from.net,
        tax: to.tax - from.tax,
        shipping: to.shipping - from.shipping,
        amount: given.parts.amount,
      };
      return { ...given, parts };
    });
}

/** An amount in proportion: each part rounded down, left-over units to the largest fractions. */
function share(whole: Parts, amount: bigint): Parts {
  if (whole.amount === 0n) return { net: 0n, tax: 0n, shipping: 0n, amount: 0n };
  const names = ["net", "tax", "shipping"] as const;
  const parts = { net: 0n, tax: 0n, shipping: 0n, amount };
  for (const name of names) parts[name] = (whole[name] * amount) / whole.amount;
  const fraction = (name: (typeof names)[number]) => (whole[name] * amount) % whole.amount;
  const largest = names.toSorted((a, b) => Number(fraction(b) - fraction(a)));
  const left = amount - parts.net - parts.tax - parts.shipping;
  for (const name of largest.slice(0, Number(left))) parts[name] += 1n;
  return parts;
}
