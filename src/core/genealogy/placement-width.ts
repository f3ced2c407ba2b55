import { parseInstantOrDay } from "../contracts/instant.ts";
import type { Plan } from "../plans/plan.ts";
import { plansAt } from "../plans/versions.ts";

/** Whether a tenant with these plans has anybody placed, at whatever time. */
export const hasMatrix = (versions: readonly Plan[]): boolean =>
  versions.some((plan) => widthOf(plan) !== undefined);

/**
 * How wide the matrix is that somebody joins at an instant: by the first plan that has one, in its
 * first component that walks the placement tree. Before the first plan came into force it is as
 * wide as then. Null where the plans of the time have no matrix.
 */
export function widthAt(versions: readonly Plan[], atMs: number): number | null {
  const inForce = plansAt(versions, atMs);
  const plans = inForce.length > 0 ? inForce : plansAt(versions, firstMs(versions));
  return plans.map(widthOf).find((width) => width !== undefined) ?? null;
}

function widthOf({ components }: Plan): number | undefined {
  for (const component of components) {
    if (component.kind === "matrix" && component.tree === "placement") return component.width;
  }
  return undefined;
}

const firstMs = (versions: readonly Plan[]): number =>
  versions.reduce(
    (least, { effective_from }) => Math.min(least, parseInstantOrDay(effective_from) ?? least),
    Infinity,
  );
