import { fingerprint } from "../senders/read/fingerprint.ts";
import type { Found } from "./poller.ts";

/** As many versions as a cursor remembers: more of them are told again, as duplicates. */
const RECENT_MAX = 1000;
const SECOND_MS = 1000;

/**
 * A version told lately: when it was changed, its name, what it said where its moment alone does not
 * tell, and how often that has been otherwise within this moment.
 */
export type Recent = readonly [atMs: number, name: string, said?: string, n?: number];

/** One record of a page, held against what was told lately. */
export interface Seen {
  readonly item: Found;
  readonly recent: Recent;
  /** The same was told already. */
  readonly isKnown: boolean;
  /** Versions of the same moment that were told before it. */
  readonly n: number;
}

/**
 * Records of a page against what was told lately. A clock of whole seconds shows two changes of one
 * second as one: the second of them, which another round sees, is told apart by what it says.
 */
export function seenAmong(
  recent: readonly Recent[],
  items: readonly Found[],
  undatedMs: number,
): readonly Seen[] {
  const byName = new Map(recent.map((one) => [one[1], one]));
  return items.map((item) => {
    const name = nameOf(item);
    const said = saidBy(item);
    const before = byName.get(name);
    const isKnown = before !== undefined && (before[2] ?? "") === said;
    const n = before === undefined ? 0 : (before[3] ?? 0) + (isKnown ? 0 : 1);
    const now = recentOf(item.atMs ?? undatedMs, name, { said, n });
    byName.set(name, now);
    return { item, recent: now, isKnown, n };
  });
}

function recentOf(
  atMs: number,
  name: string,
  { said, n }: { readonly said: string; readonly n: number },
): Recent {
  if (n > 0) return [atMs, name, said, n];
  return said === "" ? [atMs, name] : [atMs, name, said];
}

/** Where no change is dated, a record is told anew when it says something else. */
const nameOf = ({ id, atMs, isDeleted, record }: Found): string =>
  fingerprint(JSON.stringify([id, atMs ?? record, atMs === undefined && isDeleted === true])).slice(
    0,
    16,
  );

/** Of a moment that is a whole second all of it; of any other it is taken to be one change. */
function saidBy({ atMs, isDeleted, record }: Found): string {
  if (atMs === undefined) return "";
  if (atMs % SECOND_MS !== 0) return isDeleted === true ? "d" : "";
  return fingerprint(JSON.stringify([isDeleted === true, record])).slice(0, 8);
}

/** With what was seen now, the latest last. */
export function merged(recent: readonly Recent[], seen: readonly Seen[]): readonly Recent[] {
  const byName = new Map(recent.map((one) => [one[1], one]));
  for (const { recent: one } of seen) {
    byName.delete(one[1]);
    byName.set(one[1], one);
  }
  return [...byName.values()].slice(-RECENT_MAX);
}
