import { sayUnbelieved, type ToldState } from "../../../core/reconciliation/core-state.ts";
import type { Range } from "../../../core/reconciliation/buckets.ts";
import type { Comparing } from "../../../core/reconciliation/walk.ts";
import type {
  CorePort,
  KeptReport,
  KeptRun,
  ReconcilePorts,
  RunAt,
  RunCursor,
  Snapshot,
  Told,
} from "./ports.ts";

/** A run on its way, as far as it is. */
export interface Going {
  readonly run: RunAt;
  readonly core: CorePort;
  readonly ports: ReconcilePorts;
  readonly untilMs: number;
  cursor: Required<Pick<RunCursor, "range" | "settledMs" | "phase">> & RunCursor;
  report: KeptReport;
  readonly kept: KeptRun;
  /** Questions that were answered in this call. */
  answered: number;
  /** How many differences were kept since it was asked last. */
  readonly taken: () => number;
  /** Already counted of what the core was asked. */
  counted: { requests: number; bytes: number };
}

/** What a run is to say: digests are of whole days or months, and so what it compares is wider. */
export const judgedRange = ({ range, from_ms, to_ms }: Going["cursor"]): Range => ({
  fromMs: Math.max(range.fromMs, from_ms ?? range.fromMs),
  toMs: Math.min(range.toMs, to_ms ?? range.toMs),
});

/** What keeps a run from going on. */
export type Stop = "spent" | Exclude<Told<never>, { kind: "all" | "spent" }>;

export type Outcome = "on" | "done" | Stop;

/** Whatever is no answer, as the outcome of a step. */
export const stopOf = (told: Exclude<Told<never>, { readonly kind: "all" }>): Stop =>
  told.kind === "spent" ? "spent" : told;

/**
 * Keeps the state of a run that is through: one answer alone may be wrong, and all of a run's have
 * agreed on it.
 */
export async function noteSnapshot(going: Going): Promise<void> {
  const { ports, run, cursor } = going;
  if (cursor.snapshot === undefined) return;
  await ports.noteState(run.tenant, toldBy(going, cursor.snapshot));
}

const toldBy = (
  { core, cursor: { accept_epoch: accepted } }: Going,
  snapshot: Snapshot,
): ToldState => ({
  core: core.name,
  ...snapshot,
  ...(accepted !== undefined && { accepted }),
});

/**
 * Takes the state of the first answer as that of the whole run. A core in a later epoch was restored
 * from a backup; one that is behind what it told before, or far ahead, is not believed.
 */
export async function adopt(going: Going, snapshot: Snapshot): Promise<Stop | undefined> {
  const { cursor, ports, run } = going;
  if (cursor.snapshot !== undefined) return undefined;
  const noted = await ports.judgeState(run.tenant, toldBy(going, snapshot));
  if (noted.kind !== "believed") {
    return { kind: "failed", failure: noted.kind, detail: sayUnbelieved(noted, snapshot) };
  }
  going.cursor = { ...going.cursor, snapshot };
  return undefined;
}

/**
 * Up to where lines are compared: what is younger may be on its way on either side, and is judged by no
 * run. Of balances it says why they differ.
 */
export const walkedToMs = ({ run, cursor }: Pick<Going, "run" | "cursor">): number =>
  run.kind === "balances" ? cursor.range.toMs : cursor.settledMs;

/** Which buckets are compared. */
export const comparingIn = (going: Going): Pick<Comparing, "settledMs" | "aheadMs"> => {
  const { aheadMs } = going.cursor;
  return { settledMs: walkedToMs(going), ...(aheadMs !== undefined && { aheadMs }) };
};

/** Whether nothing of then is in flight any more, or yet. */
export const isSettledAt = (
  ms: number,
  { settledMs, aheadMs = Infinity }: Pick<Going["cursor"], "settledMs" | "aheadMs">,
): boolean => ms < settledMs || ms >= aheadMs;
