import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/*
 * What exists nowhere else: a shard's D1 keeps these beside its mirror, and a rebuild of the mirror
 * leaves them alone. Times are UTC milliseconds.
 */

export const tenants = sqliteTable("tenants", {
  tenant: text().primaryKey(),
  name: text().notNull(),
  mode: text({ enum: ["mirror", "gateway_final"] }).notNull(),
  currency: text().notNull(),
  /** Chosen once, at creation: objects, queue, D1 and R2 of a jurisdiction belong together. */
  jurisdiction: text({ enum: ["eu", "us"] }),
  shard: integer().notNull(),
  coreUrl: text("core_url"),
  /** How the core is called, sealed under the tenant's key. */
  coreAuth: text("core_auth"),
  /** The tenant's data key, sealed under MASTER_KEY. */
  dataKey: text("data_key").notNull(),
  createdMs: integer("created_ms").notNull(),
  updatedMs: integer("updated_ms").notNull(),
});

export const sources = sqliteTable(
  "sources",
  {
    tenant: text().notNull(),
    source: text().notNull(),
    sender: text().notNull(),
    scheme: text().notNull(),
    url: text(),
    /** JSON array of the live secrets, newest first, sealed under the tenant's key. */
    secrets: text().notNull(),
    options: text().notNull(),
    pausedMs: integer("paused_ms"),
    createdMs: integer("created_ms").notNull(),
    updatedMs: integer("updated_ms").notNull(),
    /** When the copy in KV was last written; behind `updated_ms`, cron writes it again. */
    publishedMs: integer("published_ms"),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.source] })],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    tenant: text().notNull(),
    keyId: text("key_id").notNull(),
    /** SHA-256 of the key, hex: the key itself is shown once and stored nowhere. */
    hash: text().notNull(),
    role: text().notNull(),
    /** The distributor a `distributor` key speaks for. */
    subject: text(),
    label: text(),
    createdMs: integer("created_ms").notNull(),
    expiresMs: integer("expires_ms"),
    revokedMs: integer("revoked_ms"),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.keyId] }), uniqueIndex("api_keys_hash").on(t.hash)],
);

export const audit = sqliteTable(
  "audit",
  {
    tenant: text().notNull(),
    /** UUIDv7: the primary key is also the order of time. */
    auditId: text("audit_id").notNull(),
    atMs: integer("at_ms").notNull(),
    actor: text().notNull(),
    action: text().notNull(),
    target: text().notNull(),
    detail: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.auditId] })],
);

/** Every version of a compensation plan, as it was saved. */
export const plans = sqliteTable(
  "plans",
  {
    tenant: text().notNull(),
    planId: text("plan_id").notNull(),
    version: integer().notNull(),
    effectiveMs: integer("effective_ms").notNull(),
    /** JSON of core/plans/plan.ts. */
    body: text().notNull(),
    createdMs: integer("created_ms").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.planId, t.version] })],
);

/**
 * Runs of a period in `gateway_final`: ranks, close, payouts. One row a run; done again, it is the
 * same run with a higher attempt.
 */
export const runs = sqliteTable(
  "runs",
  {
    tenant: text().notNull(),
    runId: text("run_id").notNull(),
    kind: text({ enum: ["ranks", "close", "payouts"] }).notNull(),
    planId: text("plan_id").notNull(),
    periodId: text("period_id").notNull(),
    state: text({ enum: ["running", "done", "failed"] }).notNull(),
    attempt: integer().notNull(),
    /** JSON: where a run that takes several invocations goes on, and what it has found so far. */
    progress: text().notNull(),
    startedMs: integer("started_ms").notNull(),
    endedMs: integer("ended_ms"),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.runId] })],
);

/** Payouts that a run proposes: a person approves and pays them, the gateway moves no money. */
export const payoutProposals = sqliteTable(
  "payout_proposals",
  {
    tenant: text().notNull(),
    runId: text("run_id").notNull(),
    distributorId: text("distributor_id").notNull(),
    currency: text().notNull(),
    grossMinor: integer("gross_minor").notNull(),
    feeMinor: integer("fee_minor").notNull(),
    withholdingMinor: integer("withholding_minor").notNull(),
    netMinor: integer("net_minor").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.runId, t.distributorId, t.currency] })],
);

/** What the last run of a job left for its next one: the sweep's cursor and findings. */
export const jobs = sqliteTable("jobs", {
  job: text().primaryKey(),
  state: text().notNull(),
  ranMs: integer("ran_ms").notNull(),
});
