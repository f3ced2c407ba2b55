import { type Period, periodAt, periodOf } from "../plans/period.ts";
import type { Plan } from "../plans/plan.ts";
import { planAt, plansAt } from "../plans/versions.ts";
import { ok, refuse, type Result } from "../result.ts";

export const RUN_KINDS = ["ranks", "close", "payouts"] as const;
export type RunKind = (typeof RUN_KINDS)[number];
export type RunState = "running" | "done" | "failed";

/** Which run: there is one of each kind for a plan's period, however often it is done. */
export interface RunName {
  readonly kind: RunKind;
  readonly plan_id: string;
  readonly period_id: string;
}

/** `close:main:2026-07` */
export const runIdOf = ({ kind, plan_id, period_id }: RunName): string =>
  `${kind}:${plan_id}:${period_id}`;

/** A run that may be done: by which version of its plan, over which time. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly period: Period;
  /** Plans whose period has the same id, this one among them: they close it together. */
  readonly together: readonly string[];
}

export type RunRefusal =
  /** The core does it in mirror mode. */
  | "mirrored"
  | "plan_unknown"
  | "period_unknown"
  | "period_open"
  | "no_ranks"
  | "no_payouts"
  | "currency_taken"
  | "earlier_open"
  | "later_closed";

export interface RunOccasion {
  readonly mode: "mirror" | "gateway_final";
  /** Every version of every plan of the tenant. */
  readonly plans: readonly Plan[];
  readonly nowMs: number;
  /** States of the plan's runs of kind `close`, by period. */
  readonly closes: ReadonlyMap<string, RunState>;
}

/**
 * Whether a run may be done now, and by what (DOMAIN §4). A period is over when it is over for every
 * plan that has one of that id; closes of a plan follow each other, as each carries over to the next.
 */
export function planRun(name: RunName, occasion: RunOccasion): Result<PlannedRun, RunRefusal> {
  const { mode, plans, nowMs } = occasion;
  if (mode !== "gateway_final") return refuse("mirrored");
  const versions = plans.filter(({ plan_id }) => plan_id === name.plan_id);
  if (versions.length === 0) return refuse("plan_unknown");
  const found = inForceAtEnd(versions, name.period_id);
  if (found === undefined) return refuse("period_unknown");
  const beside = besidesAt(plans, found);
  if (beside.some(({ period }) => period.end_ms > nowMs)) return refuse("period_open");
  const refusal = refusalOf(name, { ...occasion, found });
  if (refusal !== undefined) return refuse(refusal);
  return ok({ ...found, together: beside.map(({ plan }) => plan.plan_id) });
}

interface InForce {
  readonly plan: Plan;
  readonly period: Period;
}

/** The version of a plan that holds when a period of its own ends. */
function inForceAtEnd(versions: readonly Plan[], periodId: string): InForce | undefined {
  for (const plan of versions) {
    const period = periodOf(plan.period, periodId);
    if (period !== undefined && planAt(versions, period.end_ms - 1) === plan) {
      return { plan, period };
    }
  }
  return undefined;
}

function besidesAt(plans: readonly Plan[], { period }: InForce): readonly InForce[] {
  const ids = [...new Set(plans.map(({ plan_id }) => plan_id))].toSorted();
  return ids.flatMap((id) => {
    const versions = plans.filter(({ plan_id }) => plan_id === id);
    return inForceAtEnd(versions, period.period_id) ?? [];
  });
}

function refusalOf(
  { kind }: RunName,
  { found, plans, closes }: RunOccasion & { readonly found: InForce },
): RunRefusal | undefined {
  const { plan, period } = found;
  switch (kind) {
    case "ranks":
      return plan.ranks.length === 0 ? "no_ranks" : undefined;
    case "payouts":
      return payoutRefusal(plan, plansAt(plans, period.end_ms - 1));
    case "close":
      return closeRefusal(found, plans, closes);
  }
}

/** A balance is one, whichever plan filled it: the first plan of a currency proposes it. */
function payoutRefusal(plan: Plan, inForce: readonly Plan[]): RunRefusal | undefined {
  if (plan.payout === undefined) return "no_payouts";
  const first = inForce.find(
    ({ payout, currency }) => payout !== undefined && currency === plan.currency,
  );
  return first?.plan_id === plan.plan_id ? undefined : "currency_taken";
}

function closeRefusal(
  { plan, period }: InForce,
  plans: readonly Plan[],
  closes: ReadonlyMap<string, RunState>,
): RunRefusal | undefined {
  const versions = plans.filter(({ plan_id }) => plan_id === plan.plan_id);
  const before = closes.get(periodBefore(versions, period)?.period_id ?? "");
  if (before !== undefined && before !== "done") return "earlier_open";
  if (closes.get(period.period_id) === "done") return undefined;
  // One that failed is done again behind this one.
  const isLocked = ([id, state]: readonly [string, RunState]) =>
    state !== "failed" && (inForceAtEnd(versions, id)?.period.start_ms ?? 0) > period.start_ms;
  return [...closes].some(isLocked) ? "later_closed" : undefined;
}

/** The ids of a plan's periods that are closed, or as good as that: their own run is done. */
export const closedOf = (
  closed: readonly string[],
  closes: ReadonlyMap<string, RunState>,
): ReadonlySet<string> =>
  new Set([...closed, ...[...closes].flatMap(([id, state]) => (state === "done" ? [id] : []))]);

/** A period that nobody has closed, and from when on a payment can count in it. */
export interface OpenPeriod extends Period {
  /** Before its start, where the periods before it are closed: what came late counts in it. */
  readonly late_ms: number;
}

/** Periods looked back at: ten years of weeks. */
const PERIODS_MAX = 520;
/** How late a payment is heard of, at most. */
const LATE_MS = 366 * 86_400_000;

/**
 * The periods of a plan between the last one closed before this one and this one; the oldest first.
 * What was sold in them has to be closed before: behind a later close nobody can do it any more.
 */
export function openBefore(
  versions: readonly Plan[],
  period: Period,
  closed: ReadonlySet<string>,
): readonly OpenPeriod[] {
  const open: Period[] = [];
  let before = periodBefore(versions, period);
  for (let i = 0; i < PERIODS_MAX && before !== undefined; i += 1) {
    if (closed.has(before.period_id)) break;
    // One that another version's periods cut short is never closed by its name.
    const found = inForceAtEnd(versions, before.period_id);
    if (found !== undefined && found.period.end_ms <= period.start_ms) open.push(found.period);
    before = periodBefore(versions, before);
  }
  const isBehindClosed = before !== undefined && closed.has(before.period_id);
  return open.toReversed().map((each, i) => ({
    ...each,
    late_ms: each.start_ms - (i === 0 && isBehindClosed ? LATE_MS : 0),
  }));
}

/** The period that ends where this one begins, by the version that held then. */
export function periodBefore(versions: readonly Plan[], { start_ms }: Period): Period | undefined {
  const plan = planAt(versions, start_ms - 1);
  return plan === undefined ? undefined : periodAt(plan.period, start_ms - 1);
}
