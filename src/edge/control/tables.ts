import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

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
  /**
   * JSON of edge/tenant-access.ts: whose tokens are believed, what distributors see. Beside it,
   * `core_source` names the source whose streams the core counts.
   */
  access: text(),
  /** JSON of edge/tenant-quotas.ts. */
  quotas: text(),
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
    /** JSON array of the permissions that it is narrowed to; null where its role has them all. */
    scopes: text(),
    /** SHA-256 of a client certificate, hex: then that is the credential, and there is no key. */
    certificate: text(),
    /** Within an hour: each use would be a write. */
    lastUsedMs: integer("last_used_ms"),
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

/** Where a tenant is told: the outbound counterpart of a source. */
export const destinations = sqliteTable(
  "destinations",
  {
    tenant: text().notNull(),
    destination: text().notNull(),
    /** How it is told: a name of src/destinations. */
    kind: text().notNull(),
    url: text().notNull(),
    /** JSON array of the secrets that sign, newest first, sealed under the tenant's key. */
    secrets: text().notNull(),
    /** Attempts a minute, and at once. */
    perMinute: integer("per_minute").notNull(),
    concurrency: integer().notNull(),
    pausedMs: integer("paused_ms"),
    /** Why: a person did it, or the destination said that it is gone. */
    pausedFor: text("paused_for", { enum: ["person", "gone"] }),
    createdMs: integer("created_ms").notNull(),
    updatedMs: integer("updated_ms").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.destination] })],
);

/** What a destination wants to be told. */
export const subscriptions = sqliteTable(
  "subscriptions",
  {
    tenant: text().notNull(),
    subscription: text().notNull(),
    destination: text().notNull(),
    /** JSON array of patterns: core/outbound/subscription.ts. */
    types: text().notNull(),
    /** JSON arrays of sources; null where it is all of them, and none. */
    sources: text(),
    exceptSources: text("except_sources"),
    /** What was recorded before is not told: edge/control/subscription-store.ts. */
    sinceMs: integer("since_ms").notNull(),
    createdMs: integer("created_ms").notNull(),
    updatedMs: integer("updated_ms").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.subscription] })],
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

/** What a write answered to an `Idempotency-Key`, so that the same one again is answered alike. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    tenant: text().notNull(),
    /** Whoever wrote, and the key: one caller's keys are nothing to another. */
    caller: text().notNull(),
    key: text().notNull(),
    /** SHA-256 over method, path and body, hex. */
    fingerprint: text().notNull(),
    /**
     * JSON of status, headers and body, sealed under the tenant's key; null while it is on its way,
     * empty from when it is saved until its answer is kept.
     */
    answer: text(),
    createdMs: integer("created_ms").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.caller, t.key] }),
    index("idempotency_created").on(t.createdMs),
  ],
);

/** A tenant that is being deleted, or has been: all that is left of it. */
export const deletions = sqliteTable("deletions", {
  tenant: text().primaryKey(),
  deletionId: text("deletion_id").notNull(),
  state: text({ enum: ["exporting", "exported", "purging", "purged"] }).notNull(),
  shard: integer().notNull(),
  jurisdiction: text({ enum: ["eu", "us"] }),
  /** JSON: where it goes on, and what it has counted so far. */
  progress: text().notNull(),
  requestedBy: text("requested_by").notNull(),
  requestedMs: integer("requested_ms").notNull(),
  purgedMs: integer("purged_ms"),
});
