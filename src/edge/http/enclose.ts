import type { Violation } from "../../core/contracts/event.ts";
import type { Delivery, Sender } from "../../senders/sender.ts";
import { bodyAad } from "../archive/claims.ts";
import type { Inbox } from "../archive/inbox.ts";
import type { Source } from "../control/directory.ts";
import { seal } from "../crypto/seal.ts";
import { type DeliveryMessage, MESSAGE_BYTES_MAX } from "../message.ts";

/** Sealed and in base64 this is 120 KB: what is left holds the ids and headers of nearly all. */
export const BODY_INLINE_BYTES_MAX = 90_000;
/** `"evt_` and a UUID, quote and comma; the item's place, where the message holds a part. */
const EVENT_ID_BYTES = 50;
/** The names of the message's fields, its numbers, and a claim in place of the body. */
const FIELDS_BYTES = 2000;
/** One UTF-16 unit as UTF-8 in JSON text, where no control character can stand. */
const CHAR_BYTES_MAX = 3;
/** What a consumer works on at once: a larger delivery travels in several messages. */
const EVENTS_PER_MESSAGE_MAX = 1500;

export interface Enclosure {
  readonly sender: Sender;
  readonly source: Source;
  readonly delivery: Delivery;
  readonly deliveryId: string;
  readonly eventIds: readonly string[];
  /** Why the body could not be unpacked. */
  readonly unread?: readonly Violation[];
}

/** `too_large`: even without its body no message can carry it. `lost`: R2 did not take the body. */
export type Enclosed = readonly DeliveryMessage[] | "too_large" | "lost";

/**
 * Puts a delivery into messages the queue takes: one of nearly every delivery, several where it
 * holds more events than one can name. Its body is sealed, and claimed if it is too large.
 */
export async function enclose(
  enclosure: Enclosure,
  inbox: Pick<Inbox, "claim">,
): Promise<Enclosed> {
  const { source, delivery, deliveryId, eventIds } = enclosure;
  const { tenant } = source;
  const framed = frame(enclosure);
  const frameBytes = boundFrame(framed, Math.min(eventIds.length, EVENTS_PER_MESSAGE_MAX));
  if (frameBytes > MESSAGE_BYTES_MAX) return "too_large";

  const aad = bodyAad({ tenant: tenant.tenant, deliveryId });
  const sealed = await seal(tenant.dataKey, delivery.body, aad);
  const isInline =
    delivery.body.length <= BODY_INLINE_BYTES_MAX &&
    eventIds.length <= EVENTS_PER_MESSAGE_MAX &&
    frameBytes + sealed.length <= MESSAGE_BYTES_MAX;
  if (isInline) return [{ ...framed, body: { sealed } }];

  const claim = await inbox.claim(tenant, deliveryId, sealed);
  if (claim === undefined) return "lost";
  return inParts({ ...framed, body: { claim, bytes: sealed.length } });
}

/** A delivery's message, but for its body. */
export function frame(enclosure: Enclosure): Omit<DeliveryMessage, "body"> {
  const { sender, source, delivery, deliveryId, eventIds, unread } = enclosure;
  return {
    kind: "delivery",
    tenant: source.tenant.tenant,
    source: source.source,
    sender: sender.name,
    deliveryId,
    receivedAtMs: delivery.receivedAtMs,
    method: delivery.method,
    url: endpointOf(delivery.url),
    headers: pick(delivery, sender, source),
    eventIds,
    items: eventIds.length,
    ...(unread === undefined ? {} : { unread }),
  };
}

function inParts(whole: DeliveryMessage): readonly DeliveryMessage[] {
  const { eventIds } = whole;
  if (eventIds.length <= EVENTS_PER_MESSAGE_MAX) return [whole];
  const parts: DeliveryMessage[] = [];
  for (let from = 0; from < eventIds.length; from += EVENTS_PER_MESSAGE_MAX) {
    const ids = eventIds.slice(from, from + EVENTS_PER_MESSAGE_MAX);
    parts.push({ ...whole, eventIds: ids, only: ids.map((_, index) => from + index) });
  }
  return parts;
}

/**
 * What queue and archive keep unsealed holds no secret: some products can only put theirs into the
 * query, or into a segment behind the source.
 */
function endpointOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.split("/").slice(0, 4).join("/");
}

function pick(delivery: Delivery, sender: Sender, source: Source): Record<string, string> {
  const own = sender.readHeadersOf?.(source.options) ?? [];
  const headers: Record<string, string> = {};
  for (const name of [...sender.readHeaders, ...own]) {
    const value = delivery.header(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** An upper bound, so that no message has to be written twice to know its length. */
function boundFrame({ url, headers }: Omit<DeliveryMessage, "body">, events: number): number {
  let chars = url.length;
  for (const name in headers) chars += name.length + (headers[name]?.length ?? 0) + 6;
  return FIELDS_BYTES + CHAR_BYTES_MAX * chars + EVENT_ID_BYTES * events;
}
