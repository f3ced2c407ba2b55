import { member } from "../local/client.ts";

/** What a row says besides the amounts it moves, by the names that answers give it. */
export type Details = ReadonlyMap<string, unknown>;

/** What the mirror has otherwise than the log; nothing where they say the same. */
export function difference(mirrored: Details, logged: Details): string | undefined {
  const names = [...logged.keys()].filter((name) => mirrored.get(name) !== logged.get(name));
  if (names.length === 0) return undefined;
  const told = (details: Details) =>
    names.map((name) => `${name} ${JSON.stringify(details.get(name))}`).join(", ");
  return `${told(mirrored)} in the mirror, ${told(logged)} in the log`;
}

const TRANSFER = ["rule", "reference"];

/** A transfer as the mirror shows it. */
export const mirroredTransfer = (row: unknown): Details =>
  named(row, [...TRANSFER, "event_id", "effective_at", "recorded_at"]);

/** A transfer as its entry tells it: effective as of itself, its entry, its event or the record. */
export function loggedTransfer(entry: unknown, transfer: unknown): Details {
  const origin = member(entry, "event") ?? member(entry, "cause");
  const recorded = member(entry, "recorded_ms");
  const effective =
    member(transfer, "effective_ms") ??
    member(entry, "effects", "effective_ms") ??
    member(origin, "occurred_ms") ??
    recorded;
  return new Map([
    ...named(transfer, TRANSFER),
    ["event_id", member(origin, "event_id") ?? null],
    ["effective_at", instantOf(effective)],
    ["recorded_at", instantOf(recorded)],
  ]);
}

const LINE = ["component", "level", "depth", "rate_ppm", "period_id"];

export const mirroredLine = (row: unknown): Details => named(row, [...LINE, "effective_at"]);

export const loggedLine = (line: unknown): Details =>
  new Map([...named(line, LINE), ["effective_at", instantOf(member(line, "effective_ms"))]]);

const ORDER = [
  "state",
  "payment_id",
  "source_node",
  "order_kind",
  "currency",
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "amount_minor",
  "fee_minor",
  "returned_minor",
  "cv_x100",
  "pv_x100",
  "period_id",
];

export const mirroredOrder = (row: unknown): Details => named(row, [...ORDER, "paid_at"]);

export const loggedOrder = (order: unknown): Details =>
  new Map([...named(order, ORDER), ["paid_at", instantOf(member(order, "paid_ms"))]]);

const named = (value: unknown, names: readonly string[]): Details =>
  new Map(names.map((name) => [name, member(value, name) ?? null]));

/** As answers write it; null of what is none. */
function instantOf(ms: unknown): string | null {
  if (typeof ms !== "number") return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
