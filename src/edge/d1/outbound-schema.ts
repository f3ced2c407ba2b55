import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { DELIVERY_STATES } from "../../core/outbound/delivery.ts";

/*
 * What is sent out, and how it went: written in the projection's batch, behind its fence, and kept by
 * the `Destination` object from then on. Nothing else knows it, so no rebuild touches it. Times are UTC
 * milliseconds.
 */

/** A notice for one destination, a row each. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    tenant: text().notNull(),
    /** Sorts in the order of time, and follows from what is told: whoever writes it again writes the same. */
    deliveryId: text("delivery_id").notNull(),
    destination: text().notNull(),
    /** When the destination was made that it is meant for: one of the same name later on is another one. */
    destinationMs: integer("destination_ms").notNull(),
    /** The first one that wanted it. */
    subscription: text().notNull(),
    /** Ours; null for what no event of its own told. */
    eventId: text("event_id"),
    type: text().notNull(),
    subject: text().notNull(),
    state: text({ enum: DELIVERY_STATES }).notNull(),
    /** What is sent, byte for byte, each time. */
    body: text().notNull(),
    /** Attempts of the schedule that are used up: a person's retry begins it anew. */
    step: integer().notNull(),
    /** When it is tried next; null once nobody tries any more. */
    dueMs: integer("due_ms"),
    /** JSON array of core/outbound/delivery.ts, the newest last. */
    attempts: text().notNull(),
    createdMs: integer("created_ms").notNull(),
    endedMs: integer("ended_ms"),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.deliveryId] }),
    index("deliveries_due")
      .on(t.tenant, t.destination, t.dueMs)
      .where(sql`due_ms IS NOT NULL`),
    // Few need a person.
    index("deliveries_dead")
      .on(t.tenant, t.deliveryId)
      .where(sql`state = 'dead'`),
  ],
);
