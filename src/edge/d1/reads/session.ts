import type { ControlReader, Reader, Reading } from "../../reading.ts";

/** The D1 of a shard. */
export type MirrorOf = (shard: number) => D1Database;

/** Asks the nearest replica, unless the reader's bookmark says that it is behind. */
export const sessionOf = (mirrorOf: MirrorOf, { shard, bookmark }: Reader): D1DatabaseSession =>
  mirrorOf(shard).withSession(bookmark ?? "first-unconstrained");

/** {@link sessionOf} for the control tables. */
export const controlSession = (
  control: D1Database,
  { bookmark }: ControlReader,
): D1DatabaseSession => control.withSession(bookmark ?? "first-unconstrained");

/** What was read in a session, with the bookmark that it ends at. */
export function readingOf<Value>(session: D1DatabaseSession, value: Value): Reading<Value> {
  const bookmark = session.getBookmark();
  return bookmark === null ? { value } : { value, bookmark };
}

/** The rows of one query. */
export async function rowsOf<Row>(
  session: D1DatabaseSession,
  sql: string,
  values: readonly (string | number | null)[],
): Promise<readonly Row[]> {
  const { results } = await session
    .prepare(sql)
    .bind(...values)
    .all<Row>();
  return results;
}

/** {@link rowsOf} as the whole of a read. */
export async function readRows<Row>(
  session: D1DatabaseSession,
  sql: string,
  values: readonly (string | number | null)[],
): Promise<Reading<readonly Row[]>> {
  return readingOf(session, await rowsOf<Row>(session, sql, values));
}
