import { REPLAY_SKIPS } from "../../src/core/operation/replay.ts";
import { ReplayBody } from "../../src/edge/http/replays.ts";
import type { Operation } from "./operation.ts";

const EVENT = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const DELIVERY = "dlv_0198c5a0-3c00-7a1b-8c2d-3e4f5a6b7c8d";
const example = { event_id: EVENT, source: "shop", delivery_id: DELIVERY };

const asked = {
  from: "2026-07-01T06:00:00.000Z",
  to: "2026-07-01T10:00:00.000Z",
  source: "shop",
  dry_run: false,
  reason: "The mapping of the shop was mended, ticket 4711",
};

const done = {
  replay_id: "replay_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
  state: "done",
  phase: "done",
  ...asked,
  subject: null,
  ids: null,
  cause: "key:a1B2c3D4",
  started_at: "2026-07-01T10:30:00.000Z",
  ended_at: "2026-07-01T10:34:09.000Z",
  report: {
    deliveries: 1204,
    events: { found: 1210, sent: 1207, skipped: 3, lost: 0 },
    bytes: 2_411_200,
    before: { applied: 1152, quarantined: 55, discarded: 2, rejected: 1 },
    after: { applied: 1206, quarantined: 1, discarded: 2, rejected: 1 },
    counted_at: "2026-07-01T10:34:08.000Z",
    sources: { shop: 1207 },
    types: { "payment.confirmed": 1152, unknown: 55 },
    decided_anew: { events: 55, examples: [example] },
    skipped: [
      { reason: "discarded", detail: REPLAY_SKIPS.discarded, events: 2, examples: [example] },
      { reason: "rejected", detail: REPLAY_SKIPS.rejected, events: 1, examples: [example] },
    ],
  },
  error: null,
};

const started = {
  ...done,
  state: "running",
  phase: "events",
  ended_at: null,
  report: {
    deliveries: 0,
    events: { found: 0, sent: 0, skipped: 0, lost: 0 },
    bytes: 0,
    before: {},
    after: null,
    counted_at: null,
    sources: {},
    types: {},
    decided_anew: { events: 0, examples: [] },
    skipped: [],
  },
};

/** Archived deliveries of a span, played again. */
export const REPLAYS: Readonly<Record<string, Operation>> = {
  "POST /v1/tenants/{tenant}/replays": {
    id: "startReplay",
    tag: "Operation",
    summary: "Have archived deliveries played again",
    description:
      "Events of a span of reception go the same way once more, by a queue that no sender waits behind: what was applied is found to be known and changes nothing, what was quarantined or had died is decided anew, what the index lost is found in the archive. With `dry_run` nothing is sent, and the report tells what would be. A tenant has one replay at a time: 409 while another one is on its way. It begins within a minute. What is played and what is not: docs/replays.md.",
    permission: "replay:write",
    body: { schema: ReplayBody, example: asked },
    answer: { status: 202, isMirrored: true, name: "Replay", example: started },
    problems: ["conflict"],
  },
  "GET /v1/tenants/{tenant}/replays": {
    id: "listReplays",
    tag: "Operation",
    summary: "Replays, newest first",
    permission: "replay:read",
    answer: { status: 200, isList: true, isMirrored: true, name: "Replay", example: done },
  },
  "GET /v1/tenants/{tenant}/replays/{replay}": {
    id: "getReplay",
    tag: "Operation",
    summary: "One replay, how far it is, and what came of it",
    permission: "replay:read",
    answer: { status: 200, isMirrored: true, name: "Replay", example: done },
  },
};
