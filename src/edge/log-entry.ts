import type { LogRow } from "../core/subject/chain.ts";
import type { Entry } from "../core/subject/entry.ts";

const parsed = new WeakMap<LogRow, Entry>();

/** What a row of an object's log says; read once, however many steps of a batch look at it. */
export function entryOf(row: LogRow): Entry {
  const known = parsed.get(row);
  if (known !== undefined) return known;
  // Own text: canonical JSON of an entry.
  const entry: Entry = JSON.parse(row.entry);
  parsed.set(row, entry);
  return entry;
}
