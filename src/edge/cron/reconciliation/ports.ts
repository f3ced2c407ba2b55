import type { Range, TimeBucket, TimeLevel } from "../../../core/reconciliation/buckets.ts";
import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import type { LineName, LocalLine } from "../../../core/reconciliation/differ.ts";
import type { GatewayEvent } from "../../../core/contracts/event.ts";
import type { Sha256 } from "../../../core/reconciliation/digest.ts";
import type { Flights } from "../../../core/reconciliation/flights.ts";
import type { JudgedBreak, KnownBreak, Limits } from "../../../core/reconciliation/judge.ts";
import type { RunReport } from "../../../core/reconciliation/report.ts";
import type { RunCounts } from "../../../core/reconciliation/run-limits.ts";
import type { StateNoted, ToldState } from "../../../core/reconciliation/core-state.ts";
import type { Tally, TallyLevel } from "../../../core/reconciliation/tally.ts";
import type { BucketSum, Question } from "../../../core/reconciliation/walk.ts";
import type { OddItem } from "../../../core/reconciliation/wire-sift.ts";
import type { BalanceRow } from "../../../core/reconciliation/wire.ts";
import type { Log } from "../../log.ts";
import type { BalancePorts } from "./balance-ports.ts";
import type { FoundPorts } from "./found-ports.ts";

/** A state of the core that all answers of a run are as of. */
export interface Snapshot {
  readonly asOfSeq: string;
  readonly epoch: number;
}

/** A whole listing of the core's, or why there is none. */
export type Told<Item> =
  | {
      readonly kind: "all";
      readonly items: readonly Item[];
      readonly snapshot: Snapshot;
      /** Digests of parts: how many digits parts of this core may have; absent: one. */
      readonly partDigits?: number;
      /** Events that break the interface, left out. */
      readonly odd?: readonly OddItem[];
    }
  /** What this call may use up is used up: gone on with in the next one. */
  | { readonly kind: "spent" }
  /** The core is as of another state by now: the run begins anew. */
  | { readonly kind: "stale"; readonly detail: string }
  | {
      readonly kind: "failed";
      readonly failure: string;
      readonly detail: string;
      /** The first rule of the interface that the answer breaks. */
      readonly rule?: string;
      /** Of an answer that is an error. */
      readonly status?: number;
    };

/** One page of a listing that is gone on with, in another call too. */
export type Paged<Item> =
  | {
      readonly kind: "page";
      readonly items: readonly Item[];
      readonly snapshot: Snapshot;
      /** Where it goes on, as JSON; absent at its end. */
      readonly next?: object;
      /** Balances that leave payouts out. */
      readonly payouts?: false;
      /** Balances that break the interface, left out. */
      readonly odd?: readonly OddItem[];
    }
  | Exclude<Told<Item>, { readonly kind: "all" }>;

/** Where a listing goes on, and of which state. */
export interface ListedAt {
  readonly snapshot: Snapshot | undefined;
  readonly place: object | undefined;
}

/** Lines of which time and shards digests are asked for. */
export interface DigestsOf {
  readonly level: TimeLevel;
  readonly range: Range;
  /** Absent: all. */
  readonly shards?: readonly number[];
  /** Names of parts of that range and those shards: their sixteenths alone. */
  readonly within?: readonly string[];
}

/** A tenant's core, for one call of the job. */
export interface CorePort {
  /** Which core it is: another address is another one. */
  readonly name: string;
  readonly digests: (asked: DigestsOf, snapshot: Snapshot | undefined) => Promise<Told<BucketSum>>;
  readonly lines: (bucket: TimeBucket, snapshot: Snapshot | undefined) => Promise<Told<CoreLine>>;
  /** Lines that the core changed at or after an instant. */
  readonly changed: (sinceMs: number, at: ListedAt) => Promise<Paged<CoreLine>>;
  readonly balanceDigests: (snapshot: Snapshot | undefined) => Promise<Paged<BucketSum>>;
  /** Sorted by distributor, as UTF-8. */
  readonly balances: (
    /** Absent: all. */
    shards: readonly number[] | undefined,
    at: ListedAt,
  ) => Promise<Paged<BalanceRow>>;
  /** Lines of these ids, wherever they are. */
  readonly named: (
    lineIds: readonly string[],
    snapshot: Snapshot | undefined,
  ) => Promise<Told<CoreLine>>;
  readonly spent: () => { readonly requests: number; readonly bytes: number };
}

/** A run as it is kept. */
export interface RunAt {
  readonly tenant: string;
  readonly runId: string;
  readonly kind: string;
  readonly cause: string;
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
  /** What takes effect from here on is not: set where the range goes on behind today. */
  readonly aheadMs?: number;
  /** How long both sides of a line must have rested: settled when the run began. */
  readonly graceMs?: number;
  readonly snapshot?: Snapshot;
  readonly questions?: readonly Question[];
  /** In their order: the first two are of balances alone, `list` and `extras` of cores without digests. */
  readonly phase?:
    | "sums"
    | "balances"
    | "explain"
    | "walk"
    | "list"
    | "extras"
    | "look"
    | "count"
    | "judge"
    | "close"
    | "balanced";
  /** Lines of these shards alone. */
  readonly shards?: readonly number[];
  /** The core has no digests: its lines are listed. */
  readonly listed?: Listed;
  /** Buckets whose lines are not those that the core's own digest counts. */
  readonly contradicted?: readonly string[];
  /** Had no answer that can be used, in the call before: it is asked once more. */
  readonly doubted?: string;
  /** Had none again, though the core answers: the run goes on without it. */
  readonly unread?: readonly Unread[];
  /** What was found is looked up behind this line. */
  readonly looked?: LineName;
  /** Of what comes next, the core has been asked as of the run's state, and not yet as of now. */
  readonly isAsked?: true;
  /** The core tells no lines by their ids: what it has under another date is not known. */
  readonly lacksIds?: true;
  /** Nor is then, where it is listed by change, what the mirror has beyond it. */
  readonly lacksExtras?: true;
  readonly judging?: Judging;
  readonly balances?: BalancesAt;
  /** Differences that were kept since they were counted last, and those that were counted. */
  readonly kept?: number;
  /** Calls in a row in which the core did not answer. */
  readonly failures?: number;
  /** How often it began anew, as the core had moved on. */
  readonly begun?: number;
  readonly from_ms?: number;
  readonly to_ms?: number;
  /** A person has said that the core is in this epoch. */
  readonly accept_epoch?: number;
  /** Closes of periods that the run is for. */
  readonly closes?: readonly Close[];
}

/** What of the core a run could not read. */
export interface Unread {
  /** A bucket's name, or what else was asked for. */
  readonly what: string;
  /** Whose: nothing of these shards is closed, and no balance explained. */
  readonly shards: readonly number[];
  readonly detail: string;
  /** It took all that a call may use up. */
  readonly isLong?: true;
}

/** A telling of a period's close. */
export interface Close {
  readonly id: string;
  readonly epoch: number;
  readonly rev: string;
}

/** How far the lines of a core without digests are listed, page by page. */
export interface Listed {
  readonly level: TallyLevel;
  readonly tally: Tally;
  readonly place?: object;
  /** Of the bucket whose lines are asked for by id: the line that is gone on behind. */
  readonly after?: string;
}

/** How far balances are compared. */
export interface BalancesAt {
  /** What the core comes to, by shard; null where it has no digests. */
  readonly digests?: readonly BucketSum[] | null;
  /** The core leaves payouts to others. */
  readonly payouts?: false;
  /** What the mirror comes to, by shard: number of rows and sum of hashes. */
  readonly sums?: Readonly<Record<string, readonly [rows: number, sum: string]>>;
  /** Shards whose balances are listed; absent: all. */
  readonly shards?: readonly number[];
  /** To be listed then, apart: together they had no answer. */
  readonly rest?: readonly (readonly number[])[];
  /** Whose balances were told in a way that nobody can read; null where that was not told either. */
  readonly odd?: readonly (string | null)[];
  readonly place?: object;
  /** The distributor that is gone on behind. */
  readonly after?: string;
}

/** How far what was found is judged. */
export interface Judging {
  /** All of a run is judged as of then. */
  readonly atMs: number;
  readonly counts: RunCounts;
  /** Counted, then judged, behind this line. */
  readonly after?: LineName;
  /** Open breaks are looked through behind this one. */
  readonly closed?: string;
}

/** An open break of a line, as a run decides whether it is over. */
export interface OpenLineBreak
  extends LineName, Pick<JudgedBreak, "break_id" | "class" | "action" | "why" | "opened_ms"> {
  /** When the later of its sides took effect. */
  readonly latest_ms: number;
}

/** A line in flight, as a run has found it. */
export interface Flying extends LineName {
  /** How the mirror has it, as break ids see it. */
  readonly local: string;
  readonly effective_ms: number;
}

/** A report, and what went wrong last. */
export type KeptReport = RunReport & {
  readonly error?: { readonly kind: string; readonly detail: string };
};

/** How far a run was kept last. */
export interface KeptRun {
  cursor: RunCursor;
  report: KeptReport;
}

export interface ReconcilePorts extends BalancePorts, FoundPorts {
  /** Nothing where the tenant has no core, or is no mirror of it. */
  readonly core: (tenant: string, untilMs: number) => Promise<CorePort | undefined>;
  readonly localDigests: (tenant: string, asked: DigestsOf) => Promise<readonly BucketSum[]>;
  /** Of as many buckets, from the first on, as can be held at once: of one at least. */
  readonly localLines: (
    tenant: string,
    buckets: readonly TimeBucket[],
  ) => Promise<ReadonlyMap<string, readonly LocalLine[]>>;
  readonly localNamed: (
    tenant: string,
    names: readonly LineName[],
  ) => Promise<readonly LocalLine[]>;
  /** The same without when they last changed, which takes a look at each distributor's transfers. */
  readonly localPlain: (
    tenant: string,
    names: readonly LineName[],
  ) => Promise<readonly LocalLine[]>;
  /**
   * Whether a core is believed in the state that it answers in: not one that is behind what it told
   * before, or more than one epoch ahead.
   */
  readonly judgeState: (tenant: string, told: ToldState) => Promise<StateNoted>;
  /** The same, and keeps it where it is believed; a later epoch starts runs of its own. */
  readonly noteState: (tenant: string, told: ToldState) => Promise<StateNoted>;
  /** Within which of 1000 events 999 were applied, from when they were received; of late. */
  readonly lagMs: (tenant: string) => Promise<number>;
  /** What the run was started for is done. Told before the run ends, and told twice no harm. */
  readonly fulfil: (run: RunAt, closes: readonly Close[]) => Promise<void>;
  readonly known: (
    tenant: string,
    names: readonly LineName[],
  ) => Promise<ReadonlyMap<string, KnownBreak>>;
  /** Since when these lines are in flight, as far as any run has found them so. */
  readonly flightsOf: (tenant: string, names: readonly LineName[]) => Promise<Flights>;
  /** Keeps what a run finds in flight: since then, or since it was found so with the same side of ours. */
  readonly putFlights: (
    run: RunAt,
    found: { readonly flying: readonly Flying[]; readonly nowMs: number },
  ) => Promise<void>;
  /** Forgets what took effect in a time that a run has looked at, and was not found in flight there. */
  readonly landFlights: (run: RunAt, looked: Range) => Promise<void>;
  readonly closedPeriods: (tenant: string) => Promise<ReadonlySet<string>>;
  /** Time zones of the tenant's plans, each once. */
  readonly zones: (tenant: string) => Promise<readonly string[]>;
  /** Those of these distributors whose objects take nothing any more. */
  readonly frozenAmong: (
    tenant: string,
    distributors: readonly string[],
  ) => Promise<ReadonlySet<string>>;
  /** Those of these distributors whom nobody has enrolled. */
  readonly unknownAmong: (
    tenant: string,
    distributors: readonly string[],
  ) => Promise<ReadonlySet<string>>;
  readonly putBreaks: (run: RunAt, breaks: readonly JudgedBreak[]) => Promise<void>;
  /** Open breaks of lines both of whose sides took effect in a range, in the order of their ids. */
  readonly openBreaks: (
    tenant: string,
    asked: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly after: string | undefined;
      readonly limit: number;
    },
  ) => Promise<readonly OpenLineBreak[]>;
  /**
   * Closes breaks that are over; one whose line a person is deciding upon is left to that. With a null
   * outcome one stays open, and no limit is on it any more.
   */
  readonly endBreaks: (
    tenant: string,
    over: readonly { readonly break_id: string; readonly outcome: "healed" | "gone" | null }[],
    nowMs: number,
  ) => Promise<void>;
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
