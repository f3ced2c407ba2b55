import type { Ancestor, Lineage } from "#src/core/genealogy/lineage.ts";
import type { Flat, Matrix, Plan, Unilevel } from "#src/core/plans/plan.ts";

/** A level as the pseudo-code of DOMAIN §4.2 leaves it: somebody's line, or breakage. */
export interface NaiveLevel {
  readonly kind: "line" | "breakage";
  readonly level: number;
  readonly depth: number;
  readonly id: string;
  readonly value: number;
}

/** DOMAIN §4.2 line by line, knowing nothing of the code it judges. */
export function naiveWalk(
  plan: Plan,
  c: Unilevel | Matrix | Flat,
  lineage: Lineage,
  values: (rank: string, level: number) => number,
): NaiveLevel[] {
  const out: NaiveLevel[] = [];
  const order = plan.ranks.map((rank) => rank.code);
  const rankOf = (node: Ancestor) => node.rank ?? order[0] ?? "";
  const max = c.kind === "matrix" ? Math.min(c.max_level, c.height) : c.max_level;
  let level = 1;
  let depth = 1;
  let node = lineage.upline[depth - 1];
  while (node !== undefined && level <= max) {
    const isInStatus = plan.eligibility.statuses.some((status) => status === node?.status);
    const ok = isInStatus && (node.pv_x100 ?? Infinity) >= plan.eligibility.min_pv_x100;
    const value = values(rankOf(node), level);
    let skip = false;
    if (c.compression === "skip_inactive") skip = !ok;
    if (c.compression === "skip_below_rank") {
      skip = !ok || order.indexOf(rankOf(node)) < order.indexOf(c.compress_min_rank ?? "");
    }
    if (c.compression === "pay_to_qualified") skip = !ok || (c.kind !== "flat" && value === 0);
    if (!skip) {
      const kind = ok && value > 0 ? "line" : "breakage";
      out.push({ kind, level, depth, id: node.id, value });
      level += 1;
    }
    depth += 1;
    node = lineage.upline[depth - 1];
  }
  return out;
}
