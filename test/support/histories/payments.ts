import fc from "fast-check";
import type { Parts } from "#src/core/order/state.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { dayOf, type Step } from "../gateway/ended.ts";
import type { PlainEvent } from "../naive/event.ts";
import { type Of, pick } from "./pick.ts";
import {
  disputeClosed,
  disputed,
  paid,
  placed,
  ranked,
  refunded,
  refundFailed,
} from "../naive/told.ts";

/*
 * One order that is paid several times, each payment told by several senders who do not agree when
 * it happened and of whom none knows all of what it was for, and returned in part, each return told
 * so, too.
 */

/** Days about ends of months, weeks and plans, and some seconds of each. */
const DAYS = ["09-20", "10-01", "10-18", "10-19", "10-31", "11-01", "11-05", "11-06"];
const TIMES = ["00:00:02", "03:59:58", "05:00:00", "05:00:02", "09:30:00", "23:59:59"];
const instant = fc
  .tuple(fc.constantFrom(...DAYS), fc.constantFrom(...TIMES))
  .map(([day, time]) => `2026-${day}T${time}.000Z`);

type PartsOf = "all" | "goods" | "shipping";

const returnDraft = fc.record({
  kind: fc.constantFrom("refund", "refund", "failed", "won", "lost", "open"),
  /** In percent of the payment, as far as it stands in the end; else up to three times as much. */
  share: fc.oneof(fc.integer({ min: 1, max: 33 }), fc.constant(33)),
  /** Of which of its parts. */
  of: fc.constantFrom<PartsOf>("all", "all", "goods", "shipping"),
  told: fc.array(fc.record({ at: instant, isThin: fc.boolean() }), { minLength: 1, maxLength: 2 }),
  ended: fc.array(instant, { minLength: 1, maxLength: 2 }),
});

/** What one sender knows of a payment besides its amount. */
const telling = fc.record({
  at: instant,
  hasFee: fc.boolean(),
  isThin: fc.boolean(),
  hasPoints: fc.boolean(),
  hasPackage: fc.boolean(),
});

const paymentDraft = fc.record({
  told: fc.array(telling, { minLength: 1, maxLength: 3 }),
  /** What it was for; the first is what the others are about, as a rule. */
  goods: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  returns: fc.array(returnDraft, { maxLength: 3 }),
});

const orderDraft = fc.option(
  fc.record({
    hasPackage: fc.boolean(),
    /** Whether it tells other parts than the payments of as much do. */
    hasOtherParts: fc.boolean(),
    /** Told a second time, with its package. */
    isToldAgain: fc.boolean(),
  }),
  { nil: undefined },
);

interface Goods extends Parts {
  readonly currency: string;
  readonly cv_x100: number;
  readonly pv_x100: number;
  readonly source_node: string;
  readonly order_kind: string;
  readonly package: string;
}

const FIRST: Goods = {
  currency: "USD",
  net_minor: 24_000,
  tax_minor: 0,
  shipping_minor: 1000,
  cv_x100: 20_000,
  pv_x100: 30_000,
  source_node: "C",
  order_kind: "store",
  package: "gold",
};
const SECOND: Goods = {
  ...FIRST,
  net_minor: 20_000,
  tax_minor: 1999,
  shipping_minor: 501,
  cv_x100: 17_777,
  pv_x100: 17_777,
};
const THIRD: Goods = {
  ...FIRST,
  net_minor: 25_000,
  shipping_minor: 0,
  source_node: "E",
  package: "silver",
};
const GOODS: readonly Goods[] = [FIRST, SECOND, THIRD, { ...FIRST, currency: "EUR", pv_x100: 0 }];

/** Fixed sums of the packages, and of an order that none is told of. */
export const FLAT: Plan["components"][number] = {
  kind: "flat",
  code: "flat",
  tree: "sponsor",
  max_level: 2,
  compression: "none",
  amounts_minor: { gold: [1000, 500], silver: [600], store: [7, 3] },
};

const NEXT: readonly Partial<Plan>[] = [
  { currency: "EUR" },
  { holdback_days: 120 },
  { volume: { cv_to_money_ppm: 700_000 } },
  { volume: { cv_to_money_ppm: 1_000_000, refund_volume: "original" } },
  { volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["store"] } },
  { period: { unit: "week", tz: "UTC" } },
  { period: { unit: "month", tz: "America/New_York" } },
];

const planDraft = fc.record({
  first: fc.constantFrom({}, {}, {}, ...NEXT, { effective_from: "2026-10-15" }),
  next: fc.option(fc.record({ of: fc.constantFrom(...NEXT), from: instant }), { nil: undefined }),
  /** Whether the further version is saved only while events arrive. */
  isLate: fc.boolean(),
  second: fc.option(fc.constantFrom(...NEXT), { nil: undefined }),
});

const rankDraft = fc.option(
  fc.record({ who: fc.constantFrom("A", "S"), at: instant, isLate: fc.boolean() }),
  { nil: undefined },
);

/** What happens, and before what: whatever arrives in any order, and what is there from the start. */
export interface Payments {
  readonly before: readonly PlainEvent[];
  readonly steps: readonly Step[];
  readonly plans: readonly Plan[];
  readonly mode: "mirror" | "gateway_final";
}

const sumOf = ({ net_minor, tax_minor, shipping_minor }: Parts): number =>
  net_minor + tax_minor + shipping_minor;

/** The order says what its first payment is for, as far as it knows. */
function ordersOf(draft: Of<typeof orderDraft>): readonly PlainEvent[] {
  if (draft === undefined) return [];
  const { hasPackage, hasOtherParts, isToldAgain } = draft;
  const { package: packaged, ...goods } = FIRST;
  const other = { net_minor: goods.net_minor - 500, tax_minor: 500, cv_x100: 19_000 };
  const data = {
    ...goods,
    ...(hasOtherParts ? other : {}),
    amount_minor: sumOf(goods),
    buyer_kind: "customer",
  };
  const whole = { ...data, package: packaged };
  const place = (id: string) => ({ id, occurred_at: "2026-09-19T05:00:00.000Z" });
  return [
    placed("O1", hasPackage ? whole : data, place("placed")),
    ...(isToldAgain ? [placed("O1", whole, place("placed again"))] : []),
  ];
}

const eventsOf = (drafts: readonly Of<typeof paymentDraft>[]): readonly PlainEvent[] =>
  drafts.flatMap(({ told, goods: nth, returns }, i): readonly PlainEvent[] => {
    const payment_id = `P${i + 1}`;
    const goods = pick(GOODS, nth);
    const tellings = told.map((one, n) => {
      // What goes back of it goes by its own parts: nobody else's word stands for them.
      const isThin = one.isThin && (n > 0 || returns.length === 0);
      return paid(
        payment_id,
        { ...toldBy({ ...one, isThin }, goods), ...(one.hasFee ? { fee_minor: 30 + i } : {}) },
        { id: `${payment_id}-${n}`, occurred_at: one.at },
      );
    });
    const back = returns.flatMap((draft, n) =>
      returnEvents(draft, `${i + 1}${n + 1}`, { payment_id, ...goods }),
    );
    return [...tellings, ...back];
  });

/** What one sender says of a payment. */
function toldBy({ isThin, hasPoints, hasPackage }: Of<typeof telling>, goods: Goods) {
  const { currency, pv_x100, package: packaged, ...rest } = goods;
  return {
    order_id: "O1",
    currency,
    amount_minor: sumOf(goods),
    ...(isThin ? {} : rest),
    ...(hasPoints ? { pv_x100 } : {}),
    ...(hasPackage ? { package: packaged } : {}),
  };
}

function returnEvents(
  { kind, share, of, told, ended }: Of<typeof returnDraft>,
  name: string,
  { payment_id, currency, ...sold }: Goods & { readonly payment_id: string },
): readonly PlainEvent[] {
  const isUndone = kind === "failed" || kind === "won";
  const percent = isUndone ? 3 * share : share;
  const part = (minor: number) => Math.floor((minor * percent) / 100);
  const parts = {
    net_minor: of === "shipping" ? 0 : part(sold.net_minor),
    tax_minor: of === "all" ? part(sold.tax_minor) : 0,
    shipping_minor: of === "goods" ? 0 : part(sold.shipping_minor),
  };
  const amount_minor = parts.net_minor + parts.tax_minor + parts.shipping_minor;
  if (amount_minor === 0) return [];
  const data = { payment_id, currency, amount_minor };
  const isRefund = kind === "refund" || kind === "failed";
  const place = (at: string, id: string) => ({ id, occurred_at: at });
  const begun = told.map(({ at, isThin }, n) =>
    isRefund
      ? refunded(`R${name}`, { ...data, ...(isThin ? {} : parts) }, place(at, `R${name}-${n}`))
      : disputed(`D${name}`, { ...data, ...parts, fee_minor: 15 }, place(at, `D${name}-${n}`)),
  );
  const over = ended.map((at, n) => {
    const at_end = place(at, `E${name}-${n}`);
    if (isRefund) return refundFailed(`R${name}`, data, at_end);
    const outcome = { outcome: kind, fee_refunded_minor: kind === "won" ? 15 : 5 };
    return disputeClosed(`D${name}`, { ...data, ...outcome }, at_end);
  });
  return kind === "refund" || kind === "open" ? begun : [...begun, ...over];
}

const closed = (period_id: string): PlainEvent => ({
  id: `close-${period_id}`,
  type: "period.closed",
  version: 1,
  occurred_at: "2026-11-20T00:00:00.000Z",
  rev: 1,
  data: { period_id, run_id: `run-${period_id}`, totals: { USD: 800 }, lines: 2, digest: "d" },
});

/** Histories of one order by versions of this plan; people of it can be `Member` or `Silver`. */
export const payments = (plan: Plan): fc.Arbitrary<Payments> =>
  fc
    .record({
      drafts: fc.array(paymentDraft, { minLength: 1, maxLength: 3 }),
      isReturned: fc.boolean(),
      ordered: orderDraft,
      plan: planDraft,
      rank: rankDraft,
      closed: fc.constantFrom<readonly string[]>([], [], [], ["2026-09"], ["2026-09", "2026-10"]),
      mode: fc.constantFrom("gateway_final" as const, "gateway_final" as const, "mirror" as const),
    })
    .map(({ drafts, isReturned, ordered, plan: drawn, rank, closed: periods, mode }) => {
      const { first, next, isLate, second } = drawn;
      const main: Plan = { ...plan, ...first };
      const later: readonly Plan[] =
        next === undefined ? [] : [{ ...main, ...next.of, version: 2, effective_from: next.from }];
      const other: readonly Plan[] =
        second === undefined
          ? []
          : [{ ...plan, ...second, plan_id: "second", components: renamed(plan) }];
      const rise =
        rank === undefined ? [] : [ranked(rank.who, "Silver", { rev: 1, occurred_at: rank.at })];
      return {
        before: [...periods.map(closed), ...(rank?.isLate === true ? [] : rise)],
        steps: [
          ...ordersOf(ordered),
          ...eventsOf(isReturned ? drafts : drafts.map(kept)),
          ...(isLate ? later.map((version) => ({ plan: version })) : []),
          ...(rank?.isLate === true ? rise : []),
        ],
        plans: [main, ...(isLate ? [] : later), ...other],
        mode,
      };
    });

/** Nothing of it goes back. */
const kept = (draft: Of<typeof paymentDraft>) => ({ ...draft, returns: [] });

const renamed = ({ components }: Plan): Plan["components"] =>
  components.map((one) => ({ ...one, code: `${one.code}-2` }));

/** Instants of one day are one: shop and processor seldom agree to the second. */
export const byDay = (ms: number | null): string | null => (ms === null ? null : dayOf(ms));
