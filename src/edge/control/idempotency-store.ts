import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { importKey, type Keyring, tenantPlace } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";
import type { Claim, Claiming, Idempotency, KeptAnswer, KeyedWrite } from "../idempotency.ts";
import { rootOf } from "../outage.ts";
import { idempotency } from "./tables.ts";

/** How long an answer is given again. */
const KEPT_MS = 86_400_000;
/** Whoever has not answered by then has died: another one may do the write, unless it is {@link SAVED}. */
const CLAIM_MS = 60_000;
/** Stands for the answer of a write that is saved, until that is kept. */
const SAVED = "";

/**
 * Takes the place of a row that is over. An answer that never came is taken over for the same write
 * alone; the row's moment is the claim, so that of two takers one has it.
 */
const CLAIM = `INSERT INTO idempotency (tenant, caller, key, fingerprint, answer, created_ms)
  VALUES (?1, ?2, ?3, ?4, NULL, ?5)
  ON CONFLICT DO UPDATE
    SET fingerprint = excluded.fingerprint, answer = NULL, created_ms = excluded.created_ms
    WHERE created_ms <= ?5 - ${KEPT_MS}
      OR (answer IS NULL AND created_ms <= ?5 - ${CLAIM_MS} AND fingerprint = excluded.fingerprint)
  RETURNING created_ms`;

const READ = `SELECT i.fingerprint, i.answer, i.created_ms, t.data_key
  FROM idempotency i LEFT JOIN tenants t ON t.tenant = i.tenant
  WHERE i.tenant = ?1 AND i.caller = ?2 AND i.key = ?3`;

const MINE = "tenant = ?1 AND caller = ?2 AND key = ?3 AND created_ms = ?4";

interface Row {
  readonly fingerprint: string;
  readonly answer: string | null;
  readonly created_ms: number;
  readonly data_key: string | null;
}

interface Ports {
  readonly d1: D1Database;
  readonly keyring: Keyring;
}

/**
 * Answers of writes by their `Idempotency-Key`. They can hold a new API key, so they are sealed
 * under the tenant's key; a tenant that does not exist when its write ends keeps none.
 */
export const idempotencyStore = (ports: Ports): Idempotency => ({
  claim: (write, nowMs) => claim(ports, write, nowMs),

  async settle(claimed, answer) {
    const { d1, keyring } = ports;
    const dataKey = await d1
      .prepare("SELECT data_key FROM tenants WHERE tenant = ?1")
      .bind(claimed.tenant)
      .first<string>("data_key");
    if (dataKey === null) return release(ports, claimed);
    const key = await importKey(await keyring.unwrap(dataKey, tenantPlace(claimed.tenant)));
    const text = new TextEncoder().encode(JSON.stringify(answer));
    await d1
      .prepare(`UPDATE idempotency SET answer = ?5
        WHERE ${MINE} AND (answer IS NULL OR answer = '${SAVED}')`)
      .bind(...nameOf(claimed), claimed.claimedMs, await seal(key, text, placeOf(claimed)))
      .run();
  },

  release: (claimed) => release(ports, claimed),
});

async function claim(ports: Ports, write: KeyedWrite, nowMs: number): Promise<Claiming> {
  const { d1 } = ports;
  // Both in one transaction: nobody can come between.
  const [claimed, read] = await d1.batch<Row>([
    d1.prepare(CLAIM).bind(...nameOf(write), write.fingerprint, nowMs),
    d1.prepare(READ).bind(...nameOf(write)),
  ]);
  if ((claimed?.results.length ?? 0) > 0) {
    return { kind: "claimed", claim: { ...write, claimedMs: nowMs } };
  }
  const [row] = read?.results ?? [];
  if (row === undefined) throw new Error("Cannot read an idempotency key: no row of it");
  return row.fingerprint === write.fingerprint
    ? standing(ports, { ...row, write }, nowMs)
    : { kind: "reused" };
}

/** What a row says to the same write again. */
async function standing(
  { keyring }: Ports,
  { write, ...row }: Row & { readonly write: KeyedWrite },
  nowMs: number,
): Promise<Claiming> {
  if (row.answer === SAVED) {
    // Within a minute its answer may still come.
    return { kind: row.created_ms > nowMs - CLAIM_MS ? "in_progress" : "lost" };
  }
  if (row.answer === null || row.data_key === null) return { kind: "in_progress" };
  const key = await importKey(await keyring.unwrap(row.data_key, tenantPlace(write.tenant)));
  const bytes = await open(key, row.answer, placeOf(write));
  const answer: KeptAnswer = JSON.parse(new TextDecoder().decode(bytes));
  return { kind: "answered", answer };
}

/** What is saved stays so, whatever failed after. */
async function release({ d1 }: Ports, claimed: Claim): Promise<void> {
  await d1
    .prepare(`DELETE FROM idempotency WHERE ${MINE} AND answer IS NULL`)
    .bind(...nameOf(claimed), claimed.claimedMs)
    .run();
}

/**
 * What a write's own batch says of its key, ahead of what changes the `guard`. First a statement that
 * fails once another request has taken the claim over, and all of the batch with it; a row that is gone
 * fails nothing: whoever took it over has let go of it undone. Then, where the guard holds, that the
 * write is saved: should its answer get lost, it is not done again.
 */
export function fenceOf(db: DrizzleD1Database, claimed: Claim, guard: SQL) {
  const { createdMs, answer } = idempotency;
  const isOfKey = and(
    eq(idempotency.tenant, claimed.tenant),
    eq(idempotency.caller, claimed.caller),
    eq(idempotency.key, claimed.key),
  );
  const fence = db
    .update(idempotency)
    .set({ createdMs: sql`NULL` })
    .where(and(isOfKey, ne(createdMs, claimed.claimedMs)));
  if (claimed.isRepeatable === true) return [fence];
  const isMine = and(isOfKey, eq(createdMs, claimed.claimedMs), isNull(answer));
  return [fence, db.update(idempotency).set({ answer: SAVED }).where(and(isMine, guard))];
}

/** Whether {@link fenceOf} failed. */
export const isFenced = (error: unknown): boolean =>
  String(rootOf(error)).includes("NOT NULL constraint failed: idempotency.created_ms");

const nameOf = ({ tenant, caller, key }: KeyedWrite) => [tenant, caller, key] as const;

/** Binds a sealed answer to the write that it answers. */
const placeOf = ({ tenant, caller, key, fingerprint }: KeyedWrite): string =>
  `idempotency:${JSON.stringify([tenant, caller, key, fingerprint])}`;

const FORGOTTEN_AT_ONCE = 500;
const FORGOTTEN_MAX = 10_000;

/** Removes what is older than a day, so many a run at most. Returns how many. */
export async function forgetIdempotency(d1: D1Database, nowMs: number): Promise<number> {
  let forgotten = 0;
  while (forgotten < FORGOTTEN_MAX) {
    const { meta } = await d1
      .prepare(
        `DELETE FROM idempotency WHERE (tenant, caller, key) IN
           (SELECT tenant, caller, key FROM idempotency WHERE created_ms <= ?1
            ORDER BY created_ms LIMIT ${FORGOTTEN_AT_ONCE})`,
      )
      .bind(nowMs - KEPT_MS)
      .run();
    // `changes` counts rows of the table, not of its index.
    forgotten += meta.changes;
    if (meta.changes < FORGOTTEN_AT_ONCE) break;
  }
  return forgotten;
}
