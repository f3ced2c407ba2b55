import type { Place, Repair, SubjectRows } from "../../subject-rows.ts";
import { LINE_COLUMNS, TRANSFER_COLUMNS } from "./subject-rows.ts";

/** Where the mirror stood when it was read: what moved since is looked at in the next cycle. */
const UNMOVED = `coalesce((SELECT f.position = ?3 AND f.head = ?4 AND f.frozen_ms IS NULL
  FROM subjects f WHERE f.tenant = ?1 AND f.subject = ?2), ?3 = 0)`;

const columns = (of: readonly string[]): string => of.join(", ");
const values = (of: readonly string[]): string =>
  of.map((column) => `value ->> '${column}'`).join(", ");

const DELETE_TRANSFERS = `DELETE FROM transfers WHERE tenant = ?1 AND subject = ?2 AND ${UNMOVED}
  AND (position, n) IN (SELECT value ->> 'position', value ->> 'n' FROM json_each(?5))`;
const PUT_TRANSFERS = `INSERT OR REPLACE INTO transfers (tenant, subject, ${columns(TRANSFER_COLUMNS)})
  SELECT ?1, ?2, ${values(TRANSFER_COLUMNS)} FROM json_each(?5) WHERE ${UNMOVED}`;
const DELETE_LINES = `DELETE FROM lines WHERE tenant = ?1 AND ${UNMOVED}
  AND (distributor_id, line_id) IN
    (SELECT value ->> 'distributor_id', value ->> 'line_id' FROM json_each(?5))`;
const PUT_LINES = `INSERT OR REPLACE INTO lines (tenant, ${columns(LINE_COLUMNS)})
  SELECT ?1, ${values(LINE_COLUMNS)} FROM json_each(?5) WHERE ${UNMOVED}`;
const COUNT_LINES = `UPDATE lines SET digest = (SELECT value ->> 'digest' FROM json_each(?5)
    WHERE value ->> 'distributor_id' = distributor_id AND value ->> 'line_id' = line_id)
  WHERE tenant = ?1 AND digest IS NULL AND ${UNMOVED} AND (distributor_id, line_id) IN
    (SELECT value ->> 'distributor_id', value ->> 'line_id' FROM json_each(?5))`;
const PUT_VIEW = `UPDATE subjects SET view = ?5, view_position = ?3
  WHERE tenant = ?1 AND subject = ?2 AND position = ?3 AND head = ?4 AND frozen_ms IS NULL`;

/** The trigger that keeps transfers from being deleted lets this batch pass, and no other. */
const BEGIN = "INSERT OR REPLACE INTO repairs (tenant, subject) VALUES (?1, ?2)";
const END = "DELETE FROM repairs WHERE tenant = ?1 AND subject = ?2";

/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 1000;

/**
 * Puts a subject's rows right, in one D1 batch behind the position that they were read at. The
 * digests stay: they were made of the log, as the rows are again.
 */
export async function repairSubject(
  db: D1Database,
  { tenant, subject, row }: SubjectRows,
  { transfers, lines, uncounted, view }: Repair,
): Promise<void> {
  const fence = [tenant, subject, row?.position ?? 0, row?.head ?? ""];
  const statements = (sql: string, rows: readonly object[]) =>
    chunks(rows).map((part) => db.prepare(sql).bind(...fence, JSON.stringify(part)));
  await db.batch([
    db.prepare(BEGIN).bind(tenant, subject),
    ...statements(DELETE_TRANSFERS, transfers.wrong),
    ...statements(PUT_TRANSFERS, transfers.right),
    ...statements(DELETE_LINES, lines.wrong),
    ...statements(PUT_LINES, lines.right),
    ...statements(COUNT_LINES, uncounted),
    ...(view === undefined ? [] : [db.prepare(PUT_VIEW).bind(...fence, view)]),
    db.prepare(END).bind(tenant, subject),
  ]);
}

function chunks<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const count = Math.ceil(rows.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  );
}

const HIGHEST = `SELECT coalesce(max(position), 0) AS events,
    (SELECT coalesce(max(position), 0) FROM transfers WHERE tenant = ?1 AND subject = ?2) AS transfers
  FROM events WHERE tenant = ?1 AND subject = ?2`;

interface Highest {
  readonly events: number;
  readonly transfers: number;
}

/** How far a subject was mirrored, by what is left of it where its own row is gone. */
export async function highestMirrored(
  db: D1Database,
  { tenant, subject }: Place,
): Promise<Highest> {
  const found = await db.prepare(HIGHEST).bind(tenant, subject).first<Highest>();
  return found ?? { events: 0, transfers: 0 };
}

/** Where a subject was, by its log. */
export interface LostRow {
  readonly position: number;
  readonly head: string;
  readonly recordedMs: number;
  /** As its object has it. */
  readonly displayName?: string;
}

/** Gives a subject the row that it has lost; nothing where it has one. */
export async function restoreRow(
  db: D1Database,
  { tenant, subject }: Place,
  { position, head, recordedMs, displayName }: LostRow,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO subjects (tenant, subject, position, head, as_of_ms, display_name)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING`,
    )
    .bind(tenant, subject, position, head, recordedMs, displayName ?? null)
    .run();
}
