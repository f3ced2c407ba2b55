import { NO_REPLAY_REPORT, type ReplayReport } from "../../../core/operation/replay-report.ts";
import type { OpenReplay, ReplayCursor } from "../../replay.ts";
import type { ReplayPorts } from "./ports.ts";
import { type ReplayRun, type Step, stepReplay } from "./steps.ts";

/** Longer than a slice takes with D1 stalling: nobody else is at it meanwhile. */
const LEASE_MS = 2 * 60_000;
/** One call: within a minute's time, and within an invocation's subrequests. */
const RUN_MS_MAX = 20_000;
const STEPS_MAX = 200;
/** What one call puts on a shard's slow queue, a page more at most. */
export const MESSAGES_MAX = 2_000;
export const EVENTS_MAX = 10_000;
/** While so many wait there nothing is added: polls and healing have their turn. */
export const BACKLOG_MAX = 1_000;
/** Replays of one call; the others are first in the next. */
const REPLAYS_AT_ONCE = 5;
/** Steps in a row that may fail: D1 is out for a while now and then. */
const FAILURES_MAX = 30;

/** What is left of one call. */
interface Allowance {
  readonly untilMs: number;
  steps: number;
  messages: number;
  events: number;
}

const isSpent = ({ untilMs, steps, messages, events }: Allowance, nowMs: number): boolean =>
  steps <= 0 || messages <= 0 || events <= 0 || nowMs >= untilMs;

/**
 * Goes on with what is played again in a shard: by the slow queue, so that nobody who posts waits behind
 * it, and no faster than that is worked off. What a crash cuts off, the next call does again.
 */
export async function replayShardOnce(ports: ReplayPorts): Promise<void> {
  const allowance: Allowance = {
    untilMs: ports.nowMs() + RUN_MS_MAX,
    steps: STEPS_MAX,
    messages: MESSAGES_MAX,
    events: EVENTS_MAX,
  };
  for (const run of await ports.open(REPLAYS_AT_ONCE)) {
    if (isSpent(allowance, ports.nowMs())) return;
    const leaseMs = ports.nowMs() + LEASE_MS;
    if (await ports.lease(run, leaseMs)) await slice(run, { leaseMs, allowance }, ports);
  }
}

interface Slice {
  readonly leaseMs: number;
  readonly allowance: Allowance;
}

async function slice(
  run: OpenReplay,
  { leaseMs, allowance }: Slice,
  ports: ReplayPorts,
): Promise<void> {
  // Own texts: what the request, and the step before, kept.
  const playing: ReplayRun = { ...run, asked: JSON.parse(run.asked) };
  let cursor: ReplayCursor = JSON.parse(run.cursor);
  let report = keptReport(run);
  if ((cursor.failures ?? 0) >= FAILURES_MAX) {
    return fail(run, { cursor, report }, new Error("Its calls are cut off"), ports);
  }
  for (;;) {
    const step = await tryStep(playing, { cursor, report }, ports);
    if (step.kind === "failed") return fail(run, { cursor, report }, step.error, ports);
    const { error: _error, ...counted } = step.report;
    [cursor, report] = [step.cursor, counted];
    if (step.kind === "done") return finish(run, report, ports);
    allowance.steps -= 1;
    allowance.messages -= step.messages;
    allowance.events -= step.events;
    const goesOn = step.kind === "more" && !isSpent(allowance, ports.nowMs());
    await ports.save(run, { cursor, report, leaseMs: goesOn ? leaseMs : ports.nowMs() });
    if (!goesOn) return;
  }
}

// Own text: what the slice before kept.
const keptReport = ({ report }: OpenReplay): ReplayReport => ({
  ...NO_REPLAY_REPORT,
  ...JSON.parse(report),
});

interface At {
  readonly cursor: ReplayCursor;
  readonly report: ReplayReport;
}

async function tryStep(
  run: ReplayRun,
  at: At,
  ports: ReplayPorts,
): Promise<Step | { readonly kind: "failed"; readonly error: unknown }> {
  try {
    if (!(await ports.isServed(run.tenant))) throw new Leaving();
    if (!run.asked.isDry && isSending(at.cursor) && (await ports.backlog()) > BACKLOG_MAX) {
      return { ...at, kind: "wait", messages: 0, events: 0 };
    }
    const { failures: _failures, ...cursor } = at.cursor;
    return await stepReplay(run, { ...at, cursor }, ports);
  } catch (error) {
    return { kind: "failed", error };
  }
}

const isSending = ({ phase }: ReplayCursor): boolean => phase === "events" || phase === "archive";

/** Nothing of it is to be played any more, and trying again would not help. */
class Leaving extends Error {
  constructor() {
    super("The tenant is being deleted");
  }
}

async function finish(run: OpenReplay, report: ReplayReport, ports: ReplayPorts): Promise<void> {
  await ports.end(run, { state: "done", report, nowMs: ports.nowMs() });
  const { tenant, replayId: replay } = run;
  const { events, deliveries, after } = report;
  ports.log("info", "replayed", { tenant, replay, deliveries, events, after });
}

/** The next minute's call does the step again; time and again, and a person has to look. */
async function fail(
  run: OpenReplay,
  { cursor, report }: At,
  error: unknown,
  ports: ReplayPorts,
): Promise<void> {
  const { tenant, replayId: replay } = run;
  const failures = (cursor.failures ?? 0) + 1;
  const isLeaving = error instanceof Leaving;
  const isOver = isLeaving || failures >= FAILURES_MAX;
  const why = isLeaving ? error.message : `A step failed: ${String(error)}`;
  const told = { ...report, error: why };
  ports.log(isOver && !isLeaving ? "error" : "warn", "replay_step_failed", {
    ...(isOver && !isLeaving ? { alert: true } : {}),
    tenant,
    replay,
    phase: cursor.phase,
    error,
  });
  if (isOver) await ports.end(run, { state: "failed", report: told, nowMs: ports.nowMs() });
  else {
    const kept = { ...cursor, failures };
    await ports.save(run, { cursor: kept, report: told, leaseMs: ports.nowMs() });
  }
}
