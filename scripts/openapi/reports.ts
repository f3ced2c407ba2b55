import { EarningsQuery } from "../../src/edge/http/earnings.ts";
import { ProgressQuery } from "../../src/edge/http/progress.ts";
import { SalesQuery } from "../../src/edge/http/reports.ts";
import type { Operation } from "./operation.ts";
import { SalesRange } from "./report-answers.ts";

const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });
const one = { status: 200, isMirrored: true } as const;

/** Statements, sales and what is missing to the next rank. */
export const REPORTS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/distributors/{distributor}/earnings/{month}": {
    id: "getEarnings",
    tag: "Ledger",
    summary: "A distributor's monthly statement",
    description:
      "Opening, parts and closing add up and equal the ledger, to the unit, in each currency. A month is one of UTC days, by when things took effect, `as_of` ends it earlier; `known_at` shows what was known of it by then. JSON, `text/csv` (a row for each figure) or `text/html` (a page to print) by `Accept`, 406 for anything else.",
    permission: "report:read",
    query: EarningsQuery,
    problems: ["not_acceptable"],
    answer: {
      ...one,
      alsoAs: {
        "text/csv":
          "distributor_id,month,status,effective_to,known_at,currency,section,component,amount,amount_minor\r\n",
        "text/html": "<!doctype html>\n<title>Statement 2026-07</title>",
      },
      name: "EarningsReport",
      example: {
        distributor_id: "1001",
        month: "2026-07",
        status: "closed",
        effective_from: "2026-07-01T00:00:00.000Z",
        effective_to: "2026-07-31T23:59:59.999Z",
        known_at: "2026-08-15T12:00:00.000Z",
        statements: [
          {
            currency: "USD",
            opening: usd(1000, "10.00"),
            lines: [{ component: "unilevel", amount: usd(12_600, "126.00") }],
            reversals: [{ component: "unilevel", amount: usd(-160, "-1.60") }],
            adjustments: usd(60, "0.60"),
            fees: usd(-150, "-1.50"),
            withholding: usd(0, "0.00"),
            payouts: usd(-12_350, "-123.50"),
            other: usd(0, "0.00"),
            closing: usd(1000, "10.00"),
            pending: usd(400, "4.00"),
            in_transit: usd(0, "0.00"),
          },
        ],
      },
    },
  },
  "GET /v1/tenants/{tenant}/distributors/{distributor}/progress": {
    id: "getProgress",
    tag: "Status",
    summary: "What is missing to the next rank",
    description:
      "An estimate. A pay rank that the core told or a run set for the period counts, else the one in force, else the estimate; volumes are the core's where it told them, otherwise those counted here. `period` names one of the plan's periods, the present one where absent. Ranks in legs are those told for the period, and estimated from the deepest up where none was told, for downlines of up to 10,000 people.",
    permission: "report:read",
    query: ProgressQuery,
    answer: {
      ...one,
      name: "Progress",
      example: {
        distributor_id: "1001",
        period_id: "2026-07",
        period_end: "2026-07-31T23:59:59.999Z",
        estimate: true,
        plan_id: "main",
        rank: "silver",
        rank_source: "core",
        estimated_rank: "silver",
        next_rank: "gold",
        requirements: [
          { requirement: "min_gv_x100", need: 500_000, have: 420_000, missing: 80_000 },
          { requirement: "legs_with_rank", rank: "silver", need: 2, have: 1, missing: 1 },
        ],
        pv_x100: 12_000,
        gv_x100: 420_000,
        volumes_source: "estimate",
        legs: 3,
        legs_complete: true,
      },
    },
  },
  "GET /v1/tenants/{tenant}/reports/sales": {
    id: "listSales",
    tag: "Ledger",
    summary: "Paid orders by day, month, kind, source or currency",
    description:
      "Orders paid in [`from`, `to`), at most 400 days; a date means its midnight UTC, so July is `from=2026-07-01&to=2026-08-01`. As the orders stand now; with `as_of` or `known_at` as their transfers had it then, where commissions stay out, and so does an order that cost nothing.",
    permission: "report:read",
    query: SalesQuery,
    answer: {
      ...one,
      isList: true,
      beside: {
        schema: SalesRange,
        example: { from: "2026-07-01T00:00:00.000Z", to: "2026-08-01T00:00:00.000Z", by: "day" },
      },
      name: "SalesGroup",
      example: {
        group: "2026-07-01",
        currency: "USD",
        orders: 1,
        gross: usd(27_500, "275.00"),
        net: usd(25_000, "250.00"),
        tax: usd(2000, "20.00"),
        shipping: usd(500, "5.00"),
        returned: usd(0, "0.00"),
        fee: usd(828, "8.28"),
        cv_x100: 20_000,
        pv_x100: 20_000,
        commission: [usd(1600, "16.00")],
      },
    },
  },
};
