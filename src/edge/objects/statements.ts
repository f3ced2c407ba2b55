import type { Write } from "../../core/subject/state.ts";
import { turnTaken } from "../../core/subject/turn.ts";

/** A query with its bindings; the texts are constant, as the runtime caches statements by text. */
export type Statement = readonly [string, ...SqlStorageValue[]];

/** What lies in storage: a write that only sets something free does not. */
type Puts = Exclude<Write["put"], "ready" | "met">;
type Stored = Extract<Write, { readonly put: Puts }>;

export const isStored = (write: Write): write is Stored =>
  write.put !== "ready" && write.put !== "met";

type WriteOf<Put extends Puts> = Extract<Stored, { readonly put: Put }>;

/** Writes the object's own values: its summary, profile and place. */
export const putOwn = (name: string, value: string): Statement => [
  "INSERT INTO own VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
  name,
  value,
];

const STATEMENTS: { readonly [Put in Puts]: (write: WriteOf<Put>) => Statement } = {
  seen: ({ source, id, seen: { payloadSha256, eventId, position, outcome } }) => [
    "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)",
    source,
    id,
    payloadSha256,
    eventId,
    position,
    outcome,
  ],
  fact: ({ key, fact: { essence, eventId, state } }) => [
    "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
    key,
    essence,
    eventId,
    state,
  ],
  register: ({ register, revision }) => [
    "INSERT INTO registers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    register,
    revision.epoch,
    // Digits first: so the primary key's order is that of integers, whatever their length.
    revision.rev.length,
    revision.rev,
    revision.payloadSha256,
    revision.eventId,
    revision.effectiveMs,
    revision.value,
  ],
  stream: ({ id, stream: { next, gap } }) => [
    "INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)",
    id.source,
    id.epoch,
    next,
    gap?.sinceMs ?? null,
    gap?.stage ?? null,
  ],
  buffered: ({ id, seq, arrival, bytes }) => [
    "INSERT INTO buffered VALUES (?, ?, ?, ?, ?)",
    id.source,
    id.epoch,
    seq,
    JSON.stringify(arrival),
    bytes,
  ],
  unbuffered: ({ id, seq }) => [
    "DELETE FROM buffered WHERE source = ? AND epoch = ? AND seq = ?",
    id.source,
    id.epoch,
    seq,
  ],
  kept: ({ kept }) => [
    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)",
    kept.arrival.eventId,
    JSON.stringify(kept),
    kept.needs ?? null,
    turnTaken(kept) ?? null,
  ],
  unkept: ({ eventId }) => ["DELETE FROM kept WHERE event_id = ?", eventId],
  profile: ({ profile }) => putOwn("profile", JSON.stringify(profile)),
  view: ({ view }) => putOwn("view", view),
};

/** What one write of a decision is in SQL. */
export function statementOf(write: Stored): Statement {
  const make: (write: never) => Statement = STATEMENTS[write.put];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table has each write's own maker under its name
  return make(write as never);
}
