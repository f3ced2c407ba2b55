import * as z from "zod";
import { Id, Instant } from "./parts.ts";

const Minor = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe("Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact");

const Money = z.strictObject({
  amount_minor: Minor,
  currency: z.string().describe("ISO 4217"),
  amount: z.string().describe("The same amount in major units, as text"),
});

const ComponentSum = z.strictObject({
  component: z.string().nullable().describe("Null where the line is not known here"),
  amount: Money,
});

const Statement = z
  .strictObject({
    currency: z.string().describe("ISO 4217"),
    opening: Money.describe("What was held and available before the month, together"),
    lines: z.array(ComponentSum).describe("Commission lines of the month"),
    reversals: z.array(ComponentSum).describe("Taken back of lines, whenever they were earned"),
    adjustments: Money,
    fees: Money.describe("Payout fees"),
    withholding: Money,
    payouts: Money.describe("Net amounts sent; those that failed are taken out again"),
    other: Money.describe("Debts moved for collection, say"),
    closing: Money.describe("Opening and all parts above, to the unit"),
    pending: Money.describe(
      "An estimate, in no balance: lines that the core has not confirmed by the end of the month",
    ),
    in_transit: Money.describe("On its way to the bank at the end of the month, in no balance"),
  })
  .describe("Signed: above zero is in the distributor's favour");

const EarningsReport = z.strictObject({
  distributor_id: Id,
  month: z.string().describe("yyyy-mm, in UTC"),
  status: z
    .enum(["open", "complete", "closed"])
    .describe(
      "Open: not over, or not all of it: an estimate. Closed: the core has closed the period of this name",
    ),
  effective_from: Instant,
  effective_to: Instant.describe("The last millisecond that counts: the month's, or `as_of`"),
  known_at: Instant.describe("Asked for again, it gives the same figures"),
  statements: z.array(Statement).describe("One for each currency in which there is anything"),
});

/** What the sales were asked for. */
export const SalesRange = z.strictObject({
  from: Instant.describe("The first instant that counts"),
  to: Instant.describe("The first instant that does not"),
  by: z
    .enum(["day", "month", "order_kind", "source_node", "currency"])
    .describe("What the orders are grouped by"),
});

const SalesGroup = z.strictObject({
  group: z.string().nullable().describe("A day, month, kind, source or currency; null for none"),
  currency: z.string().describe("ISO 4217"),
  orders: z.int(),
  gross: Money.describe("net + tax + shipping"),
  net: Money,
  tax: Money,
  shipping: Money,
  returned: Money.describe("Of the gross, paid back or taken back"),
  fee: Money.describe("The processor's for the payments"),
  cv_x100: Minor.describe("Points times 100"),
  pv_x100: Minor.describe("Points times 100"),
  commission: z
    .array(Money)
    .nullable()
    .describe("What is left of the orders' lines, by currency; null with as_of or known_at"),
});

const Requirement = z.strictObject({
  requirement: z
    .enum(["min_pv_x100", "min_gv_x100", "max_leg_ppm", "legs_with_rank"])
    .describe("max_leg_ppm: the group volume would do, but too much of it lies in one leg"),
  rank: z.string().optional().describe("That the legs must have"),
  need: z.int(),
  have: z.int(),
  missing: z.int().describe("0 where it is met"),
});

const Progress = z.strictObject({
  distributor_id: Id,
  period_id: Id,
  period_end: Instant,
  estimate: z.literal(true),
  plan_id: Id.nullable().describe("The first plan that has ranks; null where none has"),
  rank: z
    .string()
    .nullable()
    .describe(
      "The pay rank that was told for the period, else the one in force, else the estimate",
    ),
  rank_source: z
    .enum(["core", "run", "estimate"])
    .describe("core: told by the core; run: set by a run of the gateway's own; estimate: neither"),
  estimated_rank: z
    .string()
    .nullable()
    .describe("As counted here from the volumes of the period, whatever was told; without grace"),
  next_rank: z.string().nullable().describe("Null at the highest"),
  requirements: z.array(Requirement).describe("All that the next rank asks for"),
  pv_x100: z.int(),
  gv_x100: z.int(),
  volumes_source: z.enum(["core", "estimate"]),
  legs: z.int().describe("Distributors sponsored in person"),
  legs_complete: z
    .boolean()
    .describe(
      "False where more than 10,000 people would have to be looked at: then ranks of legs are those told for the nearest 10,000, and none is estimated",
    ),
});

/** What the reports answer. */
export const REPORT_ANSWERS = { EarningsReport, Progress, SalesGroup } as const satisfies Record<
  string,
  z.ZodType
>;
