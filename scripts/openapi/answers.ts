import { CHAIN_ANSWERS } from "./chain-answers.ts";
import { DELIVERY_ANSWERS } from "./delivery-answers.ts";
import { DELETION_ANSWERS } from "./deletion.ts";
import { LEDGER_ANSWERS } from "./ledger.ts";
import { PLAN_ANSWERS } from "./plan-answers.ts";
import { REBUILD_ANSWERS } from "./rebuild-answers.ts";
import { REPLAY_ANSWERS } from "./replay-answers.ts";
import { POLL_ANSWERS } from "./polls.ts";
import { RECONCILIATION_ANSWERS } from "./reconciliation-answers.ts";
import { RECORD_ANSWERS } from "./record-answers.ts";
import { REPORT_ANSWERS } from "./report-answers.ts";
import { RUN_ANSWERS } from "./runs.ts";
import { TREE_ANSWERS } from "./tree-answers.ts";
import { MONITORING_ANSWERS } from "./monitoring.ts";
import { OUTBOUND_ANSWERS } from "./outbound-answers.ts";
import { SLA_ANSWERS } from "./sla.ts";
import { USAGE_ANSWERS } from "./usage.ts";
import { OUTCOMES } from "../../src/core/subject/entry.ts";
import * as z from "zod";
import {
  Accepted,
  AuditEntry,
  Explanation,
  Health,
  Key,
  NewKey,
  NewLink,
  Source,
  Tenant,
} from "./control-answers.ts";
import { Id, Instant, Violation } from "./parts.ts";

/*
 * What the API answers, closed: the tests hold real answers against these, so that the
 * documentation cannot say less or more than is true.
 */

const Minor = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe("Minor units: a number up to 2^53 − 1, decimal text beyond that; always exact");

export const Amount = z.strictObject({
  amount_minor: Minor,
  currency: z.string().describe("ISO 4217"),
  amount: z.string().describe("The same amount in major units, as text"),
});

const Bucket = z.strictObject({
  pending: Amount,
  held: Amount,
  available: Amount,
  in_transit: Amount,
});

export const DistributorStatus = z.strictObject({
  distributor_id: Id,
  name: z
    .string()
    .nullable()
    .describe(
      "Masked (`A. K.`). In full with `consistency=strong` for the roles distributor, finance, operator and admin",
    ),
  status: z.string().nullable().describe("The one in force now; null before the enrolment"),
  country: z.string().optional(),
  sponsor_id: Id.nullable(),
  placement_id: Id.nullable(),
  leg: z.enum(["L", "R"]).nullable(),
  joined_at: Instant.nullable(),
  ranks: z
    .strictObject({
      pay_rank: z.union([z.string(), z.number()]).nullable(),
      career_rank: z.union([z.string(), z.number()]).nullable(),
      period_id: Id,
      rev: z.string().nullable().describe("Null for an estimate"),
      source: z
        .enum(["core", "run", "estimate"])
        .describe("core: told by the core; run: set by a run of the gateway's own"),
    })
    .nullable()
    .describe(
      "Of the latest period. An estimate where none was told, from the volumes of the running period; null where ranks depend on legs: see `progress`",
    ),
  volumes: z
    .strictObject({
      period_id: Id,
      pv_x100: z.int().nullable(),
      gv_x100: z.int().nullable(),
      legs: z.unknown().describe("As the core told them; null for an estimate"),
      rev: z.string().nullable().describe("Null for an estimate"),
      source: z.enum(["core", "estimate"]),
    })
    .nullable()
    .describe(
      "Points times 100, of the latest period. An estimate, counted from orders by the first plan with ranks, where the core told none of the running period",
    ),
  balances: z
    .record(z.string(), Bucket)
    .describe(
      "What the company owes the distributor, by currency and bucket: above zero it is owed. `available` below zero means that the distributor owes (a clawback larger than what was payable)",
    ),
  frontline: z
    .int()
    .nullable()
    .describe("How many distributors this one sponsors; null where the mirror does not answer"),
  position: z.int().describe("How many entries of the distributor's log are in this answer"),
  as_of: Instant.describe("When the newest of them was recorded; now, where the object answered"),
});

export const Transfer = z.strictObject({
  position: z.int(),
  rule: z.string().describe("The posting rule, `P3`"),
  debit: z.string(),
  credit: z.string(),
  amount: Amount,
  reference: z.string().describe("The line or payout it is about"),
  event_id: Id,
  effective_at: Instant,
  recorded_at: Instant,
});

export const Line = z.strictObject({
  line_id: Id,
  distributor_id: Id,
  order_id: Id.nullable(),
  component: z.string(),
  level: z.int().nullable().describe("The plan's level, after compression"),
  depth: z.int().nullable().describe("Steps up the tree from the sale"),
  rate_ppm: z.int().nullable(),
  amount_minor: z.int(),
  reversed_minor: z.int(),
  currency: z.string(),
  state: z.enum(["pending", "held", "available", "superseded", "void"]),
  period_id: Id.nullable(),
  effective_at: Instant,
});

export const Balances = z.strictObject({
  balances: z
    .record(z.string(), z.record(z.string(), Minor))
    .describe("Currency, then account, then balance: debit above zero; zero balances left out"),
});

const Outcome = z.enum(OUTCOMES);

export const Event = z.strictObject({
  event_id: Id.describe("Ours: sorts by arrival"),
  id: Id.describe("The sender's"),
  source: z.string(),
  type: z.string().nullable(),
  key: z.string().nullable().describe("What it is about and serialised by: `dist:1001`"),
  outcome: Outcome,
  code: z.string().nullable(),
  of: Id.nullable().describe("The event that this one repeats or contradicts"),
  errors: z.array(Violation),
  position: z.int().nullable().describe("Its place in its subject's log"),
  occurred_at: Instant.nullable(),
  received_at: Instant,
  recorded_at: Instant,
  archive: z.strictObject({ object: z.string().nullable(), delivery_id: Id.nullable() }),
});

export const EventDetail = z.strictObject({
  ...Event.shape,
  effects: z.strictObject({ transfers: z.array(Transfer) }),
});

export const Held = z.strictObject({
  id: Id,
  state: z.enum(["parked", "buffered", "quarantined", "conflict", "dead"]),
  event_id: Id,
  source: z.string(),
  type: z.string().nullable(),
  key: z.string().optional(),
  code: z.string(),
  reason: z.string(),
  since: Instant,
});

export const Retrying = z.strictObject({ id: Id, state: z.literal("retrying") });
export const Discarded = z.strictObject({ id: Id, state: z.literal("discarded") });

export const Pipeline = z.strictObject({
  in_flight: z.int().describe("Messages in the shard's queues and being consumed here"),
  parked: z.int(),
  buffered: z.int(),
  unmirrored: z.int().describe("Objects that the last sweep found ahead of the mirror"),
  oldest_ms: z.int().describe("Age of the queues' oldest message; 0 where there is none"),
  idle: z
    .boolean()
    .describe("Every accepted event has an outcome and is mirrored, as far as the queue tells"),
});

export const ContractEntry = z.strictObject({
  type: z.string(),
  version: z.int(),
  ordering: z.enum(["strict", "register", "commutative", "notice"]),
  key: z.string().describe("The form of the subject's key"),
  href: z.string(),
});

/** What an answer's `$ref` names. */
export const ANSWERS = {
  Accepted,
  Amount,
  ...CHAIN_ANSWERS,
  ...LEDGER_ANSWERS,
  ...PLAN_ANSWERS,
  ...RECONCILIATION_ANSWERS,
  ...POLL_ANSWERS,
  ...REBUILD_ANSWERS,
  ...REPLAY_ANSWERS,
  ...RECORD_ANSWERS,
  ...REPORT_ANSWERS,
  ...DELETION_ANSWERS,
  ...RUN_ANSWERS,
  ...TREE_ANSWERS,
  ...USAGE_ANSWERS,
  ...MONITORING_ANSWERS,
  ...OUTBOUND_ANSWERS,
  ...DELIVERY_ANSWERS,
  ...SLA_ANSWERS,
  AuditEntry,
  Balances,
  ContractEntry,
  Discarded,
  DistributorStatus,
  Event,
  EventDetail,
  Explanation,
  Health,
  Held,
  Key,
  Line,
  NewKey,
  NewLink,
  Pipeline,
  Retrying,
  Source,
  Tenant,
  Transfer,
  Violation,
} as const satisfies Record<string, z.ZodType>;

export type AnswerName = keyof typeof ANSWERS;
