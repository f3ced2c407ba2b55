import { RebuildBody } from "../../src/edge/http/rebuilds.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";

const done = {
  rebuild_id: "rebuild_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
  state: "done",
  phase: "done",
  reason: "D1 was restored to the backup of 06:00, ticket 4711",
  cause: "key:a1B2c3D4",
  started_at: AT,
  ended_at: "2026-07-01T10:14:09.000Z",
  seconds: 849,
  thaw: [],
  archive_from: "2026-07-01T05:00:00.000Z",
  reprice_from: null,
  report: {
    named: 12_044,
    looked_at: 12_044,
    results: { equal: 11_802, rewritten: 31, begun_anew: 205, nothing: 5, frozen: 1 },
    rows: { transfers: 12, lines: 40, account_days: 7 },
    behind: 0,
    sums_left: false,
    frozen: ["dist:1001"],
    not_found: [],
    failed: [],
  },
  error: null,
};

const started = {
  ...done,
  state: "running",
  phase: "begin",
  ended_at: null,
  seconds: null,
  report: {
    ...done.report,
    named: 0,
    looked_at: 0,
    results: {},
    rows: {},
    frozen: [],
  },
};

/** Rebuilds of a tenant's mirror from its objects. */
export const REBUILDS: Readonly<Record<string, Operation>> = {
  "POST /v1/tenants/{tenant}/rebuilds": {
    id: "startRebuild",
    tag: "Operation",
    summary: "Have the mirror rebuilt from the objects",
    description:
      "Every row that the mirror has of each object is held against its log, what differs or is missing is written anew, and what no log tells is taken away; deliveries keep coming in meanwhile. A tenant has one rebuild at a time: 409 while another one is on its way. It begins within a minute. What it writes and what it never touches: docs/rebuild.md.",
    permission: "tenant:write",
    body: {
      schema: RebuildBody,
      example: { reason: done.reason, archive_from: "2026-07-01T05:00:00.000Z" },
    },
    answer: { status: 202, isMirrored: true, name: "Rebuild", example: started },
    problems: ["conflict"],
  },
  "GET /v1/tenants/{tenant}/rebuilds": {
    id: "listRebuilds",
    tag: "Operation",
    summary: "Rebuilds of the mirror, newest first",
    permission: "run:read",
    answer: { status: 200, isList: true, isMirrored: true, name: "Rebuild", example: done },
  },
  "GET /v1/tenants/{tenant}/rebuilds/{rebuild}": {
    id: "getRebuild",
    tag: "Operation",
    summary: "One rebuild of the mirror, and how far it is",
    permission: "run:read",
    answer: { status: 200, isMirrored: true, name: "Rebuild", example: done },
  },
};
