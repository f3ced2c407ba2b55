import { type Place, type Repair, type SubjectRows, SUMMARY_COLUMNS } from "../../subject-rows.ts";
import { LINE_COLUMNS, TRANSFER_COLUMNS } from "./subject-rows.ts";
import { REPLACED } from "./unreadable.ts";

/** Where the mirror stood when it was read: what moved since is looked at in the next cycle. */
const UNMOVED = `coalesce((SELECT f.position = ?3 AND f.head = ?4 AND f.frozen_ms IS NULL
  FROM subjects f WHERE f.tenant = ?1 AND f.subject = ?2), ?3 = 0)`;

/** Rows up to a position stay as they are, however far the mirror has gone on. */
const REACHED = `coalesce((SELECT f.position >= ?3 AND f.frozen_ms IS NULL
  FROM subjects f WHERE f.tenant = ?1 AND f.subject = ?2), ?3 = 0)`;

const columns = (of: readonly string[]): string => of.join(", ");
const values = (of: readonly string[]): string =>
  of.map((column) => `value ->> '${column}'`).join(", ");

const deleteTransfers = (fence: string) => `DELETE FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND ${fence}
  AND (position, n) IN (SELECT value ->> 'position', value ->> 'n' FROM json_each(?5))`;
/** Numbers of JSON are doubles, and do not name a place beyond them: no log tells of one. */
export const isSafe = (column: string): string =>
  `${column} BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
const dropUntold = (fence: string) => `DELETE FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND ${fence} AND NOT (${isSafe("position")} AND ${isSafe("n")})`;
const putTransfers = (
  fence: string,
) => `INSERT OR REPLACE INTO transfers (tenant, subject, ${columns(TRANSFER_COLUMNS)})
  SELECT ?1, ?2, ${values(TRANSFER_COLUMNS)} FROM json_each(?5) WHERE ${fence}`;
const DELETE_LINES = `DELETE FROM lines WHERE tenant = ?1 AND ${UNMOVED}
  AND (distributor_id, line_id) IN
    (SELECT value ->> 'distributor_id', value ->> 'line_id' FROM json_each(?5))`;
const PUT_LINES = `INSERT OR REPLACE INTO lines (tenant, ${columns(LINE_COLUMNS)})
  SELECT ?1, ${values(LINE_COLUMNS)} FROM json_each(?5) WHERE ${UNMOVED}`;
const COUNT_LINES = `UPDATE lines SET digest = (SELECT value ->> 'digest' FROM json_each(?5)
    WHERE value ->> 'distributor_id' = distributor_id AND value ->> 'line_id' = line_id)
  WHERE tenant = ?1 AND digest IS NULL AND ${UNMOVED} AND (distributor_id, line_id) IN
    (SELECT value ->> 'distributor_id', value ->> 'line_id' FROM json_each(?5))`;
const PUT_SUMMARY = `UPDATE subjects SET ${SUMMARY_COLUMNS.map(
  (column) => `${column} = ?5 ->> '${column}'`,
).join(", ")}
  WHERE tenant = ?1 AND subject = ?2 AND position = ?3 AND head = ?4 AND frozen_ms IS NULL`;

/**
 * A line that an event has told anew since is another row, and stays. Numbers are held against each
 * other as JSON has them; of a text that is none it has not what it is.
 */
const AS_FOUND = [
  ...["state", "currency"].map(
    (name) =>
      `(instr(j.value ->> '${name}', '${REPLACED}') > 0 OR l.${name} = j.value ->> '${name}')`,
  ),
  ...["amount_minor", "reversed_minor", "effective_ms"].map(
    (name) => `CAST(l.${name} AS REAL) = CAST(j.value ->> '${name}' AS REAL)`,
  ),
].join(" AND ");
const DELETE_LINES_AS_FOUND = `DELETE FROM lines WHERE tenant = ?1 AND ${REACHED}
  AND (distributor_id, line_id) IN (SELECT l.distributor_id, l.line_id
    FROM json_each(?5) j CROSS JOIN lines l ON l.tenant = ?1
      AND l.distributor_id = j.value ->> 'distributor_id' AND l.line_id = j.value ->> 'line_id'
    WHERE ${AS_FOUND})`;
const PUT_LINES_MISSING = `INSERT INTO lines (tenant, ${columns(LINE_COLUMNS)})
  SELECT ?1, ${values(LINE_COLUMNS)} FROM json_each(?5) WHERE ${REACHED}
  ON CONFLICT DO NOTHING`;

/** Who is nobody has no row: its break, if it was frozen as somebody, is gone with it. */
const DROP_ROW = `DELETE FROM subjects
  WHERE tenant = ?1 AND subject = ?2 AND position = ?3 AND head = ?4`;
const DROP_BREAK = `UPDATE breaks SET resolved_ms = ?3, outcome = 'gone'
  WHERE tenant = ?1 AND break_id = 'CHAIN:' || ?2 AND resolved_ms IS NULL`;

/** The trigger that keeps transfers from being deleted lets this batch pass, and no other. */
export const BEGIN = "INSERT OR REPLACE INTO repairs (tenant, subject) VALUES (?1, ?2)";
export const END = "DELETE FROM repairs WHERE tenant = ?1 AND subject = ?2";

/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 1000;

/**
 * Puts a subject's rows right, in one D1 batch behind the position that they were read at. The
 * digests stay: they were made of the log, as the rows are again.
 */
export async function repairSubject(
  db: D1Database,
  { tenant, subject, row }: SubjectRows,
  { transfers, lines, uncounted, summary, isNobodys }: Repair,
  nowMs: number,
): Promise<void> {
  const fence = [tenant, subject, row?.position ?? 0, row?.head ?? ""];
  const { statements, once } = binder(db, fence);
  await db.batch([
    db.prepare(BEGIN).bind(tenant, subject),
    ...statements(deleteTransfers(UNMOVED), transfers.wrong),
    ...(transfers.wrong.length === 0 ? [] : [once(dropUntold(UNMOVED))]),
    ...statements(putTransfers(UNMOVED), transfers.right),
    ...statements(DELETE_LINES, lines.wrong),
    ...statements(PUT_LINES, lines.right),
    ...statements(COUNT_LINES, uncounted),
    ...(summary === undefined ? [] : [once(PUT_SUMMARY, JSON.stringify(summary))]),
    // The last that reads where the mirror stood.
    ...(isNobodys === true
      ? [once(DROP_ROW), db.prepare(DROP_BREAK).bind(tenant, subject, nowMs)]
      : []),
    db.prepare(END).bind(tenant, subject),
  ]);
}

/**
 * Puts a part of a subject's rows right that is as of a position which the mirror has passed since, or
 * not: rows of later events stay as they are.
 */
export async function repairPart(
  db: D1Database,
  { tenant, subject, upTo }: Place & { readonly upTo: number },
  { transfers, lines }: Pick<Repair, "transfers" | "lines">,
): Promise<void> {
  const { statements } = binder(db, [tenant, subject, upTo, ""]);
  await db.batch([
    db.prepare(BEGIN).bind(tenant, subject),
    ...statements(deleteTransfers(REACHED), transfers.wrong),
    ...(transfers.wrong.length === 0
      ? []
      : [db.prepare(dropUntold(REACHED)).bind(tenant, subject, upTo)]),
    ...statements(putTransfers(REACHED), transfers.right),
    ...statements(DELETE_LINES_AS_FOUND, lines.wrong),
    ...statements(PUT_LINES_MISSING, lines.right),
    db.prepare(END).bind(tenant, subject),
  ]);
}

/** Statements behind a fence, with the rows of their part as the fifth parameter. */
const binder = (db: D1Database, fence: readonly (string | number)[]) => ({
  statements: (sql: string, rows: readonly object[]) =>
    chunks(rows).map((part) => db.prepare(sql).bind(...fence, JSON.stringify(part))),
  once: (sql: string, ...more: readonly string[]) => db.prepare(sql).bind(...fence, ...more),
});

function chunks<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const count = Math.ceil(rows.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  );
}
