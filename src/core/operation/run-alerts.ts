import type { Alert } from "./alerts.ts";

/** A run of reconciliation as an alert looks at it. */
export interface LookedRun {
  readonly runId: string;
  readonly kind: string;
  readonly state: "running" | "done" | "failed";
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** Why it failed, or what last kept it from going on. */
  readonly error: { readonly kind: string; readonly detail: string } | null;
}

/** A rebuild of the mirror as an alert looks at it. */
export interface LookedRebuild extends Omit<LookedRun, "kind" | "error"> {
  readonly error: string | null;
}

/** A replay of the archive as an alert looks at it. */
export type LookedReplay = LookedRebuild;

/** Errors that say that the core gave no answer at all. */
const NO_ANSWER: ReadonlySet<string> = new Set(["unreachable", "timeout", "status", "moved"]);

/** From this age on the window that is looked at every quarter of an hour begins to be missed. */
const PAGE_MS = 24 * 3_600_000;

const isUnanswered = ({ state, error }: LookedRun): boolean =>
  state !== "done" && error !== null && NO_ANSWER.has(error.kind);

/**
 * Of a tenant's runs, the newest first: that the core gives no answer, since when as far as these
 * runs tell, and each kind whose last run that is over has failed for another reason, since when.
 */
export function runAlerts(runs: readonly LookedRun[], nowMs: number): readonly Alert[] {
  const kinds = Map.groupBy(runs, ({ kind }) => kind);
  const failed = [...kinds.values()].flatMap((of) => {
    const over = of.filter(({ state }) => state !== "running");
    const [last] = over;
    if (last?.state !== "failed" || isUnanswered(last)) return [];
    const done = over.findIndex(({ state }) => state === "done");
    const failing = done < 0 ? over : over.slice(0, done);
    return [failedAlert(last, failing.at(-1) ?? last, nowMs)];
  });
  return [...unreachable(runs, nowMs), ...failed];
}

function unreachable(runs: readonly LookedRun[], nowMs: number): readonly Alert[] {
  const answered = runs.findIndex((run) => !isUnanswered(run) && !isUntold(run));
  const streak = (answered < 0 ? runs : runs.slice(0, answered)).filter(isUnanswered);
  const [newest, oldest] = [streak.at(0), streak.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  return [
    {
      kind: "core_unreachable",
      key: "core",
      severity: nowMs - oldest.startedMs > PAGE_MS ? "page" : "ticket",
      since_ms: oldest.startedMs,
      detail: newest.error?.detail ?? "The core gives no answer",
      place: ["reconciliations", newest.runId],
    },
  ];
}

/** A run that is on its way and has met no trouble yet says nothing of the core. */
const isUntold = ({ state, error }: LookedRun): boolean => state === "running" && error === null;

function failedAlert({ kind, runId, error }: LookedRun, first: LookedRun, nowMs: number): Alert {
  const sinceMs = first.endedMs ?? first.startedMs;
  return {
    kind: "reconciliation_failed",
    key: kind,
    severity: nowMs - sinceMs > PAGE_MS ? "page" : "ticket",
    since_ms: sinceMs,
    detail: error === null ? "Its last run failed" : `${error.kind}: ${error.detail}`,
    place: ["reconciliations", runId],
  };
}

/** Of a tenant's rebuilds, the newest first: that the last one that is over has failed. */
export function rebuildAlerts(rebuilds: readonly LookedRebuild[]): readonly Alert[] {
  const last = failedLast(rebuilds);
  if (last === undefined) return [];
  const { runId, sinceMs: since_ms, error } = last;
  const detail = error ?? "The last rebuild failed";
  const at = { key: "mirror", severity: "ticket", since_ms } as const;
  return [{ ...at, kind: "rebuild_failed", detail, place: ["rebuilds", runId] }];
}

/** The same of replays; dry ones are not looked at. */
export function replayAlerts(replays: readonly LookedReplay[]): readonly Alert[] {
  const last = failedLast(replays);
  if (last === undefined) return [];
  const { runId, sinceMs: since_ms, error } = last;
  const detail = error ?? "The last replay failed";
  const at = { key: "archive", severity: "ticket", since_ms } as const;
  return [{ ...at, kind: "replay_failed", detail, place: ["replays", runId] }];
}

function failedLast(runs: readonly LookedRebuild[]) {
  const last = runs.find(({ state }) => state !== "running");
  if (last?.state !== "failed") return undefined;
  return { ...last, sinceMs: last.endedMs ?? last.startedMs };
}

/** A run of a period that failed, and was not done again. */
export const failedRunAlert = (run: {
  readonly runId: string;
  readonly endedMs: number;
  readonly reason: string | null;
}): Alert => ({
  kind: "run_failed",
  key: run.runId,
  severity: "ticket",
  since_ms: run.endedMs,
  detail: run.reason ?? "It failed",
  place: ["runs", run.runId],
});
