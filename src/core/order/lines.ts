import type { DispatchedLine } from "../ledger/line.ts";
import type { Lineage, LineageGap } from "../genealogy/lineage.ts";
import { nextPeriod, periodAt } from "../plans/period.ts";
import type { PeriodRule, Plan } from "../plans/plan.ts";
import { priceSale } from "../plans/price.ts";
import { proRata } from "../plans/rounding.ts";
import { plansAt } from "../plans/versions.ts";
import type { Lineages, Surroundings, Want } from "../subject/surroundings.ts";
import type { Goods, OrderState, OwnLine, VolumeTerms } from "./state.ts";

const DAY_MS = 86_400_000;
/** Closed periods in a row before a sale finds an open one: ten years of weeks. */
const PERIODS_MAX = 520;

/** What a sale earns its upline, and where its volume counts. */
export interface Priced {
  readonly kind: "priced";
  readonly lines: readonly OwnLine[];
  readonly terms?: VolumeTerms;
  readonly periodId: string | null;
}

export type Pricing =
  | Priced
  | { readonly kind: "wants"; readonly want: Want }
  /** Somebody on the way up is not known yet, or the edges run in a circle. */
  | { readonly kind: "gap"; readonly gap: LineageGap };

interface Sold {
  readonly orderId: string;
  readonly goods: Goods;
  readonly paidMs: number;
  readonly computation: number;
}

/** Prices a sale by every plan in force at its payment (DOMAIN §4.1). */
export function price(sold: Sold, around: Surroundings | undefined): Pricing {
  const want = { node: sold.goods.source_node, at_ms: sold.paidMs };
  if (around === undefined) return { kind: "wants", want };
  const plans = plansAt(around.plans, sold.paidMs);
  const [first] = plans;
  if (first === undefined) return { kind: "priced", lines: [], periodId: null };
  const found = around.lineages.find(
    ({ node, at_ms }) => node === want.node && at_ms === want.at_ms,
  );
  if (found === undefined) return { kind: "wants", want };
  const trees = treesOf(found);
  if ("kind" in trees) return { kind: "gap", gap: trees };
  const lines = plans.flatMap((plan) => linesOf(plan, sold, { around, trees }));
  return { kind: "priced", lines, ...counted(first, sold, { around, trees }) };
}

interface Trees {
  readonly sponsor: Lineage;
  readonly placement: Lineage;
}

function treesOf({ sponsor, placement }: Lineages): Trees | LineageGap {
  if ("kind" in sponsor) return sponsor;
  return "kind" in placement ? placement : { sponsor, placement };
}

interface View {
  readonly around: Surroundings;
  readonly trees: Trees;
}

function linesOf(plan: Plan, sold: Sold, { around, trees }: View): readonly OwnLine[] {
  const { orderId, goods, paidMs, computation } = sold;
  const { cv_x100, pv_x100, order_kind } = goods;
  const kind = goods.package === null ? {} : { package: goods.package };
  const { lines } = priceSale(plan, { cv_x100, pv_x100, order_kind, ...kind }, trees);
  const period_id = openPeriod(plan.period, paidMs, around);
  const holdback = plan.holdback_days * DAY_MS;
  const isFinal = around.mode === "gateway_final";
  const bucket = !isFinal ? "pending" : holdback > 0 ? "held" : "available";
  return lines.map((line) => ({
    ...line,
    line_id: `${orderId}:${line.component}:${line.level}:${line.distributor_id}`,
    reversed_minor: 0,
    rounding: plan.rounding,
    bucket,
    period_id,
    available_ms: bucket === "held" ? paidMs + holdback : null,
    ver: 1,
    computation,
  }));
}

/** A closed period never changes: what comes late counts in the next open one (DOMAIN §7 «Times»). */
function openPeriod(rule: PeriodRule, atMs: number, { closed }: Surroundings): string {
  let period = periodAt(rule, atMs);
  for (let i = 0; i < PERIODS_MAX && closed.includes(period.period_id); i += 1) {
    period = nextPeriod(rule, period);
  }
  return period.period_id;
}

function counted(plan: Plan, { goods, paidMs }: Sold, { around, trees }: View) {
  const periodId = openPeriod(plan.period, paidMs, around);
  const { exclude_kinds = [], refund_volume = "current" } = plan.volume;
  if (exclude_kinds.includes(goods.order_kind)) return { periodId };
  const path = trees.sponsor.upline.map(({ id }) => id);
  return {
    periodId,
    terms: { period: plan.period, refund_volume, rounding: plan.rounding, path },
  };
}

/**
 * The lines as returns leave them: of each, `round(a·R/N)` is taken back (DOMAIN §3.3), so that
 * any series of returns that reaches the whole takes the whole.
 */
export function reverse(state: OrderState): readonly OwnLine[] {
  const { sale, returned, lines } = state;
  if (sale === undefined) return lines;
  const [part, whole] = shareOf(sale, returned);
  return lines.map((line) => {
    const reversed_minor = proRata(line.amount_minor, part, whole, line.rounding);
    return reversed_minor === line.reversed_minor
      ? line
      : { ...line, reversed_minor, ver: line.ver + 1 };
  });
}

/** Goods that cost nothing can still pay: those follow the whole amount. */
const shareOf = (
  sale: Goods,
  returned: OrderState["returned"],
): readonly [part: number, whole: number] =>
  sale.net_minor > 0
    ? [returned.net_minor, sale.net_minor]
    : [returned.tax_minor + returned.shipping_minor, sale.amount_minor];

/** What distributors are told of lines that changed. */
export function dispatch(
  orderId: string,
  { sale, returned }: OrderState,
  lines: readonly OwnLine[],
): readonly DispatchedLine[] {
  if (sale === undefined) return [];
  const [part, whole] = shareOf(sale, returned);
  return lines.map((line) => ({
    ...line,
    order_id: orderId,
    effective_ms: sale.paid_ms,
    returned: [part, whole],
  }));
}

/**
 * The lines of a new computation against those sent out: what is new is added, what is gone stays
 * as a line of nothing, and each that changed is a version later.
 */
export function recomputed(
  before: readonly OwnLine[],
  after: readonly OwnLine[],
): readonly OwnLine[] {
  const fresh = new Map(after.map((line) => [line.line_id, line]));
  const kept = before.map((old) => {
    const line = fresh.get(old.line_id);
    fresh.delete(old.line_id);
    const amount_minor = line?.amount_minor ?? 0;
    if (line === undefined ? old.amount_minor === 0 : isSame(line, old)) return old;
    const { computation } = line ?? { computation: old.computation + 1 };
    const place = line === undefined ? old : { ...old, ...line };
    return { ...place, amount_minor, reversed_minor: 0, ver: old.ver + 1, computation };
  });
  return [...kept, ...fresh.values()];
}

const isSame = (a: OwnLine, b: OwnLine): boolean =>
  a.amount_minor === b.amount_minor && a.depth === b.depth && a.rate_ppm === b.rate_ppm;
