import { aligned, type Range } from "../../../core/reconciliation/buckets.ts";
import { LIMITS } from "../../../core/reconciliation/judge.ts";
import { addReports, NO_REPORT } from "../../../core/reconciliation/report.ts";
import { firstQuestion } from "../../../core/reconciliation/walk.ts";
import { broke, fail, isTooLong, keep, leave, TOO_LONG } from "./ending.ts";
import type { Going, Outcome } from "./going.ts";
import type { KeptReport, KeptRun, ReconcilePorts, RunAt, RunCursor } from "./ports.ts";
import { countingPorts, tooMany } from "./keeping.ts";
import { step } from "./steps.ts";

/** How long one call of the job works at a run. */
const CALL_MS = 20_000;
/** Longer than any call: who dies leaves the run to the next one. */
const LEASE_MS = 120_000;
const DAY_MS = 86_400_000;
/** DOMAIN §8: what is looked at every quarter of an hour. */
export const WINDOW_MS = 72 * 3_600_000;

/**
 * Goes on with a run for as long as a call may: down the digests, one-sided lines looked up, then all
 * that differs judged at once, healed where the table of DOMAIN §8 allows it, and kept for a person
 * where not. Each step is kept; done again after a crash it ends the same, as breaks and their events
 * are named by what they are about. A step that throws counts as a failure, and is done again from
 * what was kept last. Throws where even that cannot be kept: then the lease ends by itself.
 */
export async function continueRun(run: RunAt, ports: ReconcilePorts): Promise<void> {
  const startMs = ports.nowMs();
  if (!(await ports.lease(run, startMs + LEASE_MS))) return;
  const kept: KeptRun = {
    cursor: parseCursor(run.cursor),
    report: { ...NO_REPORT, ...parseReport(run.report) },
  };
  // Looked at first: a call that dies without a word would be followed by others for ever.
  if (isTooLong(run, startMs)) return fail(run, kept.report, TOO_LONG, ports);
  let going: Going | undefined;
  try {
    going = await begin(run, ports, { kept, startMs });
    if (going !== undefined) await goOn(going, startMs);
  } catch (error) {
    if (going !== undefined) kept.report = { ...kept.report, ...uncounted(going, kept.report) };
    await broke({ run, ports, ...kept }, error);
  }
}

async function goOn(going: Going, startMs: number): Promise<void> {
  const { ports, untilMs } = going;
  let outcome: Outcome = "on";
  while (outcome === "on" && ports.nowMs() < untilMs) {
    outcome = await step(going);
    outcome = (await tooMany(going, going.taken())) ?? outcome;
    going.report = { ...going.report, ...uncounted(going, going.report) };
    if (outcome === "on") await keep(going, startMs + LEASE_MS);
  }
  await leave(going, outcome);
}

// Own text: what keep() wrote, or who started it.
const parseCursor = (text: string): RunCursor => JSON.parse(text);
const parseReport = (text: string): Partial<KeptReport> => JSON.parse(text);

const NO_CORE = { kind: "no_core", detail: "The tenant has no core, or is no mirror of it" };

/** Nothing where the run is over before it begins. */
async function begin(
  run: RunAt,
  ports: ReconcilePorts,
  { kept, startMs }: { readonly kept: KeptRun; readonly startMs: number },
): Promise<Going | undefined> {
  const untilMs = startMs + CALL_MS;
  const core = await ports.core(run.tenant, untilMs);
  const { report } = kept;
  if (core === undefined) {
    await fail(run, report, NO_CORE, ports);
    return undefined;
  }
  const graceMs = kept.cursor.graceMs ?? (await graceOf(run, ports));
  const cursor = begun(run, { kept: kept.cursor, nowMs: startMs, graceMs });
  const { taken, ...counting } = countingPorts(ports);
  return {
    run,
    core,
    ports: { ...ports, ...counting, limits: { ...ports.limits, grace_ms: graceMs } },
    untilMs,
    taken,
    kept,
    cursor,
    report,
    answered: 0,
    counted: { requests: 0, bytes: 0 },
  };
}

/**
 * DOMAIN §8: twice what nearly all events take to be here, and never less than the setting. One that is
 * shorter than a quarter of an hour is a person's own machine, and taken at its word.
 */
async function graceOf({ tenant }: RunAt, { limits, lagMs }: ReconcilePorts): Promise<number> {
  if (limits.grace_ms < LIMITS.grace_ms) return limits.grace_ms;
  return Math.max(limits.grace_ms, Math.min(2 * (await lagMs(tenant)), GRACE_MS_MAX));
}

/** What an outage holds up for longer is no reason to look at nothing. */
const GRACE_MS_MAX = 2 * 3_600_000;

function begun(
  run: RunAt,
  {
    kept,
    nowMs,
    graceMs,
  }: { readonly kept: RunCursor; readonly nowMs: number; readonly graceMs: number },
): Going["cursor"] {
  const isShort = run.kind === "window";
  const range = kept.range ?? rangeOf(kept, { nowMs, isShort });
  const aheadMs = kept.range === undefined ? aheadIn(range, nowMs + graceMs) : kept.aheadMs;
  const settledMs = kept.settledMs ?? nowMs - graceMs;
  const questions = kept.questions ?? [firstQuestion(levelOf(range), range)];
  const phase = kept.phase ?? (run.kind === "balances" ? "sums" : "walk");
  const ahead = aheadMs === undefined ? {} : { aheadMs };
  return { ...kept, range, settledMs, ...ahead, graceMs, questions, phase };
}

const levelOf = ({ fromMs, toMs }: Range): "day" | "month" =>
  toMs - fromMs > 40 * DAY_MS ? "month" : "day";

/** 0001-01-01: many a database behind a core knows no year before it, and takes it for no date at all. */
const FIRST_MS = -62_135_596_800_000;
/** 0000-01-01: what our contracts can write, for whoever asks for an end so early. */
const YEAR_0_MS = -62_167_219_200_000;
/** The last month that a core can be asked for whole: there is no year 10000. */
const END_MS = Date.UTC(9999, 11);

/**
 * Of all lines, those are some that have yet to take effect. Where somebody asks for an end, and of a
 * window, it is now at the latest.
 */
function rangeOf(
  { from_ms, to_ms }: RunCursor,
  { nowMs, isShort }: { readonly nowMs: number; readonly isShort: boolean },
): Range {
  const endMs = to_ms === undefined && !isShort ? END_MS : Math.min(to_ms ?? nowMs, nowMs);
  const firstMs = endMs > FIRST_MS ? FIRST_MS : YEAR_0_MS;
  const fromMs = Math.min(from_ms ?? (isShort ? nowMs - WINDOW_MS : firstMs), nowMs);
  const asked = { fromMs, toMs: Math.max(endMs, fromMs + 1) };
  return aligned(asked, levelOf(asked));
}

/** What takes effect this month is looked at once it has. */
function aheadIn({ toMs }: Range, afterMs: number): number | undefined {
  const month = aligned({ fromMs: afterMs, toMs: afterMs + 1 }, "month");
  return month.toMs < toMs ? month.toMs : undefined;
}

/** A report with what the core was asked since it was counted last. */
function uncounted(going: Going, report: KeptReport): KeptReport {
  const { requests, bytes } = going.core.spent();
  const part = {
    requests: requests - going.counted.requests,
    bytes: bytes - going.counted.bytes,
  };
  going.counted = { requests, bytes };
  return { ...report, ...addReports(report, part) };
}
