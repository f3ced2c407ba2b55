import type { Lineage, LineageGap } from "../genealogy/lineage.ts";
import type { TreeSurroundings } from "../genealogy/forest.ts";
import type { Plan } from "../plans/plan.ts";

/** Who stands above a node as of an instant: what an order has to know to pay commissions. */
export interface Want {
  readonly node: string;
  readonly at_ms: number;
}

/** One want answered, in both trees. */
export interface Lineages extends Want {
  readonly sponsor: Lineage | LineageGap;
  readonly placement: Lineage | LineageGap;
}

/**
 * What an object is told of the world besides its events, read by whoever calls it. What a decision
 * took from here is in its effects: a replay does not ask again.
 */
export interface Surroundings {
  readonly mode: "mirror" | "gateway_final";
  /** Every version of every plan of the tenant. */
  readonly plans: readonly Plan[];
  readonly lineages: readonly Lineages[];
  /** Ids of the tenant's closed periods. */
  readonly closed: readonly string[];
  readonly tree?: TreeSurroundings;
}
