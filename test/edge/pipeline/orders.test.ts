import { runs } from "../../support/runs.ts";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

const register = (id: string, type: string, rev: number, data: object) => ({
  id,
  type,
  version: 1,
  occurred_at: `2026-07-${String(10 + (rev % 10)).padStart(2, "0")}T00:00:00.000Z`,
  key: "dist:B",
  rev,
  data,
});

/** Every effect of this issue for one distributor, told by one core. */
const HISTORY: readonly object[] = [
  ...w2("B"),
  {
    ...w2("B")[0],
    id: "B-6",
    seq: 6,
    data: {
      line_id: "B-L2",
      distributor_id: "B",
      component: "binary",
      currency: "EUR",
      amount_minor: 999,
      period_id: "2026-07",
      run_id: "r1",
    },
  },
  {
    ...w2("B")[0],
    id: "B-7",
    type: "commission.reversed",
    seq: 7,
    data: { line_id: "B-R1", reverses_line_id: "B-L2", currency: "EUR", amount_minor: 333 },
  },
  register("enrol", "distributor.enrolled", 1, {
    distributor_id: "B",
    sponsor_id: "A",
    status: "active",
    joined_at: "2026-01-01",
    country: "SI",
    pii: { name: "Ana Kos", email: "ana@example.com" },
  }),
  register("status-2", "distributor.status_changed", 2, {
    distributor_id: "B",
    status: "grace",
    effective_at: "2026-03-01",
  }),
  register("status-9", "distributor.status_changed", 9, {
    distributor_id: "B",
    status: "active",
    effective_at: "2026-02-01",
  }),
  register("rank-9", "rank.changed", 9, {
    distributor_id: "B",
    period_id: "2026-07",
    pay_rank: "silver",
    career_rank: "gold",
    reason: "volume",
  }),
  register("rank-23", "rank.changed", 23, {
    distributor_id: "B",
    period_id: "2026-07",
    pay_rank: "gold",
    career_rank: "gold",
    reason: "volume",
  }),
  register("volume-123", "volume.snapshot", 123, {
    distributor_id: "B",
    period_id: "2026-07",
    pv_x100: 10_000,
    gv_x100: 50_000,
    legs: [],
  }),
];

const tables = ["subjects", "standings", "lines", "frontlines", "account_days"] as const;

/** What the mirror says in the end, without what depends on when and as what it was told. */
async function stateOf(tenant: string): Promise<unknown> {
  const all = await Promise.all(
    tables.map(async (table) => {
      const { results } = await env.MIRROR_0.prepare(`SELECT * FROM ${table} WHERE tenant = ?`)
        .bind(tenant)
        .all();
      return results.map(({ view, ...row }) => ({
        ...row,
        // Whose it is, and when and where in the log it was told.
        tenant: "",
        position: 0,
        view_position: 0,
        head: "",
        as_of_ms: 0,
        view: typeof view === "string" ? JSON.parse(view) : view,
      }));
    }),
  );
  return all;
}

async function tell(line: Line, batches: readonly (readonly number[])[]): Promise<void> {
  for (const batch of batches) {
    await line.post(...batch.map((i) => HISTORY[i] ?? {}));
    await line.run();
  }
  await line.drain();
}

describe("any order of arrival, with repeats and in any batches", () => {
  test("ends in the same balances, lines, registers and outcomes", async () => {
    const inOrder = await layLine();
    await tell(
      inOrder,
      HISTORY.map((_, i) => [i]),
    );
    const expected = await stateOf(inOrder.company.tenant);
    const outcomes = await outcomesOf(inOrder.company.tenant);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["applied"]));

    const twice = [...HISTORY.keys(), ...HISTORY.keys()];
    const orders = fc.tuple(
      fc.shuffledSubarray(twice, { minLength: twice.length }),
      fc.integer({ min: 1, max: 9 }),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([order, size]) => {
        const line = await layLine();
        const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
          order.slice(i * size, (i + 1) * size),
        );
        await tell(line, batches);
        const { tenant } = line.company;
        expect(await stateOf(tenant)).toEqual(expected);
        expect(await outcomesOf(tenant)).toEqual(outcomes);
        await expectMirrorEqualsObjects(tenant);
      }),
      { numRuns: runs(12) },
    );
  }, 1_200_000);
});
