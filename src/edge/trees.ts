import type { TreeName } from "../core/genealogy/lineage.ts";

/** Whose tree is read, and as of when; UTC milliseconds. */
export interface TreeAsk {
  readonly distributorId: string;
  readonly tree: TreeName;
  readonly atMs: number;
}

/** A distributor as a tree shows it. */
export interface TreeRow {
  readonly distributorId: string;
  /** Steps from the one who was asked for. */
  readonly depth: number;
  readonly parentId: string | null;
  readonly leg: "L" | "R" | null;
  readonly displayName: string | null;
  readonly status: string | null;
  readonly rank: string | null;
  readonly joinedMs: number | null;
}

/** How far a downline has been looked through: at this depth, to an edge below this distributor. */
export interface DownlinePlace {
  readonly depth: number;
  readonly under: string;
  readonly tree: TreeName;
  readonly node: string;
  readonly version: string;
}

/** A part of a downline. It may hold few rows, or none, and yet go on: much was looked through. */
export interface DownlineFound {
  readonly rows: readonly TreeRow[];
  readonly next?: DownlinePlace;
}
