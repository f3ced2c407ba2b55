import * as z from "zod";
import { Id, Instant } from "./parts.ts";

const TreeNode = z.strictObject({
  distributor_id: Id,
  depth: z.int().describe("Steps from the distributor who was asked for"),
  parent_id: Id.nullable().describe(
    "In the tree that was asked for; null at the top, and for somebody named as a parent who is not enrolled",
  ),
  leg: z.enum(["L", "R"]).nullable().describe("In which leg of its parent; binary trees only"),
  name: z.string().nullable().describe("Masked (`A. K.`)"),
  status: z.string().nullable(),
  rank: z.string().nullable().describe("The pay rank in force at the instant"),
  joined_at: Instant.nullable(),
});

/** What the trees answer. */
export const TREE_ANSWERS = { TreeNode } as const satisfies Record<string, z.ZodType>;
