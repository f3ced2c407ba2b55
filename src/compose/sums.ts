import { standingsOf } from "../edge/control/tenant-standings.ts";
import type { SumsPorts } from "../edge/cron/reconciliation/sums.ts";
import { rebuildingTenants } from "../edge/d1/rebuild/runs.ts";
import {
  digestsKept,
  digestsOfLines,
  repairLineDigests,
} from "../edge/d1/reconciliation/line-digests.ts";
import { dropUnreadableSums } from "../edge/d1/reconciliation/restore.ts";
import { dropSums, summedTenantAfter } from "../edge/d1/reconciliation/sum-slices.ts";
import {
  repairTotals,
  totalsKept,
  totalsOfTransfers,
  wrongTotals,
} from "../edge/d1/reconciliation/totals.ts";
import {
  digestedDays,
  dropImpossible,
  fixDigests,
  hasImpossible,
  wrongDigests,
} from "../edge/d1/reconciliation/transfer-digests.ts";
import { isReadable } from "../edge/d1/reconciliation/unreadable.ts";
import { log } from "../edge/log.ts";
import type { Shard } from "../edge/shards.ts";
import type { Place } from "../edge/subject-rows.ts";
import type { Parts } from "./parts.ts";

interface Telling {
  readonly report: (place: Place, detail: string) => Promise<void>;
  /** A tenant that the control tables have lost. */
  readonly isSpared: (tenant: string) => Promise<boolean>;
}

/** What sums are made of, and the sums that are kept. */
const SUM_ROWS = {
  totals: { parts: totalsOfTransfers, kept: totalsKept },
  lines: { parts: digestsOfLines, kept: digestsKept },
} as const;

/** Sums of the mirror, held against what they are made of. */
export function sumsPorts(
  { control, nowMs }: Parts,
  shard: Shard,
  { report, isSpared }: Telling,
): SumsPorts {
  const { mirror } = shard;
  /** Of a tenant that is none nobody is told but the log: its sums go. */
  const tellOrDrop = async ({ tenant, subject }: Place, detail: string): Promise<boolean> => {
    const standing = (await standingsOf(control, shard, [tenant])).get(tenant);
    if (standing === "own") await report({ tenant, subject }, detail);
    if (standing !== "nobodys") return standing === "own";
    if (await isSpared(tenant)) return false;
    log("error", "mirror_repaired", { alert: true, tenant, subject, detail: "Taken away" });
    await dropSums(mirror, tenant);
    return false;
  };
  return {
    sumRows: ({ kind, side, tenant }, after) => SUM_ROWS[kind][side](mirror, tenant, after),
    repairTotals: async (slice) => {
      const { tenant } = slice;
      const { accounts, tooLarge } = await wrongTotals(mirror, slice);
      if (tooLarge.length > 0) log("error", "totals_too_large", { tenant, accounts: tooLarge });
      if (accounts.length === 0) return 0;
      const subject = `accounts:${accounts.slice(0, 10).join(",")}`;
      const detail = "Totals of these accounts made anew of their transfers";
      if (!(await tellOrDrop({ tenant, subject }, detail))) return accounts.length;
      return repairTotals(mirror, slice);
    },
    repairLines: async (slice) => {
      const buckets = await repairLineDigests(mirror, slice);
      const { tenant } = slice;
      if (buckets > 0) log("warn", "digests_repaired", { shard: shard.index, tenant, buckets });
      return 0;
    },
    dropImpossible: async (tenant) => {
      if (!(await hasImpossible(mirror, tenant))) return 0;
      const detail = "Digests that no event can have made: taken away";
      const isOwn = await tellOrDrop({ tenant, subject: "digests" }, detail);
      return isOwn ? dropImpossible(mirror, tenant) : 0;
    },
    tenantAfter: (tenant) => readableTenantAfter(mirror, tenant),
    daysFrom: (tenant, fromMs) => digestedDays(mirror, tenant, fromMs),
    repairDigests: async (span) => {
      const { tenant, fromMs, toMs } = span;
      const wrong = await wrongDigests(mirror, span);
      if (wrong.length === 0) return 0;
      const days = `${dayOf(fromMs)} to ${dayOf(toMs - 1)}`;
      const detail = `Digests of transfers made anew of them: ${days}`;
      const isOwn = await tellOrDrop({ tenant, subject: "digests:transfer" }, detail);
      if (isOwn) await fixDigests(mirror, tenant, wrong);
      return wrong.length;
    },
    rebuilding: () => rebuildingTenants(mirror),
    nowMs,
    log,
  };
}

/** The sums of whose name is no text go: nobody finds them by it. */
async function readableTenantAfter(
  mirror: D1Database,
  tenant: string,
): Promise<string | undefined> {
  let next = await summedTenantAfter(mirror, hexOf(tenant));
  while (next !== undefined && !isReadable(next.hex)) {
    const detail = "Sums of a tenant whose name is no text: taken away";
    const of = { tenant: next.tenant, subject: "sums", bytes: next.hex, detail };
    log("error", "mirror_repaired", { alert: true, ...of });
    await dropUnreadableSums(mirror, next.hex);
    next = await summedTenantAfter(mirror, next.hex);
  }
  return next?.tenant;
}

const hexOf = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The UTC day of an instant; of what is none, as somebody wrote it, its milliseconds. */
const dayOf = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : (date.toISOString().split("T")[0] ?? "");
};
