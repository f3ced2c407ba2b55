export type TreeName = "sponsor" | "placement";

/** One person on the way up, with the standing as of the instant asked for (DESIGN §14 «Standings»). */
export interface Ancestor {
  readonly id: string;
  /** Steps above the source; the source itself is 0. */
  readonly depth: number;
  /** In which leg of its own parent the node hangs; binary trees only. */
  readonly leg: "L" | "R" | null;
  /** Null for a customer. */
  readonly status: string | null;
  /** The pay rank; null where none was in force yet. */
  readonly rank: string | null;
  /** Null where no volume was in force yet: counts as meeting any minimum (DOMAIN §4.1). */
  readonly pv_x100: number | null;
}

/** The way up from one node in one tree as of one instant, nearest first. */
export interface Lineage {
  readonly node: string;
  readonly at_ms: number;
  readonly tree: TreeName;
  readonly source: Ancestor;
  readonly upline: readonly Ancestor[];
}

/** Why there is none: somebody on the way up is not known yet, or the edges run in a circle. */
export interface LineageGap {
  readonly kind: "unknown" | "cycle";
  readonly node: string;
}
