import { firstBroken, GENESIS, type LogRow } from "../../core/subject/chain.ts";
import { LogCheck } from "../../core/subject/log-check.ts";
import type { LogChecked, Mirrored, SubjectView } from "../subject.ts";
import { sha256, type SqlStore } from "./sql-store.ts";

type ChainEnd = Pick<LogRow, "position" | "hash">;

/** Rows that are computed again in one call: some milliseconds. */
const CHECKED_ROWS = 1000;

interface Begun {
  readonly upTo: number;
  readonly check: LogCheck;
  /** How far what is behind that position was computed. */
  behind: ChainEnd;
}

/** A log that is computed again, in parts, so that events need not wait for a long one. */
export class LogChecking {
  #begun: Begun | undefined;

  /**
   * Goes on with the check up to a position, and of the chain to its end: what is not mirrored yet is
   * to be. Asked for another position, it begins anew.
   */
  next(store: SqlStore | undefined, upTo: number, viewOf: () => SubjectView): LogChecked {
    if (store === undefined) return upTo === 0 ? NOTHING : { kind: "short", position: 0 };
    const foreign = foreignRow(store);
    if (foreign !== undefined) return this.#broken(foreign);
    const end = store.position();
    if (end < upTo) return { kind: "short", position: end };
    const begun = this.#checkUpTo(upTo);
    const broken = takeNext(begun, store);
    if (broken !== undefined) return this.#broken(broken);
    if (begun.behind.position < end) return { kind: "more" };
    this.#begun = undefined;
    return { kind: "whole", sums: begun.check.sums(), position: end, view: viewOf() };
  }

  #broken(position: number): LogChecked {
    this.#begun = undefined;
    return { kind: "broken", position };
  }

  #checkUpTo(upTo: number): Begun {
    if (this.#begun?.upTo !== upTo) {
      const check = new LogCheck(sha256);
      this.#begun = { upTo, check, behind: { position: 0, hash: GENESIS } };
    }
    return this.#begun;
  }
}

const NOTHING: LogChecked = {
  kind: "whole",
  sums: new LogCheck(sha256).sums(),
  position: 0,
  view: {},
};

/** Takes the next rows, first those up to the position, then those behind it. */
function takeNext(begun: Begun, store: SqlStore): number | undefined {
  const { upTo, check, behind } = begun;
  const isBehind = behind.position >= upTo;
  const limit = isBehind ? CHECKED_ROWS : Math.min(CHECKED_ROWS, upTo - behind.position);
  const rows = store.rowsAfter(behind.position, limit);
  const broken = isBehind ? firstBroken(rows, behind, sha256) : check.take(rows);
  begun.behind = rows.at(-1) ?? behind;
  return broken;
}

/** The first row that came into the table, or went from it, otherwise than through the store. */
function foreignRow(store: SqlStore): number | undefined {
  const [last, end] = [store.lastRow(), store.position()];
  return last === end ? undefined : Math.min(last, end) + 1;
}

/**
 * The first row behind the mirrored one that its chain does not hold, among as many as are handed out
 * at once. As a rule there are none, and nothing is hashed: what a call appends itself is its own.
 */
export function brokenBehind(
  store: SqlStore,
  { position, head }: Mirrored,
  rowsMax: number,
): number | undefined {
  const foreign = foreignRow(store);
  const { position: end, hash } = store.head();
  if (foreign !== undefined || position === end) return foreign;
  const rows = store.rowsAfter(position, rowsMax);
  const broken = firstBroken(rows, { position, hash: head }, sha256);
  if (broken !== undefined) return broken;
  // A last row whose hash was made up anew with it: the store knows what it wrote.
  const last = rows.at(-1);
  return last?.position === end && last.hash !== hash ? end : undefined;
}
