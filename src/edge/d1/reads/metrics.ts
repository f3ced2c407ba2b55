import {
  HELD_STATES,
  type LastRun,
  type TenantFigures,
} from "../../../core/operation/tenant-metrics.ts";
import type { DeliveryFigures } from "../../../core/operation/delivery-metrics.ts";
import { keptStanding, type Standing } from "../../../core/sla/standing.ts";
import { agedBefore } from "../../../core/reconciliation/aging.ts";
import { NO_REPORT, type RunReport } from "../../../core/reconciliation/report.ts";
import { NEVER_MS } from "../../../pollers/schedule.ts";
import { type CountedDay, DAY_MS } from "../../event-count.ts";
import type { Reading, ReconciliationRow } from "../../reading.ts";
import { SOURCE_ROW } from "../polls.ts";
import { readingOf } from "./session.ts";

/** Rows of one table that are looked at for one tenant: a figure counts no further. */
export const FIGURE_ROWS_MAX = 5000;
/** Runs of reconciliation looked back at: more than a week of those of every quarter of an hour. */
const RUNS_MAX = 800;

// Each answers with a row a tenant, and what was found as JSON.
const each = (found: string): string =>
  `SELECT j.value AS tenant, (${found}) AS found FROM json_each(?1) j`;

// Each by itself: of one that is crowded no more is looked at, and the others are told all the same.
const heldOf = (state: string): string =>
  `SELECT '${state}' AS state, count(*) AS n, min(since_ms) AS oldest FROM
    (SELECT since_ms FROM held INDEXED BY held_states
      WHERE tenant = j.value AND state = '${state}' LIMIT ?2)`;

const HELD = each(`SELECT json_group_array(
    json_object('state', state, 'items', n, 'oldest_ms', oldest))
  FROM (${HELD_STATES.map(heldOf).join(" UNION ALL ")}) WHERE n > 0`);

// What is in one group is of one severity: by its class, its reason, and which of the two ages it has.
const BREAKS = each(`SELECT json_group_array(
    json_object('class', class, 'why', why, 'items', n, 'oldest_ms', oldest))
  FROM (SELECT class, why, count(*) AS n, min(found_ms) AS oldest FROM
    (SELECT class, why, found_ms FROM breaks INDEXED BY breaks_open
      WHERE tenant = j.value AND resolved_ms IS NULL LIMIT ?2)
    GROUP BY class, why, (found_ms <= ?3) + (found_ms < ?4))`);

const GAPS = each(`SELECT json_group_array(
    json_object('stage', stage, 'items', n, 'oldest_ms', oldest))
  FROM (SELECT stage, count(*) AS n, min(since_ms) AS oldest FROM
    (SELECT stage, since_ms FROM gaps INDEXED BY gaps_open
      WHERE tenant = j.value AND stage <> 'closed' LIMIT ?2) GROUP BY stage)`);

/** Whoever freezes an object opens such a break of it in the same batch. */
export const CHAIN_BREAKS = "break_id >= 'CHAIN:' AND break_id < 'CHAIN;'";

const FROZEN = each(`SELECT count(*) FROM
    (SELECT subject FROM breaks WHERE tenant = j.value AND ${CHAIN_BREAKS} LIMIT ?2) b
    CROSS JOIN subjects s
  WHERE s.tenant = j.value AND s.subject = b.subject AND s.frozen_ms IS NOT NULL`);

/** Ids of a tenant's newest run of each kind, and of its newest that is over: they sort by time. */
export const newestRuns = (tenant: string, limit: string): string =>
  `SELECT max(run_id) AS run_id FROM
    (SELECT run_id, kind, state FROM reconciliation_runs
      WHERE tenant = ${tenant} AND run_id >= 'recon_' AND run_id < 'recon\`'
      ORDER BY run_id DESC LIMIT ${limit}) GROUP BY kind, state = 'running'`;

/** What somebody spoilt by hand tells nothing, and hides no other tenant's figures. */
const legible = (column: string): string => `iif(json_valid(${column}), ${column}, '{}')`;

const RUNS =
  each(`SELECT json_group_array(json_object('runId', r.run_id, 'kind', r.kind, 'state', r.state,
    'startedMs', r.started_ms, 'endedMs', r.ended_ms,
    'report', ${legible("r.report")}))
  FROM (${newestRuns("j.value", "?2")}) n CROSS JOIN reconciliation_runs r
  WHERE r.tenant = j.value AND r.run_id = n.run_id`);

// Streams that only say what is looked up have no rounds.
const POLLS =
  each(`SELECT json_group_array(json_object('source', source, 'items', n, 'failing', failing,
    'last_ms', last, 'since_ms', since))
  FROM (SELECT source, count(*) AS n, sum(failures > 0) AS failing,
      min(iif(stream = '${SOURCE_ROW}' OR next_ms >= ?3, NULL, report ->> '$.last.ended_ms')) AS last,
      min(iif(failures > 0, report ->> '$.error.since_ms', NULL)) AS since
    FROM (SELECT source, stream, next_ms, failures, report FROM polls
      WHERE tenant = j.value LIMIT ?2) GROUP BY source)`);

// By destination: where more are there than are looked at, the oldest may be another.
const DELIVERIES = each(`SELECT json_object('pending', w.n, 'oldest_ms', w.oldest, 'dead', d.n)
  FROM (SELECT count(*) AS n, min(created_ms) AS oldest FROM
      (SELECT created_ms FROM deliveries INDEXED BY deliveries_due
        WHERE tenant = j.value AND due_ms IS NOT NULL LIMIT ?2)) w,
    (SELECT count(*) AS n FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_dead
      WHERE tenant = j.value AND state = 'dead' LIMIT ?2)) d`);

// What the last sweep found, as far as the mirror has not caught up with it since.
const UNMIRRORED = `SELECT l.value ->> 'tenant' AS tenant, count(*) AS found
  FROM jobs CROSS JOIN json_each(${legible("jobs.state")}, '$.lagging') l
    LEFT JOIN subjects p ON p.tenant = l.value ->> 'tenant' AND p.subject = l.value ->> 'subject'
  WHERE jobs.job = ?1 AND p.frozen_ms IS NULL
    AND coalesce(p.position, 0) < l.value ->> 'position' GROUP BY 1`;

const JOBS = `SELECT job AS tenant, json_object('state', ${legible("state")}, 'ranMs', ran_ms) AS found
  FROM jobs WHERE job IN (SELECT value FROM json_each(?1))`;

export interface JobRow {
  /** JSON. */
  readonly state: string;
  readonly ranMs: number;
}

export interface FiguresAsked {
  readonly tenants: readonly string[];
  /** The job of the shard that finds what is not mirrored. */
  readonly sweep: string;
  /** Jobs of the shard whose states are wanted. */
  readonly jobs: readonly string[];
  readonly nowMs: number;
}

/** What the mirror knows of a tenant's figures. */
export interface MirrorFigures extends Omit<TenantFigures, "quotas"> {
  /** Accepted ones, as far as they are counted. */
  readonly eventsToday: number;
}

export interface FiguresFound {
  readonly tenants: readonly MirrorFigures[];
  readonly jobs: ReadonlyMap<string, JobRow>;
}

/** The figures of some tenants of one shard, asked for in one batch. */
export async function readFigures(
  session: D1DatabaseSession,
  { tenants, sweep, jobs, nowMs }: FiguresAsked,
): Promise<Reading<FiguresFound>> {
  const names = JSON.stringify(tenants);
  const { ticketMs, pageMs } = agedBefore(nowMs);
  const kept = JSON.stringify([...jobs, ...tenants.flatMap((of) => [usageOf(of), sloOf(of)])]);
  const ask = (sql: string, ...values: readonly (string | number)[]) =>
    session.prepare(sql).bind(...values);
  const results = await session.batch<{ tenant: string; found: string | number }>([
    ask(HELD, names, FIGURE_ROWS_MAX),
    ask(BREAKS, names, FIGURE_ROWS_MAX, ticketMs, pageMs),
    ask(GAPS, names, FIGURE_ROWS_MAX),
    ask(FROZEN, names, FIGURE_ROWS_MAX),
    ask(RUNS, names, RUNS_MAX),
    ask(UNMIRRORED, sweep),
    ask(JOBS, kept),
    ask(POLLS, names, FIGURE_ROWS_MAX, NEVER_MS),
    ask(DELIVERIES, names, FIGURE_ROWS_MAX),
  ]);
  const maps = results.map(
    (result) => new Map(result.results.map(({ tenant, found }) => [tenant, found])),
  );
  // Own text: what the statements above build.
  const of = <Value>(n: number, name: string, none: Value): Value =>
    JSON.parse(String(maps[n]?.get(name) ?? JSON.stringify(none)));
  const figures = tenants.map((tenant) =>
    figuresOf(tenant, {
      held: of(0, tenant, []),
      breaks: of(1, tenant, []),
      gaps: of(2, tenant, []),
      frozen: of(3, tenant, 0),
      runs: of(4, tenant, []),
      unmirrored: of(5, tenant, 0),
      polls: of(7, tenant, []),
      deliveries: of(8, tenant, NO_DELIVERIES),
      counted: stateOf<CountedDay>(of<JobRow | null>(6, usageOf(tenant), null)),
      ...sloIn(stateOf<Partial<Standing>>(of<JobRow | null>(6, sloOf(tenant), null))),
      nowMs,
    }),
  );
  const states = jobs.flatMap((job) => {
    const row = of<JobRow | null>(6, job, null);
    return row === null ? [] : [[job, row] as const];
  });
  return readingOf(session, { tenants: figures, jobs: new Map(states) });
}

const NO_DELIVERIES: DeliveryFigures = { pending: 0, dead: 0, oldest_ms: null };

// Own text: what the job kept.
const stateOf = <State>(row: JobRow | null): State | undefined =>
  row === null ? undefined : JSON.parse(row.state);

const sloOf = (tenant: string): string => `slo:${tenant}`;

const sloIn = (kept: Partial<Standing> = {}): Pick<TenantFigures, "slo"> => {
  const slo = keptStanding(kept);
  return slo === undefined ? {} : { slo };
};

const usageOf = (tenant: string): string => `usage:${tenant}`;

type RunFound = Omit<ReconciliationRow, "cause" | "cursor">;

interface Found extends Pick<
  TenantFigures,
  "held" | "breaks" | "gaps" | "frozen" | "unmirrored" | "slo"
> {
  readonly polls: readonly (TenantFigures["polls"][number] & { readonly items: number })[];
  readonly deliveries: DeliveryFigures;
  readonly runs: readonly RunFound[];
  readonly counted: CountedDay | undefined;
  readonly nowMs: number;
}

function figuresOf(tenant: string, { runs, counted, nowMs, ...found }: Found): MirrorFigures {
  const kinds = Map.groupBy(runs, ({ kind }) => kind);
  const { held, breaks, gaps, polls } = found;
  const crowded = held.filter(({ items }) => items >= FIGURE_ROWS_MAX);
  const looked = { held: crowded, breaks, gaps, polls };
  return {
    ...found,
    tenant,
    gaps: found.gaps.filter(({ stage }) => stage !== "closed"),
    runs: [...kinds.values()].flatMap(lastOf),
    eventsToday: countedOn(nowMs, counted),
    ...eventsOf(counted),
    cut: [
      ...Object.entries(looked)
        .filter(([, of]) => of.reduce((sum, { items }) => sum + items, 0) >= FIGURE_ROWS_MAX)
        .map(([name]) => name),
      ...(isCut(found.deliveries) ? ["deliveries"] : []),
    ],
  };
}

const isCut = ({ pending, dead }: DeliveryFigures): boolean =>
  Math.max(pending, dead) >= FIGURE_ROWS_MAX;

function lastOf(runs: readonly RunFound[]): readonly LastRun[] {
  const [newest] = runs.toSorted((a, b) => (a.runId < b.runId ? 1 : -1));
  if (newest === undefined) return [];
  const { kind, state } = newest;
  const over = runs.find((run) => run.state !== "running" && run.endedMs !== null);
  if (over === undefined) return [{ kind, state }];
  const kept: Partial<RunReport> = JSON.parse(over.report);
  const ended = {
    started_ms: over.startedMs,
    ended_ms: over.endedMs ?? over.startedMs,
    report: { ...NO_REPORT, ...kept },
  };
  return [{ kind, state, ended }];
}

/** What was counted of a day, as far as it was told apart. */
function eventsOf(counted: CountedDay | undefined): Pick<TenantFigures, "events"> {
  if (counted?.outcomes === undefined) return {};
  return { events: { since_ms: startOf(counted), outcomes: counted.outcomes } };
}

const startOf = ({ day }: CountedDay): number => Date.parse(`${day}T00:00:00Z`);

/** How many events were accepted on the day of a moment, as far as they are counted. */
export function countedOn(nowMs: number, counted: CountedDay | undefined): number {
  const startMs = nowMs - (nowMs % DAY_MS);
  return counted !== undefined && startOf(counted) === startMs ? counted.events : 0;
}
