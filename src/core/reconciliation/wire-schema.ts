import * as z from "zod";
import {
  amount,
  code,
  count,
  currency,
  id,
  instant,
  members,
  oneOf,
  points,
  printable,
  rate,
} from "../contracts/fields.ts";
import { Header, Sequence } from "../contracts/header.ts";
import { LEVELS, parseBucket } from "./buckets.ts";

/** Items of one page, at most: what `limit` may ask for. */
export const PAGE_ITEMS_MAX = 1000;
/** Buckets of one answer: 72 hours of 64 shards are 4608. */
export const BUCKETS_MAX = 5000;
const CURSOR_CHARS_MAX = 2048;
/** A change number, a revision: larger than 2^53 too. */
const DIGITS_MAX = 38;

const naturalText = (meaning: string) =>
  z
    .string()
    .regex(new RegExp(`^(?:0|[1-9]\\d{0,${DIGITS_MAX - 1}})$`), "Must be a whole number as text")
    .describe(meaning);

/** May be absent or null, and means the same. */
const perhaps = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().describe(schema.description ?? "");

/** What every answer begins with: the state of the core that it is an answer of. */
export const Answer = z.object({
  as_of_seq: naturalText("The core's change number that this answer is as of, decimal text"),
  epoch: count("Rises when the core is restored from a backup"),
  next_cursor: perhaps(
    printable("The `cursor` of the next page; absent or null on the last one", CURSOR_CHARS_MAX),
  ),
});

const Totals = z
  .record(currency(), z.string().regex(/^(?:0|-?[1-9]\d{0,37})$/, "Must be an integer as text"))
  .describe("By currency, minor units as decimal text; only where `totals=true`");

const BucketName = z
  .string()
  .refine((name) => parseBucket(name) !== undefined, {
    params: { rule: "bucket" },
    error: "Must name a bucket, as 2026-11/17, 2026-11-19/17, 2026-11-19T13/17 or balances/17 do",
  })
  .describe("The bucket's name: its time in UTC and its shard");

const DigestRow = z
  .tuple(
    [
      BucketName,
      z.int().min(1).describe("How many lines, or rows of balances"),
      z
        .string()
        .regex(/^[0-9a-f]{32}$/, "Must have 32 hexadecimal digits in lower case")
        .describe("The digest over them, 16 bytes in hexadecimal"),
      Totals.optional(),
    ],
    z.unknown(),
  )
  .describe("Name, number of lines, digest, and totals where they are asked for");

const payouts = () =>
  z
    .boolean()
    .exactOptional()
    .describe(
      "`false`: balances leave payouts to somebody else, so that what was paid out is `available` still. Only with balances",
    );

/** How deep a core may say that it goes: more than anybody asks for. */
const DIGITS_SAID_MAX = 64;

/** The answer to `GET /recon/digests`. */
export const DigestsAnswer = Answer.extend({
  payouts: payouts(),
  part_digits: z
    .int()
    .min(1)
    .max(DIGITS_SAID_MAX)
    .exactOptional()
    .describe(
      "Into parts of how many hexadecimal digits `within` may cut an hour: 1 where absent, which offers no `within`. Only with parts",
    ),
  level: oneOf("The level that was asked for", LEVELS),
  buckets: z
    .array(DigestRow)
    .max(BUCKETS_MAX)
    .superRefine((rows, context) => {
      rows.forEach(([name], at) => {
        const before = rows[at - 1]?.[0];
        if (before === undefined || before < name) return;
        context.addIssue({
          code: "custom",
          path: [at, 0],
          params: { rule: "order" },
          message: "Must come behind the bucket before it: sorted by name as text, each once",
        });
      });
    })
    .describe("Sorted by name as text; buckets without lines are left out"),
});

const Reversal = z.object({
  line_id: id("The line that takes it back"),
  amount_minor: amount("How much it takes back"),
});

/** A line as the wire carries it: a `CoreLine` with times as text. */
export const WireLine = z
  .object({
    line_id: id("The commission line"),
    distributor_id: id("Who earns"),
    order_id: perhaps(id("The order that is paid on; absent or null for period bonuses")),
    component: code("Which component of the plan pays"),
    level: perhaps(count("Level that is paid")),
    paid_level: perhaps(count("Level after compression")),
    cv_x100: perhaps(points("Commissionable volume that is paid on")),
    rate_ppm: perhaps(rate("Share that is paid")),
    currency: currency(),
    amount_minor: amount("The commission as it was posted"),
    reversals: z
      .array(Reversal)
      .max(PAGE_ITEMS_MAX)
      .describe("What was taken back since, oldest first; empty where nothing was"),
    status: oneOf("held: inside the holdback; available: payable", ["held", "available"]),
    period_id: id("The period it counts in"),
    run_id: id("The commission run that computed it"),
    effective_at: instant("When it took effect: what buckets go by, to the millisecond"),
    available_at: perhaps(instant("When the holdback ends or ended")),
    updated_at: instant("When the core last changed anything of it"),
  })
  .superRefine(({ amount_minor, reversals }, context) => {
    const ids = new Set<string>();
    let left = amount_minor;
    reversals.forEach((reversal, at) => {
      left -= reversal.amount_minor;
      if (left < 0) {
        context.addIssue({
          code: "custom",
          path: ["reversals", at, "amount_minor"],
          params: { rule: "reversed_too_much" },
          message: "Must not take back more than is left of the line",
        });
        left = Infinity;
      }
      if (ids.has(reversal.line_id)) context.addIssue(twice(["reversals", at, "line_id"]));
      ids.add(reversal.line_id);
    });
  })
  .describe("A commission line of the core's ledger");

const twice = (path: (string | number)[]) => ({
  code: "custom" as const,
  path,
  params: { rule: "unique" },
  message: "Must be there once only",
});

/** An array of at most {@link PAGE_ITEMS_MAX}, in which each item has a name of its own. */
const items = <Item extends z.ZodType>(
  item: Item,
  member: string,
  nameOf: (of: z.output<Item>) => string,
) =>
  z
    .array(item)
    .max(PAGE_ITEMS_MAX)
    .superRefine((given, context) => {
      const names = new Set<string>();
      given.forEach((one, at) => {
        const name = nameOf(one);
        if (names.has(name)) context.addIssue(twice([at, member]));
        names.add(name);
      });
    })
    .describe("At most `limit` of them; a page may be short and still not be the last");

/** The answer to `GET /ledger` that asks for lines. */
export const LinesAnswer = Answer.extend({
  items: items(WireLine, "line_id", (line) => line.line_id),
});

const Credits = z
  .record(
    currency(),
    z.string().regex(/^-?[1-9]\d{0,37}$/, "Must be an integer other than 0, as text"),
  )
  .optional();

/** What of a distributor's money the core and the mirror both count. */
export const BALANCE_BUCKETS = ["held", "available", "in_transit"] as const;
export type BalanceBucket = (typeof BALANCE_BUCKETS)[number];

export const Balances = z
  .object({
    distributor_id: id("Whose money"),
    balances: z
      .object({
        held: Credits.describe("Earned and not yet payable"),
        available: Credits.describe("Payable; below zero the distributor owes"),
        in_transit: Credits.describe("Paid out and not yet settled"),
      })
      .describe("By bucket and currency; credit above zero, minor units as text, zero left out"),
  })
  .describe("The balances of a distributor");

/** The answer to `GET /recon/balances`. */
export const BalancesAnswer = Answer.extend({
  payouts: payouts(),
  items: items(Balances, "distributor_id", (one) => one.distributor_id).describe(
    "At most `limit` of them, sorted by distributor_id as UTF-8, over all pages",
  ),
});

export const Envelope = z
  .looseObject({
    ...Header.shape,
    seq: Sequence,
    data: members("What the contract of the type asks for"),
  })
  .describe("An event as it was or would have been posted to the gateway");

/** The answer to `GET /ledger?stream=`. */
export const EventsAnswer = Answer.extend({
  items: items(Envelope, "seq", (event) => String(event.seq)),
});
