import {
  type Burning,
  foldHour,
  hourOf,
  HOUR_MS,
  type Looked,
  type Minute,
  type Standing,
  standingOf,
} from "../../core/sla/standing.ts";
import type { Log } from "../log.ts";

/** Tenants looked at by one statement. */
const PAGE_TENANTS = 100;
/** Rows that one run takes away of a page of tenants: what is left over waits for the next minute. */
const PRUNED_ROWS_MAX = 1000;
const DAY_MS = 24 * HOUR_MS;
/** Some more than the objectives are for. */
export const SLA_KEPT_MS = 31 * DAY_MS;
/** Younger, windows look at its minutes. */
const FOLDED_AFTER_MS = 6 * HOUR_MS;

interface LookedTenant {
  readonly tenant: string;
  readonly looked: Looked;
  readonly before: Standing | undefined;
  /** The first minute that is in no hour's row yet. */
  readonly oldestMs: number | undefined;
}

interface TenantHour {
  readonly tenant: string;
  readonly hourMs: number;
}

export interface SlaPorts {
  /** Tenants that lines were timed of, by name, those after `after`; none at the end. */
  readonly page: (after: string, limit: number) => Promise<readonly string[]>;
  readonly look: (
    tenants: readonly string[],
    at: { readonly nowMs: number; readonly dayMs: number },
  ) => Promise<readonly LookedTenant[]>;
  readonly keep: (standings: ReadonlyMap<string, Standing>) => Promise<void>;
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
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Looks at how every tenant's objectives stand: keeps it for alerts and metrics, tells once of whoever
 * begins to burn, puts the minutes of an hour that is long over into one row, and forgets what is old.
 */
export async function watchSla(ports: SlaPorts): Promise<void> {
  let page = await ports.page("", PAGE_TENANTS);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    const nowMs = ports.nowMs();
    const looked = await ports.look(page, { nowMs, dayMs: nowMs - (nowMs % DAY_MS) });
    await tell(looked, nowMs, ports);
    await fold(looked, nowMs, ports);
    await ports.prune(page, { beforeMs: nowMs - SLA_KEPT_MS, limit: PRUNED_ROWS_MAX });
    page = await ports.page(last, PAGE_TENANTS);
  }
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

/** One hour of each tenant: they come by one an hour. */
async function fold(
  page: readonly LookedTenant[],
  nowMs: number,
  { minutes, fold: write }: SlaPorts,
): Promise<void> {
  const hours = page.flatMap(({ tenant, oldestMs }) => {
    const hourMs = hourOf(oldestMs ?? nowMs);
    return hourMs + HOUR_MS + FOLDED_AFTER_MS > nowMs ? [] : [{ tenant, hourMs }];
  });
  if (hours.length === 0) return;
  const found = await minutes(hours);
  await write(
    hours.map(({ tenant, hourMs }) => ({
      tenant,
      hour: foldHour(hourMs, found.get(tenant) ?? []),
    })),
  );
}
