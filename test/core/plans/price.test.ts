import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ancestor, Lineage } from "#src/core/genealogy/lineage.ts";
import type { Component, Flat, Generation, Matrix, Plan, Unilevel } from "#src/core/plans/plan.ts";
import { priceSale } from "#src/core/plans/price.ts";
import { payOn, type Priced, type Sale } from "#src/core/plans/sale.ts";
import { runs } from "../../support/runs.ts";
import { naiveWalk } from "./naive-walk.ts";
import {
  anyLineage,
  anyRank,
  anyRates,
  bothTrees,
  customer,
  lineageOf,
  personOf,
  planOf,
  planWith,
  saleOf,
  unilevelOf,
} from "./samples.ts";

const price = (plan: Plan, sale: Sale, lineage: Lineage) =>
  priceSale(plan, sale, bothTrees(lineage));

/** `B1 400` for each line; `B1/3` where the depth is not the level. */
const told = ({ lines }: Priced) =>
  lines.map(({ distributor_id: id, level, depth, amount_minor }) =>
    depth === level ? `${id}${level} ${amount_minor}` : `${id}${level}/${depth} ${amount_minor}`,
  );

const lost = ({ breakage }: Priced) => breakage.map(({ level, reason }) => `${level} ${reason}`);

describe("priceSale() on W1", () => {
  const five = (levels: number) => Array.from({ length: levels }, () => 50_000);
  const plan = planWith(
    unilevelOf({
      pool_ppm: 400_000,
      rates_ppm: { Member: five(1), Silver: five(2), Gold: five(3), Diamond: five(5) },
    }),
  );
  const chain = lineageOf(customer("C"), "B(Member)", "A(Silver)", "S(Gold)", "TL(Diamond)");

  test("brings four lines of 4.00", () => {
    expect(price(plan, saleOf(20_000), chain)).toEqual({
      lines: ["B", "A", "S", "TL"].map((distributor_id, index) => ({
        component: "level",
        level: index + 1,
        depth: index + 1,
        distributor_id,
        rate_ppm: 50_000,
        amount_minor: 400,
        currency: "USD",
      })),
      breakage: [],
    });
  });

  test("pays nobody on an order without volume, or of a kind that has none", () => {
    const without = planOf({
      ...plan,
      volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["enrollment_kit"] },
    });
    const nothing = { lines: [], breakage: [] };
    expect(price(plan, saleOf(0), chain)).toEqual(nothing);
    const kit = saleOf(20_000, { order_kind: "enrollment_kit" });
    expect(price(without, kit, chain)).toEqual(nothing);
    expect(price(without, saleOf(20_000), chain).lines).toHaveLength(4);
  });

  test("pays in the plan's currency: W11's 3.68 EUR", () => {
    const euros = planOf({
      currency: "EUR",
      volume: { cv_to_money_ppm: 920_000 },
      components: [unilevelOf({ max_level: 1 })],
    });
    const [line] = price(euros, saleOf(8_000), lineageOf(customer("C"), "U")).lines;
    expect(line).toMatchObject({ distributor_id: "U", amount_minor: 368, currency: "EUR" });
  });

  test("throws at a volume that no amount can hold", () => {
    const rich = planWith(unilevelOf({ rates_ppm: { Member: [1_000_000] } }), { currency: "KWD" });
    const sale = saleOf(Number.MAX_SAFE_INTEGER);
    expect(() => price(rich, sale, lineageOf("x", "A"))).toThrow("beyond 2^53");
  });
});

describe("priceSale() on W6", () => {
  const table = [20_000, 30_000, 50_000, 50_000, 60_000, 60_000, 70_000];
  const codes = ["WA", "MA", "DI", "EX", "EL", "PR", "SI"];
  const rates_ppm = Object.fromEntries(
    codes.map((code, index) => [code, table.slice(0, index + 1)]),
  );
  const plan = (compression: Unilevel["compression"]) =>
    planWith(unilevelOf({ max_level: 7, rates_ppm, compression }), {
      ranks: codes.map((code) => ({ code })),
    });
  const chain = (exStatus: string) =>
    lineageOf(
      customer("buyer"),
      "Co(WA)",
      "Ma(MA)",
      "Di(DI)",
      personOf("Ex(EX)", { status: exStatus }),
      "El(EL)",
      "Pr(PR)",
      "S1(SI)",
      "S2(SI)",
    );

  test.each<{ mode: Unilevel["compression"]; ex: string; pays: string[]; breaks: string[] }>([
    {
      mode: "none",
      ex: "active",
      pays: ["Co1 200", "Ma2 300", "Di3 500", "Ex4 500", "El5 600", "Pr6 600", "S17 700"],
      breaks: [],
    },
    {
      mode: "pay_to_qualified",
      ex: "suspended",
      pays: ["Co1 200", "Ma2 300", "Di3 500", "El4/5 500", "Pr5/6 600", "S16/7 600", "S27/8 700"],
      breaks: [],
    },
    {
      mode: "skip_inactive",
      ex: "suspended",
      pays: ["Co1 200", "Ma2 300", "Di3 500", "El4/5 500", "Pr5/6 600", "S16/7 600", "S27/8 700"],
      breaks: [],
    },
    {
      mode: "none",
      ex: "suspended",
      pays: ["Co1 200", "Ma2 300", "Di3 500", "El5 600", "Pr6 600", "S17 700"],
      breaks: ["4 not_eligible"],
    },
  ])("pays $pays with $mode while Ex is $ex", ({ mode, ex, pays, breaks }) => {
    const priced = price(plan(mode), saleOf(10_000), chain(ex));
    expect(told(priced)).toEqual(pays);
    expect(lost(priced)).toEqual(breaks);
  });
});

describe("priceSale() on W8", () => {
  test("pays the placement's upline, whoever recruited", () => {
    const matrix: Matrix = {
      ...unilevelOf({
        tree: "placement",
        pool_ppm: 400_000,
        rates_ppm: { Member: [50_000, 50_000] },
      }),
      kind: "matrix",
      width: 3,
      height: 3,
    };
    const sponsor = lineageOf("D", "Root");
    const placement = lineageOf("D", "A", "Root");
    const priced = priceSale(planWith(matrix), saleOf(10_000), { sponsor, placement });
    expect(told(priced)).toEqual(["A1 200", "Root2 200"]);
  });

  test.each([
    { height: 1, pays: ["A1 100"] },
    { height: 2, pays: ["A1 100", "B2 100"] },
    { height: 9, pays: ["A1 100", "B2 100", "C3 100"] },
  ])("pays no deeper than height $height and max_level 3", ({ height, pays }) => {
    const rates_ppm = { Member: [10_000, 10_000, 10_000] };
    const levels = unilevelOf({ max_level: 3, rates_ppm });
    const matrix: Matrix = { ...levels, kind: "matrix", width: 2, height };
    const chain = lineageOf("x", "A", "B", "C", "D");
    expect(told(price(planWith(matrix), saleOf(10_000), chain))).toEqual(pays);
  });
});

const OVERRIDE: Generation = {
  kind: "generation",
  code: "override",
  tree: "sponsor",
  pool_ppm: 400_000,
  boundary_rank: "Gold",
  max_generation: 1,
  rates_ppm: { Gold: [50_000], Platinum: [70_000], Diamond: [90_000] },
  differential: true,
};

describe("priceSale() on W9", () => {
  const group = unilevelOf({
    code: "group",
    max_level: 3,
    pool_ppm: 400_000,
    boundary_rank: "Gold",
    rates_ppm: {
      Member: [50_000],
      Silver: [50_000, 50_000],
      Gold: [50_000, 50_000, 50_000],
      Platinum: [50_000, 50_000, 50_000],
    },
  });
  const plan = planOf({ components: [group, OVERRIDE] });
  const above = ["Gina(Gold)", "Pat(Platinum)", "Dan(Diamond)"] as const;
  const carol = lineageOf(customer("Carol"), "Mike(Member)", "Sam(Silver)", ...above);
  const beth = lineageOf("Beth(Member)", ...above);

  test("pays the group inside its boundary and the override above it", () => {
    const carols = price(plan, saleOf(30_000), carol);
    const beths = price(plan, saleOf(20_000), beth);
    expect(told(carols)).toEqual(["Mike1 600", "Sam2 600", "Gina3 600", "Pat1/4 240"]);
    expect(told(beths)).toEqual(["Gina1 400", "Pat1/2 160"]);
    const totals = Object.groupBy([...carols.lines, ...beths.lines], (line) => line.distributor_id);
    const sums = Object.entries(totals).map(([id, lines = []]) => [
      id,
      lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
    ]);
    expect(Object.fromEntries(sums)).toEqual({ Mike: 600, Sam: 600, Gina: 1000, Pat: 400 });
  });

  test("treats what the leader buys as volume of the leader's own group", () => {
    const gina = lineageOf("Gina(Gold)", "Pat(Platinum)", "Dan(Diamond)");
    expect(told(price(plan, saleOf(10_000), gina))).toEqual(["Pat1 80"]);
  });
});

describe("priceSale() by generations", () => {
  const pay = (parts: Partial<Generation>, ...upline: (string | Ancestor)[]) => {
    const component = { ...OVERRIDE, pool_ppm: 1_000_000, max_generation: 3, ...parts };
    const priced = price(planWith(component), saleOf(10_000), lineageOf(customer("x"), ...upline));
    return [...told(priced), ...lost(priced)];
  };
  const flatRates = {
    differential: false,
    rates_ppm: { Gold: [30_000, 20_000, 10_000], Diamond: [40_000] },
  };
  const idle = (name: string) => personOf(name, { status: "suspended" });

  test.each([
    { name: "nobody without a leader", is: pay({}, "A", "B(Silver)") },
    { name: "nobody above the only leader", is: pay({}, "A(Gold)", "B(Silver)") },
    {
      name: "leaders alone, the first being the group's own",
      is: pay(flatRates, "A", "L(Gold)", "B", "M(Gold)", "N(Gold)", "C"),
      pays: ["M1/4 300", "N2/5 200"],
    },
    {
      name: "no further than the last generation",
      is: pay({ ...flatRates, max_generation: 1 }, "L(Gold)", "M(Gold)", "N(Gold)"),
      pays: ["M1/2 300"],
    },
    {
      name: "nobody for a leader who is not eligible, and counts the generation",
      is: pay(flatRates, "L(Gold)", idle("M(Gold)"), "N(Gold)"),
      pays: ["N2/3 200", "1 not_eligible"],
    },
    {
      name: "nobody at a generation without a rate",
      is: pay(flatRates, "L(Gold)", "M(Platinum)", "N(Diamond)", "O(Gold)"),
      pays: ["O3/4 100", "1 no_rate", "2 no_rate"],
    },
    {
      name: "each difference to the highest rate below",
      is: pay(
        { rates_ppm: { Gold: [50_000], Platinum: [70_000, 70_000], Diamond: [0, 0, 90_000] } },
        "L(Gold)",
        "M(Platinum)",
        "N(Platinum)",
        "O(Diamond)",
      ),
      pays: ["M1/2 200", "O3/4 200"],
    },
    {
      name: "nobody what a lower leader between has not used up again",
      is: pay(
        { rates_ppm: { Gold: [50_000], Platinum: [0, 70_000, 80_000], Diamond: [90_000] } },
        "L(Gold)",
        "M(Diamond)",
        "N(Platinum)",
        "O(Platinum)",
      ),
      pays: ["M1/2 400"],
    },
    {
      name: "nobody the difference that somebody not eligible could not take",
      is: pay(
        { rates_ppm: { Gold: [50_000], Platinum: [70_000, 70_000] } },
        "L(Gold)",
        idle("M(Platinum)"),
        "N(Platinum)",
      ),
      pays: ["1 not_eligible"],
    },
  ])("pays $name", ({ is, pays = [] }) => {
    expect(is).toEqual(pays);
  });

  test("pays nobody on an order without volume", () => {
    const chain = lineageOf(customer("x"), "L(Gold)", "M(Diamond)");
    expect(price(planWith(OVERRIDE), saleOf(0), chain).lines).toEqual([]);
  });
});

const FLAT: Flat = {
  kind: "flat",
  code: "package",
  tree: "sponsor",
  max_level: 3,
  compression: "none",
  amounts_minor: { premium: [5000, 0, 1000], enrollment_kit: [700] },
};

describe("priceSale() by flat sums", () => {
  const pay = (parts: Partial<Flat>, sale: Sale, ...upline: (string | Ancestor)[]) => {
    const plan = planWith(
      { ...FLAT, ...parts },
      {
        volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["enrollment_kit"] },
      },
    );
    const priced = price(plan, sale, lineageOf(customer("x"), ...upline));
    return [...told(priced), ...lost(priced)];
  };
  const premium = saleOf(0, { package: "premium", order_kind: "enrollment_kit" });
  const idle = (name: string) => personOf(name, { status: "suspended" });

  test.each([
    {
      name: "by the sale's package, whatever its volume",
      is: pay({}, premium, "A", "B", "C", "D"),
      pays: ["A1 5000", "C3 1000"],
    },
    {
      name: "by the order kind where it has none, though its volume is excluded",
      is: pay({}, saleOf(0, { order_kind: "enrollment_kit" }), "A", "B"),
      pays: ["A1 700"],
    },
    { name: "nothing for a package without sums", is: pay({}, saleOf(100), "A"), pays: [] },
    {
      name: "nothing for a name of JavaScript",
      is: pay({}, saleOf(1, { package: "toString" }), "A"),
      pays: [],
    },
    {
      name: "nothing to who is not eligible",
      is: pay({}, premium, idle("A"), idle("B"), "C"),
      pays: ["C3 1000", "1 not_eligible"],
    },
    {
      name: "the next one who is",
      is: pay({ compression: "skip_inactive" }, premium, idle("A"), "B", "C", "D"),
      pays: ["B1/2 5000", "D3/4 1000"],
    },
    {
      name: "past a level without a sum, which is passed by and not up",
      is: pay({ compression: "pay_to_qualified" }, premium, idle("A"), "B", "C", "D"),
      pays: ["B1/2 5000", "D3/4 1000"],
    },
    {
      name: "the next one of that rank",
      is: pay(
        { compression: "skip_below_rank", compress_min_rank: "Gold" },
        premium,
        "A(Silver)",
        "B(Gold)",
        "C",
      ),
      pays: ["B1/2 5000"],
    },
  ])("pays $name", ({ is, pays }) => {
    expect(is).toEqual(pays);
  });

  test("names no rate", () => {
    const [line] = price(planWith(FLAT), premium, lineageOf("x", "A")).lines;
    expect(line).toMatchObject({ rate_ppm: null, amount_minor: 5000, currency: "USD" });
  });
});

describe("priceSale() on the rest of a plan", () => {
  test("prices components in the order of the plan, each in its own tree", () => {
    const one = unilevelOf({ code: "one", max_level: 1 });
    const two = unilevelOf({ code: "two", max_level: 1, tree: "placement" });
    const lineages = { sponsor: lineageOf("x", "S"), placement: lineageOf("x", "P") };
    const { lines } = priceSale(planOf({ components: [two, one] }), saleOf(10_000), lineages);
    const paid = lines.map(({ component, distributor_id }) => `${component} ${distributor_id}`);
    expect(paid).toEqual(["two P", "one S"]);
  });

  test("leaves binary and stair-step to the close of the period", () => {
    const later: Component[] = [
      { kind: "binary", code: "pair", pair_ppm: 100_000, after: "flush" },
      { kind: "stairstep", code: "stairs", brackets: [{ min_pv: 0, rate_ppm: 30_000 }] },
    ];
    const priced = price(planOf({ components: later }), saleOf(10_000), lineageOf("x", "A"));
    expect(priced).toEqual({ lines: [], breakage: [] });
  });

  test.each([
    { name: "nobody on the volume of somebody who is not eligible", status: "suspended", lines: 0 },
    { name: "the upline of somebody who is", status: "active", lines: 1 },
  ])("pays $name, where the source must qualify", ({ status, lines }) => {
    const plan = planWith(unilevelOf({ source_must_qualify: true }));
    const chain = lineageOf(personOf("x", { status }), "A");
    expect(price(plan, saleOf(10_000), chain).lines).toHaveLength(lines);
  });

  test("writes no line that rounds to nothing, and no breakage for it", () => {
    const plan = planWith(unilevelOf({ rates_ppm: { Member: [1] } }));
    expect(price(plan, saleOf(100), lineageOf("x", "A"))).toEqual({ lines: [], breakage: [] });
  });
});

describe("priceSale() against DOMAIN §4.2 read aloud", () => {
  const LEVELS = 6;
  const anyPlan = fc.record({
    statuses: fc.constantFrom(["active"], ["active", "grace"]),
    min_pv_x100: fc.constantFrom(0, 10_000),
  });
  const anyLevels = fc.record({
    max_level: fc.integer({ min: 1, max: LEVELS }),
    compression: fc.constantFrom<Unilevel["compression"]>(
      "none",
      "skip_inactive",
      "skip_below_rank",
      "pay_to_qualified",
    ),
    compress_min_rank: anyRank,
  });
  const anyCv = fc.integer({ min: 1, max: 10_000_000 });

  test("finds the same lines and the same breakage", () => {
    const anyHeight = fc.option(fc.integer({ min: 1, max: LEVELS }), { nil: undefined });
    fc.assert(
      fc.property(
        anyPlan,
        anyLevels,
        anyRates(LEVELS),
        anyHeight,
        fc.tuple(anyLineage, anyCv),
        (eligibility, levels, rates_ppm, height, [lineage, cv]) => {
          const unilevel = unilevelOf({ ...levels, rates_ppm, pool_ppm: 400_000 });
          const component: Unilevel | Matrix =
            height === undefined ? unilevel : { ...unilevel, kind: "matrix", width: 3, height };
          const plan = planWith(component, { eligibility });
          const naive = naiveWalk(
            plan,
            component,
            lineage,
            (rank, level) => rates_ppm[rank]?.[level - 1] ?? 0,
          );
          const share = { points_x100: cv, pool_ppm: 400_000 };
          const expected = naive
            .filter(({ kind }) => kind === "line")
            .map(({ id, level, depth, value }) => ({
              component: "level",
              level,
              depth,
              distributor_id: id,
              rate_ppm: value,
              amount_minor: payOn(plan, { ...share, rate_ppm: value }),
              currency: "USD",
            }))
            .filter(({ amount_minor }) => amount_minor > 0);
          const { lines, breakage } = price(plan, saleOf(cv), lineage);
          expect(lines).toEqual(expected);
          const broken = naive.filter(({ kind }) => kind === "breakage");
          expect(breakage.map(({ level }) => level)).toEqual(broken.map(({ level }) => level));
        },
      ),
      { numRuns: runs(1000) },
    );
  });

  test("finds the same flat sums", () => {
    const anyAmounts = fc.array(fc.constantFrom(0, 100, 250), { maxLength: LEVELS });
    fc.assert(
      fc.property(anyLevels, anyAmounts, anyLineage, (levels, amounts, lineage) => {
        const component: Flat = { ...FLAT, ...levels, amounts_minor: { store: amounts } };
        const plan = planWith(component);
        const naive = naiveWalk(plan, component, lineage, (_, level) => amounts[level - 1] ?? 0);
        const expected = naive
          .filter(({ kind }) => kind === "line")
          .map(({ id, level, depth, value }) => ({ id, level, depth, value }));
        const found = price(plan, saleOf(1), lineage).lines.map((line) => ({
          id: line.distributor_id,
          level: line.level,
          depth: line.depth,
          value: line.amount_minor,
        }));
        expect(found).toEqual(expected);
      }),
      { numRuns: runs(300) },
    );
  });
});
