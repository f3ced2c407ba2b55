import * as z from "zod";
import { RunBody } from "../../src/edge/http/runs.ts";
import type { Operation } from "./operation.ts";
import { Id, Instant, Money } from "./parts.ts";

const Run = z.strictObject({
  run_id: z.string().describe("`{kind}:{plan}:{period}`"),
  kind: z.enum(["ranks", "close", "payouts"]),
  plan_id: Id,
  period_id: Id,
  state: z.enum(["running", "done", "failed"]),
  attempt: z.int().describe("How often it was started"),
  started_at: Instant.describe("Of this attempt"),
  ended_at: Instant.nullable(),
  phase: z.string().nullable().describe("Where a close goes on"),
  waiting: z.int().nullable().describe("Objects that still have to take what they were told"),
  reason: z.string().nullable().describe("Why it failed"),
  proposals: z.int().nullable().describe("Payouts proposed so far"),
  left_out: z
    .array(
      z.strictObject({
        distributor_id: Id,
        reason: z.enum(["break_open", "nothing_left"]),
        detail: z.string(),
      }),
    )
    .describe("Whose payout is not proposed although the balance would do, at most 1000"),
});

const PayoutProposal = z.strictObject({
  distributor_id: Id,
  gross: Money.describe("The payable balance: what was clawed back is taken from it already"),
  fee: Money,
  withholding: Money,
  net: Money.describe("gross − fee − withholding"),
});

/** What the runs answer. */
export const RUN_ANSWERS = { Run, PayoutProposal } as const satisfies Record<string, z.ZodType>;

const run = {
  run_id: "payouts:main:2026-07",
  kind: "payouts",
  plan_id: "main",
  period_id: "2026-07",
  state: "done",
  attempt: 1,
  started_at: "2026-08-01T01:00:00.000Z",
  ended_at: "2026-08-01T01:00:02.000Z",
  phase: null,
  waiting: null,
  reason: null,
  proposals: 812,
  left_out: [{ distributor_id: "1007", reason: "break_open", detail: "AMOUNT:L-77" }],
};

const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });

/** Ranks, closes and payout proposals of `gateway_final`. */
export const RUNS: Readonly<Record<string, Operation>> = {
  "POST /v1/tenants/{tenant}/runs": {
    id: "startRun",
    tag: "Ledger",
    summary: "Do a period's ranks, close or payout proposals, or do them again",
    description:
      "Only in `gateway_final`, and only for a period that is over; cron does the same shortly after its end. There is one run of each kind for a plan's period: done again it is the same run with a higher attempt, and ends in the same lines. One that is on its way goes on. A period that is closed stays as it is.",
    permission: "run:write",
    body: { schema: RunBody, example: { kind: "close", plan: "main", period: "2026-07" } },
    answer: {
      status: 202,
      isMirrored: true,
      name: "Run",
      example: { ...run, state: "running", ended_at: null },
    },
    problems: ["conflict"],
  },
  "GET /v1/tenants/{tenant}/runs": {
    id: "listRuns",
    tag: "Ledger",
    summary: "Runs, by their ids",
    permission: "run:read",
    answer: { status: 200, isMirrored: true, name: "Run", isList: true, example: run },
  },
  "GET /v1/tenants/{tenant}/runs/{run}": {
    id: "getRun",
    tag: "Ledger",
    summary: "One run and how it gets on",
    permission: "run:read",
    answer: { status: 200, isMirrored: true, name: "Run", example: run },
  },
  "GET /v1/tenants/{tenant}/runs/{run}/proposals": {
    id: "listPayoutProposals",
    tag: "Ledger",
    summary: "Payouts that a run proposes, for a person to approve",
    description:
      "The gateway moves no money. As `text/csv` by `Accept` all of them in one file, once the run is done; 409 before.",
    permission: "payout:read",
    problems: ["conflict", "not_acceptable"],
    answer: {
      status: 200,
      isMirrored: true,
      alsoAs: {
        "text/csv": "run_id,distributor_id,currency,gross,fee,withholding,net,net_minor\r\n",
      },
      name: "PayoutProposal",
      isList: true,
      example: {
        distributor_id: "1001",
        gross: usd(12_500, "125.00"),
        fee: usd(150, "1.50"),
        withholding: usd(0, "0.00"),
        net: usd(12_350, "123.50"),
      },
    },
  },
};
