import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Plan } from "../../core/plans/plan.ts";
import {
  openBefore,
  type OpenPeriod,
  planRun,
  RUN_KINDS,
  type PlannedRun,
  closedOf,
  type RunKind,
  type RunName,
  type RunRefusal,
  type RunState,
} from "../../core/runs/run.ts";
import type { Tenant } from "../control/directory.ts";
import type { ControlReader, Part, Reading } from "../reading.ts";
import { invalidAt, readJson } from "./body.ts";
import { answerControlList } from "./listing.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerControl, controlBookmark, controlReaderOf } from "./reader.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";

/** A run as it stands. */
export interface RunShown {
  readonly runId: string;
  readonly kind: RunKind;
  readonly planId: string;
  readonly periodId: string;
  readonly state: RunState;
  readonly attempt: number;
  /** JSON of what the run's steps keep. */
  readonly progress: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

/** What the mirror knows of a tenant's periods. */
export interface PeriodPorts {
  /** Ids of those that are closed. */
  readonly closed: (tenant: Tenant) => Promise<readonly string[]>;
  /** The first of these in which something was sold. */
  readonly firstSold: (
    tenant: Tenant,
    periods: readonly OpenPeriod[],
  ) => Promise<string | undefined>;
}

export interface RunPorts {
  readonly runs: {
    /** Starts a run, or does it again; one that is on its way goes on as it is. */
    start(tenant: string, name: RunName, nowMs: number): Promise<Reading<RunShown>>;
    read(reader: ControlReader, runId: string): Promise<Reading<RunShown | undefined>>;
    /** By run id. */
    list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly RunShown[]>>;
    states(
      tenant: string,
    ): Promise<readonly Pick<RunShown, "kind" | "planId" | "periodId" | "state">[]>;
  };
  readonly periods: PeriodPorts;
  /** Takes a run its first steps, behind the answer; a run that cannot be taken waits for cron. */
  readonly takeUp: (tenant: Tenant, run: RunShown) => void;
  /** Every version of the tenant's plans. */
  readonly plansOf: (tenant: string) => Promise<readonly Plan[]>;
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

const NAME_CHARS_MAX = 64;

export const RunBody = z.strictObject({
  kind: z.enum(RUN_KINDS).describe("`close` pays what a period earns as a whole, and closes it"),
  plan: z.string().min(1).max(NAME_CHARS_MAX).describe("The plan's id"),
  period: z
    .string()
    .min(1)
    .max(NAME_CHARS_MAX)
    .describe("One of the plan's periods that is over: `2026-07`, `2026-W30`, `2026-07-1`"),
});

/** `/v1/tenants/{t}/runs` and what is under it. */
export function runRoutes(ports: RunPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/runs";
  const read = { method: "GET", permission: "run:read" } as const;
  return [
    { method: "POST", permission: "run:write", path, handle: (c) => startRun(ports, c) },
    { ...read, path, handle: (c) => listRuns(ports, c) },
    { ...read, path: `${path}/:run`, handle: (c) => getRun(ports, c) },
  ];
}

async function startRun(ports: RunPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, RunBody);
  if (!body.ok) return body.refusal;
  const { tenant, mode } = c.get("tenant");
  const { kind, plan: plan_id, period: period_id } = body.value;
  const name: RunName = { kind, plan_id, period_id };
  const [plans, states] = await Promise.all([ports.plansOf(tenant), ports.runs.states(tenant)]);
  const nowMs = ports.nowMs();
  const own = states.filter((run) => run.kind === "close" && run.planId === plan_id);
  const closes = new Map(own.map(({ periodId, state }) => [periodId, state]));
  const planned = planRun(name, { mode, plans, nowMs, closes });
  if (!planned.ok) return REFUSALS[planned.refusal]();
  if (kind === "close") {
    const versions = plans.filter((plan) => plan.plan_id === plan_id);
    const first = await firstToClose(ports.periods, c, {
      versions,
      planned: planned.value,
      closes,
    });
    if (first !== undefined) return unclosedBefore(first);
  }

  const target = `${kind}:${plan_id}:${period_id}`;
  const deed = { tenant, action: "run.start", target, detail: body.value };
  await ports.record(deed, actOf(c, nowMs));
  const started = await ports.runs.start(tenant, name, nowMs);
  ports.takeUp(c.get("tenant"), started.value);
  const headers = controlBookmark(c.get("tenant"), started);
  return Response.json(show(started.value), { status: 202, headers });
}

interface Closing {
  /** Of the plan. */
  readonly versions: readonly Plan[];
  readonly planned: PlannedRun;
  readonly closes: ReadonlyMap<string, RunState>;
}

/** The oldest period with sales that would be locked by this close; none where it was done before. */
async function firstToClose(
  { closed, firstSold }: PeriodPorts,
  c: ApiContext,
  { versions, planned: { period }, closes }: Closing,
): Promise<string | undefined> {
  const tenant = c.get("tenant");
  const known = closedOf(await closed(tenant), closes);
  if (known.has(period.period_id)) return undefined;
  return firstSold(tenant, openBefore(versions, period, known));
}

const conflict = (detail: string) => (): Response => problem("conflict", { detail });
const unclosedBefore = (first: string): Response =>
  problem("conflict", {
    detail: `Period "${first}" has sales and is not closed: it has to be closed first, as nobody can do it behind a later one`,
  });

const invalid = (path: string, rule: string, message: string) => (): Response =>
  invalidAt(path, rule, message);

const REFUSALS = {
  mirrored: conflict("In mirror mode the core does its runs itself"),
  plan_unknown: invalid("plan", "unknown", "Must be a plan of this tenant"),
  period_unknown: invalid("period", "format", "Must be one of the plan's periods"),
  period_open: conflict("The period is not over yet"),
  no_ranks: invalid("kind", "no_ranks", "Must be another: the plan has no ranks"),
  no_payouts: invalid("kind", "no_payouts", "Must be another: the plan says nothing of payouts"),
  currency_taken: conflict("Another plan of this currency proposes the payouts"),
  earlier_open: conflict("The close of the period before is not done"),
  later_closed: conflict("A later period is closed, or being closed, already"),
} satisfies Record<RunRefusal, () => Response>;

const listRuns = ({ runs }: RunPorts, c: ApiContext): Promise<Response> =>
  answerControlList(c, {
    query: z.object({}),
    place: z.string(),
    at: ({ runId }: RunShown) => runId,
    read: async (reader, _query, part) => {
      const { value: rows, ...mark } = await runs.list(reader, part);
      return { value: { rows }, ...mark };
    },
    show,
  });

async function getRun({ runs }: RunPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const read = await runs.read(reader.value, param(c, "run"));
  return read.value === undefined ? problem("not_found") : answerControl(c, show(read.value), read);
}

const show = (run: RunShown) => ({
  run_id: run.runId,
  kind: run.kind,
  plan_id: run.planId,
  period_id: run.periodId,
  state: run.state,
  attempt: run.attempt,
  started_at: formatInstant(run.startedMs),
  ended_at: run.endedMs === null ? null : formatInstant(run.endedMs),
  ...progressOf(run.progress),
});

/** Of what a run's steps keep, what tells a person how it gets on. */
function progressOf(text: string) {
  const progress: JsonObject = JSON.parse(text);
  const { phase = null, waiting = null, reason = null, proposals = null } = progress;
  return { phase, waiting, reason, proposals, left_out: progress["left_out"] ?? [] };
}
