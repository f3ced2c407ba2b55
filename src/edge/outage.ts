const SIGNS = /overloaded|wait longer|timed? ?out|connection lost|network|reset|internal error/i;

/** Whether an error tells that a database, an object or the way there is out for a while. */
export const isOutage = (error: unknown): boolean => SIGNS.test(String(error));

const SEVERED = /connection lost|network|reset|internal error/i;
/** What took a database more than it has resets it too, and would do so again. */
const EXCEEDED = /exceeded/i;

/** Whether the way to a database broke, so that another one may hold at once. */
export function isSevered(error: unknown): boolean {
  const message = String(rootOf(error));
  return SEVERED.test(message) && !EXCEEDED.test(message);
}

/** Whether a database turned a query away before it was begun: too many others wait for it. */
export const isTurnedAway = (error: unknown): boolean => /overloaded/i.test(String(rootOf(error)));

/** {@link isOutage} of a request: whatever D1 says is one, but for what SQLite says of the query itself. */
export function isReadOutage(error: unknown): boolean {
  const message = String(rootOf(error));
  if (message.includes("D1_ERROR")) return !message.includes("SQLITE_");
  return SIGNS.test(message);
}

/** What D1 said: drizzle stands before it, with every value of the query in its own message. */
export function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}
