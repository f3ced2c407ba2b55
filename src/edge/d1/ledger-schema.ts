import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * Trees, orders and volumes, as D1 mirrors them; with schema.ts all that can be rebuilt from the
 * objects. Times are UTC milliseconds; amounts minor units; points hundredths.
 */

/** Who hangs under whom, every version: read as of an instant. */
export const edges = sqliteTable(
  "edges",
  {
    tenant: text().notNull(),
    tree: text({ enum: ["sponsor", "placement"] }).notNull(),
    node: text().notNull(),
    /** In the order of precedence as text: among those in force the highest counts. */
    version: text().notNull(),
    nodeKind: text("node_kind", { enum: ["distributor", "customer"] }).notNull(),
    effectiveMs: integer("effective_ms").notNull(),
    parentId: text("parent_id"),
    leg: text({ enum: ["L", "R"] }),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.tree, t.node, t.version] }),
    index("edges_parent").on(t.tenant, t.tree, t.parentId),
  ],
);

/** Names by which one fact's sender knows another's subject: `payment:P1` is `order:O1`. */
export const aliases = sqliteTable(
  "aliases",
  {
    tenant: text().notNull(),
    alias: text().notNull(),
    subject: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.alias] })],
);

/** Orders as their objects have them, with the manifest of the lines they sent out. */
export const orders = sqliteTable(
  "orders",
  {
    tenant: text().notNull(),
    orderId: text("order_id").notNull(),
    state: text({ enum: ["placed", "cancelled", "paid", "refunded", "disputed"] }).notNull(),
    paymentId: text("payment_id"),
    sourceNode: text("source_node"),
    orderKind: text("order_kind"),
    currency: text(),
    netMinor: integer("net_minor").notNull(),
    taxMinor: integer("tax_minor").notNull(),
    shippingMinor: integer("shipping_minor").notNull(),
    amountMinor: integer("amount_minor").notNull(),
    feeMinor: integer("fee_minor").notNull(),
    returnedMinor: integer("returned_minor").notNull(),
    cvX100: integer("cv_x100").notNull(),
    pvX100: integer("pv_x100").notNull(),
    paidMs: integer("paid_ms"),
    periodId: text("period_id"),
    lines: integer().notNull(),
    /** JSON `[[currency, Σ amount, Σ reversed], …]` of those lines, as decimal text. */
    manifest: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.orderId] }),
    index("orders_paid")
      .on(t.tenant, t.paidMs)
      .where(sql`paid_ms IS NOT NULL`),
  ],
);

/** Volumes as counted here, by period: an estimate until the core's snapshot. Points ×100. */
export const volumes = sqliteTable(
  "volumes",
  {
    tenant: text().notNull(),
    distributorId: text("distributor_id").notNull(),
    periodId: text("period_id").notNull(),
    pvX100: integer("pv_x100").notNull(),
    cvX100: integer("cv_x100").notNull(),
    gvX100: integer("gv_x100").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.distributorId, t.periodId] })],
);

/** Registers that are not a distributor's and hold nothing personal: the current revision of each. */
export const records = sqliteTable(
  "records",
  {
    tenant: text().notNull(),
    /** `inventory`, `ticket`, `autoship`, `period`, `customer`. */
    kind: text().notNull(),
    id: text().notNull(),
    epoch: integer().notNull(),
    rev: text().notNull(),
    occurredMs: integer("occurred_ms").notNull(),
    recordedMs: integer("recorded_ms").notNull(),
    value: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.kind, t.id] })],
);

/** What people are to be told, once for each key; destinations take it from here. */
export const messages = sqliteTable(
  "messages",
  {
    tenant: text().notNull(),
    messageKey: text("message_key").notNull(),
    kind: text().notNull(),
    subject: text().notNull(),
    about: text().notNull(),
    createdMs: integer("created_ms").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.messageKey] })],
);

/** Heads of logs as they stood at the end of a day: what a chain is held against later. */
export const anchors = sqliteTable(
  "anchors",
  {
    tenant: text().notNull(),
    subject: text().notNull(),
    day: text().notNull(),
    position: integer().notNull(),
    head: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.subject, t.day] })],
);

/**
 * Standings and edges that became known after orders were paid to which they apply: the outbox of
 * what has to be priced anew, or tried again. What its rows say: see changes.ts.
 */
export const changes = sqliteTable(
  "changes",
  {
    tenant: text().notNull(),
    subject: text().notNull(),
    position: integer().notNull(),
    node: text().notNull(),
    atMs: integer("at_ms").notNull(),
    eventId: text("event_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.subject, t.position, t.node] })],
);
