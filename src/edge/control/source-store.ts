import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { JsonObject } from "../../core/json.ts";
import { type PollSecrets, splitSecrets } from "../../pollers/secrets.ts";
import type { SourceAuth } from "../../senders/sender.ts";
import { importKey, type Keyring, sourcePlace, tenantPlace } from "../crypto/keyring.ts";
import { seal } from "../crypto/seal.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { sources, tenants } from "./tables.ts";
import { openSource, sourceCopy, sourceRecord } from "./published.ts";
import { type Full, fullOf, hasRoom, insertWhere, sourcesOf } from "./room.ts";
import type { Act } from "../act.ts";
import { publishedAt, type Store } from "./store.ts";

/** Which source. */
export interface SourceName {
  readonly tenant: string;
  readonly source: string;
}

/** A source with its secrets opened: whoever shows it masks them. */
export interface SourceSettings extends SourceName {
  readonly sender: string;
  readonly auth: SourceAuth;
  /** Without the secrets of `options.poll`. */
  readonly options: JsonObject;
  readonly pollSecrets?: PollSecrets;
  readonly pausedMs?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** `options` with all of its secrets in their places. */
export type SourceWrite = Pick<SourceSettings, "tenant" | "source" | "sender" | "auth" | "options">;

export type SourceChange =
  | ({ readonly kind: "created" | "updated"; readonly source: SourceSettings } & Marked)
  | { readonly kind: "missing" | "raced" }
  | Full;

export type SourceRemoval =
  | ({ readonly kind: "removed" } & Marked)
  | { readonly kind: "missing" }
  | { readonly kind: "raced" };

export interface SourceStorePorts {
  readonly store: Store;
  readonly keyring: Keyring;
}

type Row = typeof sources.$inferSelect;

export const sourceStore = (ports: SourceStorePorts) => ({
  /** From the primary: for whoever decides upon it. */
  async get(name: SourceName): Promise<SourceSettings | undefined> {
    const [row, key] = await load(ports, name);
    return row && key && show(row, key);
  },
  async read(reader: ControlReader, source: string): Promise<Reading<SourceSettings | undefined>> {
    const session = ports.store.reads(reader);
    const [row, key] = await load({ ...ports, store: session }, { tenant: reader.tenant, source });
    return session.reading(row && key && (await show(row, key)));
  },
  list: (reader: ControlReader, part: Part<string>) => list(ports, reader, part),
  put: (write: SourceWrite, act: Act) => put(ports, write, act),
  remove: (name: SourceName, act: Act) => remove(ports, name, act),

  /** Puts a new secret first; the `keep` newest others stay live for senders still to be told. */
  rotate: (name: SourceName, { secret, keep }: { secret: string; keep: number }, act: Act) =>
    amend(ports, name, {
      act,
      action: "source.rotate",
      async amended(old, key) {
        const { auth, pollSecrets } = await openSource(sourceRecord(old), key);
        const others = auth.secrets.filter((known) => known !== secret).slice(0, keep);
        const sealed = { secrets: [secret, ...others], poll: pollSecrets };
        return { secrets: await sealSecrets(name, key, sealed) };
      },
    }),
  pause: (name: SourceName, act: Act) =>
    amend(ports, name, {
      act,
      action: "source.pause",
      amended: async (old) => ({ pausedMs: old.pausedMs ?? act.nowMs }),
    }),
  resume: (name: SourceName, act: Act) =>
    amend(ports, name, {
      act,
      action: "source.resume",
      amended: async () => ({ pausedMs: null }),
    }),
});

interface Saving {
  readonly old: Row | undefined;
  readonly row: Row;
  readonly key: CryptoKey;
  readonly action: string;
  readonly act: Act;
}

async function load(
  { store, keyring }: Pick<SourceStorePorts, "keyring"> & { readonly store: Pick<Store, "db"> },
  { tenant, source }: SourceName,
): Promise<[Row | undefined, CryptoKey | undefined]> {
  const { db } = store;
  const [rows, owners] = await db.batch([
    db
      .select()
      .from(sources)
      .where(and(eq(sources.tenant, tenant), eq(sources.source, source))),
    db.select({ dataKey: tenants.dataKey }).from(tenants).where(eq(tenants.tenant, tenant)),
  ]);
  const [owner] = owners;
  const key = owner && (await keyring.unwrap(owner.dataKey, tenantPlace(tenant)));
  return [rows[0], key && (await importKey(key))];
}

async function put(ports: SourceStorePorts, write: SourceWrite, act: Act): Promise<SourceChange> {
  const [old, key] = await load(ports, write);
  if (key === undefined) return { kind: "missing" };
  const { tenant, source, sender, auth } = write;
  const { options, secrets: poll } = splitSecrets(write.options);
  const stated = {
    sender,
    scheme: auth.scheme,
    url: auth.url ?? null,
    secrets: await sealSecrets(write, key, { secrets: auth.secrets, poll }),
    options: JSON.stringify(options),
  };
  if (old === undefined) {
    const atMs = act.nowMs;
    const times = { createdMs: atMs, updatedMs: atMs, pausedMs: null, publishedMs: null };
    const row = { tenant, source, ...stated, ...times };
    return save(ports, { old, row, key, action: "source.create", act });
  }
  const row = { ...old, ...stated, updatedMs: laterThan(old, act) };
  return save(ports, { old, row, key, action: "source.update", act });
}

async function amend(
  ports: SourceStorePorts,
  name: SourceName,
  {
    act,
    action,
    amended,
  }: Pick<Saving, "act" | "action"> & {
    amended: (old: Row, key: CryptoKey) => Promise<Partial<Row>>;
  },
): Promise<SourceChange> {
  const [old, key] = await load(ports, name);
  if (old === undefined || key === undefined) return { kind: "missing" };
  const row = { ...old, ...(await amended(old, key)), updatedMs: laterThan(old, act) };
  return save(ports, { old, row, key, action, act });
}

async function save({ store }: SourceStorePorts, saving: Saving): Promise<SourceChange> {
  const { old, row, key, action, act } = saving;
  const { db } = store;
  const { tenant, source, sender, scheme, url, pausedMs } = row;
  const copy = sourceCopy(tenant, source);
  const shown = await show(row, key);
  const detail = {
    sender,
    scheme,
    url,
    secrets: shown.auth.secrets.length,
    paused: pausedMs !== null,
  };
  const guard = old === undefined ? absent(row) : present(old);
  const mutation = (session: DrizzleD1Database) =>
    old === undefined
      ? insertWhere(session, { table: sources, row, guard })
      : session.update(sources).set(row).where(unchanged(old));
  const change = { tenant, action, target: copy, detail, guard, mutation, copy };
  const commit = await store.commit(change, act);
  if (commit.kind === "raced") {
    const full = old === undefined ? await fullOf(db, sourcesOf(tenant)) : undefined;
    return full ?? { kind: "raced" };
  }
  const isPublished = await store.publish(copy, sourceRecord(row));
  if (isPublished) await publishedAt(db, row, row.updatedMs);
  return { ...commit, kind: old === undefined ? "created" : "updated", source: shown };
}

async function remove(ports: SourceStorePorts, name: SourceName, act: Act): Promise<SourceRemoval> {
  const { store } = ports;
  const [old] = await load(ports, name);
  if (old === undefined) return { kind: "missing" };
  const copy = sourceCopy(name.tenant, name.source);
  const commit = await store.commit(
    {
      tenant: name.tenant,
      action: "source.delete",
      target: copy,
      detail: { sender: old.sender },
      guard: present(old),
      mutation: (db) => db.delete(sources).where(unchanged(old)),
      copy,
    },
    act,
  );
  if (commit.kind === "raced") return commit;
  await store.publish(copy, undefined);
  return { ...commit, kind: "removed" };
}

/** By name, those after `after`. */
async function list(
  { store, keyring }: SourceStorePorts,
  reader: ControlReader,
  { after = "", limit }: Part<string>,
): Promise<Reading<readonly SourceSettings[]>> {
  const { tenant } = reader;
  const session = store.reads(reader);
  const rows = await session.db
    .select({ source: sources, dataKey: tenants.dataKey })
    .from(sources)
    .innerJoin(tenants, eq(tenants.tenant, sources.tenant))
    .where(and(eq(sources.tenant, tenant), gt(sources.source, after)))
    .orderBy(asc(sources.source))
    .limit(limit);
  const [first] = rows;
  if (first === undefined) return session.reading([]);
  const key = await importKey(await keyring.unwrap(first.dataKey, tenantPlace(tenant)));
  return session.reading(await Promise.all(rows.map(({ source }) => show(source, key))));
}

const absent = ({ tenant, source }: SourceName): SQL =>
  sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant}) AND NOT EXISTS
      (SELECT 1 FROM sources WHERE tenant = ${tenant} AND source = ${source})
      AND ${hasRoom(sourcesOf(tenant))}`;

const unchanged = ({ tenant, source, updatedMs }: Row): SQL =>
  sql`tenant = ${tenant} AND source = ${source} AND updated_ms = ${updatedMs}`;

const present = (old: Row): SQL => sql`EXISTS (SELECT 1 FROM sources WHERE ${unchanged(old)})`;

// `updated_ms` is also the version that writes are guarded by: it always grows.
const laterThan = (old: Row, act: Act): number => Math.max(act.nowMs, old.updatedMs + 1);

const sealSecrets = (
  { tenant, source }: SourceName,
  key: CryptoKey,
  { secrets, poll }: { secrets: readonly string[]; poll: PollSecrets | undefined },
): Promise<string> => {
  const text = JSON.stringify(poll === undefined ? secrets : { secrets, poll });
  return seal(key, new TextEncoder().encode(text), sourcePlace(tenant, source));
};

async function show(row: Row, key: CryptoKey): Promise<SourceSettings> {
  const { tenant, createdMs, updatedMs } = row;
  return { ...(await openSource(sourceRecord(row), key)), tenant, createdMs, updatedMs };
}
