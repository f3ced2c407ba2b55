import * as z from "zod";
import { BREAK_ACTS, BREAK_STATES, RESOLUTIONS } from "../../src/core/reconciliation/resolve.ts";
import {
  RECONCILIATION_KINDS,
  RECONCILIATION_STATES,
} from "../../src/edge/http/reconciliations.ts";
import { Id, Instant, Money } from "./parts.ts";

const ClassCount = z.strictObject({
  found: z.int().describe("In this run, whether they are new or not"),
  added: z.int().describe("For the first time"),
  healed: z.int().describe("Something is done about them"),
  open: z
    .int()
    .describe("Left to a person, or not over by what is done; found in this run or before"),
});

const Report = z
  .strictObject({
    coverage_percent: z
      .string()
      .regex(/^\d{1,3}\.\d\d$/)
      .nullable()
      .describe(
        "Of what the core has in the range, held against ours, rounded down; 100.00 is all. Null before it is known",
      ),
    expected: z.int().describe("Of the core, in the days or months of the run's range"),
    covered: z
      .int()
      .describe(
        "Of those, how many were held against ours: by the digest of their bucket, or one by one",
      ),
    compared: z.int().describe("One by one, on either side"),
    differing: z.int().describe("Which core and mirror have otherwise"),
    in_flight: z.int().describe("Of those, which changed too lately to be judged"),
    healed: z.int().describe("Breaks about which something was done"),
    open: z.int().describe("Breaks that are left open in the range, found in this run or before"),
    oldest_open_at: Instant.nullable().describe("When the oldest of them was found"),
    requests: z.int().describe("To the core"),
    bytes: z.int().describe("From the core"),
    contradicted: z
      .int()
      .describe("Lines that the core told twice, and not alike: nothing is concluded from them"),
    by_class: z.record(z.string(), ClassCount).describe("What became of the breaks of each class"),
  })
  .describe(
    "Counts are lines; where balances are compared, balances (one a bucket and currency), and of those that differ or are in flight their distributors",
  );

const Reconciliation = z.strictObject({
  run_id: Id.describe("`recon_…`: sorts by time"),
  kind: z
    .enum(RECONCILIATION_KINDS)
    .describe(
      "window: lines that took effect lately; lines: all, or of a range; balances: of all distributors; objects, gap and poll are the gateway's own",
    ),
  state: z.enum(RECONCILIATION_STATES),
  cause: z
    .string()
    .describe(
      "`cron`; `period:{id}`, the latest close that it is for; `epoch:{n}`, in which the core was restored; or the credential that asked for it",
    ),
  started_at: Instant,
  ended_at: Instant.nullable(),
  from: Instant.nullable().describe(
    "Judged is what took effect from here on. Compared are whole days, or months where it is long: `expected` and `covered` count those. Null without a range",
  ),
  to: Instant.nullable().describe("The end, which is not in it"),
  report: Report,
  error: z
    .strictObject({
      kind: z
        .string()
        .describe(
          "`timeout`, `malformed`, `stale`, `epoch_fell`, `epoch_jumped`, `seq_fell`, `digest_contradicted`, `too_many`, `too_long`, `broke`, …",
        ),
      detail: z.string().describe("One sentence for a person"),
    })
    .nullable()
    .describe("Why it failed; while it is running, what last kept it from going on"),
});

const Side = z.strictObject({
  amount: Money.nullable().describe("As it was posted"),
  reversed: Money.nullable().describe("Of that, taken back"),
  status: z.string().describe("`held` or `available`; here also `superseded` or `void`"),
  effective_at: Instant,
  period_id: Id.nullable(),
  order_id: Id.nullable(),
});

const Break = z.strictObject({
  id: Id,
  class: z.string().describe("`MISSING_LOCAL`, `AMOUNT`, `CHAIN`, …: see docs/reconciliation.md"),
  state: z
    .enum(BREAK_STATES)
    .describe(
      "healed: by what was done about it; gone: it was not there any more; resolved and accepted: by a person",
    ),
  severity: z
    .enum(["info", "ticket", "page"])
    .nullable()
    .describe("ticket from 24 hours on, page from 72, or at once above a limit. Null where closed"),
  subject: z.string(),
  reference: z.string(),
  distributor_id: Id.nullable().describe("Null where it is nobody's"),
  line_id: Id.nullable().describe(
    "The core's, or ours. Null where it is about no line, or was not found by reconciliation",
  ),
  run_id: Id.nullable().describe(
    "The reconciliation that found it first; null where another look did",
  ),
  amount: Money.nullable().describe("Of the line, by the core where it has it"),
  core: Side.nullable().describe("The line as the core had it; null where it had none"),
  mirror: Side.nullable().describe("The line as the mirror had it; null where it had none"),
  action: z
    .string()
    .nullable()
    .describe(
      "What is done about it: `backfill`, `correct`, `advance`, `redate`, `suspend`, `recompute`, or `none`",
    ),
  why: z
    .string()
    .nullable()
    .describe("Why not more: `above_limit`, `run_limit`, `not_looked_up`, `never_automatic`, …"),
  detail: z.string(),
  found_at: Instant,
  resolved_at: Instant.nullable(),
  resolution: z
    .strictObject({
      action: z.enum(BREAK_ACTS).describe("What was done about it"),
      decision: z.enum(RESOLUTIONS).nullable().describe("What was decided on its line"),
      reason: z.string().describe("In the words of whoever did it"),
      by: z.string().describe("The credential, as the audit trail names it"),
      at: Instant.describe("When it was done"),
    })
    .nullable()
    .describe("What a person did about it last; in an open break a decision that is on its way"),
});

/** What reconciliation answers. */
export const RECONCILIATION_ANSWERS = { Break, Reconciliation } as const satisfies Record<
  string,
  z.ZodType
>;
