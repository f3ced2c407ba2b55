import type { Counts, Tally } from "../../../core/sla/counts.ts";
import type { Reading } from "../../reading.ts";
import { legible } from "../count-lines.ts";
import { tallies, type WindowsFound, windowsSql } from "../sla-windows.ts";
import { readingOf } from "./session.ts";

const COUNTS = `SELECT coalesce((SELECT json_group_object(key, n) FROM
    (SELECT c.key AS key, sum(c.value) AS n
     FROM sla_minutes s CROSS JOIN json_each(${legible("s.counts")}) c
     WHERE s.tenant = ?1 AND s.minute_ms >= ?2 AND s.minute_ms < ?3 GROUP BY c.key)), '{}') AS found`;

const WINDOWS = `SELECT (${windowsSql("?1", "?2", "?2")}) AS found`;

export interface SlaAsked {
  readonly tenant: string;
  readonly fromMs: number;
  /** Not in it. */
  readonly toMs: number;
  readonly nowMs: number;
}

export interface SlaFound {
  /** Of the whole range. */
  readonly counts: Counts;
  /** Of the windows up to now. */
  readonly windows: ReadonlyMap<number, Tally>;
}

/** How fast lines were visible: a row an hour of the range, and a row a minute of what is young. */
export async function readSla(
  session: D1DatabaseSession,
  { tenant, fromMs, toMs, nowMs }: SlaAsked,
): Promise<Reading<SlaFound>> {
  const results = await session.batch<{ found: string }>([
    session.prepare(COUNTS).bind(tenant, fromMs, toMs),
    session.prepare(WINDOWS).bind(tenant, nowMs),
  ]);
  const [counts = "{}", windows = "{}"] = results.map(({ results: [row] }) => row?.found);
  // Own text: what the statements above build.
  const found: WindowsFound = JSON.parse(windows);
  return readingOf(session, { counts: JSON.parse(counts), windows: tallies(found) });
}
