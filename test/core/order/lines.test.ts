import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dispatch, price, recomputed, reverse } from "#src/core/order/lines.ts";
import { type Goods, type OrderState, type OwnLine, readOrder } from "#src/core/order/state.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { runs } from "../../support/runs.ts";
import { around, PLAN, SOLD_MS, type World } from "./support.ts";

const DAY_MS = 86_400_000;

const GOODS: Goods = {
  currency: "USD",
  amount_minor: 27_500,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  cv_x100: 20_000,
  pv_x100: 20_000,
  source_node: "B",
  order_kind: "store",
  package: null,
};
const WANT = { node: "B", at_ms: SOLD_MS };
const SOLD = { orderId: "O1", goods: GOODS, paidMs: SOLD_MS, computation: 1 };

const pricedIn = (world: World, goods: Partial<Goods> = {}) => {
  const pricing = price({ ...SOLD, goods: { ...GOODS, ...goods } }, around(world, [WANT]));
  if (pricing.kind !== "priced") throw new Error(`Not priced: ${pricing.kind}`);
  return pricing;
};

const flat = (code: string): Plan["components"][number] => ({
  kind: "flat",
  code,
  tree: "sponsor",
  max_level: 1,
  compression: "none",
  amounts_minor: { starter: [500], store: [100] },
});

describe("price()", () => {
  test("wants to see who stands above the source at the payment", () => {
    expect(price(SOLD, undefined)).toEqual({ kind: "wants", want: WANT });
    expect(price(SOLD, around({}, []))).toEqual({ kind: "wants", want: WANT });
    const other = around({}, [{ ...WANT, at_ms: SOLD_MS + 1 }]);
    expect(price(SOLD, other)).toEqual({ kind: "wants", want: WANT });
  });

  test("without a plan there are no lines, whoever stands above", () => {
    expect(price(SOLD, around({ plans: [] }, []))).toEqual({
      kind: "priced",
      lines: [],
      periodId: null,
    });
  });

  test.each(["unknown", "cycle"] as const)("tells of a tree that is %s", (kind) => {
    const gap = { kind, node: "X" };
    expect(price(SOLD, around({ upline: gap }, [WANT]))).toEqual({
      kind: "gap",
      gap: { ...gap, tree: "sponsor" },
    });
  });

  describe.each(["unknown", "cycle"] as const)("where the placement tree is %s", (kind) => {
    const gap = { kind, node: "X" };
    const soldBy = (...plans: readonly Plan[]) =>
      price(SOLD, around({ plans, placement: gap }, [WANT]));
    const walks = (parts: Partial<Plan>): Plan => ({ ...PLAN, plan_id: "placed", ...parts });
    const placed = { ...flat("placed"), tree: "placement" } as const;
    const pair = { kind: "binary", code: "pair", pair_ppm: 1, after: "flush" } as const;
    const stair = { kind: "stairstep", code: "stair", brackets: [] } as const;

    test("a sale is paid by plans that walk the sponsors alone", () => {
      expect(soldBy(PLAN, walks({ components: [stair] }))).toEqual(pricedIn({}));
    });

    test("it waits where any plan in force pays along it, and says so", () => {
      const waits = { kind: "gap", gap: { ...gap, tree: "placement" } };
      expect(soldBy(PLAN, walks({ components: [flat("paid"), placed] }))).toEqual(waits);
      expect(soldBy(PLAN, walks({ components: [pair] }))).toEqual(waits);
    });

    test("a plan that is not in force yet has no say", () => {
      const later = walks({ components: [pair], effective_from: "2027-01-01" });
      expect(soldBy(PLAN, later)).toEqual(pricedIn({}));
    });
  });

  test("names a line for its order, component, level and distributor", () => {
    expect(pricedIn({}).lines).toEqual([
      {
        line_id: "O1:level:1:A",
        distributor_id: "A",
        component: "level",
        level: 1,
        depth: 1,
        rate_ppm: 50_000,
        amount_minor: 400,
        reversed_minor: 0,
        currency: "USD",
        rounding: "half_even",
        bucket: "pending",
        period_id: "2026-07",
        available_ms: null,
        ver: 1,
        computation: 1,
      },
      expect.objectContaining({ line_id: "O1:level:2:S", level: 2, depth: 2 }),
    ]);
  });

  test.each<{ name: string; world: World; bucket: string; available_ms: number | null }>([
    { name: "in mirror mode", world: {}, bucket: "pending", available_ms: null },
    {
      name: "as final, with a holdback",
      world: { mode: "gateway_final" },
      bucket: "held",
      available_ms: SOLD_MS + 14 * DAY_MS,
    },
    {
      name: "as final, without one",
      world: { mode: "gateway_final", plans: [{ ...PLAN, holdback_days: 0 }] },
      bucket: "available",
      available_ms: null,
    },
  ])("$name a line is $bucket", ({ world, bucket, available_ms }) => {
    expect(pricedIn(world).lines[0]).toMatchObject({ bucket, available_ms });
  });

  test.each([
    { closed: [], period: "2026-07" },
    { closed: ["2026-06"], period: "2026-07" },
    { closed: ["2026-07"], period: "2026-08" },
    { closed: ["2026-08", "2026-07"], period: "2026-09" },
  ])("with $closed closed it counts in $period", ({ closed, period }) => {
    const { lines, periodId } = pricedIn({ closed });
    expect([periodId, ...lines.map(({ period_id }) => period_id)]).toEqual([
      period,
      period,
      period,
    ]);
  });

  test("every plan in force pays, the first of them counts the volume", () => {
    const second: Plan = {
      ...PLAN,
      plan_id: "other",
      currency: "EUR",
      rounding: "down",
      period: { unit: "week", tz: "UTC" },
      components: [flat("pack")],
    };
    const { lines, terms, periodId } = pricedIn({ plans: [second, PLAN] });
    expect(lines.map(({ line_id, currency }) => [line_id, currency])).toEqual([
      ["O1:level:1:A", "USD"],
      ["O1:level:2:S", "USD"],
      ["O1:pack:1:A", "EUR"],
    ]);
    expect(periodId).toBe("2026-07");
    expect(terms).toEqual({
      period: PLAN.period,
      refund_volume: "current",
      rounding: "half_even",
      path: ["A", "S"],
    });
  });

  test("a package is looked up by its name", () => {
    const plans = [{ ...PLAN, components: [flat("pack")] }];
    expect(pricedIn({ plans }).lines[0]).toMatchObject({ amount_minor: 100, rate_ppm: null });
    expect(pricedIn({ plans }, { package: "starter" }).lines[0]?.amount_minor).toBe(500);
  });

  test("goods of an excluded kind pay nobody and count nowhere", () => {
    const plans = [{ ...PLAN, volume: { ...PLAN.volume, exclude_kinds: ["store"] } }];
    expect(pricedIn({ plans })).toEqual({ kind: "priced", lines: [], periodId: "2026-07" });
  });
});

const line = (given: Partial<OwnLine> = {}): OwnLine => ({
  line_id: "O1:level:1:A",
  distributor_id: "A",
  component: "level",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  rounding: "half_even",
  bucket: "pending",
  period_id: "2026-07",
  available_ms: null,
  ver: 1,
  computation: 1,
  ...given,
});

const sold = (
  lines: readonly OwnLine[],
  [net_minor = 0, tax_minor = 0, shipping_minor = 0]: readonly number[] = [],
  goods: Partial<Goods> = {},
): OrderState => ({
  ...readOrder(undefined),
  sale: {
    ...GOODS,
    ...goods,
    payment_id: "P1",
    fee_minor: null,
    paid_ms: SOLD_MS,
    period_id: "2026-07",
  },
  lines,
  returned: { net_minor, tax_minor, shipping_minor },
});

describe("reverse()", () => {
  test.each<{
    name: string;
    before?: Partial<OwnLine>;
    returned: number[];
    goods?: Partial<Goods>;
    after: [reversed: number, ver: number];
  }>([
    { name: "nothing", returned: [], after: [0, 1] },
    { name: "the goods' share (W3)", returned: [10_000, 800], after: [160, 2] },
    { name: "all", returned: [25_000], after: [400, 2] },
    { name: "not for tax or shipping", returned: [0, 2000, 500], after: [0, 1] },
    {
      name: "no second time",
      before: { reversed_minor: 160, ver: 2 },
      returned: [10_000],
      after: [160, 2],
    },
    { name: "back again", before: { reversed_minor: 160, ver: 2 }, returned: [], after: [0, 3] },
    { name: "half to even", before: { amount_minor: 1 }, returned: [12_500], after: [0, 1] },
    {
      name: "half up",
      before: { amount_minor: 1, rounding: "half_up" },
      returned: [12_500],
      after: [1, 2],
    },
    {
      name: "goods that cost nothing, by the whole amount",
      returned: [0, 1000, 250],
      goods: { net_minor: 0, amount_minor: 2500 },
      after: [200, 2],
    },
    {
      name: "of a sale worth nothing",
      returned: [],
      goods: { net_minor: 0, amount_minor: 0 },
      after: [0, 1],
    },
  ])("takes back $name", ({ before, returned, goods, after: [reversed_minor, ver] }) => {
    const [changed] = reverse(sold([line(before)], returned, goods));
    expect(changed).toEqual({ ...line(before), reversed_minor, ver });
  });

  test("leaves lines alone before there is a sale", () => {
    const lines = [line()];
    expect(reverse({ ...readOrder(undefined), lines })).toBe(lines);
  });

  test("any series of returns that reaches the whole takes the whole, never more on the way", () => {
    const amount = fc.nat({ max: 1_000_000 });
    const cuts = fc.array(fc.nat({ max: 25_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(amount, cuts, (amount_minor, marks) => {
        let lines: readonly OwnLine[] = [line({ amount_minor })];
        for (const net of [...marks.toSorted((a, b) => a - b), 25_000]) {
          const before = lines[0]?.reversed_minor ?? 0;
          lines = reverse(sold(lines, [net]));
          const now = lines[0]?.reversed_minor ?? 0;
          expect(now >= before && now <= amount_minor).toBe(true);
        }
        expect(lines[0]?.reversed_minor).toBe(amount_minor);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("dispatch()", () => {
  test("tells the order, the instant and what part of the sale went back", () => {
    const told = dispatch("O1", sold([], [10_000, 800]), [line()]);
    expect(told).toEqual([
      { ...line(), order_id: "O1", effective_ms: SOLD_MS, returned: [10_000, 25_000] },
    ]);
    expect(dispatch("O1", readOrder(undefined), [line()])).toEqual([]);
  });
});

describe("recomputed()", () => {
  const again = (given: Partial<OwnLine> = {}) => line({ ...given, computation: 2 });
  const other = { line_id: "O1:level:1:X", distributor_id: "X" };

  test.each<{ name: string; before: OwnLine[]; after: OwnLine[]; lines: OwnLine[] }>([
    { name: "the same is left alone", before: [line()], after: [again()], lines: [line()] },
    {
      name: "another amount is a version later",
      before: [line({ reversed_minor: 7, ver: 4 })],
      after: [again({ amount_minor: 300, rate_ppm: 37_500 })],
      lines: [again({ amount_minor: 300, rate_ppm: 37_500, ver: 5 })],
    },
    {
      name: "another depth is, too",
      before: [line()],
      after: [again({ depth: 2 })],
      lines: [again({ depth: 2, ver: 2 })],
    },
    {
      name: "a new one is added",
      before: [line()],
      after: [again(), again(other)],
      lines: [line(), again(other)],
    },
    {
      name: "one that is gone stays as a line of nothing",
      before: [line({ reversed_minor: 160, ver: 2 })],
      after: [again(other)],
      lines: [line({ amount_minor: 0, reversed_minor: 0, ver: 3, computation: 2 }), again(other)],
    },
    {
      name: "one that was gone and stays gone is left alone",
      before: [line({ amount_minor: 0, ver: 2, computation: 2 })],
      after: [],
      lines: [line({ amount_minor: 0, ver: 2, computation: 2 })],
    },
    {
      name: "one that was gone comes back",
      before: [line({ amount_minor: 0, ver: 2, computation: 2 })],
      after: [line({ computation: 3 })],
      lines: [line({ ver: 3, computation: 3 })],
    },
  ])("$name", ({ before, after, lines }) => {
    expect(recomputed(before, after)).toEqual(lines);
  });
});
