import fc from "fast-check";
import type { Component, Plan } from "#src/core/plans/plan.ts";
import { type Of, pick, rarely, some } from "./pick.ts";

export const STATUSES = ["active", "grace", "suspended", "terminated"] as const;
/** With 2, 0, 3 and 4 digits after the point. */
export const CURRENCIES = ["USD", "JPY", "KWD", "CLF"] as const;

const rate = fc.oneof(
  { arbitrary: fc.constant(0), weight: 1 },
  { arbitrary: fc.integer({ min: 1, max: 120_000 }), weight: 3 },
);

const component = fc.record({
  kind: fc.constantFrom("unilevel", "matrix"),
  tree: fc.constantFrom("sponsor", "placement"),
  max_level: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 6 }),
  pool_ppm: fc.constantFrom(1_000_000, 400_000, 333_333),
  rates: fc.array(fc.array(rate, { maxLength: 6 }), { minLength: 4, maxLength: 4 }),
  compression: fc.constantFrom("none", "skip_inactive", "skip_below_rank", "pay_to_qualified"),
  minRank: some,
  sourceMustQualify: rarely(4),
});

/** What a sale can be, besides its kind, for plans that pay fixed sums. */
export const PACKAGES = ["gold", "silver"] as const;

const sums = fc.array(fc.constantFrom(0, 1, 500, 12_345), { maxLength: 4 });

const flat = fc.record({
  tree: fc.constantFrom("sponsor", "placement"),
  max_level: fc.integer({ min: 1, max: 4 }),
  gold: sums,
  silver: sums,
  store: sums,
  compression: fc.constantFrom("none", "skip_inactive", "pay_to_qualified"),
});

const version = fc.record({
  components: fc.array(component, { minLength: 1, maxLength: 3 }),
  flat: fc.option(flat),
  currency: fc.constantFrom(...CURRENCIES),
  rounding: fc.constantFrom("half_even", "half_up", "down"),
  factor: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1, max: 150_000_000 })),
  excludesKits: fc.boolean(),
  refundVolume: fc.constantFrom("current", "original", undefined),
  statuses: fc.constantFrom(["active"], ["active", "grace"]),
  minPv: fc.constantFrom(0, 0, 5000),
  holdback: fc.integer({ min: 1, max: 60 }),
});

/** One plan, in one or two versions, of one or more ranks. */
export const planDraft = fc.record({
  ranks: fc.integer({ min: 1, max: 4 }),
  first: version,
  second: fc.option(version),
  isLate: rarely(5),
  paysAtOnce: fc.boolean(),
  tz: fc.constantFrom("UTC", "America/New_York", "Asia/Tokyo"),
});

/** What of the company bounds its plan. */
export interface Bounds {
  /** The most children a node ever has. */
  readonly width: number;
  readonly hasCustomers: boolean;
  /** Somebody is never enrolled: which sales wait for that is plain only if all look at one tree. */
  readonly isIncomplete: boolean;
}

export const rankCodes = ({ ranks }: Of<typeof planDraft>): readonly string[] =>
  ["R0", "R1", "R2", "R3"].slice(0, ranks);

export function plansOf(draft: Of<typeof planDraft>, bounds: Bounds): Plan[] {
  const isLate = draft.isLate && !bounds.isIncomplete;
  const first = planOf(draft, draft.first, bounds);
  const plans = [{ ...first, effective_from: isLate ? "2026-04-15" : "2026-01-01" }];
  if (draft.second === null) return plans;
  const second = planOf(draft, draft.second, bounds);
  return [...plans, { ...second, version: 2, effective_from: "2026-05-28T00:00:00.000Z" }];
}

function planOf(draft: Of<typeof planDraft>, given: Of<typeof version>, bounds: Bounds): Plan {
  const { refundVolume, excludesKits } = given;
  return {
    plan_id: "main",
    version: 1,
    effective_from: "2026-01-01",
    currency: given.currency,
    rounding: given.rounding,
    holdback_days: draft.paysAtOnce ? 0 : given.holdback,
    period: { unit: "month", tz: draft.tz },
    volume: {
      cv_to_money_ppm: given.factor,
      ...(excludesKits && !bounds.isIncomplete && { exclude_kinds: ["enrollment_kit"] }),
      ...(refundVolume !== undefined && { refund_volume: refundVolume }),
    },
    eligibility: { statuses: given.statuses, min_pv_x100: given.minPv },
    ranks: rankCodes(draft).map((code) => ({ code })),
    components: [
      ...given.components.map((each, i) => componentOf(draft, { ...each, nth: i }, bounds)),
      ...(given.flat === null ? [] : [flatOf(given.flat)]),
    ],
  };
}

function componentOf(
  draft: Of<typeof planDraft>,
  given: Of<typeof component> & { readonly nth: number },
  bounds: Bounds,
): Component {
  const codes = rankCodes(draft);
  const levels = {
    code: `c${given.nth}`,
    tree: given.tree,
    max_level: given.max_level,
    pool_ppm: given.pool_ppm,
    rates_ppm: Object.fromEntries(
      codes.map((code, i) => [code, pick(given.rates, i).slice(0, given.max_level)]),
    ),
    compression: given.compression,
    ...(given.compression === "skip_below_rank" && {
      compress_min_rank: pick(codes, given.minRank),
    }),
    // Whether a customer qualifies, who has no status, is nobody's to say.
    ...(given.sourceMustQualify && !bounds.hasCustomers && { source_must_qualify: true }),
  };
  if (given.kind === "unilevel") return { kind: "unilevel", ...levels };
  return { kind: "matrix", width: Math.max(2, bounds.width), height: given.height, ...levels };
}

function flatOf({ gold, silver, store, ...levels }: Of<typeof flat>): Component {
  const upTo = (amounts: readonly number[]) => amounts.slice(0, levels.max_level);
  const amounts_minor = { gold: upTo(gold), silver: upTo(silver), store: upTo(store) };
  return { kind: "flat", code: "flat", ...levels, amounts_minor };
}
