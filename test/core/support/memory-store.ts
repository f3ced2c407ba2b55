import { createHash } from "node:crypto";
import { canonicalJson } from "#src/core/canonical.ts";
import { ENROLMENT } from "#src/core/distributor/standing-act.ts";
import { compareRevisions, type Revision } from "#src/core/ordering/rev.ts";
import { GENESIS, link, type LogRow } from "#src/core/subject/chain.ts";
import { turnsOf, turnTaken } from "#src/core/subject/turn.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import type { SubjectStore } from "#src/core/subject/settle.ts";
import type {
  Arrival,
  Fact,
  Kept,
  Profile,
  Registered,
  Seen,
  Stream,
  StreamId,
  Write,
} from "#src/core/subject/state.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Buffered {
  readonly arrival: string;
  readonly bytes: number;
}

/** Older than any revision that a test tells. */
const LONG_AGO: Registered = {
  epoch: -1,
  rev: "0",
  payloadSha256: "",
  eventId: "evt_enrolled",
  effectiveMs: 0,
  value: JSON.stringify({ sponsor_id: null, placement_id: null, leg: null }),
};

const streamName = ({ source, epoch }: StreamId) => JSON.stringify({ source, epoch });
const parseKept = (text: string): Kept => JSON.parse(text);
const idName = (source: string, id: string) => `${source}/${id}`;

/** A subject's storage in maps, as strict as the tables it stands for: texts in, copies out. */
export class MemoryStore implements SubjectStore {
  readonly rows: LogRow[] = [];
  readonly entries: Entry[] = [];
  readonly #seen = new Map<string, Seen>();
  readonly facts = new Map<string, Fact>();
  readonly registers = new Map<string, Registered[]>();
  readonly #streams = new Map<string, Stream>();
  readonly #buffered = new Map<string, Map<number, Buffered>>();
  readonly #kept = new Map<string, { readonly kept: string; readonly needs?: string }>();
  profile: Profile | undefined;
  #view: string | undefined;

  /** That of a distributor who enrolled long ago: no row tells of it any more. */
  static enrolled(): MemoryStore {
    const store = new MemoryStore();
    store.registers.set(ENROLMENT, [LONG_AGO]);
    return store;
  }

  position(): number {
    return this.rows.length;
  }

  seen(source: string, id: string): Seen | undefined {
    return this.#seen.get(idName(source, id));
  }

  fact(key: string): Fact | undefined {
    return this.facts.get(key);
  }

  registered(register: string, revision: Revision): Registered | undefined {
    const revisions = this.registers.get(register) ?? [];
    return revisions.find((told) => compareRevisions(told, revision) === 0);
  }

  current(register: string): Registered | undefined {
    return this.registers.get(register)?.toSorted(compareRevisions).at(-1);
  }

  stream(id: StreamId): Stream | undefined {
    return this.#streams.get(streamName(id));
  }

  buffered(id: StreamId): { readonly events: number; readonly bytes: number } {
    const waiting = [...(this.#buffered.get(streamName(id))?.values() ?? [])];
    return { events: waiting.length, bytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  firstBuffered(id: StreamId, after: number): number | undefined {
    const seqs = [...(this.#buffered.get(streamName(id))?.keys() ?? [])];
    const above = seqs.filter((seq) => seq > after);
    return above.length === 0 ? undefined : Math.min(...above);
  }

  bufferedAt(id: StreamId, seq: number): Arrival | undefined {
    const waiting = this.#buffered.get(streamName(id))?.get(seq);
    return waiting && JSON.parse(waiting.arrival);
  }

  waitingSince(id: StreamId, after: number): number {
    const buffered = [...(this.#buffered.get(streamName(id))?.values() ?? [])].map(
      ({ arrival }): Arrival => JSON.parse(arrival),
    );
    const kept = [...this.#kept.values()].flatMap((row): readonly Arrival[] =>
      row.needs?.startsWith(turnsOf(id)) === true ? [parseKept(row.kept).arrival] : [],
    );
    const behind = [...buffered, ...kept].filter(({ event }) => (event.seq ?? 0) > after);
    return behind.length === 0
      ? 0
      : Math.min(...behind.map(({ waitsSinceMs = 0 }) => waitsSinceMs));
  }

  waitingStreams(): readonly StreamId[] {
    return [...this.#buffered]
      .filter(([, waiting]) => waiting.size > 0)
      .map(([name]) => JSON.parse(name));
  }

  kept(eventId: string): Kept | undefined {
    const row = this.#kept.get(eventId);
    return row && JSON.parse(row.kept);
  }

  keptAt(turn: string): Kept | undefined {
    const all = [...this.#kept.values()].map((row): Kept => JSON.parse(row.kept));
    return all.find((kept) => turnTaken(kept) === turn);
  }

  waitingFor(factKey: string): readonly string[] {
    const waiting = [...this.#kept].filter(([, { needs }]) => needs === factKey);
    return waiting.map(([eventId]) => eventId);
  }

  satisfied(): readonly string[] {
    const met = [...this.#kept].filter(
      ([, { needs }]) => needs !== undefined && this.facts.has(needs),
    );
    return met.map(([eventId]) => eventId);
  }

  waitsInTurn(id: StreamId, except: string): boolean {
    return [...this.#kept.values()].some(
      ({ needs }) => needs?.startsWith(turnsOf(id)) === true && needs !== except,
    );
  }

  view(): string | undefined {
    return this.#view;
  }

  /** Every write is looked at before the first is applied, so that a refusal leaves all as it was. */
  commit(entry: Entry, writes: readonly Write[]): void {
    for (const write of writes) this.#refuseOverwriting(write);
    const text = canonicalJson(entry);
    const hash = link(this.rows.at(-1)?.hash ?? GENESIS, text, sha256);
    this.rows.push({ position: this.rows.length + 1, hash, entry: text });
    this.entries.push(JSON.parse(text));
    for (const write of writes) this.#write(write);
  }

  #refuseOverwriting(write: Write): void {
    const isThere =
      (write.put === "register" && this.registered(write.register, write.revision)) ||
      (write.put === "buffered" && this.bufferedAt(write.id, write.seq));
    if (isThere) throw new Error(`UNIQUE constraint failed: ${write.put}`);
  }

  #write(write: Write): void {
    switch (write.put) {
      case "seen":
        this.#seen.set(idName(write.source, write.id), write.seen);
        break;
      case "fact":
        this.facts.set(write.key, write.fact);
        break;
      case "register": {
        const revisions = this.registers.get(write.register) ?? [];
        this.registers.set(write.register, [...revisions, write.revision]);
        break;
      }
      case "stream":
        this.#streams.set(streamName(write.id), write.stream);
        break;
      case "buffered": {
        const waiting = this.#buffered.get(streamName(write.id)) ?? new Map<number, Buffered>();
        waiting.set(write.seq, { arrival: JSON.stringify(write.arrival), bytes: write.bytes });
        this.#buffered.set(streamName(write.id), waiting);
        break;
      }
      case "unbuffered":
        this.#buffered.get(streamName(write.id))?.delete(write.seq);
        break;
      case "kept":
        this.#kept.set(write.kept.arrival.eventId, {
          kept: JSON.stringify(write.kept),
          ...(write.kept.needs === undefined ? {} : { needs: write.kept.needs }),
        });
        break;
      case "unkept":
        this.#kept.delete(write.eventId);
        break;
      case "profile":
        this.profile = write.profile;
        break;
      case "view":
        this.#view = write.view;
        break;
      case "ready":
      case "met":
        break;
    }
  }

  /** Everything there is, to see whether two stores, or one before and after, are the same. */
  dump(): unknown {
    return structuredClone({
      rows: this.rows,
      seen: this.#seen,
      facts: this.facts,
      registers: this.registers,
      streams: this.#streams,
      buffered: this.#buffered,
      kept: this.#kept,
      profile: this.profile,
      view: this.#view,
    });
  }
}
