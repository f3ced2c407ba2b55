import { LiveQuery } from "../../src/edge/http/live.ts";
import type { Operation } from "./operation.ts";

const STATUS_EVENT = `event: status
id: 12-9f86d081
data: {"type":"status","id":"12-9f86d081","position":12,"status":{"distributor_id":"1001","status":"active"}}
`;

/** What goes on after the answer. */
export const LIVE: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/distributors/{distributor}/live": {
    id: "followDistributor",
    tag: "Status",
    summary: "Follow a distributor's status",
    description: [
      "With `Upgrade: websocket` a WebSocket (101), with `Accept: text/event-stream` Server-Sent Events; the messages are the same. A browser, which cannot set `Authorization` on a WebSocket, offers the subprotocols `upline.live.v1` and `bearer.{token}`: the first is selected.",
      'First comes `{"type":"status","id","position","status"}`, the status as `consistency=strong` reads it. Then, for whatever the distributor\'s log has more, `{"type":"change","id","after","position","as_of","set","stale","lines","transfers"}`: `set` are members of the status as they are now, `stale` those to be read again; `lines` and `transfers` come with the permissions `line:read` and `ledger:read`. Each change goes on where the one before ended (`after` is its `position`).',
      "Whoever comes back names the last `id` (header `Last-Event-ID`, or `last_event_id`) and gets what it lacks, once; where that is too much, or the id is of no place in this log, a `status` with `reset: true`.",
      "A WebSocket client sends `ping` every half minute and after every 256 KiB it has read, and hears `pong`; nothing else is taken (1008). One that shows no sign of reading is let go at 1 MiB (4008); every connection ends with its credential, and after 15 minutes at most (4000): connect again with the last id.",
    ].join("\n\n"),
    permission: "status:read",
    query: LiveQuery,
    answer: { status: 200, isMirrored: true, media: "text/event-stream", example: STATUS_EVENT },
    problems: ["upgrade_required", "overloaded"],
  },
};
