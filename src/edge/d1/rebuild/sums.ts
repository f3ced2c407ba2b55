import {
  DIGEST_PARTS,
  OF_RUN,
  PUT,
  type RunName,
  type ShareKind,
  VOLUME_PARTS,
} from "./scratch.ts";

/*
 * Sums of many logs, held against what was kept of them when the rebuild began.
 */

const partsOf = (kind: ShareKind): readonly string[] =>
  kind === "volumes" ? VOLUME_PARTS : DIGEST_PARTS;

const sum = (of: string, i: number): string => `sum(${of} ->> '$.parts[${i}]')`;

const addShares = (kind: ShareKind): string => {
  const sums = partsOf(kind).map((_, i) => sum("r.value -> 'r'", i));
  const added = partsOf(kind).map(
    (_, i) => `coalesce(core ->> '$[${i}]', 0) + (excluded.core ->> '$[${i}]')`,
  );
  return `${PUT} SELECT ?3, ?4, '${kind}', r.value -> 'r' ->> 'key', json_array(${sums.join(", ")}), NULL
    FROM json_each(?2) r CROSS JOIN ok ON ok.subject = r.value ->> 's'
    WHERE EXISTS (SELECT 1 FROM differences d WHERE d.tenant = ?3 AND d.run_id = ?4
      AND d.distributor_id = r.value -> 'r' ->> 'k' AND d.line_id = ok.subject AND d.mirror IS NULL)
    GROUP BY 4 ON CONFLICT DO UPDATE SET core = json_array(${added.join(", ")})`;
};

/** Counts what logs tell of sums, once each: before the mark. `?2` has the rows, `?3` and `?4` the run. */
export const ADD_SHARES: Readonly<Record<ShareKind, string>> = {
  volumes: addShares("volumes"),
  digests: addShares("digests"),
};

const DIFFERS = (kind: ShareKind): string =>
  partsOf(kind)
    .map((_, i) => `coalesce(d.core ->> '$[${i}]', 0) <> coalesce(d.mirror ->> '$[${i}]', 0)`)
    .join(" OR ");

const STEPS = (kind: ShareKind): string =>
  partsOf(kind)
    .map((_, i) => `coalesce(d.core ->> '$[${i}]', 0) - coalesce(d.mirror ->> '$[${i}]', 0)`)
    .join(", ");

const OF_SUMS = (kind: ShareKind): string =>
  `d.tenant = ?1 AND d.run_id = ?2 AND d.distributor_id = '${kind}'`;

/** The old sum goes before the right one comes: their difference can be no number of 64 bits. */
const SET = (kind: ShareKind): string =>
  partsOf(kind)
    .map(
      (name, i) => `${name} = ${name} - coalesce(d.mirror ->> '$[${i}]', 0)
        + coalesce(d.core ->> '$[${i}]', 0)`,
    )
    .join(", ");

/** A sum's row: its key in the table, as the kept row has it. */
const KEYS = {
  volumes: ["distributor_id", "period_id"],
  digests: ["hour_ms", "shard", "currency"],
} as const satisfies Record<ShareKind, readonly string[]>;

const ROW_OF = (kind: ShareKind): string => {
  const own = KEYS[kind].map((name, i) => `x.${name} = d.line_id ->> '$[${i}]'`);
  const more = kind === "digests" ? ["x.kind = 'transfer'"] : [];
  return ["x.tenant = ?1", ...more, ...own].join(" AND ");
};

const SET_SUMS = (kind: ShareKind): string => `UPDATE ${kind} AS x SET ${SET(kind)}
  FROM differences d WHERE ${OF_SUMS(kind)} AND (${DIFFERS(kind)}) AND ${ROW_OF(kind)}`;

const ADD_SUMS = (kind: ShareKind): string => {
  const kinds = kind === "digests" ? ["kind"] : [];
  const names = ["tenant", ...kinds, ...KEYS[kind], ...partsOf(kind)].join(", ");
  const own = KEYS[kind].map((_, i) => `d.line_id ->> '$[${i}]'`).join(", ");
  // Of points a row is kept where they come to nothing.
  const isNew = kind === "volumes" ? " OR (d.core IS NOT NULL AND d.mirror IS NULL)" : "";
  return `INSERT INTO ${kind} (${names})
    SELECT ?1, ${kind === "digests" ? "'transfer', " : ""}${own}, ${STEPS(kind)} FROM differences d
    WHERE ${OF_SUMS(kind)} AND (${DIFFERS(kind)}${isNew})
      AND NOT EXISTS (SELECT 1 FROM ${kind} x WHERE ${ROW_OF(kind)})`;
};

const DROP_VOLUMES = `DELETE FROM volumes WHERE tenant = ?1 AND (distributor_id, period_id) IN
  (SELECT d.line_id ->> '$[0]', d.line_id ->> '$[1]' FROM differences d
    WHERE ${OF_SUMS("volumes")} AND d.core IS NULL)
  AND ${VOLUME_PARTS.map((name) => `${name} = 0`).join(" AND ")}`;

const DROP_DIGESTS = `DELETE FROM digests WHERE tenant = ?1 AND kind = 'transfer'
  AND (hour_ms, shard, currency) IN
    (SELECT d.line_id ->> '$[0]', d.line_id ->> '$[1]', d.line_id ->> '$[2]' FROM differences d
      WHERE ${OF_SUMS("digests")} AND d.core IS NULL)
  AND ${DIGEST_PARTS.map((name) => `${name} = 0`).join(" AND ")}`;

const FORGET_SUMS = `DELETE FROM differences WHERE ${OF_RUN} AND distributor_id = ?3`;

/**
 * Takes the error out of sums: what they were when the rebuild began, against what the logs up to
 * there come to. What was added since stays. Done once: the kept sums go in the same batch. Answers
 * how many rows were wrong.
 */
export async function fixSums(
  db: D1Database,
  { tenant, runId }: RunName,
  kind: ShareKind,
): Promise<number> {
  const ask = (sql: string) => db.prepare(sql).bind(tenant, runId);
  const [set, added] = await db.batch([
    ask(SET_SUMS(kind)),
    ask(ADD_SUMS(kind)),
    ask(kind === "volumes" ? DROP_VOLUMES : DROP_DIGESTS),
    db.prepare(FORGET_SUMS).bind(tenant, runId, kind),
  ]);
  return (set?.meta.changes ?? 0) + (added?.meta.changes ?? 0);
}
