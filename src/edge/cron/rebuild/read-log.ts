import { firstBroken, GENESIS, type LogRow } from "../../../core/subject/chain.ts";
import { entryOf } from "../../log-entry.ts";
import type { LongLog, Shares, ToLookAt } from "../../rebuild.ts";
import type { Mirrored, SubjectView } from "../../subject.ts";
import type { ReadLog } from "./judge.ts";
import type { Laid, SubjectPorts } from "./ports.ts";

/** Rows of one log that a look holds: some tens of megabytes, laid out. One with more is read in parts. */
export const LOG_ROWS_MAX = 50_000;

/**
 * Reads a log from its beginning to its end, a page at a time: whether its chain holds, what the
 * mirror has to have of it, and whom it names.
 */
export async function readLog(
  place: ToLookAt,
  { end, mirrored }: { readonly end: Mirrored; readonly mirrored: Mirrored | undefined },
  { layOut, logAfter, sha256 }: Pick<SubjectPorts, "layOut" | "logAfter" | "sha256">,
): Promise<ReadLog> {
  const laid = layOut(place);
  const reading = new Reading(laid, place, mirrored?.position ?? 0);
  let at = { position: 0, hash: GENESIS };
  let view: SubjectView | undefined;
  // Nothing is asked of an object that nothing was ever written of: that would make it one.
  while (at.position < end.position) {
    const tail = await logAfter(place, at.position);
    const broken = firstBroken(tail.rows, at, sha256);
    const last = tail.rows.at(-1);
    if (broken !== undefined || last === undefined) {
      const row = broken ?? at.position + 1;
      return { ...reading.result(), end: end.position, broken: row };
    }
    reading.take(tail.rows);
    at = { position: last.position, hash: last.hash };
    view = tail.view;
  }
  const read = reading.result();
  return { ...read, end: at.position, ...(view === undefined ? {} : { view }) };
}

class Reading {
  readonly #laid: Laid;
  readonly #upTo: number;
  readonly #before: ToLookAt["before"];
  readonly #roster: ToLookAt["roster"];
  readonly #hashes = new Map<number, string>([[0, GENESIS]]);
  readonly #names = new Set<string>();
  #shares: Shares | undefined;
  #recordedMs = 0;

  constructor(laid: Laid, { before, roster }: ToLookAt, upTo: number) {
    this.#laid = laid;
    this.#upTo = upTo;
    this.#before = before;
    this.#roster = roster;
    if (before?.position === 0) this.#keepShares();
  }

  take(rows: readonly LogRow[]): void {
    const marks = new Set([this.#upTo, this.#before?.position, this.#roster?.position]);
    for (const row of rows) {
      if (marks.has(row.position)) this.#hashes.set(row.position, row.hash);
      if (row.position === this.#upTo) this.#recordedMs = entryOf(row).recorded_ms;
      for (const name of namesIn(row)) this.#names.add(name);
    }
    const own = rows.filter(({ position }) => position <= this.#upTo);
    const border = this.#before?.position ?? 0;
    this.#laid.take(own.filter(({ position }) => position <= border));
    if (own.some(({ position }) => position === border)) this.#keepShares();
    this.#laid.take(own.filter(({ position }) => position > border));
  }

  /** What was counted of it when the rebuild began, if it was of this log. */
  #keepShares(): void {
    const { position = 0, head = GENESIS } = this.#before ?? {};
    if (this.#hashes.get(position) !== head) return;
    const { volumes, digests } = this.#laid.shares;
    this.#shares = { volumes: new Map(volumes), digests: new Map(digests) };
  }

  result(): Omit<ReadLog, "end"> {
    return {
      laid: this.#laid,
      hashes: this.#hashes,
      recordedMs: this.#recordedMs,
      names: this.#names,
      ...(this.#shares === undefined ? {} : { before: this.#shares }),
    };
  }
}

/** Pages of a long log that are read in one step. */
const PAGES_AT_ONCE = 60;

export interface ReadOn {
  readonly long: LongLog;
  readonly names: ReadonlySet<string>;
  /** The first row that its chain does not hold. */
  readonly broken?: number;
  /** Read up to where it ends. */
  readonly isWhole: boolean;
}

/** Goes on with the chain of a log that is too long to be laid out, by some pages. */
export async function readOn(
  place: ToLookAt,
  long: LongLog,
  { logAfter, sha256 }: Pick<SubjectPorts, "logAfter" | "sha256">,
): Promise<ReadOn> {
  const names = new Set<string>();
  let at = long;
  for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
    const { rows, more } = await logAfter(place, at.position);
    const broken = firstBroken(rows, at, sha256);
    if (broken !== undefined) return { long: at, names, broken, isWhole: true };
    for (const name of rows.flatMap(namesIn)) names.add(name);
    const { position, hash } = rows.at(-1) ?? at;
    at = { ...at, position, hash };
    if (!more) return { long: at, names, isWhole: true };
  }
  return { long: at, names, isWhole: false };
}

/** What is to be known of a long log once its chain was read: where it ends, and its hashes there. */
export async function longLog(
  place: ToLookAt,
  { long: { position: end }, names, broken }: ReadOn,
  ports: Pick<SubjectPorts, "layOut" | "logAfter"> & { readonly mirrored: number },
): Promise<ReadLog> {
  const hashes = new Map<number, string>([[0, GENESIS]]);
  const asked = [ports.mirrored, place.roster?.position ?? 0];
  for (const position of asked.filter((one) => one > 0 && one <= end)) {
    const [row] = (await ports.logAfter(place, position - 1)).rows;
    if (row !== undefined) hashes.set(position, row.hash);
  }
  const laid = ports.layOut(place);
  const read = { laid, hashes, recordedMs: 0, names, end, isTooLong: true } as const;
  return broken === undefined ? read : { ...read, broken };
}

/** Whom a row names: those that its lines go to, and those above somebody. */
function namesIn(row: LogRow): readonly string[] {
  const { dispatch = [], edges = [], frontline = [] } = entryOf(row).effects;
  return [
    ...dispatch.map(({ distributor_id }) => `dist:${distributor_id}`),
    ...edges.flatMap(({ parent_id }) => (parent_id === null ? [] : [`dist:${parent_id}`])),
    ...frontline.map(({ distributor_id }) => `dist:${distributor_id}`),
  ];
}
