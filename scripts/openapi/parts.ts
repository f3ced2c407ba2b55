import * as z from "zod";

/** What answers of every kind are made of. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe("RFC 3339, UTC, milliseconds");

export const Id = z.string();

const Minor = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe("Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact");

export const Money = z.strictObject({
  amount_minor: Minor,
  currency: z.string().describe("ISO 4217"),
  amount: z.string().describe("The same amount in major units, as text"),
});

export const Violation = z
  .strictObject({ path: z.string(), rule: z.string(), message: z.string() })
  .describe("One broken rule: where, which, and a sentence for a person");
