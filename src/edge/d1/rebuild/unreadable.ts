import type { RunName } from "./scratch.ts";
import { rowsOf } from "../reads/session.ts";
import { dropUnreadable } from "../reconciliation/restore.ts";
import { isNotPlain, isReadable, textOfHex } from "../reconciliation/unreadable.ts";
import { OF_RUN } from "./scratch.ts";

/** Names looked at by their bytes at once. */
const PAGE_ROWS = 5000;

const NAMES = `SELECT hex(line_id) AS name, hex(tenant) AS tenant FROM differences
  WHERE ${OF_RUN} AND distributor_id IN ('s0', 's1', 's2', 's3') AND ${isNotPlain("line_id")}
    AND hex(line_id) > ?3 ORDER BY 1 LIMIT ${PAGE_ROWS}`;

const NAME = textOfHex("?3");
/** What is primary has no name that an object gave it, and stays. */
const DROPS = [
  ...["aliases", "messages", "gaps"].map(
    (table) => `DELETE FROM ${table} WHERE tenant = ?1 AND subject = ${NAME} AND ?2 IS NOT NULL`,
  ),
  `DELETE FROM events WHERE tenant = ?1 AND subject = ${NAME} AND position IS NOT NULL
    AND ?2 IS NOT NULL`,
  `DELETE FROM held WHERE tenant = ?1 AND key = ${NAME} AND message IS NULL AND ?2 IS NOT NULL`,
  `DELETE FROM edges WHERE tenant = ?1 AND ${NAME} IN ('dist:' || node, 'cust:' || node)
    AND ?2 IS NOT NULL`,
  `DELETE FROM differences WHERE ${OF_RUN} AND line_id = ${NAME}`,
];

/**
 * Takes away what the mirror has under names that are no text: no object has one, and nobody who asks
 * by what comes out of D1 finds them.
 */
export async function dropUnreadableNames(
  db: D1Database,
  { tenant, runId }: RunName,
): Promise<void> {
  const session = db.withSession("first-primary");
  let after: string | undefined = "";
  while (after !== undefined) {
    const values: readonly string[] = [tenant, runId, after];
    const rows: readonly { readonly name: string; readonly tenant: string }[] = await rowsOf(
      session,
      NAMES,
      values,
    );
    for (const row of rows.filter(({ name }) => !isReadable(name))) {
      await dropUnreadable(db, [row.tenant, row.name]);
      await db.batch(DROPS.map((sql) => db.prepare(sql).bind(tenant, runId, row.name)));
    }
    after = rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.name;
  }
}
