import type { Plan } from "../../../core/plans/plan.ts";
import {
  type Carry,
  closePeriod,
  emptied,
  paysAtClose,
  periodClosed,
  wantedLines,
} from "../../../core/runs/close-run.ts";
import { type Cut, cutsOf, isPartlyReturned, type PeriodLine } from "../../../core/runs/cuts.ts";
import { addLines, digestOf, NO_LINES } from "../../../core/reconciliation/digest.ts";
import { periodBefore, runIdOf } from "../../../core/runs/run.ts";
import type { RunLine } from "../../../core/subject/move.ts";
import type { SubjectMessage } from "../../message.ts";
import type { ClosePhase, CloseStepPorts, OpenRun, Progress, Running, Step } from "./ports.ts";
import { arrived, awaiting, sendEvents, sendParts, TOLD_MAX } from "./tell.ts";

/**
 * From its start on, a run lets nothing new into its period. Orders that were being priced then may
 * still be on their way to the mirror for so long.
 */
export const SETTLE_MS = 60_000;
/** Caps weigh a period's lines against each other: all of them are in memory at once. */
const CAPPED_LINES_MAX = 200_000;

/**
 * One step of a close: what the period earns as a whole, then the caps, then the count, then the
 * event that closes it for good. Each is told again until the mirror has it, and only then the next
 * one begins. A period that is closed already stays as it is.
 */
export async function stepClose(
  running: Running,
  versions: readonly Plan[],
  ports: CloseStepPorts,
): Promise<Step> {
  const { run, progress } = running;
  if (await ports.isClosed(run.tenant, run.periodId)) {
    return { kind: "done", progress: arrived(progress) };
  }
  return PHASES[progress.phase ?? "begin"](running, { versions, ...ports });
}

interface Doing extends CloseStepPorts {
  /** Of the plan. */
  readonly versions: readonly Plan[];
}

const PHASES: Readonly<
  Record<ClosePhase | "begin", (running: Running, doing: Doing) => Promise<Step>>
> = {
  begin,
  lines: tellLines,
  cuts: tellCuts,
  ready: whenAllAreReady,
  total: count,
  closing: close,
};

const to = (phase: ClosePhase, progress: Progress): Step => ({
  kind: "more",
  progress: { ...arrived(progress), phase },
});

/** What was decided once is not decided again: lines that were cut already would weigh less. */
async function begin({ run, progress }: Running, ports: CloseStepPorts): Promise<Step> {
  if (ports.nowMs() < run.startedMs + SETTLE_MS) return { kind: "wait", progress };
  const cuts = await ports.cuts.load(run.tenant, run.runId);
  return to(cuts === undefined ? "lines" : "cuts", progress);
}

async function tellLines(running: Running, ports: Doing): Promise<Step> {
  const { run, planned, progress } = running;
  if (!paysAtClose(planned.plan)) return weigh(running, ports);
  const { tenant, runId, periodId, attempt } = run;
  const { plan, period } = planned;
  const asked = { tenant, periodId, endMs: period.end_ms };
  const people = await ports.people(asked);
  const bought = await ports.bought(asked);
  const carry = await carriedInto(running, ports);
  const occasion = { run_id: runId, period, ver: 2 * attempt, carry, bought };
  const closing = closePeriod(plan, people, occasion);
  // Before the first line is told: a close that got no further than here is computed again.
  await ports.carry.save(tenant, runId, closing.carry);

  const wanted = wantedLines(plan, people, { occasion, lines: closing.lines });
  const known = await ports.lineAmounts(tenant, wanted);
  const changed = wanted.filter((line) => (known.get(line.line_id) ?? 0) !== line.amount_minor);
  if (changed.length === 0) return weigh(running, ports);
  await sendParts(
    changed.slice(0, TOLD_MAX).map((line) => runLineMessage(run, line)),
    ports,
  );
  return awaiting(progress, changed.length);
}

async function carriedInto(
  { run, planned }: Running,
  { carry, versions }: Doing,
): Promise<readonly Carry[]> {
  const before = periodBefore(versions, planned.period);
  if (before === undefined) return [];
  const name = { kind: "close", plan_id: run.planId, period_id: before.period_id } as const;
  return (await carry.load(run.tenant, runIdOf(name))) ?? [];
}

const runLineMessage = ({ tenant, runId }: OpenRun, line: RunLine): SubjectMessage => ({
  kind: "subject",
  tenant,
  subject: `dist:${line.distributor_id}`,
  moves: [{ kind: "run_line", run_id: runId, line }],
});

/** Decides what the caps take, and writes it down before anybody is told. */
async function weigh({ run, planned, progress }: Running, ports: CloseStepPorts): Promise<Step> {
  const { plan, period } = planned;
  if (plan.caps === undefined) return to("ready", progress);
  const { tenant, runId, periodId } = run;
  const lines: PeriodLine[] = [];
  let cursor: string | undefined;
  do {
    const part = await ports.lines({ tenant, periodId, origin: "gateway" }, cursor);
    lines.push(...part.items);
    if (lines.length > CAPPED_LINES_MAX) {
      const reason = `The period has more than ${CAPPED_LINES_MAX} lines, too many to weigh against each other for the caps of plan "${plan.plan_id}": nothing was cut or closed. Save a version of the plan without caps that holds at the period's end, and do the run again`;
      return { kind: "failed", progress, reason };
    }
    cursor = part.next;
  } while (cursor !== undefined);
  const cv_x100 = await ports.periodCv({ tenant, periodId, endMs: period.end_ms });
  const returned = lines.filter(isPartlyReturned).flatMap(({ order_id }) => order_id ?? []);
  const follows = await ports.followed(tenant, [...new Set(returned)]);
  const followed = ({ line_id }: PeriodLine) => follows.get(line_id);
  await ports.cuts.save(tenant, runId, cutsOf(plan, lines, { cv_x100, followed }));
  return to("cuts", progress);
}

async function tellCuts(running: Running, ports: CloseStepPorts): Promise<Step> {
  const { run, progress } = running;
  const cuts = (await ports.cuts.load(run.tenant, run.runId)) ?? [];
  const known = await ports.lineAmounts(run.tenant, cuts);
  const open = cuts.filter(({ line_id, cut_minor }) => (known.get(line_id) ?? 0) > cut_minor);
  if (open.length === 0) return to("ready", progress);
  await sendParts(cutMessages(running, open.slice(0, TOLD_MAX)), ports);
  return awaiting(progress, open.length);
}

/** An order's lines are cut by the order, a run's by whoever earned them. */
function cutMessages(running: Running, cuts: readonly Cut[]): readonly SubjectMessage[] {
  const { run } = running;
  const ofOrders = Map.groupBy(
    cuts.filter(({ order_id }) => order_id !== null),
    ({ order_id }) => order_id,
  );
  return [
    ...[...ofOrders].map(([orderId, own]): SubjectMessage => {
      const told = own.map(({ line_id, cut_minor }) => [line_id, cut_minor] as const);
      const move = { kind: "cap", run_id: run.runId, cuts: told } as const;
      return { kind: "subject", tenant: run.tenant, subject: `order:${orderId}`, moves: [move] };
    }),
    ...cuts
      .filter(({ order_id }) => order_id === null)
      .map((cut) => runLineMessage(run, cutLine(running, cut))),
  ];
}

function cutLine({ run, planned: { period } }: Running, cut: Cut): RunLine {
  const line = emptied(cut, { period, ver: 2 * run.attempt + 1 });
  const { line_id, distributor_id, component, currency } = cut;
  return {
    ...line,
    line_id,
    distributor_id,
    component,
    currency,
    rate_ppm: cut.rate_ppm,
    amount_minor: cut.cut_minor,
  };
}

/** Plans whose period has the same id close it together: whoever is ready last counts it. */
async function whenAllAreReady(running: Running, ports: CloseStepPorts): Promise<Step> {
  const { run, planned, progress } = running;
  for (const planId of planned.together) {
    if (planId === run.planId) continue;
    const name = { kind: "close", plan_id: planId, period_id: run.periodId } as const;
    const other = await ports.run(run.tenant, runIdOf(name));
    if (!isReady(other)) return { kind: "done", progress: arrived(progress) };
  }
  return to("total", progress);
}

function isReady(other: OpenRun | undefined): boolean {
  if (other === undefined) return false;
  const { phase }: Progress = JSON.parse(other.progress);
  return other.state === "done" || phase === "ready" || phase === "total" || phase === "closing";
}

async function count({ run, progress }: Running, ports: CloseStepPorts): Promise<Step> {
  const { tenant, periodId } = run;
  const asked = { tenant, periodId, origin: "gateway" } as const;
  const { items, next } = await ports.lines(asked, progress.cursor);
  const seen = items.map(({ amount_minor, reversed_minor, state, ...line }) => ({
    ...line,
    amount_minor: amount_minor - reversed_minor,
    status: state,
  }));
  const counted = addLines(progress.counted ?? NO_LINES, seen, ports.sha256);
  const { cursor: _cursor, ...rest } = progress;
  if (next === undefined) return to("closing", { ...rest, counted });
  return to("total", { ...rest, counted, cursor: next });
}

async function close({ run, planned, progress }: Running, ports: CloseStepPorts): Promise<Step> {
  const { period, together } = planned;
  const counted = progress.counted ?? NO_LINES;
  const name = {
    kind: "close",
    plan_id: together[0] ?? run.planId,
    period_id: run.periodId,
  } as const;
  const digest = digestOf(counted, ports.sha256);
  const event = periodClosed(period, { run_id: runIdOf(name), counted, digest });
  await sendEvents(run, [event], ports);
  return awaiting(progress, 1);
}
