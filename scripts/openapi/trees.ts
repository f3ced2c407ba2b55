import { DownlineQuery, UplineQuery } from "../../src/edge/http/trees.ts";
import type { Operation } from "./operation.ts";

const list = { status: 200, isList: true, isMirrored: true } as const;

const node = {
  distributor_id: "1002",
  depth: 1,
  parent_id: "1001",
  leg: "L",
  name: "A. K.",
  status: "active",
  rank: "gold",
  joined_at: "2026-07-01T10:00:00.000Z",
};

/** Sponsor and placement trees. */
export const TREES: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/distributors/{distributor}/upline": {
    id: "listUpline",
    tag: "Status",
    summary: "Who is above a distributor, nearest first",
    description:
      "Edges and standings as of `as_of`, or now; a cursor keeps the instant. A distributor without a placement hangs under the sponsor, in both trees. Somebody named as a parent who is not enrolled comes last. A distributor sees it where its tenant says so (`access.distributors.upline`), else 403.",
    permission: "tree:read",
    query: UplineQuery,
    answer: { ...list, name: "TreeNode", example: { ...node, distributor_id: "1000" } },
  },
  "GET /v1/tenants/{tenant}/distributors/{distributor}/downline": {
    id: "listDownline",
    tag: "Status",
    summary: "Who is below a distributor, level by level",
    description:
      "Distributors who had joined by `as_of`, or by now; a cursor keeps the instant. Within a depth, the children of one parent stand together. A part may hold few items, or none, and a `next_cursor`: it goes on from there. A distributor sees as many levels and fields as its tenant says (`access.distributors`): deeper is 400, none at all 403.",
    permission: "tree:read",
    query: DownlineQuery,
    answer: { ...list, name: "TreeNode", example: node },
  },
};
