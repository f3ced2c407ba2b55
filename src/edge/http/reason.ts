import * as z from "zod";

const REASON_CHARS_MAX = 500;

/** Why a person does something that is no machine's to decide. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(REASON_CHARS_MAX)
  .describe("Why, for the audit trail: ids and amounts, no names of people");
