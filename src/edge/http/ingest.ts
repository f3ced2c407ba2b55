import type { Violation } from "../../core/contracts/event.ts";
import type { Delivery, Sender } from "../../senders/sender.ts";
import type { Inbox } from "../archive/inbox.ts";
import type { Directory, Source } from "../control/directory.ts";
import { eventId, uuidV7 } from "../event-id.ts";
import type { Log } from "../log.ts";
import { enclose } from "./enclose.ts";
import { BODY_BYTES_MAX, judge, type Judgement, methodsOf, screen, type Unfit } from "./judge.ts";
import { problem } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { clip, isJsonList, recordRejection, tellErrors } from "./rejection.ts";
import { IDENTIFIER } from "./route.ts";

/** How long a sender is asked to wait while neither queue nor R2 takes anything. */
const RETRY_AFTER_S = "30";
/** Items whose errors are told in an answer; the others are found under their `event_id`. */
const DETAILED_MAX = 100;

export interface IngestPorts {
  readonly senders: ReadonlyMap<string, Sender>;
  readonly directory: Pick<Directory, "source">;
  readonly inbox: Inbox;
  readonly log: Log;
  readonly nowMs: () => number;
}

export interface IngestPlace {
  readonly tenant: string;
  readonly source: string;
}

interface Arrival {
  readonly sender: Sender;
  readonly source: Source;
  readonly delivery: Delivery;
  readonly deliveryId: string;
}

/**
 * `POST /in/{tenant}/{source}`: what senders call. A 2xx is given only when queue or R2 holds the
 * delivery: it tells the sender to forget it.
 */
export const ingest =
  (ports: IngestPorts) =>
  async (request: Request, place: IngestPlace): Promise<Response> => {
    const receivedAtMs = ports.nowMs();
    const deliveryId = `dlv_${uuidV7(receivedAtMs)}`;
    const arrival = await arrive(ports, request, { ...place, deliveryId, receivedAtMs });
    const response = arrival instanceof Response ? arrival : await answer(ports, arrival);
    response.headers.set("Request-Id", deliveryId);
    return response;
  };

interface Place extends IngestPlace {
  readonly deliveryId: string;
  readonly receivedAtMs: number;
}

/** Everything that stands before verification: is it a delivery, whose, and how long is it. */
async function arrive(
  { directory, senders }: IngestPorts,
  request: Request,
  place: Place,
): Promise<Arrival | Response> {
  const { method, url, headers } = request;
  const header = (name: string) => headers.get(name) ?? undefined;
  const unfit = screen(method, header);
  if (unfit !== undefined) return refuseUnfit(unfit);

  // Names that nobody can have are not asked for: they would only look like an outage of KV.
  const isName = IDENTIFIER.test(place.tenant) && IDENTIFIER.test(place.source);
  const source = isName ? await directory.source(place.tenant, place.source) : undefined;
  if (source === undefined) return problem("not_found");
  const sender = senders.get(source.sender);
  if (sender === undefined) {
    throw new Error(`Cannot receive for source "${place.source}": no sender "${source.sender}"`);
  }

  if (!methodsOf(sender).includes(method)) return refuseUnfit("method_not_allowed");

  const body = await readBody(request, BODY_BYTES_MAX);
  if (body === undefined) return problem("too_large");

  const { deliveryId, receivedAtMs } = place;
  return { sender, source, deliveryId, delivery: { method, url, header, body, receivedAtMs } };
}

function refuseUnfit(unfit: Unfit): Response {
  if (unfit === "method_not_allowed") return problem(unfit, { headers: { Allow: "POST" } });
  if (unfit === "too_large") return problem(unfit);
  return problem(unfit, { detail: "Send the body as it is, without Content-Encoding" });
}

async function answer(ports: IngestPorts, arrival: Arrival): Promise<Response> {
  const judgement = await judge(arrival.sender, arrival.source, arrival.delivery);
  const { kind } = judgement;
  if (kind === "unauthentic") {
    report(ports, arrival, judgement.reason);
    return problem("unauthentic");
  }
  if (kind === "malformed") {
    report(ports, arrival, kind);
    return problem("malformed", { errors: clip(judgement.errors) });
  }
  if (kind === "violated") return refuseViolated(ports, arrival, judgement);
  if (kind === "unreadable") {
    const { errors } = judgement;
    return keep(ports, arrival, [
      { kind: "broken", id: arrival.deliveryId, code: "malformed", errors },
    ]);
  }
  return keep(ports, arrival, judgement.items);
}

/** The log alone tells why: what a forger sees is the same for every reason. */
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
  return problem("contract_violated", { errors: tellErrors(items, isJsonList(delivery.body)) });
}

/** What the answer says of one item. */
type Told =
  | { readonly kind: "event"; readonly id: string }
  | {
      readonly kind: "broken";
      readonly id: string;
      readonly code: string;
      readonly errors: readonly Violation[];
    };

async function keep(
  ports: IngestPorts,
  arrival: Arrival,
  items: readonly Told[],
): Promise<Response> {
  const { source, delivery } = arrival;
  const eventIds = items.map(() => eventId(delivery.receivedAtMs));
  // A sender's heartbeat says nothing that could be lost.
  if (items.length === 0) return accept(items, eventIds);

  const message = await enclose({ ...arrival, eventIds }, ports.inbox);
  if (message === "too_large") return problem("too_large");
  if (message === "lost") return overloaded();

  const { tenant, pausedMs } = source;
  const kept = await (pausedMs === undefined
    ? ports.inbox.put(tenant, message)
    : ports.inbox.hold(tenant, message));
  return kept === "lost" ? overloaded() : accept(items, eventIds);
}

const overloaded = () => problem("overloaded", { headers: { "Retry-After": RETRY_AFTER_S } });

function accept(items: readonly Told[], eventIds: readonly string[]): Response {
  const accepted: object[] = [];
  const quarantined: object[] = [];
  for (const [index, item] of items.entries()) {
    const named = { id: item.id, event_id: eventIds[index] };
    if (item.kind === "event") {
      accepted.push(named);
    } else {
      const errors = quarantined.length < DETAILED_MAX ? clip(item.errors) : [];
      quarantined.push({ ...named, code: item.code, errors });
    }
  }
  return Response.json({ accepted, quarantined }, { status: 202 });
}
