/** A source whose options say that its product is polled. */
export interface PolledSource {
  readonly tenant: string;
  readonly source: string;
  /** Nothing is asked while it is paused; what is known of it stays. */
  readonly isPaused: boolean;
  readonly streams: readonly {
    readonly name: string;
    readonly every?: "day" | "never";
    readonly every_s?: number;
  }[];
}

const POLLED = `SELECT s.tenant, s.source, s.paused_ms IS NOT NULL AS isPaused,
    json_extract(s.options, '$.poll.streams') AS streams
  FROM tenants t JOIN sources s ON s.tenant = t.tenant
  WHERE t.shard = ?1 AND json_extract(s.options, '$.poll') IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.tenant = t.tenant)
  ORDER BY s.tenant, s.source`;

/** Sources of a shard that are polled; those of tenants on their way out are not. */
export async function polledSourcesOf(
  control: D1Database,
  shard: number,
): Promise<readonly PolledSource[]> {
  const { results } = await control
    .withSession("first-primary")
    .prepare(POLLED)
    .bind(shard)
    .all<{ tenant: string; source: string; isPaused: number; streams: string | null }>();
  return results.map(({ isPaused, streams, ...name }) => ({
    ...name,
    isPaused: isPaused === 1,
    streams: JSON.parse(streams ?? "[]"),
  }));
}
