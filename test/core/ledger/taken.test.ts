import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newLine } from "#src/core/ledger/own-line.ts";
import { sumTaken, type Taken, takenBefore, takenMore, takenOf } from "#src/core/ledger/taken.ts";
import { proRata } from "#src/core/plans/rounding.ts";
import { runs } from "../../support/runs.ts";

type Returns = readonly (readonly [at_ms: number, part: number])[];

const shares = (returns: Returns | undefined, part = returns?.at(-1)?.[1] ?? 0) => ({
  ...(returns === undefined ? {} : { returns }),
  returned: [part, 300] as const,
  rounding: "half_even" as const,
});

describe("takenOf()", () => {
  test.each<{ name: string; given: ReturnType<typeof shares>; taken: Taken | undefined }>([
    { name: "nothing where nothing was returned", given: shares(undefined), taken: [] },
    { name: "no dates where none were told", given: shares(undefined, 100), taken: undefined },
    { name: "a return's share", given: shares([[7, 100]]), taken: [[7, 33]] },
    {
      name: "each its own, and together the whole",
      given: shares([
        [7, 100],
        [8, 200],
        [9, 300],
      ]),
      taken: [
        [7, 33],
        [8, 34],
        [9, 33],
      ],
    },
    {
      name: "what a return gave back when it ended",
      given: shares([
        [7, 300],
        [8, 0],
      ]),
      taken: [
        [7, 100],
        [8, -100],
      ],
    },
    {
      name: "no return whose share is no unit",
      given: shares([
        [7, 100],
        [8, 99],
      ]),
      taken: [[7, 33]],
    },
  ])("is $name", ({ given, taken }) => {
    expect(takenOf(100, given)).toEqual(taken);
  });

  test("comes to the share of all of them, whatever they are", () => {
    const parts = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), parts, (amount, each) => {
        const returns = each.map((part, at_ms) => [at_ms, part] as const);
        const taken = takenOf(amount, shares(returns)) ?? [];
        expect(sumTaken(taken)).toBe(proRata(amount, each.at(-1) ?? 0, 300, "half_even"));
      }),
      { numRuns: runs(200) },
    );
  });
});

test.each<{ reversed: number; returns?: Returns; taken: Taken }>([
  { reversed: 0, returns: [[7, 150]], taken: [] },
  { reversed: 50, taken: [] },
  { reversed: 50, returns: [[7, 150]], taken: [[7, 50]] },
  {
    reversed: 50,
    returns: [
      [7, 90],
      [8, 300],
    ],
    taken: [
      [7, 30],
      [8, 20],
    ],
  },
  {
    reversed: 0,
    returns: [
      [7, 300],
      [8, 0],
    ],
    taken: [],
  },
])("$reversed of 100 without dates were taken by $returns as $taken", (given) => {
  const { reversed, returns, taken } = given;
  const { own } = newLine(
    {
      line_id: "O1:level:1:B",
      distributor_id: "B",
      order_id: "O1",
      component: "level",
      level: 1,
      depth: 1,
      rate_ppm: 50_000,
      amount_minor: 100,
      reversed_minor: reversed,
      currency: "USD",
      bucket: "pending",
      period_id: "2026-07",
      effective_ms: 0,
      available_ms: null,
      ver: 1,
      computation: 1,
      ...shares(undefined),
    },
    { nowMs: 0 },
  );
  expect(takenBefore(own.line, shares(returns))).toEqual(taken);
});

test.each<{ before: Taken; after: Taken; more: Taken }>([
  { before: [], after: [[7, 40]], more: [[7, 40]] },
  { before: [[7, 40]], after: [[7, 40]], more: [] },
  {
    before: [[8, 40]],
    after: [[7, 40]],
    more: [
      [7, 40],
      [8, -40],
    ],
  },
  {
    before: [[7, 40]],
    after: [
      [7, 30],
      [8, 20],
    ],
    more: [
      [7, -10],
      [8, 20],
    ],
  },
])("from $before to $after it takes $more", ({ before, after, more }) => {
  expect(takenMore(before, after)).toEqual(more);
});
