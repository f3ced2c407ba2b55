import * as z from "zod";
import { STATUSES } from "../../core/contracts/distributor.ts";
import type { Violation } from "../../core/contracts/event.ts";
import * as f from "../../core/contracts/fields.ts";
import { parseInstant } from "../../core/contracts/instant.ts";
import { ORDER_KINDS } from "../../core/contracts/order.ts";
import type { Lineage, TreeName } from "../../core/genealogy/lineage.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Plan } from "../../core/plans/plan.ts";
import { isPayable } from "../../core/plans/sale.ts";

/** A plan is judged by `parsePlan`, which names every rule itself. */
export const PlanBody = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { message: "Must be of type object", params: { rule: "type" } },
);

/** No tree that pays is deeper, and a body has an end. */
const UPLINE_MAX = 1000;

const standing = () => ({
  status: z.enum(STATUSES).nullable().default("active").describe("Null: a customer"),
  rank: f.code("Pay rank").nullable().default(null).describe("Null: paid as the lowest rank"),
  pv_x100: f.points("Own volume").nullable().default(null).describe("Null: meets any minimum"),
});

export const SimulationBody = z.strictObject({
  source_node: f
    .id("Where the sale's volume starts: somebody real, unless upline is told")
    .exactOptional(),
  source: z
    .strictObject({ ...standing(), status: standing().status.default(null) })
    .exactOptional()
    .describe("Together with upline: the buyer's own standing; a customer if absent"),
  upline: z
    .array(z.strictObject({ id: f.id("A distributor"), ...standing() }))
    .max(UPLINE_MAX)
    .exactOptional()
    .describe("A way up that is tried in both trees, nearest first"),
  occurred_at: f.instant("When; now if absent").exactOptional(),
  order_kind: f.oneOf("How the order comes about", ORDER_KINDS).default("store"),
  package: f.code("What flat sums are looked up by; the order kind if absent").exactOptional(),
  cv_x100: f.points("Commissionable volume"),
  pv_x100: f.points("Personal volume").default(0),
  plan: PlanBody.exactOptional().describe(
    "A draft, tried as if it held then; the stored plan if absent",
  ),
});
export type SimulationBody = z.infer<typeof SimulationBody>;

/** The ways up in both trees from one node at one instant. */
export type Lineages = Readonly<Record<TreeName, Lineage>>;

// The schema has seen that it is an instant.
export const instantOf = ({ occurred_at: at }: SimulationBody, nowMs: number): number =>
  at === undefined ? nowMs : (parseInstant(at) ?? nowMs);

/** What the members of a body say of each other. */
export function faultsOf({
  source_node: node,
  source,
  upline,
}: SimulationBody): readonly Violation[] {
  if (upline === undefined) {
    const needed = "Is required where upline is not told";
    const own = "Is told only together with upline: somebody real has a standing of their own";
    return [
      ...(node === undefined ? [{ path: "source_node", rule: "required", message: needed }] : []),
      ...(source === undefined ? [] : [{ path: "source", rule: "needs_upline", message: own }]),
    ];
  }
  const seen = new Set(node === undefined ? [] : [node]);
  return upline.flatMap(({ id }, index) => {
    const isNew = !seen.has(id);
    seen.add(id);
    const message = "Must stand on the way up only once";
    return isNew ? [] : [{ path: `upline[${index}].id`, rule: "duplicate", message }];
  });
}

/** What the plan says of a body. */
export function faultsAgainst(
  plan: Plan,
  { source, upline = [], cv_x100: cv }: SimulationBody,
): readonly Violation[] {
  const ranks = plan.ranks.map(({ code }) => code);
  const people = [
    ...(source === undefined ? [] : [{ at: "source", rank: source.rank }]),
    ...upline.map(({ rank }, index) => ({ at: `upline[${index}]`, rank })),
  ];
  const unknown = people
    .filter(({ rank }) => rank !== null && !ranks.includes(rank))
    .map(({ at }) => ({
      path: `${at}.rank`,
      rule: "unknown_rank",
      message: "Must be a rank of the plan",
    }));
  if (isPayable(plan, cv)) return unknown;
  const message = "Must be worth less than 2^53 minor units";
  return [...unknown, { path: "cv_x100", rule: "maximum", message }];
}

/** The ways up that a body tells instead of a real node's: the same in both trees. */
export function toldLineages(
  { source_node: node = "", source, upline = [] }: SimulationBody,
  at_ms: number,
): Lineages {
  const buyer = source ?? { status: null, rank: null, pv_x100: null };
  const way = {
    node,
    at_ms,
    source: { id: node, depth: 0, leg: null, ...buyer },
    upline: upline.map((person, index) => ({ ...person, depth: index + 1, leg: null })),
  };
  return { sponsor: { ...way, tree: "sponsor" }, placement: { ...way, tree: "placement" } };
}
