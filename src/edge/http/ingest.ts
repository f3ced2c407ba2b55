import { DAY_MS } from "../event-count.ts";
import { eventId, uuidV7 } from "../event-id.ts";
import type { Verification } from "../../senders/sender.ts";
import type { DeliveryMessage, OversizedBody } from "../message.ts";
import {
  type Arrival,
  arrive,
  greeted,
  guessed,
  type IngestPlace,
  type IngestPorts,
  type Place,
} from "./arrive.ts";
import { enclose, frame } from "./enclose.ts";
import {
  authenticate,
  bodyBytesMaxOf,
  follow,
  HEADERS_MAX,
  judge,
  type Judgement,
  methodsOf,
  schemeOf,
  screen,
  takesOverlong,
  type Unfit,
} from "./judge.ts";
import { problem } from "./problem.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { announcedLength, type Overlong, readBody } from "./read-body.ts";
import { receipt, type Told } from "./receipt.ts";
import { clip, isJsonList, recordRejection, tellErrors } from "./rejection.ts";
import { acknowledge, asResponse, refuse } from "./reply.ts";

const SMALL_BYTES_MAX = 64 * 1024;

/**
 * `/in/{tenant}/{source}`: what senders call. A 2xx is given only when queue or R2 holds the
 * delivery: it tells the sender to forget it.
 */
export const ingest =
  (ports: IngestPorts) =>
  async (request: Request, place: IngestPlace): Promise<Response> => {
    const receivedAtMs = ports.nowMs();
    const deliveryId = `dlv_${uuidV7(receivedAtMs)}`;
    const response = await answer(ports, request, { ...place, deliveryId, receivedAtMs });
    response.headers.set("Request-Id", deliveryId);
    return response;
  };

async function answer(ports: IngestPorts, request: Request, place: Place): Promise<Response> {
  let arrival: Arrival | undefined;
  try {
    arrival = await arrive(ports, request, place);
    if (arrival === undefined) return problem("not_found");
    return await attend(ports, request, arrival);
  } catch (error) {
    // Some products lose what is answered by any other 5xx: their reply says how to come again.
    const { tenant, source, deliveryId: delivery } = place;
    ports.log("error", "ingest_failed", { tenant, source, delivery, error });
    return refuse(arrival ?? guessed(ports, request, place), "overloaded");
  }
}

async function attend(ports: IngestPorts, request: Request, arrival: Arrival): Promise<Response> {
  const headers = [...request.headers.keys()].length;
  if (headers > HEADERS_MAX) return refuse(arrival, "headers_too_many");

  const { sender, delivery, source } = arrival;
  const reply = await sender.greet?.(await greeted(request, arrival), source.auth);
  if (reply !== undefined) return asResponse(reply);
  const unfit = screen(sender, delivery);
  return unfit === undefined ? receive(ports, request, arrival) : refuseUnfit(arrival, unfit);
}

async function receive(ports: IngestPorts, request: Request, arrival: Arrival): Promise<Response> {
  const { sender, delivery } = arrival;
  const bytesMax = bodyBytesMaxOf(sender);
  const isTooLong = (announcedLength(request.headers) ?? 0) > bytesMax;
  if (isTooLong && !takesOverlong(sender, arrival.source)) return refuse(arrival, "too_large");
  const stranger = await turnAway(ports, request, arrival);
  if (stranger !== undefined) return stranger;
  const body = await readBody(request, bytesMax);
  if (!(body instanceof Uint8Array)) return takeOverlong(ports, arrival, body);
  return take(ports, { ...arrival, delivery: { ...delivery, body } });
}

function refuseUnfit(arrival: Arrival, unfit: Unfit): Response {
  const { sender } = arrival;
  if (unfit === "method_not_allowed") {
    const allow = [...methodsOf(sender), ...(sender.greetMethods ?? [])].join(", ");
    return refuse(arrival, unfit, { headers: { Allow: allow } });
  }
  return refuse(arrival, unfit, { detail: "Send the body as it is, without Content-Encoding" });
}

async function take(ports: IngestPorts, arrival: Arrival): Promise<Response> {
  const { sender, source, delivery } = arrival;
  if (schemeOf(sender, source)?.isTrial === true) return doubt(ports, arrival, "scheme_trial");
  const judgement = await judge(sender, source, delivery, ports.certificateAt);
  const { kind } = judgement;
  if (kind === "unauthentic") return doubt(ports, arrival, judgement.reason);
  if (kind === "malformed") {
    report(ports, arrival, kind);
    return refuse(arrival, "malformed", { errors: clip(judgement.errors) });
  }
  const read = { ...arrival, delivery: judgement.delivery };
  if (kind === "violated") return refuseViolated(ports, read, judgement);
  if (kind === "unreadable") {
    const { errors, isPacked } = judgement;
    const kept = isPacked === true ? { ...read, unread: errors } : read;
    return keep(ports, kept, [
      { kind: "broken", id: arrival.deliveryId, code: "malformed", errors },
    ]);
  }
  return keep(ports, read, judgement.items);
}

/** The log alone tells why: what a forger sees is the same for every reason. */
function doubt(ports: IngestPorts, arrival: Arrival, reason: string): Response {
  report(ports, arrival, reason);
  return refuse(arrival, "unauthentic");
}

function report(
  { log }: IngestPorts,
  { sender, source, deliveryId }: Arrival,
  reason: string,
): void {
  log("warn", "delivery_refused", {
    tenant: source.tenant.tenant,
    source: source.source,
    sender: sender.name,
    delivery: deliveryId,
    reason,
  });
}

/**
 * Who shows no token that holds is turned away before a large body of his is read. A small one is
 * read sooner than it is asked for twice.
 */
async function turnAway(
  ports: IngestPorts,
  request: Request,
  arrival: Arrival,
): Promise<Response | undefined> {
  const { sender, source, delivery } = arrival;
  const isSmall = (announcedLength(request.headers) ?? Infinity) <= SMALL_BYTES_MAX;
  if (isSmall || schemeOf(sender, source)?.covers !== "nothing") return undefined;
  const verification = await authenticate(sender, source, delivery, ports.certificateAt);
  if (verification.ok) return undefined;
  await request.body?.cancel();
  return doubt(ports, arrival, verification.reason);
}

/**
 * A body too long for memory. What a connector sends is let through to R2 and kept for a person:
 * refused, it would stop the connector or be lost (DESIGN §6).
 */
async function takeOverlong(
  ports: IngestPorts,
  arrival: Arrival,
  overlong: Overlong,
): Promise<Response> {
  const { sender, source, delivery, deliveryId } = arrival;
  if (!takesOverlong(sender, source)) {
    await overlong.cancel();
    return refuse(arrival, "too_large");
  }
  const stored = await letThrough(ports, arrival, overlong);
  if (stored === "lost") return refuse(arrival, "overloaded");
  if (stored === "too_large" || "reason" in stored) {
    await overlong.cancel();
    return stored === "too_large" ? refuse(arrival, stored) : doubt(ports, arrival, stored.reason);
  }

  const eventIds = [eventId(delivery.receivedAtMs)];
  const framed = { ...frame({ ...arrival, eventIds }), body: stored };
  const message = `The body is longer than the ${bodyBytesMaxOf(sender)} bytes that are read`;
  const errors = [{ path: "", rule: "length", message }];
  return send(
    ports,
    arrival,
    [framed],
    [{ kind: "broken", id: deliveryId, code: "too_large", errors }],
  );
}

type Doubted = Extract<Verification, { readonly ok: false }>;

/** Nothing is left in R2 of a body whose proof does not hold at its end. */
async function letThrough(
  { certificateAt, inbox }: IngestPorts,
  { sender, source, delivery, deliveryId }: Arrival,
  { pieces }: Overlong,
): Promise<OversizedBody | "too_large" | "lost" | Doubted> {
  const { headers, take: pass, verdict } = await follow(sender, source, delivery, certificateAt);
  if (!headers.ok) return headers;
  const end: { doubted?: Doubted } = {};
  async function* passing() {
    for await (const piece of pieces) {
      pass(piece);
      yield piece;
    }
    const verification = await verdict();
    if (verification.ok) return;
    end.doubted = verification;
    // An upload is given up by nothing else.
    throw new Error(`Cannot keep an overlong body: ${verification.reason}`);
  }
  const stored = await inbox.stream(source.tenant, deliveryId, passing());
  return end.doubted ?? stored;
}

type Items = Extract<Judgement, { kind: "admitted" | "violated" }>;

/** A 422 promises nothing, so it stands even where its record could not be kept. */
async function refuseViolated(
  ports: IngestPorts,
  arrival: Arrival,
  { items }: Items,
): Promise<Response> {
  report(ports, arrival, "contract_violated");
  const { source, delivery, deliveryId } = arrival;
  const place = {
    tenant: source.tenant.tenant,
    source: source.source,
    deliveryId,
    receivedAtMs: delivery.receivedAtMs,
  };
  await ports.inbox.put(source.tenant, recordRejection(place, items));
  return refuse(arrival, "contract_violated", {
    errors: tellErrors(items, isJsonList(delivery.body)),
  });
}

async function keep(
  ports: IngestPorts,
  arrival: Arrival,
  items: readonly Told[],
): Promise<Response> {
  const eventIds = items.map(() => eventId(arrival.delivery.receivedAtMs));
  // A sender's heartbeat says nothing that could be lost.
  if (items.length === 0) return acknowledge(arrival, () => receipt(items, eventIds));
  const spent = await refuseSpent(ports, arrival);
  if (spent !== undefined) return spent;

  const messages = await enclose({ ...arrival, eventIds }, ports.inbox);
  if (messages === "too_large") return refuse(arrival, "too_large");
  if (messages === "lost") return refuse(arrival, "overloaded");
  return send(ports, arrival, messages, items);
}

/**
 * Whoever speaks our contract comes again when it is told to. Products and connectors mostly do not
 * come again on the next day, and some give up their subscription: what they send is taken.
 */
async function refuseSpent(ports: IngestPorts, arrival: Arrival): Promise<Response | undefined> {
  const { sender, source } = arrival;
  if (sender.family !== "contract") return undefined;
  const spent = await ports.overQuota(source.tenant);
  if (spent === undefined) return undefined;
  report(ports, arrival, "quota_exceeded");
  const resetS = Math.max(1, Math.ceil((spent.untilMs - ports.nowMs()) / 1000));
  const limit = { policy: "events_per_day", quota: spent.limit, windowS: DAY_MS / 1000 };
  return refuse(arrival, "quota_exceeded", {
    headers: {
      "Retry-After": String(resetS),
      ...rateLimitHeaders([{ ...limit, left: 0, resetS }]),
    },
  });
}

async function send(
  ports: IngestPorts,
  arrival: Arrival,
  messages: readonly DeliveryMessage[],
  items: readonly Told[],
): Promise<Response> {
  const { tenant, pausedMs } = arrival.source;
  const put = pausedMs === undefined ? ports.inbox.put : ports.inbox.hold;
  const kept = await Promise.all(messages.map((message) => put(tenant, message)));
  // Where some have landed, the sender's retry is the same events again.
  if (kept.includes("lost")) return refuse(arrival, "overloaded");
  return acknowledge(arrival, () =>
    receipt(
      items,
      messages.flatMap(({ eventIds }) => eventIds),
    ),
  );
}
