import type { FoundSubject, SubjectMark, ToLookAt } from "../../rebuild.ts";
import type { Place } from "../../subject-rows.ts";
import type { Mirrored } from "../../subject.ts";
import { decide, type LookAsked, NOTHING_COUNTED, type Read } from "./decide.ts";
import type { SubjectPorts, SubjectWrite } from "./ports.ts";
import { LOG_ROWS_MAX, readLog } from "./read-log.ts";

/** Rows of logs that are read for one batch, where it is of more than one subject. */
const LOG_ROWS_AT_ONCE = 4000;
/** Rows of one table that are read at once. */
const ROWS_AT_ONCE = 10_000;
export const ROWS_OF_ONE_MAX = 100_000;

/** How far a look came: those that moved meanwhile, or could not be read, are looked at again. */
export interface Looked {
  readonly again: readonly ToLookAt[];
  /** Whether something was not as it must be. */
  readonly hasFound: boolean;
  /** One that was left out, as its log is read in parts. */
  readonly long?: ToLookAt;
}

/**
 * Holds what the mirror has of some subjects against their objects' logs, and writes what differs. What
 * the mirror has not seen yet comes by the queue, as ever: an order tells its lines first.
 */
export async function lookAtAll(
  places: readonly ToLookAt[],
  asked: LookAsked,
  ports: SubjectPorts,
): Promise<Looked> {
  const looked: Looked[] = [];
  const ends = await endsOf(places, ports);
  const known = await ports.positions(places);
  const { logRowsMax = LOG_ROWS_MAX } = ports;
  const isLong = ({ subject }: ToLookAt) => (ends.get(subject)?.position ?? 0) > logRowsMax;
  const long = places.find(isLong);
  const others = places.filter((place) => !isLong(place));
  for (const page of inPages(others, ends)) {
    looked.push(await lookAt(page, { asked, ends, known: positionsBy(known) }, ports));
  }
  const unread = places.filter(({ subject }) => !ends.has(subject));
  return {
    again: [...unread, ...looked.flatMap(({ again }) => again)],
    hasFound: looked.some(({ hasFound }) => hasFound),
    ...(long === undefined ? {} : { long }),
  };
}

const positionsBy = (known: readonly (Place & Mirrored)[]): ReadonlyMap<string, Mirrored> =>
  new Map(known.map((one) => [one.subject, one]));

/** Where logs end; whoever does not answer is left out. */
async function endsOf(
  places: readonly ToLookAt[],
  { head, log }: SubjectPorts,
): Promise<ReadonlyMap<string, Mirrored>> {
  const ends = new Map<string, Mirrored>();
  await Promise.all(
    places.map(async (place) => {
      try {
        ends.set(place.subject, await head(place));
      } catch (error) {
        log("warn", "subject_not_read", { tenant: place.tenant, subject: place.subject, error });
      }
    }),
  );
  return ends;
}

function inPages(
  places: readonly ToLookAt[],
  ends: ReadonlyMap<string, Mirrored>,
): readonly (readonly ToLookAt[])[] {
  const pages: ToLookAt[][] = [];
  let room = 0;
  for (const place of places) {
    const end = ends.get(place.subject);
    if (end === undefined) continue;
    const page = pages.at(-1);
    if (page === undefined || end.position > room) {
      pages.push([place]);
      room = LOG_ROWS_AT_ONCE - end.position;
    } else {
      page.push(place);
      room -= end.position;
    }
  }
  return pages;
}

interface Knowing {
  readonly asked: LookAsked;
  readonly ends: ReadonlyMap<string, Mirrored>;
  readonly known: ReadonlyMap<string, Mirrored>;
}

/** One page, in one reading and one writing; halved where that is too much, or a row is wrong. */
async function lookAt(
  places: readonly ToLookAt[],
  knowing: Knowing,
  ports: SubjectPorts,
): Promise<Looked> {
  if (places.length > 1) {
    try {
      const looked = await lookAtOnce(places, knowing, ports);
      if (looked !== undefined) return looked;
    } catch (error) {
      ports.log("warn", "page_not_rebuilt", { tenant: places[0]?.tenant, error });
    }
    const middle = Math.ceil(places.length / 2);
    const first = await lookAt(places.slice(0, middle), knowing, ports);
    const second = await lookAt(places.slice(middle), knowing, ports);
    const again = [...first.again, ...second.again];
    return { again, hasFound: first.hasFound || second.hasFound };
  }
  try {
    return (await lookAtOnce(places, knowing, ports)) ?? (await giveUp(places, knowing, ports));
  } catch (error) {
    const [{ tenant, subject } = { tenant: "", subject: "" }] = places;
    ports.log("warn", "subject_not_rebuilt", { tenant, subject, error });
    return { again: places, hasFound: false };
  }
}

/** The mirror has more of it than one reading holds. */
async function giveUp(
  places: readonly ToLookAt[],
  { asked: { run } }: Knowing,
  ports: SubjectPorts,
): Promise<Looked> {
  for (const { subject } of places) await ports.putMark(run, { subject, mark: TOO_LONG });
  return { again: [], hasFound: false };
}

export const TOO_LONG: SubjectMark = {
  result: "too_long",
  rows: {},
  until: 0,
  at: 0,
  counts: NOTHING_COUNTED,
};

async function lookAtOnce(
  places: readonly ToLookAt[],
  knowing: Knowing,
  ports: SubjectPorts,
): Promise<Looked | undefined> {
  const { asked } = knowing;
  const reads = await Promise.all(places.map((place) => readOne(place, knowing, ports)));
  const sought = reads.map(({ place, log }) => ({ ...place, wanted: log.laid.rows }));
  const { rowsOfOneMax = ROWS_OF_ONE_MAX } = ports;
  const rowsMax = places.length === 1 ? rowsOfOneMax : Math.min(rowsOfOneMax, ROWS_AT_ONCE);
  const found = await ports.found(sought, { rowsMax, isScanned: asked.isScanned });
  if (found === undefined) return undefined;

  const writes: SubjectWrite[] = [];
  for (const [i, there] of found.entries()) {
    const read = reads[i];
    if (read === undefined || isMoved(there, knowing)) continue;
    const write = await decide(read, there, { asked, ports });
    if (write !== undefined) writes.push(write);
  }
  const names = asked.isScanned ? [] : reads.flatMap(({ log }) => [...log.names]);
  await ports.addNames(asked.run, new Set(names));
  const marked = await writeAll(asked.run, writes, ports);
  return {
    again: places.filter(({ subject }) => !marked.has(subject)),
    hasFound: [...marked.values()].some(({ mark }) => Object.keys(mark.rows).length > 0),
  };
}

async function readOne(
  place: ToLookAt,
  { ends, known }: Knowing,
  ports: SubjectPorts,
): Promise<Read> {
  const end = ends.get(place.subject) ?? { position: 0, head: "" };
  const mirrored = known.get(place.subject);
  return { place, log: await readLog(place, { end, mirrored }, ports) };
}

/** Events came while it was read: then what was laid out is of another position. */
const isMoved = ({ subject, state }: FoundSubject, { known }: Knowing): boolean =>
  (state?.position ?? 0) !== (known.get(subject)?.position ?? 0);

/** Those that were written, and with them asked for what the mirror lacks. */
export async function writeAll(
  run: LookAsked["run"],
  writes: readonly SubjectWrite[],
  ports: SubjectPorts,
): Promise<ReadonlyMap<string, SubjectWrite>> {
  if (writes.length === 0) return new Map();
  const kept = await withoutDiscarded(writes, ports);
  const marked = await ports.write(run, kept);
  const done = kept.filter(({ subject }) => marked.has(subject));
  for (const write of done) await follow(write, ports);
  return new Map(done.map((write) => [write.subject, write]));
}

/** A held event that a person let go of has left no trace in its log. */
async function withoutDiscarded(
  writes: readonly SubjectWrite[],
  ports: SubjectPorts,
): Promise<readonly SubjectWrite[]> {
  const ids = writes.flatMap(({ changes }) => idsIn(changes.held?.right ?? []));
  const [first] = writes;
  if (first === undefined || ids.length === 0) return writes;
  const gone = await ports.discarded(first.tenant, ids);
  if (gone.size === 0) return writes;
  return writes.map((write) => {
    const { held, ...others } = write.changes;
    if (held === undefined) return write;
    const right = held.right.filter((row) => !gone.has(String(row["event_id"])));
    const isLeft = right.length + held.wrong.length > 0;
    const changes = isLeft ? { ...others, held: { ...held, right } } : others;
    const { held: _held, ...rows } = write.mark.rows;
    const kept = isLeft ? { ...rows, held: Math.max(right.length, held.wrong.length) } : rows;
    const isEqual = write.mark.result === "rewritten" && Object.keys(kept).length === 0;
    const mark = { ...write.mark, rows: kept, ...(isEqual ? { result: "equal" as const } : {}) };
    return { ...write, changes, mark };
  });
}

const idsIn = (rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  rows.map((row) => String(row["event_id"]));

/** What the mirror lacks of a log is asked for by the queue. */
export async function follow(
  { tenant, subject, mark, isReset }: Pick<SubjectWrite, "tenant" | "subject" | "mark" | "isReset">,
  ports: Pick<SubjectPorts, "send">,
): Promise<void> {
  const { until, at, result } = mark;
  // Of one that the mirror has rows of and no place, nothing is mirrored before the walk.
  const isKept = result === "too_long" && at > 0;
  const isOpen = isKept || result === "equal" || result === "rewritten" || result === "begun_anew";
  if (isOpen && (isReset || until > at)) await ports.send({ kind: "subject", tenant, subject });
}
