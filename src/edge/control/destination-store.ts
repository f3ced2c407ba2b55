import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { importKey, type Keyring, tenantPlace } from "../crypto/keyring.ts";
import type { Act } from "../act.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { openSecrets, sealSecrets, signsOtherwise } from "./destination-secrets.ts";
import { destinationsOf, type Full, fullOf, hasRoom, insertWhere } from "./room.ts";
import type { Store } from "./store.ts";
import { destinations, subscriptions, tenants } from "./tables.ts";

/** Which destination. */
export interface DestinationName {
  readonly tenant: string;
  readonly destination: string;
}

/** A destination with its secrets opened: whoever shows it masks them. */
export interface StoredDestination extends DestinationName {
  readonly kind: string;
  readonly url: string;
  /** Those that sign, newest first. */
  readonly secrets: readonly string[];
  /** Attempts a minute, and at once. */
  readonly perMinute: number;
  readonly concurrency: number;
  /** Since when, and why, it is sent nothing. */
  readonly paused?: { readonly sinceMs: number; readonly why: "person" | "gone" };
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface DestinationWrite extends Pick<
  StoredDestination,
  "tenant" | "destination" | "kind" | "url" | "perMinute" | "concurrency"
> {
  /** Absent: those that there are stay. */
  readonly secrets?: readonly string[];
  /** Signs where no secrets are given and there are none of this kind yet. */
  readonly made: string;
}

export type DestinationChange =
  | ({
      readonly kind: "created" | "updated";
      readonly destination: StoredDestination;
    } & Marked)
  | { readonly kind: "missing" | "raced" }
  | Full;

export type DestinationRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

export interface DestinationStorePorts {
  readonly store: Pick<Store, "db" | "reads" | "commit">;
  readonly keyring: Pick<Keyring, "unwrap">;
}

type Row = typeof destinations.$inferSelect;

/**
 * Destinations of the control tables. There is no copy of them in KV: whoever sends reads them from the
 * primary.
 */
export const destinationStore = (ports: DestinationStorePorts) => ({
  /** From the primary: for whoever decides upon it. */
  async get(name: DestinationName): Promise<StoredDestination | undefined> {
    const [row, key] = await load(ports, name);
    return row && key && show(row, key);
  },
  async read(
    reader: ControlReader,
    destination: string,
  ): Promise<Reading<StoredDestination | undefined>> {
    const session = ports.store.reads(reader);
    const { tenant } = reader;
    const [row, key] = await load({ ...ports, store: session }, { tenant, destination });
    return session.reading(row && key && (await show(row, key)));
  },
  list: (reader: ControlReader, part: Part<string>) => list(ports, reader, part),
  /** A pause stays, whoever set it. */
  put: (write: DestinationWrite, act: Act) => put(ports, write, act),
  /** With all of its subscriptions. */
  remove: (name: DestinationName, act: Act) => remove(ports, name, act),

  /** Puts a new secret first; the `keep` newest others go on signing beside it. */
  rotate: (name: DestinationName, { secret, keep }: { secret: string; keep: number }, act: Act) =>
    amend(ports, name, {
      act,
      action: "destination.rotate",
      async amended(old, key) {
        const secrets = await openSecrets(old, key);
        const others = secrets.filter((known) => known !== secret).slice(0, keep);
        return { secrets: await sealSecrets(name, key, [secret, ...others]) };
      },
    }),
  /** One that is gone is then paused by a person. */
  pause: (name: DestinationName, act: Act) =>
    amend(ports, name, {
      act,
      action: "destination.pause",
      amended: async (old) => ({ pausedMs: old.pausedMs ?? act.nowMs, pausedFor: "person" }),
    }),
  resume: (name: DestinationName, act: Act) =>
    amend(ports, name, {
      act,
      action: "destination.resume",
      amended: async () => ({ pausedMs: null, pausedFor: null }),
    }),
});

interface Saving {
  readonly old: Row | undefined;
  readonly row: Row;
  readonly key: CryptoKey;
  readonly action: string;
  readonly act: Act;
  /** For the audit trail, beside the settings. */
  readonly more?: Readonly<Record<string, boolean>>;
}

async function load(
  {
    store: { db },
    keyring,
  }: Pick<DestinationStorePorts, "keyring"> & { readonly store: Pick<Store, "db"> },
  { tenant, destination }: DestinationName,
): Promise<[Row | undefined, CryptoKey | undefined]> {
  const [rows, owners] = await db.batch([
    db
      .select()
      .from(destinations)
      .where(and(eq(destinations.tenant, tenant), eq(destinations.destination, destination))),
    db.select({ dataKey: tenants.dataKey }).from(tenants).where(eq(tenants.tenant, tenant)),
  ]);
  const [owner] = owners;
  const key = owner && (await keyring.unwrap(owner.dataKey, tenantPlace(tenant)));
  return [rows[0], key && (await importKey(key))];
}

async function put(
  ports: DestinationStorePorts,
  write: DestinationWrite,
  act: Act,
): Promise<DestinationChange> {
  const [old, key] = await load(ports, write);
  if (key === undefined) return { kind: "missing" };
  const { tenant, destination, kind, url, perMinute, concurrency, made } = write;
  // What another kind has signed by is of no use to this one.
  const kept = old?.kind === kind ? old.secrets : undefined;
  const secrets =
    write.secrets === undefined && kept !== undefined
      ? kept
      : await sealSecrets(write, key, write.secrets ?? [made]);
  const stated = { kind, url, secrets, perMinute, concurrency };
  if (old === undefined) {
    const times = { createdMs: act.nowMs, updatedMs: act.nowMs, pausedMs: null, pausedFor: null };
    const row = { tenant, destination, ...stated, ...times };
    return save(ports, { old, row, key, action: "destination.create", act });
  }
  const row = { ...old, ...stated, updatedMs: laterThan(old, act) };
  const more = { secrets_changed: await signsOtherwise(old, row, key) };
  return save(ports, { old, row, key, action: "destination.update", act, more });
}

async function amend(
  ports: DestinationStorePorts,
  name: DestinationName,
  {
    act,
    action,
    amended,
  }: Pick<Saving, "act" | "action"> & {
    amended: (old: Row, key: CryptoKey) => Promise<Partial<Row>>;
  },
): Promise<DestinationChange> {
  const [old, key] = await load(ports, name);
  if (old === undefined || key === undefined) return { kind: "missing" };
  const row = { ...old, ...(await amended(old, key)), updatedMs: laterThan(old, act) };
  return save(ports, { old, row, key, action, act });
}

async function save(
  { store }: DestinationStorePorts,
  { old, row, key, action, act, more }: Saving,
): Promise<DestinationChange> {
  const { tenant, kind, url, perMinute, concurrency, pausedFor } = row;
  const shown = await show(row, key);
  const guard = old === undefined ? absent(row) : present(old);
  const mutation = (session: DrizzleD1Database) =>
    old === undefined
      ? insertWhere(session, { table: destinations, row, guard })
      : session.update(destinations).set(row).where(unchanged(old));
  const detail = {
    kind,
    url: bare(url),
    secrets: shown.secrets.length,
    per_minute: perMinute,
    concurrency,
    paused: pausedFor ?? false,
    ...more,
  };
  const change = { tenant, action, target: targetOf(row), detail, guard, mutation };
  const commit = await store.commit(change, act);
  if (commit.kind === "raced") {
    const full = old === undefined ? await fullOf(store.db, destinationsOf(tenant)) : undefined;
    return full ?? { kind: "raced" };
  }
  return { ...commit, kind: old === undefined ? "created" : "updated", destination: shown };
}

async function remove(
  ports: DestinationStorePorts,
  name: DestinationName,
  act: Act,
): Promise<DestinationRemoval> {
  const { store } = ports;
  const [old] = await load(ports, name);
  if (old === undefined) return { kind: "missing" };
  const { tenant, destination } = name;
  const guard = present(old);
  const commit = await store.commit(
    {
      tenant,
      action: "destination.delete",
      target: targetOf(name),
      detail: { kind: old.kind, url: bare(old.url) },
      guard,
      along: (db) =>
        db
          .delete(subscriptions)
          .where(sql`tenant = ${tenant} AND destination = ${destination} AND ${guard}`),
      mutation: (db) => db.delete(destinations).where(unchanged(old)),
    },
    act,
  );
  return commit.kind === "raced" ? commit : { ...commit, kind: "removed" };
}

/** By name, those after `after`. */
async function list(
  { store, keyring }: DestinationStorePorts,
  reader: ControlReader,
  { after = "", limit }: Part<string>,
): Promise<Reading<readonly StoredDestination[]>> {
  const { tenant } = reader;
  const session = store.reads(reader);
  const rows = await session.db
    .select({ row: destinations, dataKey: tenants.dataKey })
    .from(destinations)
    .innerJoin(tenants, eq(tenants.tenant, destinations.tenant))
    .where(and(eq(destinations.tenant, tenant), gt(destinations.destination, after)))
    .orderBy(asc(destinations.destination))
    .limit(limit);
  const [first] = rows;
  if (first === undefined) return session.reading([]);
  const key = await importKey(await keyring.unwrap(first.dataKey, tenantPlace(tenant)));
  return session.reading(await Promise.all(rows.map(({ row }) => show(row, key))));
}

/** An address without query and fragment, where keys to it may stand: the trail outlives them. */
const bare = (url: string): string => url.replace(/[?#].*$/s, "");

const targetOf = ({ tenant, destination }: DestinationName): string =>
  `destination:${tenant}/${destination}`;

const absent = ({ tenant, destination }: DestinationName): SQL =>
  sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant}) AND NOT EXISTS
      (SELECT 1 FROM destinations WHERE tenant = ${tenant} AND destination = ${destination})
      AND ${hasRoom(destinationsOf(tenant))}`;

const unchanged = ({ tenant, destination, updatedMs }: Row): SQL =>
  sql`tenant = ${tenant} AND destination = ${destination} AND updated_ms = ${updatedMs}`;

const present = (old: Row): SQL => sql`EXISTS (SELECT 1 FROM destinations WHERE ${unchanged(old)})`;

// `updated_ms` is also the version that writes are guarded by: it always grows.
const laterThan = (old: Row, act: Act): number => Math.max(act.nowMs, old.updatedMs + 1);

async function show(row: Row, key: CryptoKey): Promise<StoredDestination> {
  const { secrets: _, pausedMs, pausedFor, ...rest } = row;
  return {
    ...rest,
    secrets: await openSecrets(row, key),
    ...(pausedMs === null ? {} : { paused: { sinceMs: pausedMs, why: pausedFor ?? "person" } }),
  };
}
