import {
  formatBucket,
  parseBucket,
  type TimeBucket,
} from "../../../core/reconciliation/buckets.ts";
import { differ, type Difference, type LineName } from "../../../core/reconciliation/differ.ts";
import { healingEvents } from "../../../core/reconciliation/heal.ts";
import { judge } from "../../../core/reconciliation/judge.ts";
import { addReports, reportOf, type RunReport } from "../../../core/reconciliation/report.ts";
import { compareBuckets, type Question } from "../../../core/reconciliation/walk.ts";
import type {
  CorePort,
  KeptReport,
  ReconcilePorts,
  RunAt,
  RunCursor,
  Snapshot,
  Told,
} from "./ports.ts";

/** Buckets listed between two looks through the mirror's lines, and ids in one question. */
const LISTED_AT_ONCE = 50;
const IDS_AT_ONCE = 100;

/** A run of kind `window` or `lines`, as far as it is. */
export interface Going {
  readonly run: RunAt;
  readonly core: CorePort;
  readonly ports: ReconcilePorts;
  readonly untilMs: number;
  cursor: Required<Pick<RunCursor, "range" | "settledMs" | "phase">> & RunCursor;
  report: KeptReport;
  /** Questions that were answered in this call. */
  answered: number;
  /** Already counted of what the core was asked. */
  counted: { requests: number; bytes: number };
}

export type Outcome = "on" | "spent" | "done" | Exclude<Told<never>, { kind: "all" | "spent" }>;

/** Does the next part of a run. */
export function step(going: Going): Promise<Outcome> {
  if (going.cursor.phase === "walk") return walk(going);
  return going.cursor.phase === "look" ? look(going) : conclude(going);
}

/** Asks the next question; lines are listed some buckets at a time. */
async function walk(going: Going): Promise<Outcome> {
  const { cursor } = going;
  const [next, ...rest] = cursor.questions ?? [];
  if (next === undefined) {
    going.cursor = { ...cursor, phase: "look" };
    return "on";
  }
  if (next.kind === "digests") return compareDigests(going, next, rest);
  const listed = (cursor.questions ?? []).filter((one) => one.kind === "lines");
  return listLines(going, listed.slice(0, LISTED_AT_ONCE));
}

type Digests = Extract<Question, { readonly kind: "digests" }>;
type Lines = Extract<Question, { readonly kind: "lines" }>;

async function compareDigests(
  going: Going,
  question: Digests,
  rest: readonly Question[],
): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const told = await core.digests(question, cursor.snapshot);
  if (told.kind !== "all") return told.kind === "spent" ? "spent" : told;
  const local = await ports.localDigests(run.tenant, question);
  const { covered, questions } = compareBuckets(told.items, local, cursor.settledMs);
  const isFirst = cursor.snapshot === undefined;
  const expected = isFirst ? told.items.reduce((sum, { lines }) => sum + lines, 0) : 0;
  going.report = { ...going.report, ...addReports(going.report, { expected, covered }) };
  // Digests before lines: their parts are listed together, in one look through the mirror.
  const all = [...questions, ...rest];
  going.answered += 1;
  const ordered = [...all.filter(isDigests), ...all.filter((one) => !isDigests(one))];
  going.cursor = { ...cursor, snapshot: told.snapshot, questions: ordered };
  return "on";
}

const isDigests = ({ kind }: Question): boolean => kind === "digests";

async function listLines(going: Going, questions: readonly Lines[]): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const buckets = questions.flatMap(({ bucket }) => timeBucket(bucket));
  const local = await ports.localLines(run.tenant, buckets);
  for (const bucket of buckets) {
    const name = formatBucket(bucket);
    const told = await core.lines(bucket, snapshotOf(cursor));
    if (told.kind !== "all") return told.kind === "spent" ? "spent" : told;
    const { compared, differences, contradicted } = differ(told.items, local.get(name) ?? []);
    await ports.putDifferences(run, differences);
    const part = { compared, covered: told.items.length, contradicted: contradicted.length };
    going.report = { ...going.report, ...addReports(going.report, part) };
    going.answered += 1;
    const questionsLeft = (going.cursor.questions ?? []).filter(
      (one) => one.kind !== "lines" || one.bucket !== name,
    );
    going.cursor = { ...going.cursor, questions: questionsLeft };
  }
  return "on";
}

function timeBucket(name: string): readonly TimeBucket[] {
  const bucket = parseBucket(name);
  return bucket === undefined || bucket.level === "balances" ? [] : [bucket];
}

/** No line is listed before digests have told the state. */
const snapshotOf = ({ snapshot }: RunCursor): Snapshot => snapshot ?? { asOfSeq: "0", epoch: 0 };

/**
 * Looks up what was met on one side alone: it may have another date on the other one. Read again
 * here, our side is also as it is by now.
 */
async function look(going: Going): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const found = await ports.readDifferences(run);
  const extra = found.filter(({ kind }) => kind === "extra").map(({ line_id }) => line_id);
  for (let i = 0; i < extra.length; i += IDS_AT_ONCE) {
    const told = await core.named(
      [...new Set(extra.slice(i, i + IDS_AT_ONCE))],
      snapshotOf(cursor),
    );
    if (told.kind !== "all") return told.kind === "spent" ? "spent" : told;
    await ports.putDifferences(
      run,
      told.items.map((line) => ({ ...nameOf(line), core: line, local: null })),
    );
  }
  for (let i = 0; i < found.length; i += IDS_AT_ONCE) {
    const local = await ports.localNamed(run.tenant, found.slice(i, i + IDS_AT_ONCE).map(nameOf));
    await ports.putDifferences(
      run,
      local.map((line) => ({ ...nameOf(line), core: null, local: line })),
    );
  }
  going.answered += 1;
  going.cursor = { ...cursor, phase: "judge" };
  return "on";
}

const nameOf = ({ distributor_id, line_id }: LineName): LineName => ({ distributor_id, line_id });

async function conclude(going: Going): Promise<Outcome> {
  const { ports, run, cursor } = going;
  const differences = (await ports.readDifferences(run)).filter((one) => isSettled(one, cursor));
  const nowMs = ports.nowMs();
  const { breaks, in_flight, alerts } = judge(differences, {
    nowMs,
    closed: await ports.closedPeriods(run.tenant),
    known: await ports.known(run.tenant, differences.map(nameOf)),
    limits: ports.limits,
    sha256: ports.sha256,
  });
  await ports.putBreaks(run, breaks);
  await ports.heal(
    run,
    breaks.map(healingEvents).filter((events) => events.length > 0),
  );
  await ports.closeUnfound(run.tenant, {
    fromMs: cursor.range.fromMs,
    toMs: Math.min(cursor.range.toMs, cursor.settledMs),
    found: breaks.map(({ break_id }) => break_id),
    inFlight: in_flight.map(nameOf),
    nowMs,
  });
  const part: Partial<RunReport> = {
    differing: differences.length,
    in_flight: in_flight.length,
  };
  const judged = addReports(addReports(going.report, reportOf(breaks)), part);
  going.report = { ...going.report, ...judged };
  for (const alert of alerts) {
    ports.log("error", "reconciliation_limit", { alert: true, tenant: run.tenant, ...alert });
  }
  return "done";
}

/** A line that took effect within the grace may be on its way on either side. */
const isSettled = ({ core, local }: Difference, { settledMs }: Going["cursor"]): boolean =>
  Math.min(core?.effective_ms ?? Infinity, local?.effective_ms ?? Infinity) < settledMs;
