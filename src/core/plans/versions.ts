import { assert } from "../assert.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import type { Plan } from "./plan.ts";

/**
 * The version of one plan that holds at an instant: the latest `effective_from` up to it, among
 * equal ones the highest version (DOMAIN §4.1). Undefined before the first.
 */
export function planAt(versions: readonly Plan[], atMs: number): Plan | undefined {
  let current: Plan | undefined;
  for (const plan of versions) {
    if (effectiveMs(plan) > atMs) continue;
    if (current === undefined || isLater(plan, current)) current = plan;
  }
  return current;
}

/** The version that holds of each plan that has one, by plan id. */
export function plansAt(versions: readonly Plan[], atMs: number): readonly Plan[] {
  const byPlan = Map.groupBy(versions, ({ plan_id }) => plan_id);
  const ids = [...byPlan.keys()].toSorted();
  return ids.flatMap((id) => planAt(byPlan.get(id) ?? [], atMs) ?? []);
}

function effectiveMs({ effective_from }: Plan): number {
  const ms = parseInstantOrDay(effective_from);
  assert(ms !== undefined, "Cannot date a plan that was never validated");
  return ms;
}

function isLater(plan: Plan, other: Plan): boolean {
  const difference = effectiveMs(plan) - effectiveMs(other);
  return difference > 0 || (difference === 0 && plan.version > other.version);
}
