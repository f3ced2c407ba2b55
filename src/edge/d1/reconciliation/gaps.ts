import { GAP_ASK_MS_MAX, GAP_ASK_MS_MIN } from "../../../core/ordering/gap.ts";

/** A hole in a strict stream that somebody waits behind. */
export interface OpenGap {
  readonly tenant: string;
  /** The stream's key, `dist:42`. */
  readonly subject: string;
  readonly source: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

// A frozen subject takes nothing: what it lacks is asked for once it is free again.
const DUE = `SELECT tenant, subject, source, epoch, from_seq AS fromSeq, to_seq AS toSeq FROM (
    SELECT g.*, j.key AS turn, row_number() OVER (PARTITION BY g.tenant
      ORDER BY g.at_ms, g.subject, g.source, g.epoch, g.from_seq) AS n
    FROM json_each(?1) j CROSS JOIN gaps g INDEXED BY gaps_open
    WHERE g.tenant = j.value AND g.stage <> 'closed'
      AND g.at_ms + min(max(g.at_ms - g.since_ms, ?3), ?4) <= ?2
      AND NOT EXISTS (SELECT 1 FROM subjects s WHERE s.tenant = g.tenant AND s.subject = g.subject
        AND s.frozen_ms IS NOT NULL))
  WHERE n <= ?5 ORDER BY n, turn LIMIT ?6`;

/**
 * Gaps that the core is to be asked for again by now: one of each tenant, in the order of these, then
 * a second one of each, and so on. Of a tenant's, what was asked for longest ago comes first.
 */
export async function dueGaps(
  db: D1Database,
  tenants: readonly string[],
  asked: { readonly nowMs: number; readonly ofTenant: number; readonly limit: number },
): Promise<readonly OpenGap[]> {
  const { nowMs, ofTenant, limit } = asked;
  const bounds = [GAP_ASK_MS_MIN, GAP_ASK_MS_MAX];
  const query = db.prepare(DUE).bind(JSON.stringify(tenants), nowMs, ...bounds, ofTenant, limit);
  return (await query.all<OpenGap>()).results;
}

const ASKED = `UPDATE gaps SET at_ms = max(at_ms, ?6) WHERE tenant = ?1 AND subject = ?2
  AND source = ?3 AND epoch = ?4 AND from_seq = ?5 AND stage <> 'closed'`;

/** Keeps when the core was asked for a gap: it is asked again after a longer pause. */
export async function markAsked(db: D1Database, gap: OpenGap, nowMs: number): Promise<void> {
  const { tenant, subject, source, epoch, fromSeq } = gap;
  await db.prepare(ASKED).bind(tenant, subject, source, epoch, fromSeq, nowMs).run();
}

const KEY = "tenant, subject, source, epoch, from_seq";
const AFTER = `(${KEY}) > (?1 ->> 0, ?1 ->> 1, ?1 ->> 2, ?1 ->> 3, ?1 ->> 4)`;

const PAGE_END = `SELECT json_array(${KEY}) AS end FROM gaps WHERE ${AFTER}
  ORDER BY ${KEY} LIMIT 1 OFFSET ?2 - 1`;

const FORGET = `DELETE FROM gaps WHERE ${AFTER} AND stage = 'closed' AND at_ms < ?2
  AND (?3 IS NULL OR (${KEY}) <= (?3 ->> 0, ?3 ->> 1, ?3 ->> 2, ?3 ->> 3, ?3 ->> 4))`;

const BEFORE_ALL = JSON.stringify(["", "", "", -1, -1]);

/**
 * Deletes what of the gaps behind a place was closed before then, looking at so many rows; where to go
 * on, unless that was the end. A rebuild does not write them again.
 */
export async function forgetClosed(
  db: D1Database,
  asked: {
    readonly after: string | undefined;
    readonly closedByMs: number;
    readonly limit: number;
  },
): Promise<string | undefined> {
  const { after = BEFORE_ALL, closedByMs, limit } = asked;
  const page = await db.prepare(PAGE_END).bind(after, limit).first<{ end: string }>();
  const end = page?.end ?? null;
  await db.prepare(FORGET).bind(after, closedByMs, end).run();
  return end ?? undefined;
}
