import {
  type Burning,
  foldHour,
  hourOf,
  HOUR_MS,
  isAtRest,
  type Looked,
  type Minute,
  type Standing,
  standingOf,
} from "../../core/sla/standing.ts";
import type { Log } from "../log.ts";

/** Tenants looked at by one statement. */
const PAGE_TENANTS = 100;
/** What is left over waits for the next minute: D1 has one thread, and lines wait for it. */
const RUN_MS_MAX = 20_000;
/** Rows that one run takes away of a page of tenants: what is left over waits for the next hour. */
const PRUNED_ROWS_MAX = 1000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Some more than the objectives are for, and the hour that the first of it may have begun in. */
export const SLA_KEPT_MS = 31 * DAY_MS + HOUR_MS;
/** Younger, windows look at its minutes. */
const FOLDED_AFTER_MS = 6 * HOUR_MS;
/** Lines are of the minute in which their batch was begun, and seen once it is over. */
const SEEN_LATE_MS = 2 * MINUTE_MS;

/** Once around all tenants of a shard: what one run leaves over the next goes on with. */
export interface SlaWalk {
  /** When the one before it began: who had lines since is looked at. */
  readonly sinceMs: number;
  readonly begunMs: number;
  /** The last tenant that was looked at; absent where the walk is over. */
  readonly after?: string;
}

interface TimedTenant {
  readonly tenant: string;
  /** How it stood when it was looked at last. */
  readonly before: Standing | undefined;
  readonly hasNews: boolean;
}

interface TenantHour {
  readonly tenant: string;
  readonly hourMs: number;
}

export interface SlaPorts {
  /** Tenants that lines were timed of, by name, those after `after`; none at the end. */
  readonly page: (
    asked: { readonly after: string; readonly sinceMs: number },
    limit: number,
  ) => Promise<readonly TimedTenant[]>;
  readonly look: (
    tenants: readonly string[],
    at: { readonly nowMs: number; readonly dayMs: number },
  ) => Promise<ReadonlyMap<string, Looked>>;
  readonly keep: (standings: ReadonlyMap<string, Standing>) => Promise<void>;
  /** Of each of these tenants the first hour before a moment that is not in one row yet. */
  readonly unfolded: (
    tenants: readonly string[],
    beforeMs: number,
  ) => Promise<readonly TenantHour[]>;
  readonly minutes: (
    hours: readonly TenantHour[],
  ) => Promise<ReadonlyMap<string, readonly Minute[]>>;
  readonly fold: (
    folded: readonly { readonly tenant: string; readonly hour: Minute }[],
  ) => Promise<void>;
  readonly prune: (
    tenants: readonly string[],
    of: { readonly beforeMs: number; readonly limit: number },
  ) => Promise<number>;
  readonly load: () => Promise<SlaWalk | undefined>;
  readonly save: (walk: SlaWalk) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Looks at how the objectives stand of every tenant that had lines since it last did, or whose late ones
 * are in a window still: keeps it for alerts and metrics, and tells once of whoever begins to burn. Once
 * an hour it puts the minutes of what is long over into one row an hour, and forgets what is old.
 */
export async function watchSla(ports: SlaPorts): Promise<void> {
  const startMs = ports.nowMs();
  const { sinceMs, begunMs, after: from = "" } = walkAt(startMs, await ports.load());
  const untilMs = startMs + RUN_MS_MAX;
  let after: string | undefined = from;
  do {
    const page = await ports.page({ after, sinceMs: sinceMs - SEEN_LATE_MS }, PAGE_TENANTS);
    await lookAt(page, ports);
    if (hourOf(sinceMs) !== hourOf(begunMs)) await tidy(page, untilMs, ports);
    after = page.at(-1)?.tenant;
  } while (after !== undefined && ports.nowMs() < untilMs);
  await ports.save({ sinceMs, begunMs, ...(after === undefined ? {} : { after }) });
}

/** The walk that is not over, or another one. */
function walkAt(nowMs: number, kept: SlaWalk | undefined): SlaWalk {
  if (kept?.after !== undefined) return kept;
  return { sinceMs: kept?.begunMs ?? 0, begunMs: nowMs };
}

async function lookAt(page: readonly TimedTenant[], ports: SlaPorts): Promise<void> {
  const nowMs = ports.nowMs();
  const dayMs = nowMs - (nowMs % DAY_MS);
  const moved = page.filter(
    ({ before, hasNews }) => hasNews || before === undefined || !isAtRest(before, dayMs),
  );
  if (moved.length === 0) return;
  const names = moved.map(({ tenant }) => tenant);
  const looked = await ports.look(names, { nowMs, dayMs });
  const found = moved.flatMap(({ tenant, before }) => {
    const of = looked.get(tenant);
    return of === undefined ? [] : [{ tenant, before, looked: of }];
  });
  await tell(found, nowMs, ports);
}

interface LookedTenant extends Omit<TimedTenant, "hasNews"> {
  readonly looked: Looked;
}

async function tell(
  page: readonly LookedTenant[],
  nowMs: number,
  { keep, log }: SlaPorts,
): Promise<void> {
  const stand = page.map(({ tenant, looked, before }) => {
    return { tenant, before, ...standingOf(looked, { before, nowMs }) };
  });
  const changed = stand.filter(({ before, standing }) => !isSame(before, standing));
  if (changed.length === 0) return;
  // Before anybody is told: what a crash keeps from the log stands among the alerts all the same.
  await keep(new Map(changed.map(({ tenant, standing }) => [tenant, standing])));
  for (const { tenant, standing, begun, ended } of changed) {
    for (const one of begun) {
      const level = one.severity === "page" ? "error" : "warn";
      log(level, "slo_burning", { alert: true, tenant, ...told(one), ...figures(one, standing) });
    }
    for (const one of ended) log("info", "slo_kept_again", { tenant, ...told(one) });
  }
}

const isSame = (before: Standing | undefined, now: Standing): boolean =>
  JSON.stringify(before) === JSON.stringify(now);

const told = ({ within_ms, rule, severity }: Burning) => ({ within_ms, rule, severity });

function figures({ within_ms, rule }: Burning, { burns }: Standing) {
  const burn = burns.find((one) => one.within_ms === within_ms && one.rule === rule);
  return { bad: burn?.long.bad, total: burn?.long.total, burn_ppm: burn?.long.burn_ppm };
}

async function tidy(page: readonly TimedTenant[], untilMs: number, ports: SlaPorts): Promise<void> {
  if (page.length === 0) return;
  const tenants = page.map(({ tenant }) => tenant);
  const nowMs = ports.nowMs();
  const beforeMs = hourOf(nowMs - FOLDED_AFTER_MS);
  let hours = await ports.unfolded(tenants, beforeMs);
  // One an hour as a rule; more where cron was out.
  while (hours.length > 0) {
    await fold(hours, ports);
    hours = ports.nowMs() < untilMs ? await ports.unfolded(tenants, beforeMs) : [];
  }
  await ports.prune(tenants, { beforeMs: nowMs - SLA_KEPT_MS, limit: PRUNED_ROWS_MAX });
}

async function fold(hours: readonly TenantHour[], ports: SlaPorts): Promise<void> {
  const found = await ports.minutes(hours);
  await ports.fold(
    hours.map(({ tenant, hourMs }) => ({
      tenant,
      hour: foldHour(hourMs, found.get(tenant) ?? []),
    })),
  );
}
