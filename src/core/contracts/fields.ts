import * as z from "zod";
import type { Json } from "../json.ts";
import { exponentOf } from "../money.ts";
import { parseInstant, parseInstantOrDay } from "./instant.ts";

/**
 * The typed members of a contract: what `switch (event.type)` narrows to. Members that a contract
 * does not know are kept at run time and left out here.
 */
export type Data<Schema extends z.ZodType> = Known<z.output<Schema>>;

type Known<Value> = {
  readonly [Name in keyof Value as string extends Name ? never : Name]: Exclude<
    Value[Name],
    undefined
  >;
};

export const ID_CHARS_MAX = 128;
const NAME_CHARS_MAX = 64;
const TEXT_CHARS_MAX = 1024;
const POSITIONS_MAX = 1000;

/** No control characters, line or paragraph separators, and no half of a surrogate pair. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

// Every check and every description copies a schema, and a Worker pays for that each time it
// starts: what fields have in common is built once, and only described for each of them.
const text = (charsMax: number) =>
  z.string().min(1).max(charsMax).regex(PRINTABLE, "Must hold printable characters only");
// RFC 3986 §5.2.4: as a segment of a path these two mean another path, however they are written.
const ID = text(ID_CHARS_MAX).regex(/^(?!\.{1,2}$)/, "Must not be . or ..");
const CODE = text(NAME_CHARS_MAX);
const WORDS = z.string().max(TEXT_CHARS_MAX);
const INTEGER = z.int();
const NATURAL = z.int().min(0);
const RATE = z.int().min(0).max(1_000_000);

/** Printable characters, at least one. */
export const printable = (meaning: string, charsMax: number) => text(charsMax).describe(meaning);

/** An identifier: 1 to 128 printable characters, opaque, compared exactly. */
export const id = (meaning: string) => ID.describe(meaning);

/** A short code or name of a system: 1 to 64 printable characters. */
export const code = (meaning: string) => CODE.describe(meaning);

/** Words for a person: 0 to 1024 characters of any kind. */
export const words = (meaning: string) => WORDS.describe(meaning);

export const oneOf = <const Values extends readonly [string, ...string[]]>(
  meaning: string,
  values: Values,
) => z.enum(values).describe(meaning);

/** An amount of money in minor units, from 0. */
export const amount = (meaning: string) =>
  NATURAL.describe(`${meaning}, in minor units of currency`);

/** An amount of money in minor units, of either sign. */
export const signedAmount = (meaning: string) =>
  INTEGER.describe(`${meaning}, in minor units of currency, negative or positive`);

/** Points ×100, from 0. */
export const points = (meaning: string) => NATURAL.describe(`${meaning}, in hundredths of a point`);

/** Points ×100, of either sign: returns can outweigh sales. */
export const signedPoints = (meaning: string) =>
  INTEGER.describe(`${meaning}, in hundredths of a point, negative or positive`);

export const count = (meaning: string) => NATURAL.describe(meaning);
export const integer = (meaning: string) => INTEGER.describe(meaning);

/** Parts per million, 0 to 1 000 000. */
export const rate = (meaning: string) => RATE.describe(`${meaning}, in parts per million`);

const CURRENCY = z
  .string()
  .refine((given) => exponentOf(given) !== undefined, {
    params: { rule: "currency" },
    error: "Must be an ISO 4217 currency code in upper case",
  })
  .meta({ pattern: "^[A-Z]{3}$" })
  .describe("ISO 4217 code of every amount beside it, upper case");

export const currency = () => CURRENCY;

const INSTANT = z
  .string()
  .refine((given) => parseInstant(given) !== undefined, {
    params: { rule: "format" },
    error: "Must be an RFC 3339 date-time with Z or an offset",
  })
  .meta({ format: "date-time" });

/** RFC 3339 with an offset; kept as the sender wrote it. */
export const instant = (meaning: string) => INSTANT.describe(`${meaning}, RFC 3339 date-time`);

const INSTANT_OR_DAY = z.string().refine((given) => parseInstantOrDay(given) !== undefined, {
  params: { rule: "format" },
  error: "Must be an RFC 3339 date-time with Z or an offset, or a date",
});

/** As {@link instant}, or a date alone, which means its midnight UTC. */
export const instantOrDay = (meaning: string) =>
  INSTANT_OR_DAY.describe(`${meaning}, RFC 3339 date-time, or a date that means its midnight UTC`);

/** Decimal digits, as an integer or as text where 2^53 is too small. */
export const revision = (meaning: string) =>
  z.union([NATURAL, z.string().regex(/^\d{1,38}$/, "Must have 1 to 38 digits")]).describe(meaning);

/** Any JSON value, null too, as long as it is there. The envelope is JSON, so all of it is Json. */
export const json = () =>
  z.custom<Json>((given) => given !== undefined, {
    params: { rule: "required" },
    error: "Is required",
  });

/** The sender's own members, of any kind. */
export const members = (meaning: string) => z.record(z.string(), json()).describe(meaning);

/** Any JSON value, null too, as long as it is there. */
export const anything = (meaning: string) => json().describe(meaning);

/** At most 1000 items. */
export const list = <Item extends z.ZodType>(meaning: string, item: Item) =>
  z.array(item).max(POSITIONS_MAX).describe(meaning);

/** The revision of a register type that lists one; the envelope's `rev` comes first. */
export const dataRevision = () =>
  revision("The envelope's rev, where a sender can only write it here").optional();

/** The distributor of a type whose key names it: the reader fills it in from `key`. */
export const keyedDistributor = () =>
  id("The distributor; may be left out where key is dist:{distributor_id}").optional();
