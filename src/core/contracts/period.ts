import * as z from "zod";
import { count, currency, dataRevision, id } from "./fields.ts";
import type { Data } from "./fields.ts";

export const PeriodClosed = z.looseObject({
  period_id: id("The period"),
  run_id: id("The commission run that is final"),
  totals: z
    .record(currency(), z.int())
    .describe("Sum of the period's lines by currency, in minor units, negative or positive"),
  lines: count("How many lines the period has"),
  digest: id("The core's fingerprint of the period's lines"),
  rev: dataRevision(),
});
export type PeriodClosed = Data<typeof PeriodClosed>;
