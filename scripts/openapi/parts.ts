import * as z from "zod";

/** What answers of every kind are made of. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe("RFC 3339, UTC, milliseconds");

export const Id = z.string();

export const Violation = z
  .strictObject({ path: z.string(), rule: z.string(), message: z.string() })
  .describe("One broken rule: where, which, and a sentence for a person");
