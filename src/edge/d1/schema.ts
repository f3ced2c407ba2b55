import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { OUTCOMES } from "../../core/subject/entry.ts";

/*
 * What D1 mirrors of the objects; it can be rebuilt from them. Times are UTC milliseconds; amounts
 * are minor units, debit above zero.
 */

/**
 * What waits for something or somebody, one row an event: buffered (a gap before it), quarantined,
 * conflict, dead, parked. Primary for what never reached an object; the rest mirrors its log.
 */
export const held = sqliteTable(
  "held",
  {
    tenant: text().notNull(),
    eventId: text("event_id").notNull(),
    state: text({ enum: ["parked", "buffered", "quarantined", "conflict", "dead"] }).notNull(),
    source: text().notNull(),
    senderId: text("sender_id").notNull(),
    type: text(),
    key: text(),
    code: text().notNull(),
    reason: text().notNull(),
    sinceMs: integer("since_ms").notNull(),
    /** What a retry puts back on the queue, sealed under the tenant's key; JSON text of a message. */
    message: text(),
    /** What a parked event waits for: an alias, `payment:P1`, or somebody in the trees, `node:42`. */
    needs: text(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.eventId] }),
    index("held_needs")
      .on(t.tenant, t.needs)
      .where(sql`needs IS NOT NULL`),
    // Few wait for a person, and many may wait for each other.
    index("held_states").on(t.tenant, t.state, t.source, t.sinceMs),
  ],
);

/**
 * A row an object. The fence: how far its log is mirrored, and the hash it had there. And its view:
 * for a distributor what a status is made of, as of the last row of a whole tail.
 */
export const subjects = sqliteTable(
  "subjects",
  {
    tenant: text().notNull(),
    subject: text().notNull(),
    position: integer().notNull(),
    head: text().notNull(),
    /** Set when the object's log and this mirror disagree: nothing moves until a person decides. */
    frozenMs: integer("frozen_ms"),
    viewPosition: integer("view_position"),
    asOfMs: integer("as_of_ms"),
    displayName: text("display_name"),
    /** JSON of core/distributor/view.ts: enrolment, statuses, rank, volumes, balances. */
    view: text(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.subject] })],
);

/** How many distributors each one sponsors: kept as a count, so that a status reads one row. */
export const frontlines = sqliteTable(
  "frontlines",
  {
    tenant: text().notNull(),
    distributorId: text("distributor_id").notNull(),
    distributors: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.distributorId] })],
);

/** Every revision of a status, pay rank or volume, for reads as of an instant. */
export const standings = sqliteTable(
  "standings",
  {
    tenant: text().notNull(),
    distributorId: text("distributor_id").notNull(),
    kind: text({ enum: ["enrolment", "status", "rank", "volume"] }).notNull(),
    periodId: text("period_id").notNull(),
    epoch: integer().notNull(),
    rev: text().notNull(),
    effectiveMs: integer("effective_ms").notNull(),
    value: text().notNull(),
  },
  (t) => [
    primaryKey({
      columns: [t.tenant, t.distributorId, t.kind, t.periodId, t.epoch, t.rev],
    }),
  ],
);

export const lines = sqliteTable(
  "lines",
  {
    tenant: text().notNull(),
    distributorId: text("distributor_id").notNull(),
    lineId: text("line_id").notNull(),
    orderId: text("order_id"),
    component: text().notNull(),
    level: integer(),
    depth: integer(),
    ratePpm: integer("rate_ppm"),
    amountMinor: integer("amount_minor").notNull(),
    reversedMinor: integer("reversed_minor").notNull(),
    currency: text().notNull(),
    state: text({ enum: ["pending", "held", "available", "superseded", "void"] }).notNull(),
    periodId: text("period_id"),
    effectiveMs: integer("effective_ms").notNull(),
    /** `core` for lines it told us, `gateway` for our own. */
    origin: text({ enum: ["core", "gateway"] })
      .notNull()
      .default("core"),
    /** When cron has to look at it again: its holdback ends, its reversal is overdue. */
    dueMs: integer("due_ms"),
    /** JSON of what it counts in `digests` by: eight limbs, hour, shard, currency, amount; null where it does not. */
    digest: text(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.distributorId, t.lineId] }),
    index("lines_order")
      .on(t.tenant, t.orderId)
      .where(sql`order_id IS NOT NULL`),
    index("lines_due")
      .on(t.dueMs)
      .where(sql`due_ms IS NOT NULL`),
    index("lines_pending")
      .on(t.tenant, t.periodId)
      .where(sql`state = 'pending'`),
  ],
);

export const transfers = sqliteTable(
  "transfers",
  {
    tenant: text().notNull(),
    subject: text().notNull(),
    position: integer().notNull(),
    n: integer().notNull(),
    rule: text().notNull(),
    debit: text().notNull(),
    credit: text().notNull(),
    amountMinor: integer("amount_minor").notNull(),
    currency: text().notNull(),
    reference: text().notNull(),
    eventId: text("event_id").notNull(),
    effectiveMs: integer("effective_ms").notNull(),
    recordedMs: integer("recorded_ms").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.subject, t.position, t.n] })],
);

/**
 * Tenant-wide sums of each account, a row a day of effect and day of knowledge, so that balances of
 * either time axis add up few rows.
 */
export const accountDays = sqliteTable(
  "account_days",
  {
    tenant: text().notNull(),
    account: text().notNull(),
    currency: text().notNull(),
    day: text().notNull(),
    /** The day on which it was recorded. */
    knownDay: text("known_day").notNull(),
    amountMinor: integer("amount_minor").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.account, t.currency, t.day, t.knownDay] })],
);

export const events = sqliteTable(
  "events",
  {
    tenant: text().notNull(),
    /** UUIDv7 given at the edge: the primary key is also the order of arrival. */
    eventId: text("event_id").notNull(),
    source: text().notNull(),
    senderId: text("sender_id").notNull(),
    type: text(),
    subject: text(),
    outcome: text({ enum: OUTCOMES }).notNull(),
    code: text(),
    /** The event this one repeats or contradicts. */
    of: text(),
    position: integer(),
    deliveryId: text("delivery_id"),
    archive: text(),
    occurredMs: integer("occurred_ms"),
    receivedMs: integer("received_ms").notNull(),
    recordedMs: integer("recorded_ms").notNull(),
    /** JSON: the violations of a rejected or quarantined event. */
    errors: text(),
    /** 1 where the same sender's id stands in another row already: those leave the unique index. */
    repeated: integer().notNull(),
    /** What an event told that no object logs: tells its repetition from another use of its id. */
    digest: text(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.eventId] }),
    uniqueIndex("events_sender_id")
      .on(t.tenant, t.source, t.senderId)
      .where(sql`repeated = 0`),
    index("events_repeated")
      .on(t.tenant, t.source, t.senderId, t.eventId)
      .where(sql`repeated = 1`),
  ],
);

/** Holes in strict streams: what the core is asked for, and since when. */
export const gaps = sqliteTable(
  "gaps",
  {
    tenant: text().notNull(),
    subject: text().notNull(),
    source: text().notNull(),
    epoch: integer().notNull(),
    fromSeq: integer("from_seq").notNull(),
    toSeq: integer("to_seq").notNull(),
    sinceMs: integer("since_ms").notNull(),
    stage: text({ enum: ["hydrate", "alert", "closed"] }).notNull(),
    /** When it reached its stage; or, since then, when the core was asked last. */
    atMs: integer("at_ms").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.subject, t.source, t.epoch, t.fromSeq] }),
    // Closed ones are kept, and soon are nearly all.
    index("gaps_open")
      .on(t.tenant, t.subject, t.source, t.epoch, t.fromSeq)
      .where(sql`stage <> 'closed'`),
  ],
);

/** Differences found: each once, until a person or the reconciler resolves it. */
export const breaks = sqliteTable(
  "breaks",
  {
    tenant: text().notNull(),
    breakId: text("break_id").notNull(),
    class: text().notNull(),
    subject: text().notNull(),
    reference: text().notNull(),
    detail: text().notNull(),
    foundMs: integer("found_ms").notNull(),
    resolvedMs: integer("resolved_ms"),
    /** How it ended: by a correction, by a person, or it was not there any more. */
    outcome: text({ enum: ["healed", "resolved", "accepted", "gone"] }),
    /** The reconciliation that found it. */
    runId: text("run_id"),
    distributorId: text("distributor_id"),
    currency: text(),
    amountMinor: integer("amount_minor"),
    /** JSON of the line on either side. */
    core: text(),
    mirror: text(),
    /** What is done about it, and why not more. */
    action: text(),
    why: text(),
    /** JSON: who decided what, and why. */
    resolution: text(),
    /** How far its age was told of: core/reconciliation/aging.ts. */
    told: text({ enum: ["ticket", "page"] }),
    /** JSON: when and how often something was sent to heal it. */
    sent: text(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.breakId] }),
    index("breaks_open")
      .on(t.tenant, t.breakId)
      .where(sql`resolved_ms IS NULL`),
  ],
);
