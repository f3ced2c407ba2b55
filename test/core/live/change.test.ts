import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evolve } from "#src/core/distributor/evolve.ts";
import { statusOf } from "#src/core/distributor/status.ts";
import { readView } from "#src/core/distributor/view.ts";
import { changeOf, type Sight } from "#src/core/live/change.ts";
import type { LogRow } from "#src/core/subject/chain.ts";
import type { Effects, Standing } from "#src/core/subject/entry.ts";
import { sha256 } from "../support/memory-store.ts";

const NOW_MS = Date.UTC(2026, 6, 20);
const AT_MS = Date.UTC(2026, 6, 1, 10);
const ALL: Sight = { distributorId: "B", lines: true, transfers: true, names: false, below: true };

const standing = (
  kind: Standing["kind"],
  value: Standing["value"],
  more: object = {},
): Effects => ({
  standings: [{ kind, period_id: "", epoch: 0, rev: "1", effective_ms: AT_MS, value, ...more }],
});

const line = (line_id: string, amount: number, state: "pending" | "held" = "pending"): Effects => ({
  transfers: [
    {
      rule: "P3",
      debit: "exp:commission",
      credit: `dist:B:${state}`,
      amount_minor: amount,
      currency: "USD",
      reference: line_id,
    },
  ],
  lines: [
    {
      line_id,
      distributor_id: "B",
      order_id: "O1",
      component: "unilevel",
      level: 1,
      depth: 1,
      rate_ppm: 50_000,
      amount_minor: amount,
      reversed_minor: 0,
      currency: "USD",
      state,
      period_id: "2026-07",
      effective_ms: AT_MS,
      origin: "gateway",
      due_ms: 1,
    },
  ],
});

/** A log of these effects, and the view it comes to. */
function logOf(...effects: readonly Effects[]) {
  let view: string | undefined;
  const rows = effects.map((each, i): LogRow => {
    view = evolve(view, each, NOW_MS);
    const cause = { kind: "line", event_id: `evt_${i + 1}`, occurred_ms: AT_MS };
    const entry = JSON.stringify({ recorded_ms: AT_MS + i, cause, effects: each });
    return { position: i + 1, hash: sha256(entry), entry };
  });
  return { rows, seen: { view, displayName: "A. L.", nowMs: NOW_MS } };
}

function change(effects: readonly Effects[], sight: Partial<Sight> = {}, after = 0) {
  const { rows, seen } = logOf(...effects);
  const [first, ...rest] = rows.slice(after);
  if (first === undefined) throw new Error("No rows");
  return changeOf(after, [first, ...rest], seen, { ...ALL, ...sight });
}

describe("changeOf()", () => {
  test("names the rows it is made of, and the balances that they come to", () => {
    const told = change([line("L1", 400), line("L2", 100)], {}, 1);
    expect(told).toMatchObject({
      type: "change",
      after: 1,
      position: 2,
      as_of: "2026-07-01T10:00:00.001Z",
      set: { balances: { USD: { pending: { amount: "5.00" } } } },
      stale: [],
      lines: [{ line_id: "L2", effective_at: "2026-07-01T10:00:00.000Z" }],
      transfers: [{ position: 2, reference: "L2", event_id: "evt_2", amount: { amount: "1.00" } }],
    });
    expect(told.id).toMatch(/^2-[0-9a-f]{8}$/);
    expect(Object.keys(told.set)).toEqual(["balances"]);
  });

  test("shows a line as lists show it, once, as it stands after the last row", () => {
    const { lines } = change([line("L1", 400), line("L2", 100), line("L1", 300, "held")]);
    expect(lines?.map(({ line_id, state }) => [line_id, state])).toEqual([
      ["L2", "pending"],
      ["L1", "held"],
    ]);
    expect(lines?.[0]).not.toHaveProperty("origin");
    expect(lines?.[0]).not.toHaveProperty("due_ms");
  });

  test("keeps lines and transfers from whoever may not read them", () => {
    const told = change([line("L1", 400)], { lines: false, transfers: false });
    expect(told).not.toHaveProperty("lines");
    expect(told).not.toHaveProperty("transfers");
    expect(told.set).toHaveProperty("balances");
  });

  test("says nothing was set by a row without effect", () => {
    expect(change([{}])).toMatchObject({ set: {}, stale: [], lines: [], transfers: [] });
  });

  test("an enrolment sets the masked name, or has the whole one read again", () => {
    const enrolled = standing("enrolment", { sponsor_id: "A", status: "active", country: "DE" });
    const masked = change([enrolled]);
    expect(masked.set).toMatchObject({ name: "A. L.", sponsor_id: "A", status: "active" });
    expect(masked.stale).toEqual([]);
    const whole = change([enrolled], { names: true });
    expect(whole.set).not.toHaveProperty("name");
    expect(whole.stale).toEqual(["name"]);
  });

  test("sets status and ranks as they hold now", () => {
    const ranked = { pay_rank: "Gold", career_rank: "Ruby" };
    const told = change([
      standing("status", { status: "grace" }),
      standing("rank", ranked, { period_id: "2026-07" }),
    ]);
    expect(told.set).toMatchObject({ status: "grace", ranks: { pay_rank: "Gold" } });
    expect(told.set).not.toHaveProperty("volumes");
  });

  const volumes = (period_id: string) =>
    standing("volume", { pv_x100: 100, gv_x100: 900, legs: "[]" }, { period_id });
  const rule = { unit: "month", tz: "UTC" } as const;

  test.each([
    { name: "of the running period", period: "2026-07", rule, isSet: true },
    {
      name: "of a past one, which a read leaves for what was counted",
      period: "2026-06",
      rule,
      isSet: false,
    },
    {
      name: "of any where no plan says which is running",
      period: "2026-06",
      rule: undefined,
      isSet: true,
    },
  ])("sets volumes $name: $isSet", ({ period, rule: given, isSet }) => {
    const told = change([volumes(period)], given === undefined ? {} : { rule: given });
    expect("volumes" in told.set).toBe(isSet);
    // A rank that nobody told is estimated from them by the plan's rules.
    expect(told.stale).toEqual(isSet && given !== undefined ? ["ranks"] : []);
  });

  test("however the rows are cut, what was set comes to what the status is", () => {
    const effects: fc.Arbitrary<Effects> = fc.oneof(
      fc.integer({ min: 1, max: 9 }).map((n) => line(`L${n}`, n * 100)),
      fc
        .constantFrom("active", "grace")
        .chain((status) =>
          fc
            .integer({ min: 1, max: 9 })
            .map((rev) => standing("status", { status }, { rev: String(rev) })),
        ),
      fc
        .integer({ min: 1, max: 9 })
        .map((rev) =>
          standing("rank", { pay_rank: `R${rev}` }, { period_id: "2026-07", rev: String(rev) }),
        ),
      fc.constant({}),
    );
    const cuts = fc.array(fc.nat(30), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(effects, { minLength: 1, maxLength: 30 }), cuts, (history, at) => {
        const { rows, seen } = logOf(...history);
        const ends = [...new Set([...at.filter((n) => n > 0 && n < rows.length), rows.length])];
        let after = 0;
        let page: Record<string, unknown> = {};
        const lines = new Set<string>();
        for (const end of ends.toSorted((a, b) => a - b)) {
          const [first, ...rest] = rows.slice(after, end);
          if (first === undefined) throw new Error("No rows");
          const told = changeOf(after, [first, ...rest], seen, ALL);
          expect(told.after).toBe(after);
          page = { ...page, ...told.set };
          for (const { line_id } of told.lines ?? []) lines.add(line_id);
          after = told.position;
        }
        expect(after).toBe(rows.length);
        const whole = statusOf({
          distributorId: "B",
          view: readView(seen.view),
          name: seen.displayName,
          frontline: undefined,
          position: rows.length,
          asOfMs: NOW_MS,
          nowMs: NOW_MS,
          seesBelow: true,
        });
        expect({ ...whole, ...page }).toEqual(whole);
        const told = history.flatMap((each) => (each.lines ?? []).map(({ line_id }) => line_id));
        expect(lines).toEqual(new Set(told));
      }),
    );
  });
});
