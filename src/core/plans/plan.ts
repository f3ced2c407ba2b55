import type { Violation } from "../contracts/event.ts";
import { ok, refuse, type Result } from "../result.ts";
import type { Rounding } from "./rounding.ts";
import { brokenRules } from "./rules.ts";
import { readShape } from "./schema.ts";

/**
 * A compensation plan, one version of it (DOMAIN §4.1). Money is minor units of `currency`, points
 * are hundredths where the name ends in `_x100`, shares are parts per million.
 */
export interface Plan {
  readonly plan_id: string;
  readonly version: number;
  /** RFC 3339 date-time, or a date, which means its midnight UTC. */
  readonly effective_from: string;
  readonly currency: string;
  readonly rounding: Rounding;
  readonly holdback_days: number;
  readonly period: PeriodRule;
  readonly volume: VolumeRule;
  readonly eligibility: { readonly statuses: readonly string[]; readonly min_pv_x100: number };
  /** From the lowest to the highest. A person without a rank is paid as the first. */
  readonly ranks: readonly RankRule[];
  readonly components: readonly Component[];
  readonly caps?: Caps;
  /** How far below zero `available` may fall before somebody is told. */
  readonly clawback?: { readonly limit_minor: number };
  readonly payout?: PayoutRule;
}

export interface PeriodRule {
  readonly unit: "week" | "semi_month" | "month";
  /** IANA name of the time zone in which days begin. */
  readonly tz: string;
}

export interface VolumeRule {
  /** What one point is worth: 1 000 000 is one major unit of the plan's currency. */
  readonly cv_to_money_ppm: number;
  /** Order kinds whose volume pays nobody. */
  readonly exclude_kinds?: readonly string[];
  readonly refund_volume?: "current" | "original";
}

/** What a person needs for a rank; all of it (DOMAIN §4.6). */
export interface RankRule {
  readonly code: string;
  readonly min_pv_x100?: number;
  readonly min_gv_x100?: number;
  /** The most one leg may count for, as a share of `min_gv_x100`. */
  readonly max_leg_ppm?: number;
  /** So many legs with somebody of that rank or a higher one, however deep. */
  readonly legs_with_rank?: { readonly rank: string; readonly count: number };
  /** For how many periods in a row the rank is kept although it is missed. */
  readonly grace_periods?: number;
}

export type Compression = "none" | "skip_inactive" | "skip_below_rank" | "pay_to_qualified";
/** Rank → rate at level 1, 2, …; what is missing or 0 is not paid. */
export type Rates = Readonly<Record<string, readonly number[]>>;

/** Who is met on the way up, and what counts as a level. */
export interface Levels {
  readonly code: string;
  readonly tree: "sponsor" | "placement";
  readonly max_level: number;
  readonly compression: Compression;
  readonly compress_min_rank?: string;
}

export interface LevelWalk extends Levels {
  /** Share of the CV that is paid on; 1 000 000 is all of it. */
  readonly pool_ppm: number;
  readonly rates_ppm: Rates;
  /** The volume of somebody who is not eligible pays nobody. */
  readonly source_must_qualify?: boolean;
  /** The walk ends with the first person of at least this rank, the source included: breakaway. */
  readonly boundary_rank?: string;
}

export type Unilevel = { readonly kind: "unilevel" } & LevelWalk;
/** Width bounds the tree, height the levels that are paid (DOMAIN §4.4). */
export type Matrix = {
  readonly kind: "matrix";
  readonly width: number;
  readonly height: number;
} & LevelWalk;

/** Pays at period close on the weaker leg (DOMAIN §4.3). */
export interface Binary {
  readonly kind: "binary";
  readonly code: string;
  readonly pair_ppm: number;
  readonly after: "carry_forward" | "net_off" | "flush";
  readonly unit_x100?: number;
  readonly cap_minor?: number;
  readonly carry_cap_x100?: number;
}

/** Pays at period close the difference between own and legs' brackets (DOMAIN §4.5). */
export interface Stairstep {
  readonly kind: "stairstep";
  readonly code: string;
  readonly brackets: readonly Bracket[];
}

export interface Bracket {
  /** Group PV from which the rate holds, in whole points. */
  readonly min_pv: number;
  readonly rate_ppm: number;
}

/**
 * The override on groups that broke away. A group is led by the first person of at least
 * `boundary_rank` from the source up; the leaders above that one are generations 1, 2, …
 */
export interface Generation {
  readonly kind: "generation";
  readonly code: string;
  readonly tree: "sponsor" | "placement";
  readonly pool_ppm: number;
  readonly boundary_rank: string;
  readonly max_generation: number;
  readonly rates_ppm: Rates;
  /** Each is paid only what its rate exceeds the highest below it, the group's leader included. */
  readonly differential?: boolean;
}

/** Fixed sums by package and level; the package is the sale's, else its order kind. */
export type Flat = {
  readonly kind: "flat";
  readonly amounts_minor: Readonly<Record<string, readonly number[]>>;
} & Levels;

export type Component = Unilevel | Matrix | Binary | Stairstep | Generation | Flat;

/** Applied at period close (DOMAIN §4.7), see `caps.ts` for the modes. */
export interface Caps {
  readonly per_distributor_minor?: number;
  readonly company_ppm_of_cv_value?: number;
  readonly mode: "pro_rata" | "priority" | "hard_stop";
}

export interface PayoutRule {
  readonly minimum_minor: number;
  readonly fee_minor?: number;
  readonly withholding_ppm?: number;
}

/** Under which name and version a plan is kept. */
export interface PlanName {
  readonly plan_id: string;
  /** Taken where the plan itself names none. */
  readonly version: number;
}

/**
 * A plan as it was sent or stored, or everything that is wrong with it: first its shape, and where
 * that holds, what its parts say of each other. Members that a plan does not have are refused.
 */
export function parsePlan(json: unknown, name: PlanName): Result<Plan, readonly Violation[]> {
  const shape = readShape(json);
  if (!shape.ok) return shape;
  const plan: Plan = { plan_id: name.plan_id, version: name.version, ...shape.value };
  const broken = [...misnamed(plan, name), ...brokenRules(plan)];
  return broken.length === 0 ? ok(plan) : refuse(broken);
}

const misnamed = (plan: Plan, { plan_id }: PlanName): readonly Violation[] =>
  plan.plan_id === plan_id
    ? []
    : [{ path: "plan_id", rule: "mismatch", message: "Must be the plan that is addressed" }];
