import type { Caller } from "../control/directory.ts";
import {
  DOWNLINE_DEPTH_MAX,
  TREE_FIELDS,
  type TenantAccess,
  type TreeField,
} from "../tenant-access.ts";

/** What a caller sees of others in the trees. */
export interface Sight {
  /** Levels of a downline; 0: none of it. */
  readonly depth: number;
  readonly upline: boolean;
  readonly fields: ReadonlySet<TreeField>;
}

const EVERYTHING: Sight = {
  depth: DOWNLINE_DEPTH_MAX,
  upline: true,
  fields: new Set(TREE_FIELDS),
};

/** Of others a distributor sees what its tenant shows, and nothing where it says nothing. */
export function sightOf(
  { role }: Pick<Caller, "role">,
  { distributors }: Pick<TenantAccess, "distributors">,
): Sight {
  if (role !== "distributor") return EVERYTHING;
  return {
    depth: distributors?.downline_depth ?? 0,
    upline: distributors?.upline ?? false,
    fields: new Set(distributors?.downline_fields ?? TREE_FIELDS),
  };
}
