import { rangeOfPeriods } from "../../../core/reconciliation/closes.ts";
import type { Close } from "./ports.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How often each kind of run begins: DOMAIN §8. */
const EVERY_MS = { window: 15 * MINUTE_MS, balances: DAY_MS, lines: 7 * DAY_MS } as const;
/** How soon one that failed is tried again. */
const RETRY_MS = { window: 15 * MINUTE_MS, balances: 6 * HOUR_MS, lines: HOUR_MS } as const;
/**
 * How soon one is begun again that has named what of the core cannot be read: that stands until
 * somebody mends it, and to list all the rest of the lines is as dear as ever.
 */
const NAMED_RETRY_MS = { window: 15 * MINUTE_MS, balances: DAY_MS, lines: DAY_MS } as const;
/** Where the core was restored, nobody waits longer than for a window. */
const RESTORED_RETRY_MS = 15 * MINUTE_MS;

export type ScheduledKind = keyof typeof EVERY_MS;

/** When runs of a kind last began: of those over a part alone, and of those that failed, apart. */
export interface LastRun {
  readonly kind: string;
  /** Over all that the kind looks at. */
  readonly isWhole: boolean;
  readonly isFailed: boolean;
  /** It failed for what it has named: all else was compared. */
  readonly isNamed: boolean;
  readonly startedMs: number;
}

/** What is known of a tenant's runs and of its core. */
export interface TenantRuns {
  readonly last: readonly LastRun[];
  /** The core was restored from a backup: what has to be looked at next since. */
  readonly restored?: { readonly epoch: number; readonly due: "lines" | "balances" };
  /** Closes of periods that no run was for yet, the oldest first. */
  readonly closes: readonly Close[];
}

/** A run to be started. */
export interface DueRun {
  readonly kind: ScheduledKind;
  /** `cron`, `period:{id}` of the latest close that it is for, or `epoch:{n}`. */
  readonly cause: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly closes?: readonly Close[];
}

/**
 * The run that is due for a tenant, if one is: what is wanted for a reason first, then the rarer, as
 * it covers the others. A tenant has one run at a time, so that a skipped or doubled minute changes
 * nothing; what a run was wanted for is kept until it is done.
 */
export function dueRun({ last, restored, closes }: TenantRuns, nowMs: number): DueRun | undefined {
  const agoMs = (kind: ScheduledKind, isOne: (run: LastRun) => boolean): number =>
    nowMs - Math.max(-Infinity, ...last.filter((run) => run.kind === kind && isOne(run)).map(ms));
  const isRested = (kind: ScheduledKind, restMs: number = RETRY_MS[kind]): boolean =>
    agoMs(kind, ({ isFailed, isNamed }) => isFailed && !isNamed) >= restMs &&
    agoMs(kind, ({ isNamed }) => isNamed) >= NAMED_RETRY_MS[kind];
  const isDue = (kind: ScheduledKind): boolean =>
    isRested(kind) &&
    agoMs(kind, (run) => !run.isFailed && (run.isWhole || kind === "window")) >= EVERY_MS[kind];

  // A new tenant's first run is a short one: its history is looked at once that has worked.
  if (!last.some(({ kind }) => kind === "window")) return { kind: "window", cause: "cron" };
  if (restored !== undefined && isRested(restored.due, RESTORED_RETRY_MS)) {
    return { kind: restored.due, cause: `epoch:${restored.epoch}` };
  }
  if (closes.length > 0 && isRested("lines")) return runOf(closes);
  const kind = (["lines", "balances", "window"] as const).find(isDue);
  return kind === undefined ? undefined : { kind, cause: "cron" };
}

const ms = ({ startedMs }: LastRun): number => startedMs;

/** One run for all periods that were closed meanwhile. */
function runOf(closes: readonly Close[]): DueRun {
  const range = rangeOfPeriods(closes.map(({ id }) => id));
  return { kind: "lines", cause: `period:${closes.at(-1)?.id}`, ...range, closes };
}
