/** Where a source is kept as a whole: its lease, its token, what it used of the day. No stream is called so. */
export const SOURCE_ROW = "@source";

/** A row of `polls`. */
export interface PollRow {
  readonly tenant: string;
  readonly source: string;
  readonly stream: string;
  readonly nextMs: number;
  readonly leaseMs: number;
  /** JSON. */
  readonly cursor: string;
  readonly failures: number;
  /** JSON. */
  readonly report: string;
}

interface SourceName {
  readonly tenant: string;
  readonly source: string;
}

const COLUMNS = `tenant, source, stream, next_ms AS nextMs, lease_ms AS leaseMs, cursor, failures,
  report`;

/** Every row of some tenants. */
export async function readPolls(
  db: D1Database,
  tenants: readonly string[],
): Promise<readonly PollRow[]> {
  const sql = `SELECT ${COLUMNS} FROM polls WHERE tenant IN (SELECT value FROM json_each(?1))`;
  return (await db.prepare(sql).bind(JSON.stringify(tenants)).all<PollRow>()).results;
}

type RowName = SourceName & { readonly stream: string };

/** Every row of the shard. */
export async function knownPolls(db: D1Database): Promise<readonly RowName[]> {
  const sql = "SELECT tenant, source, stream FROM polls";
  return (await db.prepare(sql).all<RowName>()).results;
}

const LEASE = `INSERT INTO polls (tenant, source, stream, next_ms, lease_ms, cursor, failures, report)
  VALUES (?1, ?2, '${SOURCE_ROW}', 0, ?4, '{}', 0, '{}')
  ON CONFLICT DO UPDATE SET lease_ms = excluded.lease_ms
  WHERE polls.lease_ms <= ?3 AND polls.next_ms <= ?3`;

/** Takes a source until then; false where somebody else is at it, or it is to be left alone. */
export async function leasePolls(
  db: D1Database,
  { tenant, source }: SourceName,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<boolean> {
  const { meta } = await db.prepare(LEASE).bind(tenant, source, nowMs, untilMs).run();
  return meta.changes > 0;
}

const HOLDS = `EXISTS (SELECT 1 FROM polls WHERE tenant = ?1 AND source = ?2
  AND stream = '${SOURCE_ROW}' AND lease_ms = ?8)`;

const SAVE = `INSERT INTO polls (tenant, source, stream, next_ms, lease_ms, cursor, failures, report)
  SELECT ?1, ?2, ?3, ?4, 0, ?5, ?6, ?7 WHERE ${HOLDS}
  ON CONFLICT DO UPDATE SET next_ms = excluded.next_ms, cursor = excluded.cursor,
    failures = excluded.failures, report = excluded.report`;

/** How a row stands, its JSON as values. */
export interface PollState {
  readonly nextMs: number;
  readonly cursor: object;
  readonly failures: number;
  readonly report: object;
}

/** Keeps a stream's row; false where the source's lease of `leaseMs` is held no more. */
export async function savePoll(
  db: D1Database,
  { tenant, source, stream }: SourceName & { readonly stream: string },
  { nextMs, cursor, failures, report }: PollState,
  leaseMs: number,
): Promise<boolean> {
  const values = [nextMs, JSON.stringify(cursor), failures, JSON.stringify(report), leaseMs];
  const { meta } = await db
    .prepare(SAVE)
    .bind(tenant, source, stream, ...values)
    .run();
  return meta.changes > 0;
}

const RELEASE = `UPDATE polls SET next_ms = ?3, lease_ms = 0, cursor = ?4, failures = ?5, report = ?6
  WHERE tenant = ?1 AND source = ?2 AND stream = '${SOURCE_ROW}' AND lease_ms = ?7`;

/** Gives a source back, and keeps its own row. */
export async function releasePolls(
  db: D1Database,
  { tenant, source }: SourceName,
  { nextMs, cursor, failures, report }: PollState,
  leaseMs: number,
): Promise<void> {
  const values = [nextMs, JSON.stringify(cursor), failures, JSON.stringify(report), leaseMs];
  await db
    .prepare(RELEASE)
    .bind(tenant, source, ...values)
    .run();
}

/** Forgets what is polled no more. */
export async function dropPolls(db: D1Database, names: readonly RowName[]): Promise<void> {
  if (names.length === 0) return;
  await db
    .prepare(
      `DELETE FROM polls WHERE (tenant, source, stream) IN
         (SELECT value ->> 'tenant', value ->> 'source', value ->> 'stream' FROM json_each(?1))`,
    )
    .bind(JSON.stringify(names))
    .run();
}
