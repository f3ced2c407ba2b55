import * as z from "zod";
import { Id, Instant } from "./parts.ts";

const Hash = z.string().describe("SHA-256, hexadecimal");

const Chain = z.strictObject({
  subject: Id.describe("What the object is about: `dist:1001`"),
  position: z.int().describe("How many entries of its log are mirrored"),
  head: Hash,
  frozen_at: Instant.nullable().describe("Since when log and mirror disagree: a person decides"),
});

const Exact = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe("A number up to 2^53 − 1, decimal text beyond that; always exact");

const MirroredOrder = z.strictObject({
  state: z.enum(["placed", "cancelled", "paid", "refunded", "disputed"]),
  payment_id: z.string().nullable(),
  source_node: z.string().nullable().describe("Who bought, or whose customer did"),
  order_kind: z.string().nullable(),
  currency: z.string().nullable().describe("ISO 4217"),
  net_minor: z.int(),
  tax_minor: z.int(),
  shipping_minor: z.int(),
  amount_minor: z.int(),
  fee_minor: z.int(),
  returned_minor: z.int().describe("Of the amount, paid back or taken back by now"),
  cv_x100: z.int(),
  pv_x100: z.int(),
  paid_at: Instant.nullable(),
  period_id: z.string().nullable().describe("In which its volume counts"),
});

const Volume = z.strictObject({
  distributor_id: Id,
  period_id: z.string(),
  pv_x100: Exact.describe("Hundredths of a point"),
  cv_x100: Exact.describe("Hundredths of a point"),
  gv_x100: Exact.describe("Own and downline; hundredths of a point"),
});

const LogPage = z.strictObject({
  mirrored: Chain.describe("How far the mirror had the log just before"),
  order: MirroredOrder.nullable().describe(
    "An order as the mirror had it then; null of all other objects",
  ),
  manifest: z
    .strictObject({
      lines: z.int().describe("How many lines the order sent out"),
      sums: z.string().describe("What they come to: `[[currency, amount, reversed], …]` as JSON"),
    })
    .nullable()
    .describe("An order's manifest as the mirror had it then; null of all other objects"),
  items: z.array(
    z.strictObject({
      position: z.int(),
      hash: Hash.describe("SHA-256 of the hash before and this entry's text"),
      entry: z
        .string()
        .describe("The entry as canonical JSON (RFC 8785): the text that was hashed"),
    }),
  ),
  next_after: z.int().nullable().describe("The `after` of the next page; null at the end"),
});

const LoggedTransfer = z.strictObject({
  position: z.int(),
  n: z.int().describe("Its place among the transfers of its entry, from 0"),
  rule: z.string().describe("The posting rule, `P3`"),
  debit: z.string(),
  credit: z.string(),
  amount: z.strictObject({
    amount_minor: z
      .union([z.int(), z.string().regex(/^-?\d+$/)])
      .describe("Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact"),
    currency: z.string().describe("ISO 4217"),
    amount: z.string().describe("The same amount in major units, as text"),
  }),
  reference: z.string(),
  event_id: Id,
  effective_at: Instant,
  recorded_at: Instant,
});

const Anchor = z.strictObject({
  subject: Id,
  day: z.string().describe("The UTC day on which the head was found, yyyy-mm-dd"),
  position: z.int(),
  head: Hash,
});

/** What the reads of chains answer. */
export const CHAIN_ANSWERS = {
  Anchor,
  Chain,
  CountedVolume: Volume,
  LoggedTransfer,
  LogPage,
} as const satisfies Record<string, z.ZodType>;
