import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  type Compared,
  counted,
  NOTHING_COMPARED,
  suspects,
} from "#src/edge/cron/reconciliation/comparing.ts";
import { fixDays, fixLineDigests } from "#src/edge/d1/rebuild/totals.ts";
import { digestsKept, digestsOfLines } from "#src/edge/d1/reconciliation/line-digests.ts";
import { totalsKept, totalsOfTransfers, wrongTotals } from "#src/edge/d1/reconciliation/totals.ts";
import { watched } from "../support.ts";

const ROWS = 25_000;
const SEED = 7;
const DAY_MS = 86_400_000;
const AT_MS = Date.parse("2026-07-01T10:00:00Z");

const MANY = `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ${ROWS - 1})`;

async function crowded(tenant: string): Promise<void> {
  await env.MIRROR_0.batch([
    env.MIRROR_0.prepare(
      `${MANY} INSERT INTO transfers SELECT ?1, 'dist:' || (i / 20), i % 20, 0, 'P3', 'exp:commission',
         'dist:' || (i / 20) || ':held', 9007199254740991 - i, 'USD', 'L' || i, 'e' || i,
         ${AT_MS} - (i % 900) * ${DAY_MS}, ${AT_MS} - (i % 700) * ${DAY_MS} FROM c`,
    ).bind(tenant),
    env.MIRROR_0.prepare(
      `${MANY} INSERT INTO lines (tenant, distributor_id, line_id, component, amount_minor,
         reversed_minor, currency, state, effective_ms, digest)
       SELECT ?1, i / 20, 'L' || i, 'unilevel', 9007199254740991, 0, 'USD', 'held', ${AT_MS},
         json_array(i, 1, 2, 3, 4, 5, 6, 4294967295, ${AT_MS} - (i % 900) * 3600000, i % 3, 'USD',
           9007199254740991) FROM c`,
    ).bind(tenant),
  ]);
  await fixDays(env.MIRROR_0, { tenant, runId: "" });
  await fixLineDigests(env.MIRROR_0, { tenant, runId: "" });
}

/** All pages of both sides, and the buckets that differ. */
async function compared(
  db: D1Database,
  tenant: string,
  reads: { readonly parts: typeof totalsKept; readonly kept: typeof totalsKept },
): Promise<readonly number[]> {
  let at: Compared = NOTHING_COMPARED;
  for (const side of ["parts", "kept"] as const) {
    at = { side, buckets: at.buckets };
    do {
      at = counted(at, await reads[side](db, tenant, at.after), SEED);
      // It is kept between runs.
      at = JSON.parse(JSON.stringify(at));
    } while (at.after !== undefined);
  }
  return suspects(at).flat();
}

const TOTALS = { parts: totalsOfTransfers, kept: totalsKept };
const LINES = { parts: digestsOfLines, kept: digestsKept };

test("sums of many rows are compared in statements that each read a few", async () => {
  const tenant = "totals-of-many";
  await crowded(tenant);
  const { db, asked } = watched();
  expect(await compared(db, tenant, TOTALS)).toEqual([]);
  expect(await compared(db, tenant, LINES)).toEqual([]);
  expect(asked.length).toBeGreaterThan(10);
  expect(Math.max(...asked.map(({ rowsRead }) => rowsRead))).toBeLessThanOrEqual(10_001);
  const day = `SELECT min(day) FROM account_days WHERE tenant = ?1 AND account = 'exp:commission'`;
  await env.MIRROR_0.prepare(
    `UPDATE account_days SET amount_minor = amount_minor - 1
     WHERE tenant = ?1 AND account = 'exp:commission' AND day IN (${day})`,
  )
    .bind(tenant)
    .run();
  const differing = await compared(env.MIRROR_0, tenant, TOTALS);
  expect(differing).toHaveLength(1);
  expect(await wrongTotals(env.MIRROR_0, { tenant, buckets: differing })).toEqual({
    accounts: ["exp:commission"],
    tooLarge: [],
  });
  expect(await wrongTotals(env.MIRROR_0, { tenant, buckets: [(differing[0] ?? 0) + 1] })).toEqual({
    accounts: [],
    tooLarge: [],
  });
  await env.MIRROR_0.prepare("DELETE FROM digests WHERE tenant = ?1 AND hour_ms < ?2")
    .bind(tenant, AT_MS - 800 * 3_600_000)
    .run();
  expect((await compared(env.MIRROR_0, tenant, LINES)).length).toBeGreaterThan(1);
}, 60_000);

test("two totals of a day that were changed by the same amount are found", async () => {
  const tenant = "totals-swapped";
  await crowded(tenant);
  for (const [account, by] of [
    ["dist:1:held", 5],
    ["dist:2:held", -5],
  ] as const) {
    await env.MIRROR_0.prepare(
      "UPDATE account_days SET amount_minor = amount_minor + ?3 WHERE tenant = ?1 AND account = ?2",
    )
      .bind(tenant, account, by)
      .run();
  }
  expect((await compared(env.MIRROR_0, tenant, TOTALS)).length).toBeGreaterThan(0);
}, 60_000);
