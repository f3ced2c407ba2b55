import fc from "fast-check";
import type { Ancestor, Lineage } from "#src/core/genealogy/lineage.ts";
import type { Component, Plan, Unilevel } from "#src/core/plans/plan.ts";
import type { Sale } from "#src/core/plans/sale.ts";

/** A plan of one US dollar a point that pays the active, with whatever is given. */
export const planOf = (parts: Partial<Plan> = {}): Plan => ({
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 14,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: ["Member", "Silver", "Gold", "Platinum", "Diamond"].map((code) => ({ code })),
  components: [],
  ...parts,
});

export const unilevelOf = (parts: Partial<Unilevel> = {}): Unilevel => ({
  kind: "unilevel",
  code: "level",
  tree: "sponsor",
  max_level: 5,
  pool_ppm: 1_000_000,
  rates_ppm: { Member: [50_000] },
  compression: "none",
  ...parts,
});

/** An active person; `id` alone, or `id(Rank)`, with whatever is given. */
export function personOf(name: string, parts: Partial<Ancestor> = {}): Ancestor {
  const [, id = name, rank = null] = /^(\w+)\((\w+)\)$/.exec(name) ?? [];
  return { id, depth: 0, leg: null, status: "active", rank, pv_x100: null, ...parts };
}

/** The source and its upline, nearest first; depths are counted here. */
export function lineageOf(
  source: string | Ancestor,
  ...upline: readonly (string | Ancestor)[]
): Lineage {
  const [first, ...others] = [source, ...upline].map((given, depth) => ({
    ...(typeof given === "string" ? personOf(given) : given),
    depth,
  }));
  if (first === undefined) throw new Error("A lineage has a source");
  return { node: first.id, at_ms: 0, tree: "sponsor", source: first, upline: others };
}

/** The same way up in both trees. */
export const bothTrees = (lineage: Lineage) => ({
  sponsor: lineage,
  placement: { ...lineage, tree: "placement" as const },
});

export const customer = (id: string): Ancestor => personOf(id, { status: null });

export const saleOf = (cv_x100: number, parts: Partial<Sale> = {}): Sale => ({
  cv_x100,
  pv_x100: cv_x100,
  order_kind: "store",
  ...parts,
});

export const planWith = (component: Component, parts: Partial<Plan> = {}): Plan =>
  planOf({ ...parts, components: [component] });

const RANKS = ["Member", "Silver", "Gold", "Platinum", "Diamond"] as const;

/** Anybody who may stand in an upline: active or not, of a rank, of none, or of an unknown one. */
export const anyPerson: fc.Arbitrary<Omit<Ancestor, "id" | "depth">> = fc.record({
  leg: fc.constant(null),
  status: fc.constantFrom("active", "active", "active", "grace", "suspended", "terminated", null),
  rank: fc.constantFrom(...RANKS, null, "Legend"),
  pv_x100: fc.constantFrom(null, 0, 9_999, 10_000, 50_000),
});

export const anyLineage: fc.Arbitrary<Lineage> = fc
  .array(anyPerson, { minLength: 1, maxLength: 14 })
  .map((people) => {
    const [source = personOf("p0"), ...upline] = people.map((person, index) => ({
      ...person,
      id: `p${index}`,
      depth: index,
    }));
    return lineageOf(source, ...upline);
  });

const anyRate = fc.constantFrom(0, 0, 1, 12_345, 20_000, 50_000);

export const anyRates = (levels: number) =>
  fc
    .dictionary(fc.constantFrom(...RANKS), fc.array(anyRate, { maxLength: levels }), {
      noNullPrototype: true,
    })
    .map((rates): Record<string, number[]> => rates);

export const anyRank = fc.constantFrom(...RANKS);
