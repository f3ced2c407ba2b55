import { createHash } from "node:crypto";
import * as z from "zod";
import { may } from "../../core/access.ts";
import { ID_CHARS_MAX, readPlace } from "../../core/live/place.ts";
import type { Tenant } from "../control/directory.ts";
import { LIVE_PROTOCOL, type LiveAsk } from "../live.ts";
import { preferred } from "./accept.ts";
import { isUpgrade, protocolsOf } from "./bearer-protocol.ts";
import { currentBookmark, seesBelow, type StatusPorts, strongStatus } from "./distributors.ts";
import { streamOf } from "./live-stream.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/**
 * A connection lasts no longer: a revoked credential can follow so long, and a client that comes back
 * is judged anew. It misses nothing, as it says where it was.
 */
const LIFE_MS_MAX = 15 * 60_000;
/** Of its life, by chance: clients that came together do not come back together. */
const LIFE_SPREAD = 0.2;

export interface LivePorts extends StatusPorts {
  /** The object's answer to an upgrade: 101 with the socket, 404 or 503. */
  readonly follow: (
    tenant: Tenant,
    ask: LiveAsk,
    protocol: string | undefined,
  ) => Promise<Response>;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

const Id = z
  .string()
  .max(ID_CHARS_MAX)
  .refine((id) => readPlace(id) !== undefined, {
    message: "Must be the id of an earlier message, or its position",
  })
  .describe("The `id` of the last message, where the header `Last-Event-ID` does not say it");

export const LiveQuery = z.object({ last_event_id: Id.exactOptional() });

/** `GET /v1/tenants/{t}/distributors/{id}/live`: WebSocket, or Server-Sent Events. */
export const liveRoutes = (ports: LivePorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/live",
    permission: "status:read",
    handle: (c) => follow(ports, c),
  },
];

async function follow(ports: LivePorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, LiveQuery);
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const isSocket = isUpgrade(c);
  if (!isSocket && !takesStream(c)) return problem("upgrade_required", { detail: HOW });

  const distributorId = param(c, "distributor");
  const read = await strongStatus(ports, { c, distributorId }, reader.value);
  if (read === undefined) return problem("not_found");
  const ask = askOf(ports, c, { ...read, distributorId, lastId: lastIdOf(c, query.value) });
  const protocol = protocolsOf(c).find((name) => name === LIVE_PROTOCOL);
  const answer = await ports.follow(c.get("tenant"), ask, protocol);
  const { webSocket } = answer;
  if (answer.status === 101 && webSocket) {
    return isSocket ? answer : streamOf(webSocket, currentBookmark(read));
  }
  return problem(answer.status === 404 ? "not_found" : "overloaded");
}

const HOW =
  "Ask for an upgrade to WebSocket, or for Server-Sent Events with `Accept: text/event-stream`";

const STREAM = "text/event-stream";

// A HEAD would hold a stream open that nobody reads.
function takesStream(c: ApiContext): boolean {
  const accept = c.req.header("Accept") ?? "";
  // Whoever takes anything has not asked for a stream.
  const isAsked = /\btext\/(?:event-stream|\*)/i.test(accept);
  const isGet = c.req.raw.method === "GET";
  return isGet && isAsked && preferred(accept, [STREAM, "application/json"]) === STREAM;
}

/** The header is an EventSource's own, when it comes back; it knows better than the address it began with. */
function lastIdOf(c: ApiContext, query: z.infer<typeof LiveQuery>): string | undefined {
  const header = c.req.header("Last-Event-ID");
  return header === undefined || header === "" ? query.last_event_id : header;
}

interface Begun {
  readonly distributorId: string;
  readonly lastId: string | undefined;
  readonly status: NonNullable<Awaited<ReturnType<typeof strongStatus>>>["status"];
  readonly isNamed: boolean;
  readonly rule: NonNullable<Awaited<ReturnType<typeof strongStatus>>>["rule"];
}

function askOf({ nowMs, chance }: LivePorts, c: ApiContext, begun: Begun): LiveAsk {
  const { distributorId, lastId, status, isNamed: names, rule } = begun;
  const caller = c.get("caller");
  const place = { tenant: c.get("tenant").tenant, distributorId };
  const lifeMs = LIFE_MS_MAX * (1 - LIFE_SPREAD * chance());
  return {
    sight: {
      distributorId,
      names,
      below: seesBelow(c),
      lines: may(caller, "line:read", place) === "allowed",
      transfers: may(caller, "ledger:read", place) === "allowed",
      ...(rule === undefined ? {} : { rule }),
    },
    status,
    position: status.position,
    ...(lastId === undefined ? {} : { lastId }),
    // Of any length, and a subject's own words: a digest names it as well.
    credential: createHash("sha256").update(caller.keyId).digest("base64url"),
    untilMs: Math.min(Math.floor(nowMs() + lifeMs), caller.expiresMs ?? Infinity),
  };
}
