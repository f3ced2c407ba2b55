import * as z from "zod";
import { Id, Instant } from "./parts.ts";

/** Where a revision stands in its register, and when. */
const Place = {
  epoch: z.int(),
  rev: z.string().describe("Decimal digits: the highest of the highest epoch is current"),
  occurred_at: Instant,
  recorded_at: Instant,
};

const Stock = z.strictObject({
  sku: Id,
  location: Id.nullable().describe("Null where the sender names no places"),
  on_hand: z.int().describe("Negative when oversold"),
  low_stock_at: z
    .int()
    .nullable()
    .describe("The sender's threshold; null: low when nothing is left"),
  low: z.boolean().describe("At its threshold or below"),
  ...Place,
});

const Ticket = z.strictObject({
  system: z.string(),
  object_id: Id,
  distributor_id: Id.nullable(),
  status: z.string().describe("As the helpdesk names it"),
  subject_kind: z.string(),
  open: z.boolean().describe("Whether the status is none of those that end a ticket"),
  opened_at: Instant.nullable().describe("When its first revision was"),
  first_response_at: Instant.nullable().describe("When it first left the status it began with"),
  ...Place,
});

const Autoship = z.strictObject({
  autoship_id: Id,
  next_run: z.string().nullable().describe("As the shop wrote it; null: never again"),
  status: z.string(),
  ...Place,
});

const ClosedPeriod = z.strictObject({
  period_id: Id,
  run_id: Id,
  totals: z.record(z.string(), z.int()).describe("Minor units by currency"),
  lines: z.int(),
  digest: z.string(),
  ...Place,
});

/** What the registers of records answer. */
export const RECORD_ANSWERS = { Autoship, ClosedPeriod, Stock, Ticket } as const satisfies Record<
  string,
  z.ZodType
>;
