import { BreaksQuery } from "../../src/edge/http/breaks.ts";
import { StartBody } from "../../src/edge/http/reconciliation-asked.ts";
import { ReconciliationsQuery } from "../../src/edge/http/reconciliations.ts";
import { ResolveBody } from "../../src/edge/http/resolve-break.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const RUN_ID = "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });

const run = {
  run_id: RUN_ID,
  kind: "window",
  state: "done",
  cause: "cron",
  started_at: AT,
  ended_at: "2026-07-01T10:00:04.000Z",
  from: "2026-06-28T00:00:00.000Z",
  to: "2026-07-02T00:00:00.000Z",
  report: {
    coverage_percent: "100.00",
    expected: 18_400,
    covered: 18_400,
    compared: 61,
    differing: 2,
    in_flight: 0,
    healed: 1,
    open: 1,
    oldest_open_at: AT,
    requests: 9,
    bytes: 41_300,
    contradicted: 0,
    by_class: {
      MISSING_LOCAL: { found: 1, added: 1, healed: 1, open: 0 },
      CURRENCY: { found: 1, added: 1, healed: 0, open: 1 },
    },
  },
  error: null,
};

const started = {
  ...run,
  state: "running",
  cause: "key:a1B2c3D4",
  ended_at: null,
  report: {
    ...run.report,
    coverage_percent: null,
    expected: 0,
    covered: 0,
    compared: 0,
    differing: 0,
    healed: 0,
    open: 0,
    oldest_open_at: null,
    requests: 0,
    bytes: 0,
    by_class: {},
  },
};

const side = {
  amount: usd(40_000, "400.00"),
  reversed: usd(0, "0.00"),
  status: "held",
  effective_at: AT,
  period_id: "2026-07",
  order_id: "O1",
};

const found = {
  id: "AMOUNT:1001:L-77:9f86d081884c7d65",
  class: "AMOUNT",
  state: "open",
  severity: "page",
  subject: "dist:1001",
  reference: "L-77",
  distributor_id: "1001",
  line_id: "L-77",
  run_id: RUN_ID,
  amount: usd(40_000, "400.00"),
  core: side,
  mirror: { ...side, amount: usd(4_000, "40.00") },
  action: "none",
  why: "above_limit",
  detail: `The core has 40000 USD, reversed 0, held, of ${AT}; the mirror 4000 USD, reversed 0, held, of ${AT}`,
  found_at: AT,
  resolved_at: null,
  resolution: null,
};

const RESOLVE = [
  "Takes a reason, and is audited. 409 where the break's state does not allow it: a closed one cannot be resolved or accepted, an open one not reopened. What a run closed cannot be reopened: where the difference is there again, the next run opens another break.",
  "`decision` is for an `EXTRA_LOCAL` whose line was put aside (`action` is `suspend`) and required there: `keep` pays it again and accepts the difference, `reverse` takes it back for good. It is posted to the ledger behind the answer, within seconds.",
  "A `CHAIN` whose object is frozen is resolved by the role `admin` alone: the object computes its log again and takes events from then on where that holds, and is what was mirrored of it; where not it stays frozen (409, with the place in `detail`).",
].join("\n\n");

/** Runs of reconciliation, and the breaks that they and others find. */
export const RECONCILIATIONS: Readonly<Record<string, Operation>> = {
  "POST /v1/tenants/{tenant}/reconciliations": {
    id: "startReconciliation",
    tag: "Operation",
    summary: "Have the mirror compared with the core now",
    description:
      "Only in `mirror`, and only with a `core.url`; cron does the same regularly. `balances` are compared as they are now, and take no range. A tenant has one run at a time: 409 while another one is on its way. With `accept_epoch` the core is believed in that epoch, whatever it told before. The run begins within a minute; read it to see how it gets on.",
    permission: "run:write",
    body: { schema: StartBody, example: { kind: "lines", from: "2026-06-01", to: "2026-07-01" } },
    answer: { status: 202, isMirrored: true, name: "Reconciliation", example: started },
    problems: ["conflict"],
  },
  "GET /v1/tenants/{tenant}/reconciliations": {
    id: "listReconciliations",
    tag: "Operation",
    summary: "Runs of reconciliation, newest first",
    description:
      "A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "run:read",
    query: ReconciliationsQuery,
    answer: { status: 200, isList: true, isMirrored: true, name: "Reconciliation", example: run },
  },
  "GET /v1/tenants/{tenant}/reconciliations/{reconciliation}": {
    id: "getReconciliation",
    tag: "Operation",
    summary: "One run of reconciliation and its report",
    description: "As `text/html` by `Accept` a page to read and to print.",
    permission: "run:read",
    problems: ["not_acceptable"],
    answer: {
      status: 200,
      isMirrored: true,
      alsoAs: { "text/html": "<!doctype html>\n" },
      name: "Reconciliation",
      example: run,
    },
  },
  "GET /v1/tenants/{tenant}/breaks": {
    id: "listBreaks",
    tag: "Operation",
    summary: "Differences that were found",
    description:
      "By their ids. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
    permission: "break:read",
    query: BreaksQuery,
    answer: { status: 200, isList: true, isMirrored: true, name: "Break", example: found },
  },
  "GET /v1/tenants/{tenant}/breaks/{break}": {
    id: "getBreak",
    tag: "Operation",
    summary: "One difference",
    permission: "break:read",
    answer: { status: 200, isMirrored: true, name: "Break", example: found },
  },
  "POST /v1/tenants/{tenant}/breaks/{break}/resolve": {
    id: "resolveBreak",
    tag: "Operation",
    summary: "Resolve, accept or reopen a difference",
    description: RESOLVE,
    permission: "break:write",
    body: {
      schema: ResolveBody,
      example: { action: "resolve", reason: "Corrected in the core, ticket 4711" },
    },
    answer: {
      status: 200,
      isMirrored: true,
      name: "Break",
      example: {
        ...found,
        state: "resolved",
        severity: null,
        resolved_at: "2026-07-02T09:00:00.000Z",
        resolution: {
          action: "resolve",
          decision: null,
          reason: "Corrected in the core, ticket 4711",
          by: "key:a1B2c3D4",
          at: "2026-07-02T09:00:00.000Z",
        },
      },
    },
    problems: ["conflict"],
  },
};
