import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";
import type { Json } from "../../core/json.ts";
import type { GapStage } from "../../core/ordering/gap.ts";
import type { Revision } from "../../core/ordering/rev.ts";
import { GENESIS, link, type LogRow } from "../../core/subject/chain.ts";
import type { Entry, Outcome } from "../../core/subject/entry.ts";
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

/** Synchronous, unlike WebCrypto's: an await would let another event in amid a decision. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

type Row = Record<string, SqlStorageValue>;

/** A stream with a hole in it. */
export interface OpenGap extends StreamId {
  readonly stream: Stream & { readonly gap: NonNullable<Stream["gap"]> };
}

/** A subject's storage in its object's SQLite. Everything is synchronous, and cached by nobody. */
export class SqlStore implements SubjectStore {
  readonly #storage: DurableObjectStorage;
  #head: { position: number; hash: string };

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#head = this.#first<{ position: number; hash: string }>(
      "SELECT position, hash FROM log ORDER BY position DESC LIMIT 1",
    ) ?? { position: 0, hash: GENESIS };
  }

  #first<T extends Row>(query: string, ...bindings: SqlStorageValue[]): T | undefined {
    return this.#storage.sql.exec<T>(query, ...bindings).next().value;
  }

  #run(query: string, ...bindings: SqlStorageValue[]): void {
    this.#storage.sql.exec(query, ...bindings);
  }

  head(): { readonly position: number; readonly hash: string } {
    return this.#head;
  }

  position(): number {
    return this.#head.position;
  }

  /** The hash at a position, or nothing where the log does not reach it. */
  hashAt(position: number): string | undefined {
    if (position === 0) return GENESIS;
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
    const row = this.#first<{
      payload_sha256: string;
      event_id: string;
      position: number;
      outcome: string;
    }>("SELECT * FROM seen WHERE source = ? AND id = ?", source, id);
    if (row === undefined) return undefined;
    return {
      payloadSha256: row.payload_sha256,
      eventId: row.event_id,
      position: row.position,
      outcome: row.outcome as Outcome,
    };
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
    return registeredOf(this.#first(query, register, epoch, rev.length, rev));
  }

  current(register: string): Registered | undefined {
    const query =
      "SELECT * FROM registers WHERE register = ? ORDER BY epoch DESC, digits DESC, rev DESC LIMIT 1";
    return registeredOf(this.#first(query, register));
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
    return row && (JSON.parse(row.arrival) as Arrival);
  }

  kept(eventId: string): Kept | undefined {
    const row = this.#first<{ kept: string }>("SELECT kept FROM kept WHERE event_id = ?", eventId);
    return row && (JSON.parse(row.kept) as Kept);
  }

  waitingFor(factKey: string): readonly string[] {
    const query = "SELECT event_id FROM kept WHERE needs = ? ORDER BY event_id";
    return this.#storage.sql
      .exec<{ event_id: string }>(query, factKey)
      .toArray()
      .map(({ event_id }) => event_id);
  }

  view(): string | undefined {
    return this.own("view");
  }

  profile(): Profile | undefined {
    const text = this.own("profile");
    return text === undefined ? undefined : (JSON.parse(text) as Profile);
  }

  own(name: string): string | undefined {
    return this.#first<{ value: string }>("SELECT value FROM own WHERE name = ?", name)?.value;
  }

  setOwn(name: string, value: string): void {
    this.#run("INSERT INTO own VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", name, value);
  }

  commit(entry: Entry, writes: readonly Write[]): void {
    const text = canonicalJson(entry as unknown as Json);
    const position = this.#head.position + 1;
    const hash = link(this.#head.hash, text, sha256);
    this.#storage.transactionSync(() => {
      this.#run("INSERT INTO log VALUES (?, ?, ?)", position, hash, text);
      for (const write of writes) this.#write(write);
    });
    // After the transaction: where it throws, the head must stay where the log is.
    this.#head = { position, hash };
  }

  #write(write: Write): void {
    switch (write.put) {
      case "seen": {
        const { payloadSha256, eventId, position, outcome } = write.seen;
        this.#run(
          "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)",
          ...[write.source, write.id, payloadSha256, eventId, position, outcome],
        );
        break;
      }
      case "fact": {
        const { essence, eventId, state } = write.fact;
        const values = [write.key, essence, eventId, state];
        this.#run("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)", ...values);
        break;
      }
      case "register": {
        const { epoch, rev, payloadSha256, eventId, effectiveMs, value } = write.revision;
        this.#run(
          "INSERT INTO registers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          ...[write.register, epoch, rev.length, rev, payloadSha256, eventId, effectiveMs, value],
        );
        break;
      }
      case "stream": {
        const { next, gap } = write.stream;
        this.#run(
          "INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)",
          ...[write.id.source, write.id.epoch, next, gap?.sinceMs ?? null, gap?.stage ?? null],
        );
        break;
      }
      case "buffered": {
        const { source, epoch } = write.id;
        this.#run(
          "INSERT INTO buffered VALUES (?, ?, ?, ?, ?)",
          ...[source, epoch, write.seq, JSON.stringify(write.arrival), write.bytes],
        );
        break;
      }
      case "unbuffered": {
        const { source, epoch } = write.id;
        const query = "DELETE FROM buffered WHERE source = ? AND epoch = ? AND seq = ?";
        this.#run(query, source, epoch, write.seq);
        break;
      }
      case "kept":
        this.#run(
          "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)",
          ...[write.kept.arrival.eventId, JSON.stringify(write.kept), write.needs ?? null],
        );
        break;
      case "unkept":
        this.#run("DELETE FROM kept WHERE event_id = ?", write.eventId);
        break;
      case "profile":
        this.setOwn("profile", JSON.stringify(write.profile));
        break;
      case "view":
        this.setOwn("view", write.view);
        break;
    }
  }

  /** A person let go of a kept event: it will not be tried again. The log row stays. */
  discard(eventId: string): void {
    this.#run("DELETE FROM kept WHERE event_id = ?", eventId);
  }
}

interface StreamRow extends Row {
  source: string;
  epoch: number;
  next: number;
  gap_since_ms: number | null;
  gap_stage: string | null;
}

const streamOf = ({ next, gap_since_ms, gap_stage }: StreamRow): Stream =>
  gap_since_ms === null
    ? { next }
    : { next, gap: { sinceMs: gap_since_ms, stage: (gap_stage ?? "open") as GapStage } };

function registeredOf(row: Row | undefined): Registered | undefined {
  if (row === undefined) return undefined;
  return {
    epoch: Number(row["epoch"]),
    rev: String(row["rev"]),
    payloadSha256: String(row["payload_sha256"]),
    eventId: String(row["event_id"]),
    effectiveMs: Number(row["effective_ms"]),
    value: String(row["value"]),
  };
}
