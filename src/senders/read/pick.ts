import * as z from "zod";
import { formatInstant, parseInstantOrDay } from "../../core/contracts/instant.ts";
import { fromDecimal, scaled } from "../../core/money.ts";
import { fromBase64 } from "../verify/bytes.ts";
import { isLoose, textOf } from "./loose.ts";
import { at, parsePath } from "./path.ts";

/** How what is found becomes the field's value; as it is where nothing is said. */
const FORMS = [
  "text",
  "integer",
  "boolean",
  /** Decimal text or number, to minor units of the event's currency. */
  "decimal",
  /** Kafka Connect's Decimal: base64 of a big-endian integer, with `scale` digits after the point. */
  "decimal_bytes",
  /** Points, to hundredths. */
  "points",
  /** RFC 3339 or a date. */
  "instant",
  "instant_s",
  "instant_ms",
  "instant_us",
  "instant_ns",
  /** Days since 1970, Debezium's Date. */
  "day",
  /** Upper case, as ISO 4217 has it. */
  "currency",
] as const;

const Path = z
  .string()
  .refine((text) => text.startsWith("$") || parsePath(text) !== undefined, "Is no path");

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Found = z.strictObject({
  /** Where it stands; of several paths the first that finds something. */
  path: z.union([Path, z.array(Path).min(1).max(8)]),
  as: z.enum(FORMS).exactOptional(),
  scale: z.int().min(0).max(20).exactOptional(),
  /** What the product's words are in ours; other words are then not taken. */
  values: z.record(z.string(), Scalar).exactOptional(),
  default: Scalar.exactOptional(),
});

/**
 * Where a field of our event is found in what the product told: a path (`customer.id`,
 * `lines[0].sku`, `meta_data[key=rep_id].value`, `$type`), the same with a form and words, or a
 * value that is always the same.
 */
export const Pick = z.union([Path, Found, z.strictObject({ value: z.json() })]);
export type Pick = z.output<typeof Pick>;

export const Picks = z.record(z.string().min(1).max(128), Pick);
export type Picks = z.output<typeof Picks>;

/** What is told, and what is told of it: `$type`, `$id`, `$table`, `$op`, `$rev`, …. */
export interface Told {
  readonly payload: unknown;
  readonly about: Readonly<Record<string, unknown>>;
}

/** What a path finds; a member that is null counts as not told. */
export function findAt(told: Told, path: string): unknown {
  const value = path.startsWith("$") ? told.about[path.slice(1)] : at(told.payload, path);
  return value ?? undefined;
}

/** The members that some picks make of what is told, those that find nothing left out. */
export function pickAll(picks: Picks, told: Told, known: Readonly<Record<string, unknown>> = {}) {
  // Money needs its currency, so that is found first.
  const names = Object.keys(picks).toSorted(
    (a, b) => Number(b === "currency") - Number(a === "currency"),
  );
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const pick = picks[name];
    const currency = picked["currency"] ?? known["currency"];
    const value = pick === undefined ? undefined : pickOne(pick, told, currency);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/**
 * What one pick finds. What does not take the form asked for is handed on as it is: the contract
 * then says which field is wrong, and the delivery is kept.
 */
export function pickOne(pick: Pick, told: Told, currency?: unknown): unknown {
  if (typeof pick === "string") return findAt(told, pick);
  if ("value" in pick) return pick.value;

  const paths = typeof pick.path === "string" ? [pick.path] : pick.path;
  const raw = paths.map((path) => findAt(told, path)).find((value) => value !== undefined);
  if (raw === undefined) return pick.default;
  if (pick.values !== undefined) return wordOf(pick.values, raw) ?? pick.default ?? raw;
  if (pick.as === undefined) return raw;
  return shape(raw, { as: pick.as, scale: pick.scale ?? 0, currency }) ?? raw;
}

function wordOf(words: Readonly<Record<string, unknown>>, raw: unknown): unknown {
  const word = String(raw);
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

interface Shape {
  readonly as: (typeof FORMS)[number];
  readonly scale: number;
  readonly currency: unknown;
}

const MS_PER: Readonly<Record<string, number>> = {
  instant_s: 1000,
  instant_ms: 1,
  instant_us: 1 / 1000,
  instant_ns: 1 / 1_000_000,
  day: 86_400_000,
};

function shape(raw: unknown, { as, scale, currency }: Shape): unknown {
  switch (as) {
    case "text":
      return typeof raw === "object" ? undefined : String(raw);
    case "integer":
      return integerOf(raw);
    case "boolean":
      return booleanOf(raw);
    case "currency":
      return typeof raw === "string" ? raw.toUpperCase() : undefined;
    case "decimal":
      return typeof currency === "string" ? fromDecimal(decimalText(raw), currency) : undefined;
    case "decimal_bytes":
      return decimalOfBytes(raw, scale, currency);
    case "points":
      return scaled(decimalText(raw), 2);
    case "instant":
      return typeof raw === "string" ? instantText(parseInstantOrDay(raw)) : undefined;
    case "instant_s":
    case "instant_ms":
    case "instant_us":
    case "instant_ns":
    case "day":
      return instantText(timesMs(raw, MS_PER[as] ?? 1));
  }
}

/** Numbers as JavaScript prints them: the shortest text that is the same number. */
export const decimalText = (raw: unknown): string =>
  typeof raw === "number" || typeof raw === "string" ? String(raw) : "";

function integerOf(raw: unknown): unknown {
  const text = textOf(raw) ?? "";
  if (!/^-?\d{1,38}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function booleanOf(raw: unknown): boolean | undefined {
  if (typeof raw === "boolean") return raw;
  if (raw === 1 || raw === "1" || raw === "true") return true;
  return raw === 0 || raw === "0" || raw === "false" ? false : undefined;
}

function decimalOfBytes(raw: unknown, scale: number, currency: unknown): unknown {
  const bytes = typeof raw === "string" ? fromBase64(raw) : undefined;
  if (bytes === undefined || bytes.length > 16 || typeof currency !== "string") return undefined;
  let unscaled = 0n;
  for (const byte of bytes) unscaled = unscaled * 256n + BigInt(byte);
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const text = `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
  return fromDecimal((unscaled < 0n ? "-" : "") + text, currency);
}

/** Digits may be text, as where they are beyond 2^53. */
function timesMs(raw: unknown, factor: number): number | undefined {
  const text = textOf(raw) ?? "";
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  return factor >= 1
    ? Number(text) * factor
    : Number(BigInt(text) / BigInt(Math.round(1 / factor)));
}

const INSTANT_MS_MAX = 253_402_300_799_999;

export const instantText = (ms: number | undefined): string | undefined =>
  ms !== undefined && Number.isInteger(ms) && ms >= 0 && ms <= INSTANT_MS_MAX
    ? formatInstant(ms)
    : undefined;

/** Whether every condition holds: the text of what stands at a path is one of some texts. */
export function holds(conditions: Conditions, told: Told): boolean {
  return Object.entries(conditions).every(([path, wanted]) => {
    const value = findAt(told, path);
    const text = value === undefined || isLoose(value) ? null : String(value);
    return (Array.isArray(wanted) ? wanted : [wanted]).some((one) =>
      one === null ? value === undefined : String(one) === text,
    );
  });
}

export const Conditions = z.record(Path, z.union([Scalar, z.array(Scalar).min(1).max(50)]));
export type Conditions = z.output<typeof Conditions>;
