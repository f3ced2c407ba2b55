import type { Plan } from "../../../core/plans/plan.ts";
import type { Cut, Followed, PeriodLine } from "../../../core/runs/cuts.ts";
import type { Carry } from "../../../core/runs/close-run.ts";
import type { Fingerprint, Sha256 } from "../../../core/reconciliation/digest.ts";
import type { Bought, Person } from "../../../core/runs/people.ts";
import type { LeftOut, Payable, Proposal } from "../../../core/runs/proposal.ts";
import type { Grace } from "../../../core/runs/rank-run.ts";
import type { OpenPeriod, PlannedRun, RunKind, RunName, RunState } from "../../../core/runs/run.ts";
import type { GatewayEvent } from "../../../core/contracts/event.ts";
import type { Log } from "../../log.ts";
import type { MadeMessage, SubjectMessage } from "../../message.ts";

/** A run as its steps find it. */
export interface OpenRun {
  readonly tenant: string;
  readonly runId: string;
  readonly kind: RunKind;
  readonly planId: string;
  readonly periodId: string;
  readonly state: RunState;
  readonly attempt: number;
  /** JSON of {@link Progress}. */
  readonly progress: string;
  readonly startedMs: number;
}

/** Where a close goes on, in this order. */
export type ClosePhase = "lines" | "cuts" | "ready" | "total" | "closing";

/** What a run keeps between its steps; shown to whoever asks how it gets on. */
export interface Progress {
  readonly lease_ms?: number;
  readonly phase?: ClosePhase;
  /** Of a scan that takes several steps. */
  readonly cursor?: string;
  /** What objects still have to take, and how many looks it has not become less for. */
  readonly waiting?: number;
  readonly looks?: number;
  /** Ranks: what the next period's run has to know. */
  readonly grace?: Grace;
  /** Close: lines counted so far. */
  readonly counted?: Fingerprint;
  /** Payouts. */
  readonly proposals?: number;
  readonly left_out?: readonly LeftOut[];
  readonly failures?: number;
  /** Why it failed, for a person. */
  readonly reason?: string;
}

/** What became of one step. */
export type Step =
  /** There is more to do at once, or only later: others have to act first. */
  | { readonly kind: "more" | "wait"; readonly progress: Progress }
  | { readonly kind: "done"; readonly progress: Progress }
  | { readonly kind: "failed"; readonly progress: Progress; readonly reason: string };

/** A run, what it is by, and where it stands. */
export interface Running {
  readonly run: OpenRun;
  readonly planned: PlannedRun;
  readonly progress: Progress;
}

export interface PeriodAsked {
  readonly tenant: string;
  readonly periodId: string;
  readonly endMs: number;
}

/** What all steps need of the world. */
export interface StepPorts {
  readonly run: (tenant: string, runId: string) => Promise<OpenRun | undefined>;
  readonly people: (asked: PeriodAsked) => Promise<readonly Person[]>;
  readonly sendAll: (messages: readonly (SubjectMessage | MadeMessage)[]) => Promise<void>;
  /** Our id of an event that a run makes: the same whenever it is made again. */
  readonly eventIdOf: (tenant: string, event: GatewayEvent) => string;
  readonly nowMs: () => number;
}

export interface CloseStepPorts extends StepPorts {
  readonly isClosed: (tenant: string, periodId: string) => Promise<boolean>;
  readonly bought: (asked: PeriodAsked) => Promise<readonly Bought[]>;
  readonly periodCv: (asked: PeriodAsked) => Promise<bigint>;
  readonly lines: (
    asked: { readonly tenant: string; readonly periodId: string; readonly origin: "gateway" },
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly PeriodLine[]; readonly next?: string }>;
  readonly lineAmounts: (
    tenant: string,
    named: readonly { readonly distributor_id: string; readonly line_id: string }[],
  ) => Promise<ReadonlyMap<string, number>>;
  /** How the lines of these orders follow their returns; by line id. */
  readonly followed: (
    tenant: string,
    orderIds: readonly string[],
  ) => Promise<ReadonlyMap<string, Followed>>;
  readonly carry: RunList<Carry>;
  readonly cuts: RunList<Cut>;
  readonly sha256: Sha256;
}

/** A list that a run leaves, by tenant and run. */
export interface RunList<Item> {
  readonly save: (tenant: string, runId: string, items: readonly Item[]) => Promise<void>;
  readonly load: (tenant: string, runId: string) => Promise<readonly Item[] | undefined>;
}

export interface PayoutStepPorts {
  readonly payables: (
    asked: { readonly tenant: string; readonly currency: string },
    part: { readonly cursor: string | undefined; readonly limit: number },
  ) => Promise<{ readonly items: readonly Payable[]; readonly next?: string }>;
  readonly putProposals: (
    run: OpenRun,
    page: { readonly proposals: readonly Proposal[]; readonly isFirst: boolean },
  ) => Promise<void>;
}

export interface RunsPorts extends CloseStepPorts, PayoutStepPorts {
  /** Tenants of the shard in `gateway_final`. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly plansOf: (tenants: readonly string[]) => Promise<ReadonlyMap<string, readonly Plan[]>>;
  readonly plansSince: (
    tenants: readonly string[],
  ) => Promise<
    readonly { readonly tenant: string; readonly planId: string; readonly sinceMs: number }[]
  >;
  readonly states: (
    tenant: string,
  ) => Promise<readonly Pick<OpenRun, "runId" | "kind" | "planId" | "periodId" | "state">[]>;
  /** Ids of the tenant's closed periods. */
  readonly closed: (tenant: string) => Promise<readonly string[]>;
  /** The first of these periods in which something was sold. */
  readonly firstSold: (
    tenant: string,
    periods: readonly OpenPeriod[],
  ) => Promise<string | undefined>;
  readonly running: (tenants: readonly string[]) => Promise<readonly OpenRun[]>;
  readonly start: (tenant: string, name: RunName, nowMs: number) => Promise<OpenRun>;
  readonly claim: (
    run: OpenRun,
    lease: { readonly nowMs: number; readonly untilMs: number },
  ) => Promise<boolean>;
  readonly save: (
    run: OpenRun,
    step: {
      readonly leaseMs: number;
      readonly progress: Progress;
      readonly state: RunState;
      readonly endedMs: number | null;
    },
  ) => Promise<boolean>;
  readonly record: (
    deed: {
      readonly tenant: string;
      readonly action: string;
      readonly target: string;
      readonly detail: object;
    },
    act: { readonly actor: string; readonly nowMs: number },
  ) => Promise<void>;
  readonly log: Log;
}
