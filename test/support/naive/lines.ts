import { type Core, ownerOf } from "./core-stream.ts";
import type { Count } from "./count.ts";
import { divide, msOf, planAt } from "./plan.ts";
import type { Sale } from "./sales.ts";
import { type Breakage, walk } from "./walk.ts";

/** A line as DESIGN §14 has it. */
export interface NaiveLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly depth: number | null;
  readonly rate_ppm: number | null;
  readonly amount_minor: bigint;
  readonly reversed_minor: bigint;
  readonly currency: string;
  readonly state: "pending" | "held" | "available" | "superseded";
}

/** A level of an order that nobody may take. */
export type OrderBreakage = Breakage & { readonly order_id: string };

/** Posts what distributors earn, by our own count and by the core's (PL, P3 to P5). */
export function countLines(
  count: Count,
  core: Core,
  sales: readonly Sale[],
): { lines: NaiveLine[]; breakage: OrderBreakage[] } {
  const theirs = coreLines(count, core);
  const ours = sales.map((sale) => saleLines(count, sale));
  const lines = [...theirs, ...ours.flatMap((sale) => sale.lines)];
  const settled = lines.map((line): NaiveLine => {
    if (isSuperseded(count, line, theirs)) return { ...line, state: "superseded" };
    return isReleased(core, line) ? { ...line, state: "available" } : line;
  });
  for (const { event, ids } of core.facts("commission.released", ({ data }) => data.line_id)) {
    const isThere = lines.some(
      (line) => line.line_id === event.data.line_id && line.distributor_id === ownerOf(event),
    );
    if (!isThere) count.held.put(ids, "parked");
  }
  for (const line of settled.filter(({ state }) => state !== "superseded")) {
    const left = line.amount_minor - line.reversed_minor;
    const bucket = `dist:${line.distributor_id}:${line.state}`;
    count.book.post(line.currency, { "exp:commission": left, [bucket]: -left });
  }
  return {
    lines: settled.toSorted((a, b) => (a.line_id < b.line_id ? -1 : 1)),
    breakage: ours
      .flatMap((sale) => sale.breakage)
      .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
  };
}

const nameOf = ({ order_id, component, level }: OrderBreakage): string =>
  `${order_id} ${component} ${level}`;

function saleLines(
  { company, mode }: Count,
  sale: Sale,
): { lines: NaiveLine[]; breakage: OrderBreakage[] } {
  const { plan, orderId, parts, returns } = sale;
  if (plan === undefined) return { lines: [], breakage: [] };
  const { earned, breakage } = walk(company, plan, {
    source: sale.sourceNode,
    cvX100: sale.isWithoutVolume ? 0 : sale.cvX100,
    package: sale.package ?? sale.orderKind,
    atMs: sale.atMs,
  });
  const state = mode === "mirror" ? "pending" : plan.holdback_days > 0 ? "held" : "available";
  const gone = returns
    .filter(({ undone }) => undone === undefined)
    .reduce((so, each) => so + each.parts.net, 0n);
  const lines = earned.map((each): NaiveLine => ({
    line_id: `${orderId}:${each.component}:${each.level}:${each.distributor}`,
    distributor_id: each.distributor,
    order_id: orderId,
    component: each.component,
    level: each.level,
    depth: each.depth,
    rate_ppm: each.ratePpm,
    amount_minor: each.amount,
    reversed_minor: gone === 0n ? 0n : divide(each.amount * gone, parts.net, plan.rounding),
    currency: plan.currency,
    state,
  }));
  return { lines, breakage: breakage.map((each) => ({ ...each, order_id: orderId })) };
}

function coreLines(count: Count, core: Core): NaiveLine[] {
  const posted = core.facts("commission.posted", ({ data }) => data.line_id);
  const lines = posted.map(({ event: { data, occurredAtMs } }): NaiveLine => {
    const plan = planAt(count.plans, occurredAtMs);
    const isFree =
      data.available_at === undefined
        ? plan?.holdback_days === 0
        : msOf(data.available_at) <= occurredAtMs;
    return {
      line_id: data.line_id,
      distributor_id: data.distributor_id,
      order_id: data.order_id ?? null,
      component: data.component,
      level: data.paid_level ?? data.level ?? null,
      depth: null,
      rate_ppm: data.rate_ppm ?? null,
      amount_minor: BigInt(data.amount_minor),
      reversed_minor: 0n,
      currency: data.currency,
      state: isFree ? "available" : "held",
    };
  });
  return withReversals(count, core, lines);
}

/** P5: what the core takes back of its own lines, each as far as the line goes. */
function withReversals(count: Count, core: Core, lines: readonly NaiveLine[]): NaiveLine[] {
  const reversed = new Map<NaiveLine, bigint>();
  for (const { event, ids } of core.facts("commission.reversed", ({ data }) => data.line_id)) {
    const { reverses_line_id, currency, amount_minor } = event.data;
    const line = lines.find(
      (each) => each.line_id === reverses_line_id && each.distributor_id === ownerOf(event),
    );
    if (line === undefined) {
      count.held.put(ids, "parked");
      continue;
    }
    const sum = (reversed.get(line) ?? 0n) + BigInt(amount_minor);
    if (currency !== line.currency || sum > line.amount_minor) count.held.put(ids, "quarantined");
    else reversed.set(line, sum);
  }
  return lines.map((line) => ({ ...line, reversed_minor: reversed.get(line) ?? 0n }));
}

/** P3: the core's line of the same order, component, level and distributor stands for ours. */
const isSuperseded = ({ mode }: Count, line: NaiveLine, theirs: readonly NaiveLine[]): boolean =>
  mode === "mirror" &&
  line.state === "pending" &&
  theirs.some(
    (each) =>
      each.order_id === line.order_id &&
      each.component === line.component &&
      each.level === line.level &&
      each.distributor_id === line.distributor_id,
  );

/** P4: a release frees what is held; what is provisional only the core's own line confirms. */
const isReleased = (core: Core, line: NaiveLine): boolean =>
  line.state === "held" &&
  core
    .facts("commission.released", ({ data }) => data.line_id)
    .some(
      ({ event }) => event.data.line_id === line.line_id && ownerOf(event) === line.distributor_id,
    );
