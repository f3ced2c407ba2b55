/** A hole in a strict stream that somebody waits behind. */
export interface OpenGap {
  readonly tenant: string;
  /** The stream's key, `dist:42`. */
  readonly subject: string;
  readonly source: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly sinceMs: number;
}

const OPEN = `SELECT tenant, subject, source, epoch, from_seq AS fromSeq, to_seq AS toSeq,
    since_ms AS sinceMs
  FROM gaps WHERE stage <> 'closed' AND tenant IN (SELECT value FROM json_each(?1))
  ORDER BY since_ms, tenant, subject LIMIT ?2`;

/** Gaps that have been open long enough for the core to be asked, the oldest first. */
export async function openGaps(
  db: D1Database,
  tenants: readonly string[],
  limit: number,
): Promise<readonly OpenGap[]> {
  return (await db.prepare(OPEN).bind(JSON.stringify(tenants), limit).all<OpenGap>()).results;
}
