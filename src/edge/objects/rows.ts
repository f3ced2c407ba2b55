import type { GapStage } from "../../core/ordering/gap.ts";
import type { Registered, Stream } from "../../core/subject/state.ts";

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
