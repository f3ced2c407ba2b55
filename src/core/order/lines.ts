import type { DispatchedLine } from "../ledger/line.ts";
import { takenOf } from "../ledger/taken.ts";
import type { Lineage, LineageGap, TreeName } from "../genealogy/lineage.ts";
import { openPeriod } from "../plans/open-period.ts";
import { periodAt } from "../plans/period.ts";
import type { PeriodRule, Plan } from "../plans/plan.ts";
import { priceSale } from "../plans/price.ts";
import { proRata } from "../plans/rounding.ts";
import { plansAt } from "../plans/versions.ts";
import { walksPlacement } from "../plans/walk.ts";
import type { Lineages, Surroundings, Want } from "../subject/surroundings.ts";
import { shareOf } from "./returned.ts";
import type { Goods, OrderState, OwnLine, VolumeTerms } from "./state.ts";
import { returnDates } from "./takings.ts";

const DAY_MS = 86_400_000;

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
  | { readonly kind: "gap"; readonly gap: TreeGap };

/** Why nobody can say who is above whoever bought, in one of the trees. */
export interface TreeGap extends LineageGap {
  readonly tree: TreeName;
}

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
  const trees = treesOf(found, plans);
  if ("kind" in trees) return { kind: "gap", gap: trees };
  const lines = plans.flatMap((plan) => linesOf(plan, sold, { around, trees }));
  return { kind: "priced", lines, ...counted(first, sold, { around, trees }) };
}

interface Trees {
  readonly sponsor: Lineage;
  readonly placement: Lineage;
}

/** The sponsors always, as their group volume grows; placements only where a plan walks them. */
function treesOf({ sponsor, placement }: Lineages, plans: readonly Plan[]): Trees | TreeGap {
  if ("kind" in sponsor) return { ...sponsor, tree: "sponsor" };
  if (!("kind" in placement)) return { sponsor, placement };
  // Where nobody walks it, any tree stands in for it.
  return plans.some(walksPlacement)
    ? { ...placement, tree: "placement" }
    : { sponsor, placement: sponsor };
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
  const period_id = periodIn(plan.period, paidMs, around);
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

const periodIn = (rule: PeriodRule, atMs: number, { closed }: Surroundings): string =>
  openPeriod(rule, periodAt(rule, atMs), closed).period_id;

function counted(plan: Plan, { goods, paidMs }: Sold, { around, trees }: View) {
  const periodId = periodIn(plan.period, paidMs, around);
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
 * any series of returns that reaches the whole takes the whole. A line of which as much was taken
 * `before`, but at another time, is told of that.
 */
export function reverse(state: OrderState, before?: OrderState): readonly OwnLine[] {
  const { sale, lines } = state;
  if (sale === undefined) return lines;
  const [part, whole] = shareOf(sale, state);
  const isRedated = before === undefined ? () => false : redating(before, state);
  return lines.map((line) => {
    const reversed_minor = proRata(line.amount_minor, part, whole, line.rounding);
    const follows = line.part === undefined ? {} : { part };
    return reversed_minor === line.reversed_minor && line.part === follows.part && !isRedated(line)
      ? line
      : { ...line, ...follows, reversed_minor, ver: line.ver + 1 };
  });
}

/** Whether returns take from a line at other times than they did. */
function redating(before: OrderState, after: OrderState): (line: OwnLine) => boolean {
  const [old, now] = [before, after].map(returned);
  if (JSON.stringify(old?.returns) === JSON.stringify(now?.returns)) return () => false;
  const taken = (shares: typeof now, { amount_minor, rounding }: OwnLine) =>
    JSON.stringify(shares && takenOf(amount_minor, { ...shares, rounding }));
  // Of one that was computed anew, its distributor can have another amount.
  return (line) => line.part !== undefined || taken(old, line) !== taken(now, line);
}

/** What of the order was returned, and when. */
function returned(order: OrderState): Pick<DispatchedLine, "returned" | "returns"> {
  const { sale } = order;
  if (sale === undefined) return { returned: [0, 1] };
  const returns = returnDates(order);
  return { returned: shareOf(sale, order), ...(returns.length === 0 ? {} : { returns }) };
}

/** What distributors are told of lines that changed. */
export function dispatch(
  orderId: string,
  order: OrderState,
  lines: readonly OwnLine[],
): readonly DispatchedLine[] {
  const { sale } = order;
  if (sale === undefined || lines.length === 0) return [];
  const shares = returned(order);
  return lines.map(({ part: _part, ...line }) => ({
    ...line,
    order_id: orderId,
    effective_ms: sale.paid_ms,
    ...shares,
  }));
}

/** Sold where no plan was in force it was never computed: nobody can have been paid by that. */
export const nextComputation = ({ sale, lines, computation }: OrderState): number =>
  sale?.period_id === null && lines.length === 0 ? 1 : computation + 1;

/** How a computation anew differs from the one before, besides what it comes to. */
interface Place {
  /** The sale is of another time now. */
  readonly isMoved?: boolean;
  /** A line that stands in one of these periods stays there: a closed one never changes. */
  readonly closed?: readonly string[];
}

/**
 * The lines of a new computation against those sent out: what is new is added, what is gone stays
 * as a line of nothing, and each that changed is a version later; each there is, where the sale
 * `isMoved` to another time.
 */
export function recomputed(
  before: readonly OwnLine[],
  after: readonly OwnLine[],
  { isMoved = false, closed = [] }: Place = {},
): readonly OwnLine[] {
  const fresh = new Map(after.map((line) => [line.line_id, line]));
  const kept = before.map((old) => {
    const line = fresh.get(old.line_id);
    fresh.delete(old.line_id);
    if (line === undefined) return old.amount_minor === 0 ? old : gone(old);
    const period_id = closed.includes(old.period_id) ? old.period_id : line.period_id;
    const placed = { ...line, period_id };
    if (!isMoved && isSame(placed, old)) return old;
    return { ...old, ...placed, ver: old.ver + 1 };
  });
  return [...kept, ...fresh.values()];
}

const gone = (line: OwnLine): OwnLine => ({
  ...line,
  amount_minor: 0,
  reversed_minor: 0,
  ver: line.ver + 1,
  computation: line.computation + 1,
});

/** What a computation anew has to know besides the order as it is from now on. */
interface Anew extends Place {
  readonly fresh: readonly OwnLine[];
  readonly nowMs: number;
  /** The order as it was, where other returns are its sale's by now. */
  readonly before?: OrderState;
}

/**
 * The lines of an order that is priced anew, as it sends them at this moment. Whether that comes too
 * late for what was held is for the order to say, by the holdback that it promised: cron may have
 * been at one of its receivers, and at another not yet. Each that was computed anew follows returns
 * from now on even where nothing is left of it: whoever was paid on before keeps his, and gives back
 * his share of that.
 */
export function linesAnew(
  order: OrderState,
  { fresh, nowMs, before, ...place }: Anew,
): readonly OwnLine[] {
  const { sale } = order;
  if (sale === undefined) return order.lines;
  const [part] = shareOf(sale, order);
  const anyOver = order.lines.some((line) => !isNothing(line) && isOver(line, nowMs));
  const lines = reverse({ ...order, lines: recomputed(order.lines, fresh, place) }, before);
  return lines.map(({ late: _late, ...line }, i) => {
    const old = order.lines[i];
    if (old !== undefined && line.computation === old.computation) return lines[i] ?? line;
    const isLate = old === undefined || isNothing(old) ? anyOver : isOver(old, nowMs);
    return { ...line, part, ...(isLate ? { bucket: "available", late: true } : {}) };
  });
}

/** Of such a line nobody was ever paid: that of which nothing is left too late keeps what it was. */
const isNothing = ({ amount_minor, late }: OwnLine): boolean => amount_minor === 0 && late !== true;

/** Whether a line, as it was sent out, is payable by now, released by cron yet or not. */
const isOver = ({ bucket, available_ms }: OwnLine, nowMs: number): boolean =>
  bucket === "held" ? available_ms !== null && available_ms <= nowMs : bucket === "available";

const isSame = (a: OwnLine, b: OwnLine): boolean =>
  a.amount_minor === b.amount_minor &&
  a.depth === b.depth &&
  a.rate_ppm === b.rate_ppm &&
  a.currency === b.currency &&
  a.rounding === b.rounding &&
  a.period_id === b.period_id &&
  isSameHoldback(a, b);

/** A provisional line has none. */
const isSameHoldback = (a: OwnLine, b: OwnLine): boolean =>
  [a, b].some(({ bucket }) => bucket === "pending") || a.available_ms === b.available_ms;
