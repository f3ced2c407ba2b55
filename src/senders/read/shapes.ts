import { formatInstant, parseInstantOrDay } from "../../core/contracts/instant.ts";
import { fromDecimal, scaled } from "../../core/money.ts";
import { fromBase64 } from "../verify/bytes.ts";
import { isLoose, textOf } from "./loose.ts";
import { scalarText } from "./path.ts";

/** What a form may need besides the value. */
interface Terms {
  readonly scale: number;
  readonly currency: unknown;
}

type Shape = (raw: unknown, terms: Terms) => unknown;

/** How what is found becomes the field's value: nothing where it does not take that form. */
const SHAPES = {
  text: scalarText,
  integer: integerOf,
  boolean: booleanOf,
  /** Decimal text or number, to minor units of the event's currency. */
  decimal: (raw, { currency }) => minorOf(decimalText(raw), currency),
  /**
   * Kafka Connect's Decimal: base64 of a big-endian integer, with `scale` digits after the point.
   * Debezium's VariableScaleDecimal, `{scale, value}`, tells its own.
   */
  decimal_bytes: (raw, { scale, currency }) => minorOf(textOfDecimal(raw, scale), currency),
  /** Points, to hundredths. */
  points: (raw) => scaled(decimalText(raw), 2),
  /** RFC 3339 or a date. */
  instant: (raw) => momentText(typeof raw === "string" ? parseInstantOrDay(raw) : undefined),
  instant_s: (raw) => momentText(timesOf(raw, 1000)),
  instant_ms: (raw) => momentText(timesOf(raw, 1)),
  instant_us: (raw) => momentText(partsOf(raw, 1000n)),
  instant_ns: (raw) => momentText(partsOf(raw, 1_000_000n)),
  /** Days since 1970, Debezium's Date. */
  day: (raw) => momentText(timesOf(raw, 86_400_000)),
  /** Upper case, as ISO 4217 has it. */
  currency: (raw) => scalarText(raw)?.toUpperCase(),
} as const satisfies Record<string, Shape>;

export type Form = keyof typeof SHAPES;

const isForm = (name: string): name is Form => Object.hasOwn(SHAPES, name);

export const FORMS: readonly Form[] = Object.keys(SHAPES).filter(isForm);

export function shape(raw: unknown, form: Form, terms: Terms): unknown {
  const asForm: Shape = SHAPES[form];
  return asForm(raw, terms);
}

/** Numbers as JavaScript prints them: the shortest text that is the same number. */
export const decimalText = (raw: unknown): string =>
  typeof raw === "number" || typeof raw === "string" ? String(raw) : "";

const minorOf = (text: string, currency: unknown): number | undefined =>
  typeof currency === "string" ? fromDecimal(text, currency) : undefined;

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

const textOfDecimal = (raw: unknown, scale: number): string =>
  isLoose(raw) ? textOfBytes(raw["value"], raw["scale"]) : textOfBytes(raw, scale);

const DECIMAL_BYTES_MAX = 16;
const PLACES = /^(?:1?\d|20)$/;

/** Decimal text; the empty one, which is no number, where these are no such bytes. */
function textOfBytes(value: unknown, scale: unknown): string {
  const bytes = typeof value === "string" ? fromBase64(value) : undefined;
  if (bytes === undefined || bytes.length > DECIMAL_BYTES_MAX) return "";
  if (!PLACES.test(textOf(scale) ?? "")) return "";

  let unscaled = 0n;
  for (const byte of bytes) unscaled = unscaled * 256n + BigInt(byte);
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled);
  const places = Number(scale);
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(places + 1, "0");
  const point = digits.length - places;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Digits may be text, as where they are beyond 2^53. */
const DIGITS = /^-?\d{1,20}$/;

function timesOf(raw: unknown, factor: number): number | undefined {
  const text = textOf(raw) ?? "";
  return DIGITS.test(text) ? Number(text) * factor : undefined;
}

/** What is less than a millisecond is cut, towards the past. */
function partsOf(raw: unknown, perMs: bigint): number | undefined {
  const text = textOf(raw) ?? "";
  if (!DIGITS.test(text)) return undefined;
  const units = BigInt(text);
  const ms = units / perMs;
  return Number(units < 0n && ms * perMs !== units ? ms - 1n : ms);
}

/** 0000-01-01 and the last millisecond of 9999: what RFC 3339 can write. */
const INSTANT_MS_MIN = -62_167_219_200_000;
const INSTANT_MS_MAX = 253_402_300_799_999;

/** Days of birth are before 1970. */
const momentText = (ms: number | undefined): string | undefined =>
  ms !== undefined && Number.isInteger(ms) && ms >= INSTANT_MS_MIN && ms <= INSTANT_MS_MAX
    ? formatInstant(ms)
    : undefined;

/** When something happened that was told to us: not before 1970. */
export const instantText = (ms: number | undefined): string | undefined =>
  ms !== undefined && ms >= 0 ? momentText(ms) : undefined;
