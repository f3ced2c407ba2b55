import { rankOf, type ToLookAt } from "../../rebuild.ts";
import type { RosterHead } from "../../archive/roster.ts";
import { inChunks } from "./chunks.ts";

/*
 * What a rebuild keeps while it runs stands in `differences`, under its run, and is forgotten with its
 * end. `distributor_id` says what a row is:
 * - `s0`…`s3`: a subject by name (`line_id`). `core`: where the mirror stood when the rebuild began,
 *   and what the roster says; `mirror`: the mark, once it was looked at;
 * - `volumes`, `digests`: a row of sums by its key. `mirror`: what it was at the beginning; `core`:
 *   what the logs up to there come to. Their difference is the error, whatever is added meanwhile.
 */

export interface RunName {
  readonly tenant: string;
  readonly runId: string;
}

export type ShareKind = "volumes" | "digests";

export const KIND_OF_SUBJECT = (subject: string): string => `s${rankOf(subject)}`;

/** {@link KIND_OF_SUBJECT} of a column. */
export const kindOf = (name: string): string =>
  `CASE WHEN substr(${name}, 1, 5) = 'tree:' THEN 's0' WHEN substr(${name}, 1, 5) = 'dist:' THEN 's1'
    WHEN substr(${name}, 1, 6) = 'order:' THEN 's3' ELSE 's2' END`;

export const VOLUME_PARTS = ["pv_x100", "cv_x100", "gv_x100"];
export const DIGEST_PARTS = [
  "items",
  "amount_minor",
  "s0",
  "s1",
  "s2",
  "s3",
  "s4",
  "s5",
  "s6",
  "s7",
];

export const OF_RUN = "tenant = ?1 AND run_id = ?2";
export const PUT =
  "INSERT INTO differences (tenant, run_id, distributor_id, line_id, core, mirror)";

/**
 * Keeps where the mirror stands and what its sums are, as of one instant: from then on logs are held
 * against that, while the mirror goes on. Done again, it begins anew.
 */
export async function beginScratch(db: D1Database, { tenant, runId }: RunName): Promise<void> {
  const ask = (sql: string) => db.prepare(sql).bind(tenant, runId);
  await db.batch([
    ask(`DELETE FROM differences WHERE ${OF_RUN}`),
    ask(`${PUT} SELECT ?1, ?2, ${kindOf("subject")}, subject,
        json_object('p', position, 'h', head), NULL FROM subjects WHERE tenant = ?1`),
    ask(`${PUT} SELECT ?1, ?2, 'volumes', json_array(distributor_id, period_id), NULL,
        json_array(${VOLUME_PARTS.join(", ")}) FROM volumes WHERE tenant = ?1`),
    ask(`${PUT} SELECT ?1, ?2, 'digests', json_array(hour_ms, shard, currency), NULL,
        json_array(${DIGEST_PARTS.join(", ")}) FROM digests
      WHERE tenant = ?1 AND kind = 'transfer'`),
  ]);
}

/** Where the mirror itself names subjects, in queries that each read one table. */
const NAMES: readonly string[] = [
  "SELECT DISTINCT subject AS name FROM transfers WHERE tenant = ?1",
  "SELECT DISTINCT 'dist:' || distributor_id FROM lines WHERE tenant = ?1",
  "SELECT DISTINCT 'dist:' || distributor_id FROM standings WHERE tenant = ?1",
  "SELECT 'order:' || order_id FROM orders WHERE tenant = ?1",
  `SELECT CASE kind WHEN 'customer' THEN 'cust:' WHEN 'inventory' THEN 'sku:' ELSE kind || ':' END || id
    FROM records WHERE tenant = ?1`,
  `SELECT DISTINCT CASE node_kind WHEN 'customer' THEN 'cust:' ELSE 'dist:' END || node
    FROM edges WHERE tenant = ?1 AND tree IN ('sponsor', 'placement')
      AND (version < 'd' OR (version >= 'e' AND version < 'f'))`,
  "SELECT DISTINCT 'tree:' || tenant FROM edges WHERE tenant = ?1",
  "SELECT DISTINCT subject FROM aliases WHERE tenant = ?1",
  "SELECT DISTINCT subject FROM messages WHERE tenant = ?1",
  "SELECT DISTINCT subject FROM gaps WHERE tenant = ?1",
  `SELECT DISTINCT subject FROM events
    WHERE tenant = ?1 AND subject IS NOT NULL AND position IS NOT NULL`,
  "SELECT DISTINCT key FROM held WHERE tenant = ?1 AND key IS NOT NULL",
];

export const MIRROR_ORIGINS = NAMES.length;

/** Adds the names that one of the mirror's tables has. */
export async function addMirrorNames(
  db: D1Database,
  { tenant, runId }: RunName,
  origin: number,
): Promise<void> {
  const names = NAMES[origin];
  if (names === undefined) return;
  await db
    .prepare(
      `WITH found (name) AS (${names}) ${PUT}
       SELECT ?1, ?2, ${kindOf("name")}, name, '{}', NULL FROM found WHERE instr(name, ':') > 1
       ON CONFLICT DO NOTHING`,
    )
    .bind(tenant, runId)
    .run();
}

/** Adds names from elsewhere. */
export async function addNames(
  db: D1Database,
  { tenant, runId }: RunName,
  names: Iterable<string>,
): Promise<void> {
  const rows = [...names].map((name) => ({ name }));
  const statements = inChunks(rows).map((part) =>
    db
      .prepare(
        `${PUT} SELECT ?1, ?2, ${kindOf("value ->> 'name'")}, value ->> 'name', '{}', NULL
         FROM json_each(?3) WHERE instr(value ->> 'name', ':') > 1 ON CONFLICT DO NOTHING`,
      )
      .bind(tenant, runId, JSON.stringify(part)),
  );
  if (statements.length > 0) await db.batch(statements);
}

/** Adds what a part of the roster names; of two heads of a subject the further one counts. */
export async function addRoster(
  db: D1Database,
  { tenant, runId }: RunName,
  heads: readonly RosterHead[],
): Promise<void> {
  const statements = inChunks(heads).map((part) =>
    db
      .prepare(
        `${PUT} SELECT ?1, ?2, ${kindOf("value ->> 'subject'")}, value ->> 'subject',
           json_object('rp', value ->> 'position', 'rh', value ->> 'head'), NULL
         FROM json_each(?3) WHERE true
         ON CONFLICT DO UPDATE SET core = json_set(core, '$.rp', excluded.core ->> 'rp',
           '$.rh', excluded.core ->> 'rh')
         WHERE coalesce(core ->> 'rp', -1) < excluded.core ->> 'rp'`,
      )
      .bind(tenant, runId, JSON.stringify(part)),
  );
  if (statements.length > 0) await db.batch(statements);
}

const UNREAD = `SELECT EXISTS (SELECT 1 FROM differences WHERE ${OF_RUN}
  AND distributor_id IN ('s0', 's1', 's2', 's3') AND core ->> 'p' IS NOT NULL
  AND (mirror IS NULL OR mirror ->> 'result' IN ('failed', 'too_long')
    OR mirror ->> 'isUnread' = 1)) AS unread`;

/** Whether every log was read that the sums counted when the rebuild began. */
export async function hasReadAll(db: D1Database, { tenant, runId }: RunName): Promise<boolean> {
  return (await db.prepare(UNREAD).bind(tenant, runId).first<number>("unread")) === 0;
}

interface Named {
  readonly subject: string;
  readonly p: number | null;
  readonly h: string | null;
  readonly rp: number | null;
  readonly rh: string | null;
}

/** The next subjects of a kind that nobody has looked at; in the order of their names. */
export async function toLookAt(
  db: D1Database,
  { tenant, runId }: RunName,
  { rank, after, limit }: { readonly rank: number; readonly after: string; readonly limit: number },
): Promise<readonly ToLookAt[]> {
  const { results } = await db
    .prepare(
      `SELECT line_id AS subject, core ->> 'p' AS p, core ->> 'h' AS h, core ->> 'rp' AS rp,
         core ->> 'rh' AS rh FROM differences
       WHERE ${OF_RUN} AND distributor_id = ?3 AND line_id > ?4 AND mirror IS NULL
       ORDER BY line_id LIMIT ?5`,
    )
    .bind(tenant, runId, `s${rank}`, after, limit)
    .all<Named>();
  return results.map(({ subject, p, h, rp, rh }) => ({
    tenant,
    subject,
    ...(p === null ? {} : { before: { position: p, head: h ?? "" } }),
    ...(rp === null ? {} : { roster: { position: rp, head: rh ?? "" } }),
  }));
}
