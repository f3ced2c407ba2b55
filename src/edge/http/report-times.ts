import * as z from "zod";
import { parseInstant, parseInstantOrDay } from "../../core/contracts/instant.ts";

const DAY_MS = 86_400_000;
const INSTANT_CHARS_MAX = 40;

const MESSAGE = "Must be an RFC 3339 date-time (a + in it as %2B), or a date such as 2026-07-31";

/**
 * As of when a report is asked for: a date-time, or a date, which means the end of that day in UTC.
 * Its value is the last millisecond that counts.
 */
export const ReportInstant = z
  .string()
  .max(INSTANT_CHARS_MAX)
  .describe("RFC 3339 date-time, inclusive; or a date, which means the end of that day in UTC")
  .transform((text, context) => read(context, endOf(text)));

/** The beginning of a range, or the end that is not in it: a date means its midnight in UTC. */
export const RangeInstant = z
  .string()
  .max(INSTANT_CHARS_MAX)
  .describe("RFC 3339 date-time, or a date, which means its midnight in UTC")
  .transform((text, context) => read(context, parseInstantOrDay(text)));

function read(context: z.RefinementCtx, ms: number | undefined): number {
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: MESSAGE, params: { rule: "format" } });
  return z.NEVER;
}

function endOf(text: string): number | undefined {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  const midnight = parseInstantOrDay(text);
  return midnight === undefined ? undefined : midnight + DAY_MS - 1;
}

/** The two time axes that a report can be asked by: what had happened, and what was known. */
export const ReportTimes = z.object({
  as_of: ReportInstant.exactOptional(),
  known_at: ReportInstant.exactOptional(),
});

/** Bounds as the mirror's reads take them: none where not asked for. */
export const timesOf = ({ as_of, known_at }: z.infer<typeof ReportTimes>) => ({
  ...(as_of === undefined ? {} : { asOfMs: as_of }),
  ...(known_at === undefined ? {} : { knownAtMs: known_at }),
});
