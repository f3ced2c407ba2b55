import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { Marked, Reading } from "../reading.ts";

/** The control tables as one request sees them: each query sees what those before it saw. */
export interface ControlSession {
  readonly db: DrizzleD1Database;
  /** Where the session stands by now; nothing before its first query. */
  readonly mark: () => Marked;
  /** What was read in it, with where it stands. */
  readonly reading: <Value>(value: Value) => Reading<Value>;
}

/** Begins a session of D1's Sessions API: at a bookmark, or where one of its constraints says. */
export function openSession(d1: D1Database, from: string): ControlSession {
  const session = d1.withSession(from);
  const mark = (): Marked => {
    const bookmark = session.getBookmark();
    return bookmark === null ? {} : { bookmark };
  };
  return {
    db: drizzle(askedThrough(session, d1)),
    mark,
    reading: (value) => ({ value, ...mark() }),
  };
}

/** drizzle takes databases alone, and asks of one what a session has as well. */
const askedThrough = (session: D1DatabaseSession, d1: D1Database): D1Database =>
  Object.create(d1, {
    prepare: { value: (query: string) => session.prepare(query) },
    batch: { value: (statements: D1PreparedStatement[]) => session.batch(statements) },
  });
