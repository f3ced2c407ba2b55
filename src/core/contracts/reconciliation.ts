import * as z from "zod";
import type { JsonObject } from "../json.ts";
import type { GatewayEvent, Violation } from "./event.ts";
import {
  amount,
  currency,
  id,
  instant,
  keyedDistributor,
  oneOf,
  signedAmount,
  words,
} from "./fields.ts";
import type { Data } from "./fields.ts";
import { formatInstant, parseInstantOrDay } from "./instant.ts";
import type { Rule } from "./rule.ts";

/**
 * The source of events by which the gateway heals its mirror, and of nobody else's: no source of a
 * tenant may be named so, and no other source can bring a `recon.correction` that has an effect.
 */
export const RECON_SOURCE = "upline:recon";

/** What a reversal by reconciliation says of its line besides what the core's own would. */
export interface HealedTo {
  /** What the core has taken back of the line with it, minor units. */
  readonly reversed_minor: number;
  /** When the core was seen to have. */
  readonly as_of_ms: number;
}

/** The members that say so: in no contract, as nobody but reconciliation can mean anything by them. */
export const healedToData = ({ reversed_minor, as_of_ms }: HealedTo): JsonObject => ({
  reversed_to_minor: reversed_minor,
  as_of: formatInstant(as_of_ms),
});

/** {@link HealedTo} of an event; undefined for any that is no such reversal, whatever it says. */
export function healedToOf({ source, type, data }: GatewayEvent): HealedTo | undefined {
  if (source !== RECON_SOURCE || type !== "commission.reversed") return undefined;
  const { reversed_to_minor: reversed_minor, as_of } = data;
  const as_of_ms = typeof as_of === "string" ? parseInstantOrDay(as_of) : undefined;
  if (typeof reversed_minor !== "number" || as_of_ms === undefined) return undefined;
  return { reversed_minor, as_of_ms };
}

export const ReconCorrection = z.looseObject({
  distributor_id: keyedDistributor(),
  break_id: id("The break that is healed, once"),
  line_id: id("The line that is corrected"),
  currency: currency(),
  amount_minor: signedAmount("The difference that is posted"),
  line_amount_minor: amount(
    "What the line was when the difference was found: where it is another by now, nothing is posted",
  ).optional(),
  effective_at: instant("When the line took effect, instead of what it says").optional(),
  period_id: id("The period it counts in then; absent: as before").optional(),
  to: oneOf(
    "suspense: the line as a whole is put aside (below zero) or brought back from there (above); expense: what was put aside is taken back for good",
    ["suspense", "expense"],
  ).optional(),
  cause: words("Why the two sides differed"),
});
export type ReconCorrection = Data<typeof ReconCorrection>;

const SAYS = [
  "amount_minor is 0 where effective_at is there",
  "amount_minor is at most 0 where to is expense",
  "period_id needs effective_at",
  "effective_at and to are not there together",
];

/** A correction changes one thing: the amount, the date, or whether the line is put aside. */
export const changesOneThing: Rule = {
  says: SAYS.join("; "),
  check: (data) => [...amountViolations(data), ...placeViolations(data)],
};

/** Judged only where it is an amount: what is missing or broken has its own violation. */
function amountViolations(data: JsonObject): readonly Violation[] {
  const { amount_minor, effective_at, to } = data;
  if (!Number.isSafeInteger(amount_minor)) return [];
  const path = "data.amount_minor";
  const difference = Number(amount_minor);
  if (difference !== 0 && effective_at !== undefined) {
    const message = "Must be 0 where effective_at is there: a correction changes one thing";
    return [{ path, rule: "effect", message }];
  }
  if (difference > 0 && to === "expense") {
    return [{ path, rule: "maximum", message: "Must be at most 0 where to is expense" }];
  }
  return [];
}

function placeViolations({ effective_at, period_id, to }: JsonObject): readonly Violation[] {
  const violations: Violation[] = [];
  if (period_id !== undefined && effective_at === undefined) {
    const message = "Is required: period_id needs effective_at";
    violations.push({ path: "data.effective_at", rule: "required", message });
  }
  if (effective_at !== undefined && to !== undefined) {
    const message = "Must be absent where effective_at is there: a correction changes one thing";
    violations.push({ path: "data.to", rule: "effect", message });
  }
  return violations;
}
