import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Subscription } from "../../core/outbound/subscription.ts";
import type { Act } from "../act.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { type Full, fullOf, hasRoom, insertWhere, subscriptionsOf } from "./room.ts";
import type { Change, Store } from "./store.ts";
import { subscriptions } from "./tables.ts";

/** Which subscription. */
export interface SubscriptionName {
  readonly tenant: string;
  readonly subscription: string;
}

export interface StoredSubscription extends Subscription {
  readonly createdMs: number;
  readonly updatedMs: number;
}

export type SubscriptionWrite = SubscriptionName & Subscription;

export type SubscriptionChange =
  | ({
      readonly kind: "created" | "updated";
      readonly subscription: StoredSubscription;
    } & Marked)
  /** There is no destination of that name. */
  | { readonly kind: "destination_unknown" | "raced" }
  | Full;

export type SubscriptionRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

export interface SubscriptionStorePorts {
  readonly store: Pick<Store, "db" | "reads" | "commit">;
}

type Row = typeof subscriptions.$inferSelect;

/** Subscriptions of the control tables. Each is of a destination that there is. */
export const subscriptionStore = (ports: SubscriptionStorePorts) => ({
  async read(
    reader: ControlReader,
    subscription: string,
  ): Promise<Reading<StoredSubscription | undefined>> {
    const session = ports.store.reads(reader);
    const row = await load(session, { tenant: reader.tenant, subscription });
    return session.reading(row && show(row));
  },
  list: (reader: ControlReader, part: Part<string>) => list(ports, reader, part),
  put: (write: SubscriptionWrite, act: Act) => put(ports, write, act),
  remove: (name: SubscriptionName, act: Act) => remove(ports, name, act),
});

async function load(
  { db }: Pick<Store, "db">,
  { tenant, subscription }: SubscriptionName,
): Promise<Row | undefined> {
  const [row] = await db
    .select()
    .from(subscriptions)
    .where(and(eq(subscriptions.tenant, tenant), eq(subscriptions.subscription, subscription)));
  return row;
}

async function put(
  { store }: SubscriptionStorePorts,
  write: SubscriptionWrite,
  act: Act,
): Promise<SubscriptionChange> {
  const old = await load(store, write);
  const row = rowOf(write, { old, act });
  const { tenant, destination, types, sources, exceptSources: except_sources } = write;
  const kind = old === undefined ? "created" : "updated";
  const commit = await store.commit(
    {
      tenant,
      action: old === undefined ? "subscription.create" : "subscription.update",
      target: targetOf(row),
      detail: { destination, types, sources, except_sources },
      ...saving(row, old),
    },
    act,
  );
  if (commit.kind === "raced") return whyNot(store.db, { row, isNew: old === undefined });
  return { ...commit, kind, subscription: show(row) };
}

/**
 * What a subscription has come to want it is told from an hour before on: what was recorded meanwhile may
 * not be mirrored yet, and an outage can make that long. A mirror that is rebuilt tells no more of the past.
 */
const BEFORE_CHANGE_MS = 3_600_000;

function sinceOf(row: Omit<Row, "sinceMs">, old: Row | undefined, { nowMs }: Act): number {
  if (old === undefined) return nowMs;
  const isSame =
    row.destination === old.destination &&
    row.types === old.types &&
    row.sources === old.sources &&
    row.exceptSources === old.exceptSources;
  return isSame ? old.sinceMs : Math.max(old.sinceMs, nowMs - BEFORE_CHANGE_MS);
}

function rowOf(write: SubscriptionWrite, { old, act }: { old: Row | undefined; act: Act }): Row {
  const { tenant, subscription, destination, types, sources, exceptSources } = write;
  const row = {
    tenant,
    subscription,
    destination,
    types: JSON.stringify(types),
    sources: sources === undefined ? null : JSON.stringify(sources),
    exceptSources: exceptSources === undefined ? null : JSON.stringify(exceptSources),
    createdMs: old?.createdMs ?? act.nowMs,
    // Also the version that writes are guarded by: it always grows.
    updatedMs: old === undefined ? act.nowMs : Math.max(act.nowMs, old.updatedMs + 1),
  };
  return { ...row, sinceMs: sinceOf(row, old, act) };
}

/** How a row is written, and what must still be true then. */
function saving(row: Row, old: Row | undefined): Pick<Change, "guard" | "mutation"> {
  if (old === undefined) {
    const guard = sql`${isThere(row)} AND ${absent(row)}`;
    return { guard, mutation: (db) => insertWhere(db, { table: subscriptions, row, guard }) };
  }
  return {
    guard: sql`${isThere(row)} AND ${present(old)}`,
    mutation: (db) =>
      db
        .update(subscriptions)
        .set(row)
        .where(sql`${unchanged(old)} AND ${isThere(row)}`),
  };
}

/** What hindered a write that did not land. */
async function whyNot(
  db: DrizzleD1Database,
  { row, isNew }: { row: Row; isNew: boolean },
): Promise<SubscriptionChange> {
  const [found] = await db.all<{ there: number }>(sql`SELECT ${isThere(row)} AS "there"`);
  if (found?.there === 0) return { kind: "destination_unknown" };
  const full = isNew ? await fullOf(db, subscriptionsOf(row.tenant)) : undefined;
  return full ?? { kind: "raced" };
}

async function remove(
  { store }: SubscriptionStorePorts,
  name: SubscriptionName,
  act: Act,
): Promise<SubscriptionRemoval> {
  const old = await load(store, name);
  if (old === undefined) return { kind: "missing" };
  const commit = await store.commit(
    {
      tenant: name.tenant,
      action: "subscription.delete",
      target: targetOf(name),
      detail: { destination: old.destination },
      guard: present(old),
      mutation: (db) => db.delete(subscriptions).where(unchanged(old)),
    },
    act,
  );
  return commit.kind === "raced" ? commit : { ...commit, kind: "removed" };
}

/** By name, those after `after`. */
async function list(
  { store }: SubscriptionStorePorts,
  reader: ControlReader,
  { after = "", limit }: Part<string>,
): Promise<Reading<readonly StoredSubscription[]>> {
  const session = store.reads(reader);
  const rows = await session.db
    .select()
    .from(subscriptions)
    .where(and(eq(subscriptions.tenant, reader.tenant), gt(subscriptions.subscription, after)))
    .orderBy(asc(subscriptions.subscription))
    .limit(limit);
  return session.reading(rows.map(show));
}

const targetOf = ({ tenant, subscription }: SubscriptionName): string =>
  `subscription:${tenant}/${subscription}`;

/** Read in the write's own transaction: a destination that goes takes its subscriptions along. */
const isThere = ({ tenant, destination }: Row): SQL =>
  sql`EXISTS (SELECT 1 FROM destinations WHERE tenant = ${tenant} AND destination = ${destination})`;

const absent = ({ tenant, subscription }: SubscriptionName): SQL =>
  sql`NOT EXISTS
      (SELECT 1 FROM subscriptions WHERE tenant = ${tenant} AND subscription = ${subscription})
      AND ${hasRoom(subscriptionsOf(tenant))}`;

const unchanged = ({ tenant, subscription, updatedMs }: Row): SQL =>
  sql`tenant = ${tenant} AND subscription = ${subscription} AND updated_ms = ${updatedMs}`;

const present = (old: Row): SQL =>
  sql`EXISTS (SELECT 1 FROM subscriptions WHERE ${unchanged(old)})`;

function show(row: Row): StoredSubscription {
  const { subscription, destination, types, sources, exceptSources } = row;
  return {
    subscription,
    destination,
    types: JSON.parse(types),
    ...(sources === null ? {} : { sources: JSON.parse(sources) }),
    ...(exceptSources === null ? {} : { exceptSources: JSON.parse(exceptSources) }),
    createdMs: row.createdMs,
    updatedMs: row.updatedMs,
  };
}
