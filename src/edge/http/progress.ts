import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { type Period, periodAt, periodOf } from "../../core/plans/period.ts";
import type { PeriodRule, Plan } from "../../core/plans/plan.ts";
import { plansAt } from "../../core/plans/versions.ts";
import {
  asksForLegs,
  type Downline,
  factsOf,
  progressOf,
  type ToldRank,
} from "../../core/statement/progress.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import type { Reader, Reading } from "../reading.ts";
import { problem } from "./problem.ts";
import { Filter, readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** What somebody's rank of a period is counted from. */
interface Standing {
  readonly pvX100: number;
  readonly gvX100: number;
  /** The volumes are the core's; otherwise as counted here. */
  readonly isTold: boolean;
  /** The pay rank that was told for the period, else the one in force. */
  readonly rank: ToldRank | null;
  readonly downline: Downline;
}

interface Asked {
  readonly distributorId: string;
  readonly periodId: string;
  readonly atMs: number;
  /** Everybody below is wanted; otherwise the frontline alone. */
  readonly isDeep: boolean;
}

export interface ProgressPorts {
  readonly progress: {
    /** Nothing where nobody of this id was ever heard of. */
    standing(reader: Reader, asked: Asked): Promise<Reading<Standing | undefined>>;
  };
  /** Every version of the tenant's plans. */
  readonly plansOf: (tenant: string) => Promise<readonly Plan[]>;
  readonly nowMs: () => number;
}

export const ProgressQuery = z.object({ period: Filter.exactOptional() });

/** Where no plan says what a period is. */
const MONTHS: PeriodRule = { unit: "month", tz: "UTC" };

/** `GET …/distributors/{id}/progress?period=` */
export const progressRoutes = (ports: ProgressPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/progress",
    isHeavy: true,
    permission: "report:read",
    handle: (c) => getProgress(ports, c),
  },
];

async function getProgress(ports: ProgressPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, ProgressQuery);
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const now = ports.nowMs();
  const versions = await ports.plansOf(param(c, "tenant"));
  const current = rankedAt(versions, now);
  const period = readPeriod(current?.period ?? MONTHS, query.value.period, now);
  if (!period.ok) return period.refusal;

  const atMs = Math.min(now, period.value.end_ms - 1);
  const distributorId = param(c, "distributor");
  const { period_id: periodId } = period.value;
  const plan = rankedAt(versions, atMs) ?? current;
  const isDeep = plan !== undefined && asksForLegs(plan);
  const asked = { distributorId, periodId, atMs, isDeep };
  const read = await ports.progress.standing(reader.value, asked);
  if (read.value === undefined) return problem("not_found");
  const named = { plan, period: period.value, distributorId };
  return answerRead(show(read.value, named), read);
}

/** The first plan, by name, that has ranks at an instant. */
const rankedAt = (versions: readonly Plan[], atMs: number): Plan | undefined =>
  plansAt(versions, atMs).find(({ ranks }) => ranks.length > 0);

function readPeriod(
  rule: PeriodRule,
  id: string | undefined,
  nowMs: number,
): Result<Period, Response> {
  if (id === undefined) return ok(periodAt(rule, nowMs));
  const period = periodOf(rule, id);
  if (period === undefined) {
    const example = periodAt(rule, nowMs).period_id;
    return refuse(invalidParameter("period", "format", `Must be a period such as ${example}`));
  }
  if (period.end_ms <= 0) {
    return refuse(invalidParameter("period", "range", "Must end after 1970-01-01"));
  }
  if (period.start_ms > nowMs) {
    return refuse(invalidParameter("period", "range", "Must have begun"));
  }
  return ok(period);
}

interface Named {
  readonly plan: Plan | undefined;
  readonly period: Period;
  readonly distributorId: string;
}

function show(standing: Standing, { plan, period, distributorId }: Named) {
  const { pvX100: pv_x100, gvX100: gv_x100, isTold, downline } = standing;
  const ranked = { ranks: plan?.ranks ?? [] };
  const facts = factsOf(ranked, { id: distributorId, pv_x100, gv_x100 }, downline);
  return {
    distributor_id: distributorId,
    period_id: period.period_id,
    period_end: formatInstant(period.end_ms - 1),
    estimate: true,
    plan_id: plan?.plan_id ?? null,
    ...progressOf(ranked, standing.rank, facts),
    pv_x100,
    gv_x100,
    volumes_source: isTold ? "core" : "estimate",
    legs: facts.legs.length,
    legs_complete: downline.isWhole,
  };
}
