import type { DatabaseSync } from "node:sqlite";
import { createRandom, type Random } from "../../scripts/demo/random.ts";
import { leftOf, type Line, textOf } from "./line.ts";
import type { Ledger } from "./ledger.ts";
import type { Outbox, Telling } from "./outbox.ts";

const HOUR_MS = 3_600_000;
const HOLDBACK_MS = 14 * 24 * HOUR_MS;
/** Shares of the lines of a simulation that are taken back in part, or as a whole. */
const REVERSED = 0.05;
const REVERSED_WHOLE = 0.3;

/** What is sold: so many lines over a window, to distributors who are chosen at random. */
export interface Sales {
  readonly lines: number;
  readonly distributors: number;
  /** These instead, where there are any. */
  readonly among?: readonly string[];
  /** The same seed sells the same. */
  readonly seed: number;
  readonly fromMs: number;
  /** Left out of the window. */
  readonly toMs: number;
  readonly currency: string;
  /** Whether events are made of it, and whether the gateway is to be told; `none`: books alone. */
  readonly events: Telling | "none";
  /** When those events are due, where they wait. */
  readonly dueMs?: number;
  readonly nowMs: number;
}

/** Books what is sold, and makes the events of it. Tells the ids of the lines. */
export function sell(
  { database, ledger, outbox }: { database: DatabaseSync; ledger: Ledger; outbox: Outbox },
  sales: Sales,
): readonly string[] {
  const random = createRandom(sales.seed);
  const enrol = enrolling(database, { ledger, outbox }, sales);
  const ids: string[] = [];
  // One transaction: a balance is written once, however many lines it is made of.
  ledger.transact(() => {
    for (let at = 0; at < sales.lines; at += 1) {
      const line = lineOf(random, nameOf(ledger), sales);
      enrol(line.distributor_id);
      ledger.put(line);
      if (sales.events !== "none") tell(outbox, line, { ...sales, telling: sales.events });
      ids.push(line.line_id);
    }
  });
  return ids;
}

function enrolling(
  database: DatabaseSync,
  { ledger, outbox }: { readonly ledger: Ledger; readonly outbox: Outbox },
  { events, fromMs, dueMs }: Sales,
): (distributorId: string) => void {
  const insert = database.prepare("INSERT OR IGNORE INTO distributors VALUES (?, ?)");
  const known = new Set<string>();
  return (distributor_id) => {
    if (known.has(distributor_id)) return;
    known.add(distributor_id);
    if (Number(insert.run(distributor_id, ledger.change() + 1).changes) === 0) return;
    ledger.nextChange();
    if (events === "none") return;
    outbox.add({
      type: "distributor.enrolled",
      key: `dist:${distributor_id}`,
      occurredMs: fromMs,
      rev: 1,
      // Whoever is not enrolled gets no line: this is never held back.
      telling: events === "withheld" ? "waiting" : events,
      ...(dueMs !== undefined && events !== "withheld" && { dueMs }),
      data: { distributor_id, status: "active", joined_at: textOf(fromMs), country: "US", pii: {} },
    });
  };
}

/** What a line is called, and its order: after the change, and the epoch where it is another one. */
const nameOf = (ledger: Ledger): string =>
  `${ledger.epoch() > 0 ? `E${ledger.epoch()}-` : ""}${ledger.change() + 1}`;

function lineOf(random: Random, name: string, sales: Sales): Line {
  const effective_ms = sales.fromMs + Math.floor(random.next() * (sales.toMs - sales.fromMs));
  const level = random.between(1, 7);
  const amount_minor = random.between(50, 25_000);
  const period_id = textOf(effective_ms).slice(0, "yyyy-mm".length);
  const available_ms = effective_ms + HOLDBACK_MS;
  const isFree = available_ms <= sales.nowMs;
  const reversals = reversalsOf(random, name, amount_minor);
  const reversedMs = effective_ms + HOUR_MS;
  const acts = [
    effective_ms,
    ...(isFree ? [available_ms] : []),
    reversals.length > 0 ? reversedMs : 0,
  ];
  return {
    line_id: `L${name}`,
    distributor_id: earnerOf(random, sales),
    order_id: `O${name}`,
    component: "unilevel",
    level,
    paid_level: level,
    cv_x100: amount_minor * 20,
    rate_ppm: 50_000,
    currency: sales.currency,
    amount_minor,
    reversals,
    status: isFree ? "available" : "held",
    period_id,
    run_id: `run-${period_id}`,
    effective_ms,
    available_ms,
    updated_ms: Math.min(sales.nowMs, Math.max(...acts)),
  };
}

const earnerOf = (random: Random, { among = [], distributors }: Sales): string =>
  among[random.between(0, among.length - 1)] ?? `D${random.between(1, distributors)}`;

function reversalsOf(random: Random, name: string, amount: number): Line["reversals"] {
  if (!random.chance(REVERSED)) return [];
  const part = random.chance(REVERSED_WHOLE) ? amount : random.between(1, amount);
  return [{ line_id: `R${name}`, amount_minor: part }];
}

/** The events of a line, in the order of its distributor's stream. */
export function tell(
  outbox: Outbox,
  line: Line,
  { telling, dueMs }: { readonly telling: Telling; readonly dueMs?: number },
): void {
  const common = {
    key: `dist:${line.distributor_id}`,
    lineId: line.line_id,
    telling,
    ...(dueMs !== undefined && { dueMs }),
  };
  outbox.add({
    ...common,
    type: "commission.posted",
    occurredMs: line.effective_ms,
    data: postedOf(line),
  });
  for (const { line_id, amount_minor } of line.reversals) {
    const data = { line_id, reverses_line_id: line.line_id, currency: line.currency, amount_minor };
    outbox.add({ ...common, type: "commission.reversed", occurredMs: line.updated_ms, data });
  }
  if (line.status === "available" && leftOf(line) > 0) {
    const data = { line_id: line.line_id };
    outbox.add({ ...common, type: "commission.released", occurredMs: line.updated_ms, data });
  }
}

function postedOf(line: Line): Record<string, unknown> {
  const { reversals: _reversals, status: _status, updated_ms: _updated, ...told } = line;
  const { effective_ms: _effective, available_ms, ...rest } = told;
  const known = Object.entries(rest).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(known),
    ...(available_ms !== null && { available_at: textOf(available_ms) }),
  };
}
