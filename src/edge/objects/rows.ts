import type { GapStage } from "../../core/ordering/gap.ts";
import type { Outcome } from "../../core/subject/entry.ts";
import type { Arrival, Kept, Profile, Registered, Seen, Stream } from "../../core/subject/state.ts";

export type Row = Record<string, SqlStorageValue>;

/** A row of `streams`. */
export interface StreamRow extends Row {
  source: string;
  epoch: number;
  next: number;
  gap_since_ms: number | null;
  gap_stage: GapStage | null;
}

export const streamOf = ({ next, gap_since_ms, gap_stage }: StreamRow): Stream =>
  gap_since_ms === null
    ? { next }
    : { next, gap: { sinceMs: gap_since_ms, stage: gap_stage ?? "open" } };

/** A row of `registers`. */
export interface RegisteredRow extends Row {
  epoch: number;
  rev: string;
  payload_sha256: string;
  event_id: string;
  effective_ms: number;
  value: string;
}

export const registeredOf = ({ epoch, rev, value, ...row }: RegisteredRow): Registered => ({
  epoch,
  rev,
  payloadSha256: row.payload_sha256,
  eventId: row.event_id,
  effectiveMs: row.effective_ms,
  value,
});

/** A row of `seen`. */
export interface SeenRow extends Row {
  payload_sha256: string;
  event_id: string;
  position: number;
  outcome: Outcome;
}

export const seenOf = ({ payload_sha256, event_id, position, outcome }: SeenRow): Seen => ({
  payloadSha256: payload_sha256,
  eventId: event_id,
  position,
  outcome,
});

// Own text: what was written is what is read.
export const parseArrival = (text: string): Arrival => JSON.parse(text);
export const parseKept = (text: string): Kept => JSON.parse(text);
export const parseProfile = (text: string): Profile => JSON.parse(text);
