import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evolve } from "#src/core/distributor/evolve.ts";
import { readView, statusAt } from "#src/core/distributor/view.ts";
import type { Standing } from "#src/core/subject/entry.ts";

const standing = (given: Partial<Standing>): Standing => ({
  kind: "status",
  period_id: "",
  epoch: 0,
  rev: "1",
  effective_ms: 0,
  value: { status: `status ${given.rev}` },
  ...given,
});

const viewAfter = (nowMs: number, ...standings: readonly Standing[]) =>
  readView(
    standings.reduce<string | undefined>(
      (view, one) => evolve(view, { standings: [one] }, nowMs),
      undefined,
    ),
  );

describe("evolve()", () => {
  test("makes a view of nothing", () => {
    expect(evolve(undefined, {}, 0)).toBe('{"balances":{},"statuses":[]}');
  });

  test("adds transfers to the balances and leaves the rest", () => {
    const before = evolve(undefined, { standings: [standing({ kind: "rank" })] }, 0);
    const transfer = {
      rule: "P8",
      debit: "exp:commission",
      credit: "dist:B:available",
      amount_minor: 5,
      currency: "USD",
      reference: "A1",
    } as const;
    const after = readView(evolve(before, { transfers: [transfer, transfer] }, 0));
    expect(after.balances).toEqual({
      "exp:commission": { USD: "10" },
      "dist:B:available": { USD: "-10" },
    });
    expect(after.rank).toEqual(readView(before).rank);
  });

  test.each([
    { name: "months", earlier: "2026-07", later: "2026-08" },
    { name: "years", earlier: "2025-12", later: "2026-01" },
    { name: "weeks", earlier: "2026-W9", later: "2026-W10" },
    { name: "numbers", earlier: "99", later: "155" },
    { name: "numbers beyond 2^53", earlier: "9007199254740992", later: "9007199254740993" },
    { name: "no period and one", earlier: "", later: "2026-01" },
    { name: "a period and its part", earlier: "2026-07", later: "2026-07-b" },
    { name: "numbers that only their zeros tell apart", earlier: "2026-07", later: "2026-7" },
  ])("knows the later of two $name, whichever comes first", ({ earlier, later }) => {
    for (const kind of ["rank", "volume"] as const) {
      const a = standing({ kind, period_id: earlier, rev: "9", epoch: 3 });
      const b = standing({ kind, period_id: later, rev: "1" });
      expect(viewAfter(0, a, b)[kind]).toEqual(b);
      expect(viewAfter(0, b, a)[kind]).toEqual(b);
    }
  });

  test("orders any periods the same, whichever comes first", () => {
    const period = fc.string({ maxLength: 6, unit: fc.constantFrom("0", "1", "9", "-", "W", "a") });
    fc.assert(
      fc.property(fc.array(period, { minLength: 1, maxLength: 6 }), (periods) => {
        const ranks = periods.map((period_id) => standing({ kind: "rank", period_id }));
        expect(viewAfter(0, ...ranks).rank).toEqual(viewAfter(0, ...ranks.toReversed()).rank);
        const [first, ...rest] = ranks;
        const turned = first === undefined ? rest : [...rest, first];
        expect(viewAfter(0, ...ranks).rank).toEqual(viewAfter(0, ...turned).rank);
      }),
    );
  });

  test.each([
    { name: "a status that a higher one hid", old: 10, young: 5, kept: ["2"] },
    {
      name: "a status that a higher one hides from the same instant on",
      old: 5,
      young: 5,
      kept: ["2"],
    },
    {
      name: "a status to come, hidden by a higher one before it",
      old: 200,
      young: 150,
      kept: ["2"],
    },
  ])("drops $name", ({ old, young, kept }) => {
    const statuses = [
      standing({ rev: "1", effective_ms: old }),
      standing({ rev: "2", effective_ms: young }),
    ];
    expect(viewAfter(100, ...statuses).statuses.map(({ rev }) => rev)).toEqual(kept);
    expect(viewAfter(100, ...statuses.toReversed()).statuses.map(({ rev }) => rev)).toEqual(kept);
  });

  test("keeps a status until a higher one, still to come, is in force", () => {
    const now = standing({ rev: "1", effective_ms: 50 });
    const next = standing({ rev: "2", effective_ms: 101 });
    const view = viewAfter(100, next, now);
    expect(statusAt(view, 100)).toBe("status 1");
    expect(statusAt(view, 101)).toBe("status 2");
  });

  test("shows from now on what all revisions together show, in any order, as time goes by", () => {
    const revisions = fc.uniqueArray(
      fc.record({ rev: fc.nat({ max: 30 }).map(String), effective_ms: fc.nat({ max: 20 }) }),
      { selector: ({ rev }) => rev, maxLength: 12 },
    );
    fc.assert(
      fc.property(revisions, fc.nat({ max: 3 }), (given, pace) => {
        const statuses = given.map(standing);
        const nowMs = (statuses.length - 1) * pace;
        const text = statuses.reduce<string | undefined>(
          (view, one, i) => evolve(view, { standings: [one] }, i * pace),
          undefined,
        );
        for (let atMs = Math.max(0, nowMs); atMs < 25; atMs += 1) {
          const inForce = statuses.filter(({ effective_ms }) => effective_ms <= atMs);
          const highest = inForce.toSorted((a, b) => Number(a.rev) - Number(b.rev)).at(-1);
          expect(statusAt(readView(text), atMs)).toBe(highest?.value["status"]);
        }
      }),
    );
  });
});
