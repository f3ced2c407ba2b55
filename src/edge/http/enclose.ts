import type { Delivery, Sender } from "../../senders/sender.ts";
import { bodyAad } from "../archive/claims.ts";
import type { Inbox } from "../archive/inbox.ts";
import type { Source } from "../control/directory.ts";
import { seal } from "../crypto/seal.ts";
import { type DeliveryMessage, MESSAGE_BYTES_MAX } from "../message.ts";

/** Sealed and in base64 this is 120 KB: what is left holds the ids and headers of nearly all. */
export const BODY_INLINE_BYTES_MAX = 90_000;
/** `"evt_` and a UUID, quote and comma. */
const EVENT_ID_BYTES = 43;
/** The names of the message's fields, its numbers, and a claim in place of the body. */
const FIELDS_BYTES = 2000;
/** One UTF-16 unit as UTF-8 in JSON text, where no control character can stand. */
const CHAR_BYTES_MAX = 3;

export interface Enclosure {
  readonly sender: Sender;
  readonly source: Source;
  readonly delivery: Delivery;
  readonly deliveryId: string;
  readonly eventIds: readonly string[];
}

/** `too_large`: even without its body no message can carry it. `lost`: R2 did not take the body. */
export type Enclosed = DeliveryMessage | "too_large" | "lost";

/** Puts a delivery into a message the queue takes, its body sealed, and claimed if it is too large. */
export async function enclose(
  { sender, source, delivery, deliveryId, eventIds }: Enclosure,
  inbox: Pick<Inbox, "claim">,
): Promise<Enclosed> {
  const { tenant } = source;
  const url = withoutQuery(delivery.url);
  const headers = pick(delivery, sender.readHeaders);
  const frameBytes = boundFrame(url, headers, eventIds.length);
  if (frameBytes > MESSAGE_BYTES_MAX) return "too_large";

  const aad = bodyAad({ tenant: tenant.tenant, deliveryId });
  const sealed = await seal(tenant.dataKey, delivery.body, aad);
  const isInline =
    delivery.body.length <= BODY_INLINE_BYTES_MAX &&
    frameBytes + sealed.length <= MESSAGE_BYTES_MAX;
  const claim = isInline ? undefined : await inbox.claim(tenant, deliveryId, sealed);
  if (!isInline && claim === undefined) return "lost";

  return {
    kind: "delivery",
    tenant: tenant.tenant,
    source: source.source,
    sender: sender.name,
    deliveryId,
    receivedAtMs: delivery.receivedAtMs,
    method: delivery.method,
    url,
    headers,
    body: claim === undefined ? { sealed } : { claim },
    eventIds,
  };
}

/** What queue and archive keep unsealed holds no secret: some products can only put one there. */
function withoutQuery(url: string): string {
  const at = url.indexOf("?");
  return at < 0 ? url : url.slice(0, at);
}

function pick(delivery: Delivery, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = delivery.header(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** An upper bound, so that no message has to be written twice to know its length. */
function boundFrame(url: string, headers: Record<string, string>, events: number): number {
  let chars = url.length;
  for (const name in headers) chars += name.length + (headers[name]?.length ?? 0) + 6;
  return FIELDS_BYTES + CHAR_BYTES_MAX * chars + EVENT_ID_BYTES * events;
}
