import type { RankRule } from "#src/core/plans/plan.ts";
import type { FormerRank, RankNode } from "#src/core/plans/ranks.ts";

/**
 * DOMAIN §4.6 for one person at a time, looking at the whole tree again for each: slow, recursive,
 * and knowing nothing of the code it judges.
 */
export function naiveRank(
  ranks: readonly RankRule[],
  nodes: readonly RankNode[],
  former: ReadonlyMap<string, FormerRank>,
  id: string,
): string | null {
  const node = nodes.find((one) => one.id === id);
  if (node === undefined) throw new Error("Nobody there");
  const legs = nodes.filter((one) => one.parent_id === id);
  const indexOf = (code: string | null) => ranks.findIndex((rank) => rank.code === code);

  const holds = (rule: RankRule) => {
    if (node.pv_x100 < (rule.min_pv_x100 ?? -Infinity)) return false;
    const capOfLeg = Math.floor(((rule.max_leg_ppm ?? 1e15) * (rule.min_gv_x100 ?? 0)) / 1e6);
    const excess = legs.map((leg) => Math.max(0, groupVolume(nodes, leg) - capOfLeg));
    const counted = excess.reduce((left, more) => left - more, groupVolume(nodes, node));
    if (counted < (rule.min_gv_x100 ?? -Infinity)) return false;
    const { legs_with_rank: needed } = rule;
    if (needed === undefined) return true;
    const good = legs.filter((leg) =>
      subtree(nodes, leg).some(
        (one) => indexOf(naiveRank(ranks, nodes, former, one.id)) >= indexOf(needed.rank),
      ),
    );
    return good.length >= needed.count;
  };

  const reached = ranks.filter(holds).at(-1)?.code ?? null;
  const before = former.get(id);
  if (before === undefined || indexOf(before.rank) <= indexOf(reached)) return reached;
  const grace = ranks[indexOf(before.rank)]?.grace_periods ?? 0;
  return before.periods_below < grace ? before.rank : reached;
}

const groupVolume = (nodes: readonly RankNode[], node: RankNode): number =>
  node.gv_x100 ??
  nodes
    .filter((one) => one.parent_id === node.id)
    .reduce((sum, leg) => sum + groupVolume(nodes, leg), node.pv_x100);

const subtree = (nodes: readonly RankNode[], node: RankNode): readonly RankNode[] => [
  node,
  ...nodes.filter((one) => one.parent_id === node.id).flatMap((leg) => subtree(nodes, leg)),
];
