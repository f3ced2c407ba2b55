import {
  COUNTED_TABLES,
  type RebuildReport,
  type SubjectMark,
  type SubjectResult,
} from "../../rebuild.ts";
import { KIND_OF_SUBJECT, kindOf, OF_RUN, type RunName } from "./scratch.ts";

/*
 * What became of each subject, and how far a rebuild is by that.
 */

export const MARK = `UPDATE differences SET mirror = r.value -> 'r' ->> 'mark'
  FROM json_each(?2) r CROSS JOIN ok ON ok.subject = r.value ->> 's'
  WHERE differences.tenant = ?3 AND differences.run_id = ?4
    AND differences.distributor_id = r.value -> 'r' ->> 'k' AND differences.line_id = ok.subject`;

export const MARKED = `SELECT d.line_id AS subject, d.mirror AS mark
  FROM json_each(?1) j CROSS JOIN differences d ON d.tenant = ?2 AND d.run_id = ?3
    AND d.distributor_id = j.value ->> 'k' AND d.line_id = j.value ->> 's'
  WHERE d.mirror IS NOT NULL`;

/** Marks a subject whatever the mirror has of it: that it could not be looked at. */
export async function putMark(
  db: D1Database,
  { tenant, runId }: RunName,
  { subject, mark }: { readonly subject: string; readonly mark: SubjectMark },
): Promise<void> {
  await db
    .prepare(
      `UPDATE differences SET mirror = ?5 WHERE ${OF_RUN} AND distributor_id = ?3 AND line_id = ?4`,
    )
    .bind(tenant, runId, KIND_OF_SUBJECT(subject), subject, JSON.stringify(mark))
    .run();
}

const IS_SUBJECT = "distributor_id IN ('s0', 's1', 's2', 's3')";

const BEHIND = `SELECT d.line_id AS subject FROM differences d LEFT JOIN subjects x
    ON x.tenant = d.tenant AND x.subject = d.line_id
  WHERE d.tenant = ?1 AND d.run_id = ?2 AND d.${IS_SUBJECT}
    AND d.mirror ->> 'until' > coalesce(x.position, 0) AND x.frozen_ms IS NULL
    AND d.mirror ->> 'result' IN ('equal', 'rewritten', 'begun_anew') ORDER BY 1 LIMIT ?3`;

/** Subjects whose mirror has not reached their log yet. */
export async function behind(
  db: D1Database,
  { tenant, runId }: RunName,
  limit: number,
): Promise<readonly string[]> {
  const query = db.prepare(BEHIND).bind(tenant, runId, limit);
  return (await query.all<{ subject: string }>()).results.map(({ subject }) => subject);
}

const COUNTED = COUNTED_TABLES.map((table) => {
  // What came since is not counted yet: positions tell it of events, of the others nothing does.
  const own = table === "events" ? " AND x.position IS NOT NULL" : "";
  return `SELECT x.subject, '${table}' AS kind, count(*) AS n FROM ${table} x
    LEFT JOIN differences d ON d.tenant = ?1 AND d.run_id = ?2
      AND d.distributor_id = ${kindOf("x.subject")} AND d.line_id = x.subject
    WHERE x.tenant = ?1${own}${
      table === "events" ? " AND x.position <= coalesce(d.mirror ->> 'at', x.position)" : ""
    } GROUP BY 1`;
});

const SUSPECTS = `WITH counted AS MATERIALIZED (${COUNTED.join(" UNION ALL ")}),
  told AS MATERIALIZED (SELECT d.line_id AS subject, d.mirror ->> 'result' AS result, j.key AS kind,
      j.value AS n FROM differences d JOIN json_each(d.mirror, '$.counts') j
    WHERE d.tenant = ?1 AND d.run_id = ?2 AND d.${IS_SUBJECT} AND d.mirror IS NOT NULL)
  SELECT DISTINCT subject FROM (
    SELECT t.subject FROM told t LEFT JOIN counted c ON c.subject = t.subject AND c.kind = t.kind
      WHERE t.n <> coalesce(c.n, 0) AND t.result IN ('equal', 'rewritten', 'nothing', 'taken_away')
    UNION ALL
    SELECT c.subject FROM counted c WHERE NOT EXISTS
      (SELECT 1 FROM told t WHERE t.subject = c.subject AND t.kind = c.kind))
  WHERE subject > ?3 ORDER BY 1 LIMIT ?4`;

/**
 * Subjects of which tables that are looked up by keys have more rows, or fewer, than their logs tell:
 * somebody put one there. Whoever got events meanwhile can be among them.
 */
export async function suspects(
  db: D1Database,
  { tenant, runId }: RunName,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const query = db.prepare(SUSPECTS).bind(tenant, runId, after, limit);
  return (await query.all<{ subject: string }>()).results.map(({ subject }) => subject);
}

/** Names shown of a kind of result. */
const SHOWN_MAX = 20;

const RESULTS = `SELECT mirror ->> 'result' AS result, count(*) AS n,
    (SELECT json_group_array(line_id) FROM (SELECT line_id FROM differences i
      WHERE i.tenant = ?1 AND i.run_id = ?2 AND i.${IS_SUBJECT}
        AND i.mirror ->> 'result' IS d.mirror ->> 'result'
        AND i.mirror ->> 'result' IN ('frozen', 'not_found', 'failed', 'too_long')
      ORDER BY line_id LIMIT ${SHOWN_MAX})) AS names
  FROM differences d WHERE ${OF_RUN} AND d.${IS_SUBJECT} GROUP BY 1`;

const WRITTEN = `SELECT j.key AS name, sum(j.value) AS n
  FROM differences d JOIN json_each(d.mirror, '$.rows') j
  WHERE d.tenant = ?1 AND d.run_id = ?2 AND d.${IS_SUBJECT} AND d.mirror IS NOT NULL GROUP BY 1`;

/** How far a rebuild is, by its marks. */
export async function progressOf(
  db: D1Database,
  { tenant, runId }: RunName,
): Promise<Omit<RebuildReport, "behind" | "sums_left" | "error">> {
  const [results, rows] = await db.batch<{
    result?: SubjectResult | null;
    names?: string;
    name?: string;
    n: number;
  }>([RESULTS, WRITTEN].map((sql) => db.prepare(sql).bind(tenant, runId)));
  const counts = results?.results ?? [];
  const named = counts.reduce((total, { n }) => total + n, 0);
  const looked = counts.flatMap(({ result, n }) => (result == null ? [] : [[result, n] as const]));
  const namesOf = (...of: readonly SubjectResult[]): readonly string[] =>
    counts.flatMap(({ result, names = "[]" }) =>
      result != null && of.includes(result) ? parseNames(names) : [],
    );
  return {
    named,
    looked_at: looked.reduce((total, [, n]) => total + n, 0),
    results: Object.fromEntries(looked),
    rows: Object.fromEntries((rows?.results ?? []).map(({ name = "", n }) => [name, n])),
    frozen: namesOf("frozen"),
    not_found: namesOf("not_found"),
    failed: namesOf("failed", "too_long"),
  };
}

// Own text: as the query makes it.
const parseNames = (text: string): readonly string[] => JSON.parse(text);
