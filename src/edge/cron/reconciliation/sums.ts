import type { Log } from "../../log.ts";

/** Transfers and sums of them that are held at once: some tens of megabytes. */
const ROWS_AT_ONCE = 100_000;

/** How many rows a tenant has of a day of effect: transfers, and sums of them. */
export interface DayRows {
  readonly dayMs: number;
  readonly rows: number;
}

/** Sums of all that takes effect in a span of days, held against the transfers they are made of. */
export interface SpanOfDays {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SumsPorts {
  /**
   * Account totals that are not what the transfers come to, put right; answers with how many. Sums of
   * these tenants are left as they are; those of nobody's are taken away.
   */
  readonly repairTotals: (except: readonly string[]) => Promise<number>;
  /** The next tenant, by name, whose transfers or their digests the mirror has; none at the end. */
  readonly tenantAfter: (tenant: string) => Promise<string | undefined>;
  /** From a day on, in order. */
  readonly daysFrom: (tenant: string, fromMs: number) => Promise<readonly DayRows[]>;
  /** Puts the digests of transfers right; answers how many were not. */
  readonly repairDigests: (span: SpanOfDays) => Promise<number>;
  /** Tenants whose mirror is being rebuilt, which takes the error out of the same sums. */
  readonly rebuilding: () => Promise<ReadonlySet<string>>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** How far the sums of a shard were looked at: kept between runs. */
export interface SumsLook {
  readonly startedMs: number;
  /** They were looked at not long ago: not now. */
  readonly isResting: boolean;
  readonly isOver: boolean;
  /** Sums that were wrong. */
  readonly found: number;
  /** Absent until the totals were looked at, which takes one statement. */
  readonly at?: { readonly tenant: string; readonly fromMs?: number };
}

export const beginSums = (startedMs: number, isResting: boolean): SumsLook => ({
  startedMs,
  isResting,
  isOver: false,
  found: 0,
});

/**
 * Goes on by one part: all totals, then the digests of transfers of some days of a tenant. Made anew of
 * transfers that may be wrong, sums would be wrong as well: tenants with a subject that could not be
 * looked at are left out, and no other.
 */
export async function lookAtSums(
  look: SumsLook,
  unsettled: readonly string[],
  ports: SumsPorts,
): Promise<SumsLook> {
  if (look.isResting) return { ...look, isOver: true };
  const { at, found } = look;
  if (at === undefined) {
    return { ...look, found: found + (await ports.repairTotals(unsettled)), at: { tenant: "" } };
  }
  const { tenant, fromMs } = at;
  if (fromMs === undefined) {
    const next = await ports.tenantAfter(tenant);
    if (next === undefined) return { ...look, isOver: true };
    return { ...look, at: { tenant: next, fromMs: Number.MIN_SAFE_INTEGER } };
  }
  const isLeftOut = unsettled.includes(tenant) || (await ports.rebuilding()).has(tenant);
  const span = isLeftOut ? undefined : spanOf(await ports.daysFrom(tenant, fromMs));
  if (span === undefined) return { ...look, at: { tenant } };
  const wrong = await repaired({ tenant, ...span }, ports);
  return { ...look, found: found + wrong, at: { tenant, fromMs: span.toMs } };
}

async function repaired(span: SpanOfDays, ports: SumsPorts): Promise<number> {
  try {
    return await ports.repairDigests(span);
  } catch (error) {
    ports.log("warn", "digests_not_checked", { ...span, error });
    return 0;
  }
}

const DAY_MS = 86_400_000;

/** The first days, as many as fit. */
function spanOf(days: readonly DayRows[]): Omit<SpanOfDays, "tenant"> | undefined {
  const [first] = days;
  if (first === undefined) return undefined;
  let { dayMs: lastMs, rows: held } = first;
  for (const { dayMs, rows } of days.slice(1)) {
    if (held + rows > ROWS_AT_ONCE) break;
    held += rows;
    lastMs = dayMs;
  }
  return { fromMs: first.dayMs, toMs: lastMs + DAY_MS };
}
