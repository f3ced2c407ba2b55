import { describe, expect, test } from "vitest";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import type { Binary, Component } from "#src/core/plans/plan.ts";
import {
  type CloseOccasion,
  closePeriod,
  emptied,
  paysAtClose,
  periodClosed,
  wantedLines,
} from "#src/core/runs/close-run.ts";
import { NO_LINES } from "#src/core/reconciliation/digest.ts";
import type { Person } from "#src/core/runs/people.ts";
import { RUN_SOURCE } from "#src/core/runs/rank-run.ts";
import { planOf, unilevelOf } from "../plans/samples.ts";
import { JULY, personOf } from "./samples.ts";

const BINARY: Binary = {
  kind: "binary",
  code: "pair",
  pair_ppm: 100_000,
  after: "carry_forward",
};
const pairs = (parts: Partial<Binary> = {}, more: object = {}) =>
  planOf({ components: [{ ...BINARY, ...parts }], ...more });
const occasion = (parts: Partial<CloseOccasion> = {}): CloseOccasion => ({
  run_id: "close:main:2026-07",
  period: JULY,
  ver: 2,
  carry: [],
  bought: [],
  ...parts,
});

/** Somebody with a left and a right leg that bought so much. */
const legs = (L: number, R: number, top: Partial<Person> = {}) => [
  personOf("A", top),
  personOf("L", { sponsor_id: "A", leg: "L", cv_x100: L }),
  personOf("R", { sponsor_id: "A", leg: "R", cv_x100: R }),
];

describe("closePeriod()", () => {
  test("W7: pays 20.00, carries 300 into the next period, then pays 40.00 and carries nothing", () => {
    const first = closePeriod(pairs(), legs(20_000, 50_000), occasion());
    expect(first).toEqual({
      lines: [
        {
          line_id: "close:main:2026-07:pair:A",
          distributor_id: "A",
          component: "pair",
          rate_ppm: 100_000,
          amount_minor: 2000,
          currency: "USD",
          bucket: "held",
          period_id: "2026-07",
          effective_ms: JULY.end_ms - 1,
          available_ms: Date.parse("2026-08-15T00:00:00Z"),
          ver: 2,
        },
      ],
      carry: [{ component: "pair", distributor_id: "A", L: 0, R: 30_000 }],
    });
    const second = closePeriod(pairs(), legs(40_000, 10_000), occasion({ carry: first.carry }));
    expect(second).toMatchObject({ lines: [{ amount_minor: 4000 }], carry: [] });
  });

  test("W7 with flush: the second period pays 10.00", () => {
    const plan = pairs({ after: "flush" });
    const first = closePeriod(plan, legs(20_000, 50_000), occasion());
    expect(first).toMatchObject({ lines: [{ amount_minor: 2000 }], carry: [] });
    const second = closePeriod(plan, legs(40_000, 10_000), occasion({ carry: first.carry }));
    expect(second).toMatchObject({ lines: [{ amount_minor: 1000 }], carry: [] });
  });

  test("takes the same from the same: carries are read, not added to", () => {
    const carry = [{ component: "pair", distributor_id: "A", L: 0, R: 30_000 }];
    const once = closePeriod(pairs(), legs(40_000, 10_000), occasion({ carry }));
    expect(closePeriod(pairs(), legs(40_000, 10_000), occasion({ carry }))).toEqual(once);
    const other = [{ component: "other", distributor_id: "A", L: 0, R: 30_000 }];
    const without = closePeriod(pairs(), legs(40_000, 10_000), occasion({ carry: other }));
    expect(without).toMatchObject({ lines: [{ amount_minor: 1000 }] });
  });

  test("pays nobody who is not eligible, by status or by the period's own volume", () => {
    const plan = pairs({}, { eligibility: { statuses: ["active"], min_pv_x100: 100 } });
    const paid = (top: Partial<Person>) =>
      closePeriod(plan, legs(20_000, 50_000, top), occasion()).lines.length;
    expect(paid({ pv_x100: 100 })).toBe(1);
    expect(paid({ pv_x100: 99 })).toBe(0);
    expect(paid({ pv_x100: 100, status: "suspended" })).toBe(0);
  });

  test("counts a leg down to its last customer, and no one without a leg", () => {
    const people = [
      ...legs(0, 10_000),
      personOf("LL", { sponsor_id: "L", leg: "R", cv_x100: 4000 }),
      personOf("N", { sponsor_id: "A", cv_x100: 90_000 }),
    ];
    const bought = [{ enroller_id: "LL", pv_x100: 0, cv_x100: 1000 }];
    const { lines } = closePeriod(pairs(), people, occasion({ bought }));
    expect(lines).toMatchObject([{ distributor_id: "A", amount_minor: 500 }]);
  });

  test("pays at once where the plan holds nothing back", () => {
    const plan = pairs({}, { holdback_days: 0 });
    const { lines } = closePeriod(plan, legs(20_000, 20_000), occasion());
    expect(lines).toMatchObject([{ bucket: "available", available_ms: null }]);
  });

  test("stair-step: the group at its own bracket, less what the legs' heads earn", () => {
    const stairs: Component = {
      kind: "stairstep",
      code: "stairs",
      brackets: [
        { min_pv: 0, rate_ppm: 50_000 },
        { min_pv: 500, rate_ppm: 70_000 },
      ],
    };
    const people = [
      personOf("P", { pv_x100: 10_000, cv_x100: 10_000 }),
      personOf("G", { sponsor_id: "P", pv_x100: 40_000, cv_x100: 40_000 }),
    ];
    const { lines } = closePeriod(planOf({ components: [stairs] }), people, occasion());
    expect(lines).toMatchObject([
      { distributor_id: "P", amount_minor: 3500 - 2000, rate_ppm: 70_000 },
      { distributor_id: "G", amount_minor: 2000, rate_ppm: 50_000 },
    ]);
  });
});

test("only binary and stair-step pay at close", () => {
  expect(paysAtClose(planOf({ components: [unilevelOf()] }))).toBe(false);
  expect(paysAtClose(planOf({ components: [unilevelOf(), BINARY] }))).toBe(true);
});

test("everybody is wanted a line of, of nothing where nothing was earned", () => {
  const people = legs(20_000, 20_000);
  const { lines } = closePeriod(pairs(), people, occasion());
  const wanted = wantedLines(pairs(), people, { lines, occasion: occasion() });
  const amounts = wanted.map(({ distributor_id, amount_minor }) => [distributor_id, amount_minor]);
  expect(amounts).toEqual([
    ["A", 2000],
    ["L", 0],
    ["R", 0],
  ]);
  const [line] = lines;
  expect(line && emptied(line, { period: JULY, ver: 4 })).toMatchObject({
    line_id: line?.line_id,
    amount_minor: 0,
    ver: 4,
  });
});

test("the close passes its contract, totals below zero too", () => {
  const counted = { ...NO_LINES, lines: 2, totals: { USD: "1600", EUR: "-5" } };
  const event = periodClosed(JULY, { run_id: "close:main:2026-07", counted, digest: "ab" });
  const { id, type, version, key, epoch, rev, data } = event;
  const envelope = {
    id,
    type,
    version,
    key,
    epoch,
    rev,
    data,
    occurred_at: "2026-08-01T00:00:00Z",
  };
  const read = readEnvelope(envelope, { tenant: "t", source: RUN_SOURCE });
  expect(read).toMatchObject({ ok: true, value: event });
  expect(data["totals"]).toEqual({ USD: 1600, EUR: -5 });
});
