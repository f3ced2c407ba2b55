import type { Place } from "../../subject-rows.ts";
import type { Mirrored } from "../../subject.ts";
import { BEGIN, END } from "../reconciliation/repair.ts";
import { SHAPES } from "./tables.ts";

/** Rows of a table that go in one statement. */
const ROWS_AT_ONCE = 5000;
/** Batches of one call. */
const BATCHES = 10;

/** Tables of which a subject can have any number of rows. */
const LARGE = [
  { table: "lines", own: "distributor_id = substr(?2, 6) AND substr(?2, 1, 5) = 'dist:'" },
  { table: "standings", own: "distributor_id = substr(?2, 6) AND substr(?2, 1, 5) = 'dist:'" },
  { table: "gaps", own: "subject = ?2" },
  {
    table: "edges",
    own: "?2 = 'tree:' || ?1 AND (version >= 'm' OR (version >= 'd' AND version < 'e'))",
  },
  { table: "transfers", own: "subject = ?2" },
] as const;

/** It stands where it stood, and nobody has set it free. */
const FENCE = `EXISTS (SELECT 1 FROM subjects x WHERE x.tenant = ?1 AND x.subject = ?2
  AND x.position = ?3 AND x.head = ?4
  AND x.frozen_ms IS NOT NULL)`;

const DROPS = LARGE.map(({ table, own }) => {
  const key = ["tenant", ...SHAPES[table].key].join(", ");
  return `DELETE FROM ${table} WHERE ${FENCE} AND (${key}) IN
    (SELECT ${key} FROM ${table} WHERE tenant = ?1 AND ${own} LIMIT ${ROWS_AT_ONCE})`;
});

/** Takes away some thousands of rows of each table of a subject that is held, while it stands where it stood. */
export async function takeAway(
  db: D1Database,
  { tenant, subject, position, head }: Place & Mirrored,
): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const results = await db.batch([
      db.prepare(BEGIN).bind(tenant, subject),
      ...DROPS.map((sql) => db.prepare(sql).bind(tenant, subject, position, head)),
      db.prepare(END).bind(tenant, subject),
    ]);
    const gone = results.slice(1, -1).reduce((rows, { meta }) => rows + meta.changes, 0);
    if (gone === 0) return;
  }
}
