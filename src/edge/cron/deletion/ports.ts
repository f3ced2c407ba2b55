import type { RawPage } from "../../archive/export-raw.ts";
import { STALE_MS_MAX } from "../../control/directory.ts";
import type { Act } from "../../act.ts";
import type {
  Deletion,
  DeletionProgress,
  DeletionState,
  RowsPage,
  SubjectHead,
} from "../../deletion.ts";
import type { Log } from "../../log.ts";
import type { Mirrored, Tail } from "../../subject.ts";

/** When every isolate knows that a tenant is closed, or that it is being purged. */
export const KNOWN_MS = 2 * STALE_MS_MAX;

/**
 * Between the two passes of a purge: a batch that began before it may go on for fifteen minutes, and
 * a message of before it comes again within half an hour (queue/backoff.ts).
 */
export const PASSES_MS = 60 * 60_000;

/** One object, whatever its kind. */
export interface PurgedObject {
  head(): Promise<Mirrored>;
  logAfter(after: number): Promise<Tail>;
  /** Its personal data, opened; nothing where it has none. */
  profile(): Promise<object | undefined>;
  /** Leaves nothing in it. */
  purge(): Promise<void>;
}

/** The object of a destination: it has no log, and nothing personal. */
export interface PurgedDestination {
  isEmpty(): Promise<boolean>;
  /** Leaves nothing in it. */
  purge(): Promise<void>;
}

/** Everything that one tenant has, wherever it lies. */
export interface TenantStorage {
  readonly rows: (cursor: string | undefined) => Promise<RowsPage>;
  readonly countRows: () => Promise<Readonly<Record<string, number>>>;
  readonly purgeRows: (isLast: boolean, from: string | undefined) => Promise<string | undefined>;
  readonly forgetInJobs: () => Promise<void>;
  readonly permitPurge: () => Promise<void>;
  readonly subjects: (after: string, limit: number) => Promise<readonly SubjectHead[]>;
  readonly strays: (
    after: string,
  ) => Promise<{ readonly names: readonly string[]; readonly next?: string }>;
  readonly notMirrored: (names: readonly string[]) => Promise<readonly string[]>;
  readonly addSubjects: (names: readonly string[]) => Promise<void>;
  readonly copies: (
    cursor: string | undefined,
  ) => Promise<{ readonly names: readonly string[]; readonly next?: string }>;
  readonly dropCopy: (name: string) => Promise<void>;
  readonly object: (subject: string) => PurgedObject;
  /** Names of every destination that there is or has been, those behind `after`. */
  readonly destinations: (after: string, limit: number) => Promise<readonly string[]>;
  readonly destination: (name: string) => PurgedDestination;
  readonly raw: (cursor: string | undefined) => Promise<RawPage>;
  readonly archive: R2Bucket;
}

export interface DeletionsPorts {
  readonly open: (limit: number) => Promise<readonly Deletion[]>;
  readonly claim: (deletion: Deletion, nowMs: number) => Promise<Deletion | undefined>;
  readonly save: (deletion: Deletion, to: Stepped) => Promise<boolean>;
  readonly release: (deletion: Deletion) => Promise<void>;
  readonly beginPurge: (
    deletion: Deletion,
    progress: DeletionProgress,
    act: Act,
  ) => Promise<Deletion | undefined>;
  readonly storageOf: (deletion: Deletion) => TenantStorage;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** What a step has come to. */
export interface Stepped {
  readonly progress: DeletionProgress;
  readonly state?: DeletionState;
  readonly purgedMs?: number;
}

/** One step of one deletion, small enough to be done again from its beginning. */
export interface Job {
  readonly deletion: Deletion;
  readonly storage: TenantStorage;
  readonly nowMs: number;
}

/** Nothing where it is not time yet. */
export type Step = (job: Job) => Promise<Stepped | undefined>;

/** The same with another step to do, from its beginning. */
export function at(progress: DeletionProgress, step: string): DeletionProgress {
  const { cursor: _done, ...rest } = progress;
  return { ...rest, step };
}

/** The same step from where it got to, or the one behind it. */
export const onwards = (
  progress: DeletionProgress,
  next: string | undefined,
  then: string,
): DeletionProgress => (next === undefined ? at(progress, then) : { ...progress, cursor: next });
