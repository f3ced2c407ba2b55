import type { Range, TimeBucket, TimeLevel } from "../../../core/reconciliation/buckets.ts";
import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import type { Difference, LineName, LocalLine } from "../../../core/reconciliation/differ.ts";
import type { GatewayEvent } from "../../../core/contracts/event.ts";
import type { Sha256 } from "../../../core/reconciliation/digest.ts";
import type { JudgedBreak, KnownBreak, Limits } from "../../../core/reconciliation/judge.ts";
import type { RunReport } from "../../../core/reconciliation/report.ts";
import type { BucketSum, Question } from "../../../core/reconciliation/walk.ts";
import type { Log } from "../../log.ts";

/** A state of the core that all answers of a run are as of. */
export interface Snapshot {
  readonly asOfSeq: string;
  readonly epoch: number;
}

/** A whole listing of the core's, or why there is none. */
export type Told<Item> =
  | { readonly kind: "all"; readonly items: readonly Item[]; readonly snapshot: Snapshot }
  /** What this call may use up is used up: gone on with in the next one. */
  | { readonly kind: "spent" }
  /** The core is as of another state by now: the run begins anew. */
  | { readonly kind: "stale"; readonly detail: string }
  | { readonly kind: "failed"; readonly failure: string; readonly detail: string };

/** A tenant's core, for one call of the job. */
export interface CorePort {
  readonly digests: (
    asked: {
      readonly level: TimeLevel;
      readonly range: Range;
      readonly shards?: readonly number[];
    },
    snapshot: Snapshot | undefined,
  ) => Promise<Told<BucketSum>>;
  readonly lines: (bucket: TimeBucket, snapshot: Snapshot) => Promise<Told<CoreLine>>;
  /** Lines of these ids, wherever they are. */
  readonly named: (lineIds: readonly string[], snapshot: Snapshot) => Promise<Told<CoreLine>>;
  readonly spent: () => { readonly requests: number; readonly bytes: number };
}

/** A run as it is kept. */
export interface RunAt {
  readonly tenant: string;
  readonly runId: string;
  readonly kind: string;
  readonly startedMs: number;
  /** JSON of {@link RunCursor}. */
  readonly cursor: string;
  /** JSON of {@link KeptReport}. */
  readonly report: string;
}

/** Where a run goes on. */
export interface RunCursor {
  readonly range?: Range;
  /** What took effect from here on is in flight. */
  readonly settledMs?: number;
  readonly snapshot?: Snapshot;
  readonly questions?: readonly Question[];
  readonly phase?: "walk" | "look" | "judge";
  /** Calls in a row in which the core did not answer. */
  readonly failures?: number;
  /** How often it began anew, as the core had moved on. */
  readonly begun?: number;
  readonly from_ms?: number;
  readonly to_ms?: number;
}

/** A report, and what went wrong last. */
export type KeptReport = RunReport & {
  readonly error?: { readonly kind: string; readonly detail: string };
};

export interface ReconcilePorts {
  /** Nothing where the tenant has no core, or is no mirror of it. */
  readonly core: (tenant: string, untilMs: number) => Promise<CorePort | undefined>;
  readonly localDigests: (
    tenant: string,
    asked: {
      readonly level: TimeLevel;
      readonly range: Range;
      readonly shards?: readonly number[];
    },
  ) => Promise<readonly BucketSum[]>;
  readonly localLines: (
    tenant: string,
    buckets: readonly TimeBucket[],
  ) => Promise<ReadonlyMap<string, readonly LocalLine[]>>;
  readonly localNamed: (
    tenant: string,
    names: readonly LineName[],
  ) => Promise<readonly LocalLine[]>;
  readonly putDifferences: (
    run: RunAt,
    found: readonly Pick<Difference, "distributor_id" | "line_id" | "core" | "local">[],
  ) => Promise<void>;
  readonly readDifferences: (run: RunAt) => Promise<readonly Difference[]>;
  readonly dropDifferences: (run: RunAt) => Promise<void>;
  readonly known: (
    tenant: string,
    names: readonly LineName[],
  ) => Promise<ReadonlyMap<string, KnownBreak>>;
  readonly closedPeriods: (tenant: string) => Promise<ReadonlySet<string>>;
  readonly putBreaks: (run: RunAt, breaks: readonly JudgedBreak[]) => Promise<void>;
  /** Closes breaks that were looked at and not found any more. */
  readonly closeUnfound: (
    tenant: string,
    looked: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly found: readonly string[];
      readonly inFlight: readonly LineName[];
      readonly nowMs: number;
    },
  ) => Promise<number>;
  /** Sends the events of each break together, in their order. */
  readonly heal: (run: RunAt, breaks: readonly (readonly GatewayEvent[])[]) => Promise<void>;
  readonly lease: (run: RunAt, untilMs: number) => Promise<boolean>;
  readonly save: (
    run: RunAt,
    kept: { readonly cursor: RunCursor; readonly report: KeptReport; readonly leaseMs: number },
  ) => Promise<void>;
  readonly end: (
    run: RunAt,
    end: { readonly state: "done" | "failed"; readonly report: KeptReport; readonly nowMs: number },
  ) => Promise<void>;
  readonly limits: Limits;
  readonly sha256: Sha256;
  readonly nowMs: () => number;
  readonly log: Log;
}
