import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { type Period, periodAt, periodOf } from "../../core/plans/period.ts";
import type { PeriodRule, Plan } from "../../core/plans/plan.ts";
import type { RankFacts } from "../../core/plans/ranks.ts";
import { plansAt } from "../../core/plans/versions.ts";
import { progressOf } from "../../core/statement/progress.ts";
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
  /** The pay rank in force. */
  readonly rank: string | null;
  readonly legs: readonly { readonly gvX100: number; readonly ranks: readonly string[] }[];
  /** False where the downline has more people than are looked at. */
  readonly isWhole: boolean;
}

export interface ProgressPorts {
  readonly progress: {
    /** Nothing where nobody of this id was ever heard of. */
    standing(
      reader: Reader,
      asked: { readonly distributorId: string; readonly periodId: string; readonly atMs: number },
    ): Promise<Reading<Standing | undefined>>;
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
  const read = await ports.progress.standing(reader.value, { distributorId, periodId, atMs });
  if (read.value === undefined) return problem("not_found");
  const plan = rankedAt(versions, atMs) ?? current;
  return answerRead(
    { distributor_id: distributorId, ...show(read.value, plan, period.value) },
    read,
  );
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

function show(standing: Standing, plan: Plan | undefined, period: Period) {
  const { pvX100, gvX100, isTold, legs, isWhole } = standing;
  const ranks = plan?.ranks ?? [];
  const facts: RankFacts = {
    pv_x100: pvX100,
    gv_x100: gvX100,
    legs: legs.map((leg) => ({
      gv_x100: leg.gvX100,
      best_rank: ranks.findLast(({ code }) => leg.ranks.includes(code))?.code ?? null,
    })),
  };
  return {
    period_id: period.period_id,
    period_end: formatInstant(period.end_ms - 1),
    estimate: true,
    plan_id: plan?.plan_id ?? null,
    ...progressOf({ ranks }, standing.rank, facts),
    pv_x100: pvX100,
    gv_x100: gvX100,
    volumes_source: isTold ? "core" : "estimate",
    legs: legs.length,
    legs_complete: isWhole,
  };
}
