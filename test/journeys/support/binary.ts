import type { Plan } from "#src/core/plans/plan.ts";
import { enrolled, paid } from "../../support/naive/told.ts";
import type { Worked } from "../../support/naive/worked.ts";

/** Pays each period what its legs have in common. */
const PLAN: Plan = {
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 0,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: [],
  components: [],
};

export const W7_PERIODS = ["2026-06", "2026-07"] as const;

type After = "carry_forward" | "flush";

const sale = (month: string, leg: "L" | "R", points: number) =>
  paid(
    `P${month}${leg}${points}`,
    {
      order_id: `O${month}${leg}${points}`,
      currency: "USD",
      net_minor: points,
      amount_minor: points,
      cv_x100: points,
      pv_x100: points,
      source_node: leg,
      order_kind: "store",
    },
    { occurred_at: `${month}-10T12:00:00.000Z` },
  );

const placed = (leg: "L" | "R") => enrolled(leg, { sponsor_id: "Top", placement_id: "Top", leg });

/**
 * W7 of DOMAIN §5, one period after the other: its five events, which come in 120 orders, and what
 * Top has in all once it is closed.
 */
export function w7(after: After, [first, second]: readonly [number, number]): [Worked, Worked] {
  const worked = {
    name: "W7 binary",
    mode: "gateway_final",
    plan: { ...PLAN, components: [{ kind: "binary", code: "pair", pair_ppm: 100_000, after }] },
  } as const;
  const [june, july] = W7_PERIODS;
  const people = [enrolled("Top"), placed("L"), placed("R")];
  return [
    {
      ...worked,
      events: [...people, sale(june, "L", 20_000), sale(june, "R", 50_000)],
      balances: balances(70_000, first),
      lines: [],
    },
    {
      ...worked,
      events: [
        ...[10_000, 12_000, 18_000].map((points) => sale(july, "L", points)),
        ...[4000, 6000].map((points) => sale(july, "R", points)),
      ],
      balances: balances(120_000, first + second),
      lines: [],
    },
  ];
}

const balances = (sold: number, commission: number) => ({
  USD: {
    "cash:psp": sold,
    "rev:product": -sold,
    "exp:commission": commission,
    "dist:Top:available": -commission,
  },
});
