import * as z from "zod";
import { STATUSES } from "../contracts/distributor.ts";
import type { Violation } from "../contracts/event.ts";
import * as f from "../contracts/fields.ts";
import { ORDER_KINDS } from "../contracts/order.ts";
import { pathText } from "../contracts/path.ts";
import { violationsOf } from "../contracts/violation.ts";
import { ok, refuse, type Result } from "../result.ts";
import { isTimeZone } from "./period.ts";

/** No published plan comes near; they bound what one sale or one reading of a plan can cost. */
const LEVELS_MAX = 100;
const COMPONENTS_MAX = 50;
const RANKS_MAX = 100;
const WIDTH_MAX = 1000;
const HOLDBACK_DAYS_MAX = 3650;
/** A million major units a point: above any currency's, and far below what could overflow. */
const CV_TO_MONEY_PPM_MAX = 1_000_000_000_000;

/** The members of a plan, with `plan_id` and `version` as far as it names them itself. */
export type Shape = z.output<ReturnType<typeof buildSchema>>;

/** Reads a plan by shape alone: types, ranges, words, and no member that a plan does not have. */
export function readShape(json: unknown): Result<Shape, readonly Violation[]> {
  schema ??= buildSchema();
  const read = schema.safeParse(json);
  if (read.success) return ok(read.data);
  return refuse(read.error.issues.flatMap((issue) => violations(issue, json)));
}

// Built when the first plan is read: a Worker that starts for an event pays nothing for it.
let schema: ReturnType<typeof buildSchema> | undefined;

function violations(issue: z.core.$ZodIssue, value: unknown): readonly Violation[] {
  const at = issue.path.filter((segment) => typeof segment !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: pathText([...at, key]),
      rule: "unknown",
      message: "Is not a member that a plan has here",
    }));
  }
  const broken = violationsOf([issue], { root: [], value });
  if (issue.code !== "invalid_union") return broken;
  // The only union of a plan is that of its components, told apart by kind.
  const message = `Must be one of ${KINDS.join(", ")}`;
  return broken.map((entry) =>
    entry.rule === "type" ? { ...entry, rule: "enum", message } : entry,
  );
}

const KINDS = ["unilevel", "matrix", "binary", "stairstep", "generation", "flat"] as const;

const whole = (min: number, max: number) => z.int().min(min).max(max);
const timeZone = () =>
  z.string().refine(isTimeZone, {
    params: { rule: "time_zone" },
    error: "Must be the IANA name of a time zone, such as Europe/Berlin",
  });
/** It becomes a part of line ids, which colons divide. */
const componentCode = () =>
  f.code("The component").regex(/^[^:]*$/, "Must not hold a colon: it becomes a part of line ids");
const tree = () => f.oneOf("Which way up", ["sponsor", "placement"]);
const rates = () => z.record(z.string(), z.array(f.rate("Share")).max(LEVELS_MAX));

const levels = () => ({
  code: componentCode(),
  tree: tree(),
  max_level: whole(1, LEVELS_MAX),
  compression: f.oneOf("Who is left out while levels are counted", [
    "none",
    "skip_inactive",
    "skip_below_rank",
    "pay_to_qualified",
  ]),
  compress_min_rank: z.string().exactOptional(),
});

const levelWalk = () => ({
  ...levels(),
  pool_ppm: f.rate("Share of the CV"),
  rates_ppm: rates(),
  source_must_qualify: z.boolean().exactOptional(),
  boundary_rank: z.string().exactOptional(),
});

const component = () =>
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("unilevel"), ...levelWalk() }),
    z.strictObject({
      kind: z.literal("matrix"),
      width: whole(1, WIDTH_MAX),
      height: whole(1, LEVELS_MAX),
      ...levelWalk(),
    }),
    z.strictObject({
      kind: z.literal("binary"),
      code: componentCode(),
      pair_ppm: f.rate("Share of the matched volume"),
      after: f.oneOf("What becomes of the volume", ["carry_forward", "net_off", "flush"]),
      unit_x100: z.int().min(1).exactOptional(),
      cap_minor: f.amount("The most one person is paid a period").exactOptional(),
      carry_cap_x100: f.points("The most a leg carries").exactOptional(),
    }),
    z.strictObject({
      kind: z.literal("stairstep"),
      code: componentCode(),
      brackets: z
        .array(z.strictObject({ min_pv: z.int().min(0), rate_ppm: f.rate("Share") }))
        .min(1)
        .max(LEVELS_MAX),
    }),
    z.strictObject({
      kind: z.literal("generation"),
      code: componentCode(),
      tree: tree(),
      pool_ppm: f.rate("Share of the CV"),
      boundary_rank: z.string(),
      max_generation: whole(1, LEVELS_MAX),
      rates_ppm: rates(),
      differential: z.boolean().exactOptional(),
    }),
    z.strictObject({
      kind: z.literal("flat"),
      ...levels(),
      amounts_minor: z.record(z.string(), z.array(f.amount("The sum")).max(LEVELS_MAX)),
    }),
  ]);

const rank = () =>
  z.strictObject({
    code: f.code("The rank"),
    min_pv_x100: f.points("Own volume needed").exactOptional(),
    min_gv_x100: f.points("Group volume needed").exactOptional(),
    max_leg_ppm: f.rate("The most one leg counts for").exactOptional(),
    legs_with_rank: z
      .strictObject({ rank: z.string(), count: z.int().min(1).max(1_000_000) })
      .exactOptional(),
    grace_periods: whole(0, 1000).exactOptional(),
  });

const buildSchema = () =>
  z.strictObject({
    plan_id: f.id("The plan").exactOptional(),
    version: z.int().min(1).exactOptional(),
    effective_from: f.instantOrDay("From when the plan holds"),
    currency: f.currency(),
    rounding: f.oneOf("What becomes of a part", ["half_even", "half_up", "down"]),
    holdback_days: whole(0, HOLDBACK_DAYS_MAX),
    period: z.strictObject({
      unit: f.oneOf("How long", ["week", "semi_month", "month"]),
      tz: timeZone(),
    }),
    volume: z.strictObject({
      cv_to_money_ppm: whole(1, CV_TO_MONEY_PPM_MAX),
      exclude_kinds: z.array(f.oneOf("Order kind", ORDER_KINDS)).exactOptional(),
      refund_volume: f.oneOf("Which period", ["current", "original"]).exactOptional(),
    }),
    eligibility: z.strictObject({
      statuses: z.array(f.oneOf("Status", STATUSES)).min(1),
      min_pv_x100: f.points("Own volume needed"),
    }),
    ranks: z.array(rank()).max(RANKS_MAX),
    components: z.array(component()).max(COMPONENTS_MAX),
    caps: z
      .strictObject({
        per_distributor_minor: f.amount("The most one person is paid").exactOptional(),
        company_ppm_of_cv_value: f.rate("Share of the CV's value").exactOptional(),
        mode: f.oneOf("Who is cut", ["pro_rata", "priority", "hard_stop"]),
      })
      .exactOptional(),
    clawback: z.strictObject({ limit_minor: f.amount("The limit") }).exactOptional(),
    payout: z
      .strictObject({
        minimum_minor: f.amount("The least that is paid out"),
        fee_minor: f.amount("What a payout costs").exactOptional(),
        withholding_ppm: f.rate("Tax withheld").exactOptional(),
      })
      .exactOptional(),
  });
