import type { Outcome } from "../core/subject/entry.ts";

/** What is to be played again. Times are UTC ms: from then on, and before then. */
export interface ReplayAsked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly source?: string;
  readonly subject?: string;
  /** Our ids of events: these and no others. */
  readonly ids?: readonly string[];
  /** Nothing is sent. */
  readonly isDry: boolean;
  readonly reason?: string;
}

export const REPLAY_PHASES = [
  /** Events of the index, in the order of their ids. */
  "events",
  /** Deliveries of the archive that the index has lost. */
  "archive",
  /** The queue works off what was sent. */
  "settling",
  /** What was found is looked at once more. */
  "outcomes",
] as const;

export type ReplayPhase = (typeof REPLAY_PHASES)[number];

/** Where a replay goes on. */
export interface ReplayCursor {
  readonly phase: ReplayPhase;
  /** The event, or the object of the archive, behind which it goes on. */
  readonly after?: string;
  /** Deliveries that are counted, and of which more can follow at once. */
  readonly counted?: readonly string[];
  /** Of the ids that were asked for, those that the index does not have. */
  readonly missing?: readonly string[];
  /** When the last of it was sent. */
  readonly sentMs?: number;
  /** Steps in a row that failed. */
  readonly failures?: number;
}

export interface ReplayRow {
  readonly replayId: string;
  readonly state: "running" | "done" | "failed";
  readonly actor: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** JSON of {@link ReplayAsked}. */
  readonly asked: string;
  /** JSON of {@link ReplayCursor}. */
  readonly cursor: string;
  /** JSON of core/operation/replay-report.ts, or `{}`. */
  readonly report: string;
}

/** A replay that is on its way. */
export interface OpenReplay extends Omit<ReplayRow, "state" | "endedMs"> {
  readonly tenant: string;
}

export type ReplayName = Pick<OpenReplay, "tenant" | "replayId">;

/** An event as the index has it. */
export interface IndexedEvent {
  readonly eventId: string;
  readonly source: string;
  readonly type: string | null;
  readonly subject: string | null;
  readonly outcome: Outcome;
  readonly isLogged: boolean;
  readonly isHeld: boolean;
  readonly deliveryId: string | null;
  /** The object of the archive that has its delivery; empty where nobody could say. */
  readonly archive: string | null;
  /** When what became of it was first, or last, found out: UTC ms. */
  readonly recordedMs: number;
}

/** A page of the index. */
export interface IndexPage {
  readonly events: readonly IndexedEvent[];
  /** Where the next one begins, if there is one. */
  readonly next?: string;
}
