import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * What reconciliation keeps: sums that follow the mirror row by row, and its runs. Times are UTC
 * milliseconds; amounts minor units.
 */

/**
 * Count, sum and Σ SHA-256 of rows, an hour of effect, shard and currency: days and months are sums
 * of hours. The Σ stands as eight sums of 32-bit limbs, the lowest first, without carry: each has
 * room for 2^31 rows, and is carried and reduced mod 2^256 where it is read.
 */
export const digests = sqliteTable(
  "digests",
  {
    tenant: text().notNull(),
    /** `line`: the core's lines; `transfer`: every transfer, by the hour it takes effect. */
    kind: text({ enum: ["line", "transfer"] }).notNull(),
    hourMs: integer("hour_ms").notNull(),
    shard: integer().notNull(),
    currency: text().notNull(),
    items: integer().notNull(),
    amountMinor: integer("amount_minor").notNull(),
    s0: integer().notNull(),
    s1: integer().notNull(),
    s2: integer().notNull(),
    s3: integer().notNull(),
    s4: integer().notNull(),
    s5: integer().notNull(),
    s6: integer().notNull(),
    s7: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.kind, t.hourMs, t.shard, t.currency] })],
);

/** A row a run; one that takes several invocations is continued by whoever holds its lease. */
export const reconciliationRuns = sqliteTable(
  "reconciliation_runs",
  {
    tenant: text().notNull(),
    /** Sorts in the order of time. */
    runId: text("run_id").notNull(),
    kind: text({ enum: ["window", "balances", "lines", "rebuild"] }).notNull(),
    state: text({ enum: ["running", "done", "failed"] }).notNull(),
    /** `cron`, `period:{id}`, `epoch:{n}`, or who asked for it. */
    cause: text().notNull(),
    startedMs: integer("started_ms").notNull(),
    endedMs: integer("ended_ms"),
    /** Until then somebody is at it: two never are. */
    leaseMs: integer("lease_ms").notNull(),
    /** JSON: where it goes on. */
    cursor: text().notNull(),
    /** JSON of core/reconciliation/report.ts, as far as it is. */
    report: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.runId] }),
    index("reconciliation_runs_running")
      .on(t.tenant, t.runId)
      .where(sql`state = 'running'`),
  ],
);

/**
 * What a run has found to differ so far, one row a line: judged when all its buckets were looked at.
 * Rows without a line (`''`) are balances of a distributor: the core's, and what was made of it.
 */
export const differences = sqliteTable(
  "differences",
  {
    tenant: text().notNull(),
    runId: text("run_id").notNull(),
    distributorId: text("distributor_id").notNull(),
    lineId: text("line_id").notNull(),
    /** JSON of the line as the core has it; null where it was not met there. */
    core: text(),
    /** JSON of the line as the mirror has it. */
    mirror: text(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.runId, t.distributorId, t.lineId] })],
);

/** Subjects whose transfers are written anew from their log just now: else nothing may change them. */
export const repairs = sqliteTable(
  "repairs",
  { tenant: text().notNull(), subject: text().notNull() },
  (t) => [primaryKey({ columns: [t.tenant, t.subject] })],
);

/** How far a source is polled, one row a list of its product's (contacts, orders…). */
export const polls = sqliteTable(
  "polls",
  {
    tenant: text().notNull(),
    source: text().notNull(),
    stream: text().notNull(),
    /** Not before then. */
    nextMs: integer("next_ms").notNull(),
    /** Until then somebody is at it: two never are. */
    leaseMs: integer("lease_ms").notNull(),
    /** JSON: the watermark, and where within its pages it goes on. */
    cursor: text().notNull(),
    /** Polls in a row that failed. */
    failures: integer().notNull(),
    /** JSON: what the last polls asked, brought and met. */
    report: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.source, t.stream] })],
);
