import * as z from "zod";
import { Id, Instant } from "./parts.ts";

const TreeNode = z.strictObject({
  distributor_id: Id,
  depth: z.int().describe("Steps from the distributor who was asked for"),
  parent_id: Id.nullable().describe(
    "In the tree that was asked for; null at the top, and for somebody named as a parent who is not enrolled",
  ),
  leg: z.enum(["L", "R"]).nullable().describe("In which leg of its parent; binary trees only"),
  name: z.string().nullable().optional().describe("Masked (`A. K.`)"),
  status: z.string().nullable().optional(),
  rank: z.string().nullable().optional().describe("The pay rank in force at the instant"),
  joined_at: Instant.nullable().optional(),
});

/** What the trees answer. */
export const TREE_ANSWERS = { TreeNode } as const satisfies Record<string, z.ZodType>;
