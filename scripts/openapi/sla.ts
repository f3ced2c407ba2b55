import * as z from "zod";
import { BURN_RULES } from "../../src/core/sla/burn.ts";
import type { Stage } from "../../src/core/sla/counts.ts";
import { slaReport } from "../../src/core/sla/report.ts";
import { SlaQuery } from "../../src/edge/http/sla.ts";
import type { Operation } from "./operation.ts";
import { Instant } from "./parts.ts";

const Objective = {
  within_ms: z.int().describe("Visible within so many milliseconds of receipt"),
  target_ppm: z.int().describe("So many lines of a million are to be"),
};
const Good = z.int().describe("Lines that were; counted exactly");
const Bad = z.int().describe("Lines that were not");

const Window = z.strictObject({
  window_ms: z.int().describe("The last so many milliseconds, by whole minutes"),
  total: z.int().describe("Lines that were timed"),
  bad: Bad,
  burn_ppm: z
    .int()
    .describe(
      "The late share by the share that may be late, in millionths: 1000000 just uses it up",
    ),
});

const quantile = (of: string) => z.int().nullable().describe(`${of}, within 5 %; null: none timed`);

const Times = z.strictObject({
  count: z.int().describe("Lines that were timed"),
  p50_ms: quantile("Half of them took no longer"),
  p95_ms: quantile("95 of 100 took no longer"),
  p99_ms: quantile("99 of 100 took no longer"),
  max_ms: quantile("The longest; 1000000 ms and more are one"),
});

const TOLD: Readonly<Record<Stage, string>> = {
  producer: "From when it happened until it was received",
  queue: "From receipt until a consumer took it",
  apply: "From then until the distributor's object had it",
  mirror: "From then until the mirror had it",
  visible: "From receipt until the mirror had it",
};

export const SLA_ANSWERS = {
  Sla: z.strictObject({
    as_of: Instant,
    from: Instant.describe("Beginning of the range, a full hour"),
    to: Instant.describe("End of the range, a full hour that is not in it"),
    objectives: z
      .array(
        z.strictObject({
          ...Objective,
          total: z.int().describe("Lines of the range that were timed"),
          good: Good,
          bad: Bad,
          share_ppm: z.int().nullable().describe("Good ones of a million; null: no line"),
          budget_left_ppm: z
            .int()
            .describe("Of the lines that may be late in the range; below zero: more were"),
        }),
      )
      .describe("How each objective is met by the lines of the range"),
    stages: z
      .strictObject({
        producer: Times.describe(TOLD.producer),
        queue: Times.describe(TOLD.queue),
        apply: Times.describe(TOLD.apply),
        mirror: Times.describe(TOLD.mirror),
        visible: Times.describe(TOLD.visible),
      })
      .describe("Lines that were kept back have no `queue` and no `apply`"),
    waited: z
      .strictObject({
        lines: z.int(),
        within: z
          .array(z.strictObject({ within_ms: Objective.within_ms, good: Good, bad: Bad }))
          .describe("By objective"),
      })
      .describe("Of the lines above, those kept back for a gap, a fact or somebody unknown"),
    aside: z
      .strictObject({ lines: z.int() })
      .describe("Lines that nobody waited for, and that are not among those above"),
    burn: z
      .array(
        z.strictObject({
          ...Objective,
          rule: z
            .enum(["page_1h", "page_6h", "ticket_3d"])
            .describe("Which windows it looks at: docs/operations.md"),
          severity: z.enum(["page", "ticket"]).describe("What the rule asks of somebody"),
          threshold_ppm: z.int().describe("It fires where both windows burn as fast"),
          long: Window.describe("The window that gives weight"),
          short: Window.describe("The window that says that it is still so"),
          firing: z.boolean().describe("… and the long one has 10 late lines at least"),
        }),
      )
      .describe("What each rule says of each objective, as of now"),
  }),
};

const SLA = [
  "The share of commission lines that the mirror had within 5 s, and within 30 s, of the receipt of what made or changed them. Objectives and burn rates are of exact counts, quantiles of buckets that are 5 % off at most.",
  "A line counts in the minute in which it became visible. `from` and `to` are taken to full hours; what is older than 31 days is not kept, and a range of the future is empty. Burn rates are always those of now. What counts and what does not: docs/operations.md.",
].join("\n\n");

const AT = "2026-07-01T10:00:00.000Z";
const tally = (lines: number, within5s: number, within30s: number) => ({
  lines,
  within: new Map([
    [5000, within5s],
    [30_000, within30s],
  ]),
});
const windows = new Map(
  BURN_RULES.flatMap(({ long_ms, short_ms }) => [
    [long_ms, tally(1200, 1180, 1199)] as const,
    [short_ms, tally(110, 108, 110)] as const,
  ]),
);

const example = {
  as_of: AT,
  from: "2026-06-01T10:00:00.000Z",
  to: "2026-07-01T11:00:00.000Z",
  ...slaReport(
    {
      lines: 120_000,
      "within:5000": 118_800,
      "within:30000": 119_940,
      waited: 300,
      "waited:5000": 20,
      "waited:30000": 250,
      aside: 4200,
      "producer:60": 120_000,
      "queue:48": 119_700,
      "apply:40": 119_700,
      "mirror:36": 120_000,
      "visible:58": 120_000,
    },
    windows,
  ),
};

/** How fast lines become visible. */
export const SLA_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/sla": {
    id: "getSla",
    tag: "Operation",
    summary: "How fast commission lines become visible, and how fast the budget of late ones burns",
    description: SLA,
    permission: "pipeline:read",
    query: SlaQuery,
    answer: { status: 200, isMirrored: true, name: "Sla", example },
  },
};
