import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";
import type { Revision } from "../../core/ordering/rev.ts";
import { GENESIS, link, type LogRow } from "../../core/subject/chain.ts";
import type { Entry } from "../../core/subject/entry.ts";
import type { SubjectStore } from "../../core/subject/settle.ts";
import type {
  Arrival,
  Kept,
  Profile,
  Registered,
  Stream,
  StreamId,
  Write,
} from "../../core/subject/state.ts";
import {
  parseArrival,
  parseKept,
  parseProfile,
  type RegisteredRow,
  registeredOf,
  type Row,
  type SeenRow,
  seenOf,
  type StreamRow,
  streamOf,
} from "./rows.ts";
import { turnRange, WAITING_SINCE } from "./in-turn.ts";
import { isStored, putOwn, type Statement, statementOf } from "./statements.ts";

/** Synchronous, unlike WebCrypto's: an await would let another event in amid a decision. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A transaction that several commits share. */
interface Joint {
  isTorn: boolean;
}

/** A stream with a hole in it. */
export interface OpenGap extends StreamId {
  readonly stream: Stream & { readonly gap: NonNullable<Stream["gap"]> };
}

/** A subject's storage in its object's SQLite. Everything is synchronous, and cached by nobody. */
export class SqlStore implements SubjectStore {
  readonly #storage: DurableObjectStorage;
  #head: { position: number; hash: string };
  /** Whether something may be kept, and a stream may have a hole: as a rule not, and nothing is asked. */
  #mayKeep: boolean;
  #mayGape: boolean;
  #joint: Joint | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#head = this.#first<{ position: number; hash: string }>(
      "SELECT position, hash FROM log ORDER BY position DESC LIMIT 1",
    ) ?? { position: 0, hash: GENESIS };
    const waits = this.#first<{ keeps: number; gapes: number }>(
      `SELECT EXISTS (SELECT 1 FROM kept) AS keeps,
        EXISTS (SELECT 1 FROM streams WHERE gap_since_ms IS NOT NULL) AS gapes`,
    );
    this.#mayKeep = waits?.keeps !== 0;
    this.#mayGape = waits?.gapes !== 0;
  }

  #first<T extends Row>(query: string, ...bindings: SqlStorageValue[]): T | undefined {
    return this.#storage.sql.exec<T>(query, ...bindings).next().value;
  }

  head(): { readonly position: number; readonly hash: string } {
    return this.#head;
  }

  position(): number {
    return this.#head.position;
  }

  /** Where the table ends: elsewhere than the head where another has written to it meanwhile. */
  lastRow(): number {
    return (
      this.#first<{ last: number }>("SELECT coalesce(max(position), 0) AS last FROM log")?.last ?? 0
    );
  }

  /** The hash at a position, or nothing where the log does not reach it. */
  hashAt(position: number): string | undefined {
    if (position === 0) return GENESIS;
    if (position === this.#head.position) return this.#head.hash;
    return this.#first<{ hash: string }>("SELECT hash FROM log WHERE position = ?", position)?.hash;
  }

  rowsAfter(position: number, limit: number): readonly LogRow[] {
    const query =
      "SELECT position, hash, entry FROM log WHERE position > ? ORDER BY position LIMIT ?";
    return this.#storage.sql
      .exec<{ position: number; hash: string; entry: string }>(query, position, limit)
      .toArray();
  }

  seen(source: string, id: string) {
    const query = "SELECT * FROM seen WHERE source = ? AND id = ?";
    const row = this.#first<SeenRow>(query, source, id);
    return row && seenOf(row);
  }

  fact(key: string) {
    const row = this.#first<{ essence: string; event_id: string; state: string }>(
      "SELECT essence, event_id, state FROM facts WHERE key = ?",
      key,
    );
    return row && { essence: row.essence, eventId: row.event_id, state: row.state };
  }

  registered(register: string, { epoch, rev }: Revision): Registered | undefined {
    const query =
      "SELECT * FROM registers WHERE register = ? AND epoch = ? AND digits = ? AND rev = ?";
    const row = this.#first<RegisteredRow>(query, register, epoch, rev.length, rev);
    return row && registeredOf(row);
  }

  current(register: string): Registered | undefined {
    const query =
      "SELECT * FROM registers WHERE register = ? ORDER BY epoch DESC, digits DESC, rev DESC LIMIT 1";
    const row = this.#first<RegisteredRow>(query, register);
    return row && registeredOf(row);
  }

  stream({ source, epoch }: StreamId): Stream | undefined {
    const row = this.#first<StreamRow>(
      "SELECT * FROM streams WHERE source = ? AND epoch = ?",
      source,
      epoch,
    );
    return row && streamOf(row);
  }

  openGaps(): readonly OpenGap[] {
    if (!this.#mayGape) return [];
    const rows = this.#storage.sql.exec<StreamRow>(
      "SELECT * FROM streams WHERE gap_since_ms IS NOT NULL",
    );
    return rows.toArray().flatMap((row) => {
      const stream = streamOf(row);
      const { gap } = stream;
      return gap === undefined
        ? []
        : [{ source: row.source, epoch: row.epoch, stream: { ...stream, gap } }];
    });
  }

  buffered({ source, epoch }: StreamId) {
    const row = this.#first<{ events: number; bytes: number }>(
      "SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM buffered WHERE source = ? AND epoch = ?",
      source,
      epoch,
    );
    return row ?? { events: 0, bytes: 0 };
  }

  firstBuffered({ source, epoch }: StreamId, after: number): number | undefined {
    return this.#first<{ seq: number }>(
      "SELECT seq FROM buffered WHERE source = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT 1",
      source,
      epoch,
      after,
    )?.seq;
  }

  bufferedAt({ source, epoch }: StreamId, seq: number): Arrival | undefined {
    const row = this.#first<{ arrival: string }>(
      "SELECT arrival FROM buffered WHERE source = ? AND epoch = ? AND seq = ?",
      source,
      epoch,
      seq,
    );
    return row && parseArrival(row.arrival);
  }

  waitingSince(id: StreamId, after: number): number {
    const place = [id.source, id.epoch, after, ...turnRange(id)] as const;
    return this.#first<{ first: number }>(WAITING_SINCE, ...place)?.first ?? 0;
  }

  waitingStreams(): readonly StreamId[] {
    return this.#storage.sql
      .exec<{ source: string; epoch: number }>("SELECT DISTINCT source, epoch FROM buffered")
      .toArray();
  }

  kept(eventId: string): Kept | undefined {
    if (!this.#mayKeep) return undefined;
    const row = this.#first<{ kept: string }>("SELECT kept FROM kept WHERE event_id = ?", eventId);
    return row && parseKept(row.kept);
  }

  keptAt(turn: string): Kept | undefined {
    if (!this.#mayKeep) return undefined;
    const row = this.#first<{ kept: string }>("SELECT kept FROM kept WHERE turn = ?", turn);
    return row && parseKept(row.kept);
  }

  waitingFor(factKey: string): readonly string[] {
    return this.#keptIds("SELECT event_id FROM kept WHERE needs = ? ORDER BY event_id", factKey);
  }

  #keptIds(query: string, ...bindings: SqlStorageValue[]): readonly string[] {
    if (!this.#mayKeep) return [];
    const rows = this.#storage.sql.exec<{ event_id: string }>(query, ...bindings).toArray();
    return rows.map(({ event_id }) => event_id);
  }

  satisfied(): readonly string[] {
    return this.#keptIds(
      "SELECT k.event_id FROM kept k JOIN facts f ON f.key = k.needs WHERE k.needs IS NOT NULL ORDER BY k.event_id",
    );
  }

  waitsInTurn(id: StreamId, except: string): boolean {
    if (!this.#mayKeep) return false;
    const query = "SELECT 1 AS one FROM kept WHERE needs >= ? AND needs < ? AND needs <> ? LIMIT 1";
    return this.#first(query, ...turnRange(id), except) !== undefined;
  }

  view(): string | undefined {
    return this.own("view");
  }

  profile(): Profile | undefined {
    const text = this.own("profile");
    return text === undefined ? undefined : parseProfile(text);
  }

  own(name: string): string | undefined {
    return this.#first<{ value: string }>("SELECT value FROM own WHERE name = ?", name)?.value;
  }

  setOwn(name: string, value: string): void {
    this.#apply(putOwn(name, value));
  }

  #apply([query, ...bindings]: Statement): void {
    this.#storage.sql.exec(query, ...bindings);
  }

  #store(write: Write): void {
    if (!isStored(write)) return;
    this.#mayKeep ||= write.put === "kept";
    this.#mayGape ||= write.put === "stream" && write.stream.gap !== undefined;
    this.#apply(statementOf(write));
  }

  commit(entry: Entry, writes: readonly Write[]): void {
    const text = canonicalJson(entry);
    const position = this.#head.position + 1;
    const hash = link(this.#head.hash, text, sha256);
    const append = () => {
      this.#apply(["INSERT INTO log VALUES (?, ?, ?)", position, hash, text]);
      for (const write of writes) this.#store(write);
    };
    if (this.#joint === undefined) this.#storage.transactionSync(append);
    else this.#appendTo(this.#joint, append);
    // After the transaction: where it throws, the head must stay where the log is.
    this.#head = { position, hash };
  }

  #appendTo(joint: Joint, append: () => void): void {
    try {
      append();
    } catch (error) {
      // Half a decision may stand now: whoever swallows this error, the whole goes back.
      joint.isTorn = true;
      throw error;
    }
  }

  /**
   * Does work whose commits share one transaction: a savepoint an event is a third of its price.
   * Nothing stands, and nothing is returned, where a commit failed or the result is not sound: then
   * the same work has to be done again, each commit on its own.
   */
  jointly<Value>(work: () => Value, isSound: (value: Value) => boolean): Value | undefined {
    const head = this.#head;
    const joint: Joint = { isTorn: false };
    this.#joint = joint;
    try {
      return this.#storage.transactionSync(() => {
        const value = work();
        if (joint.isTorn || !isSound(value)) throw new Error("Not sound as a whole");
        return value;
      });
    } catch {
      this.#head = head;
      return undefined;
    } finally {
      this.#joint = undefined;
    }
  }

  /** A person let go of a kept event: it will not be tried again. The log row stays. */
  discard(eventId: string): void {
    this.#apply(statementOf({ put: "unkept", eventId }));
  }
}
