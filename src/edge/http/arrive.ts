import type { Violation } from "../../core/contracts/event.ts";
import type { Delivery, Means, Sender } from "../../senders/sender.ts";
import type { Inbox } from "../archive/inbox.ts";
import type { Directory, Source, Tenant } from "../control/directory.ts";
import type { SpentQuota } from "../event-count.ts";
import type { Log } from "../log.ts";
import { clientCertificate } from "./client-certificate.ts";
import { announcedLength, readBody } from "./read-body.ts";
import type { Asked } from "./reply.ts";
import { IDENTIFIER } from "./route.ts";

export { clientCertificate as certificateOf } from "./client-certificate.ts";

const NO_BODY = new Uint8Array(0);

export interface IngestPorts {
  readonly senders: ReadonlyMap<string, Sender>;
  readonly directory: Pick<Directory, "source">;
  readonly inbox: Inbox;
  readonly certificateAt: Means["certificateAt"];
  /** Where a tenant has had its events of the day; nothing where it may have more. */
  readonly overQuota: (tenant: Tenant) => Promise<SpentQuota | undefined>;
  readonly log: Log;
  readonly nowMs: () => number;
}

export interface IngestPlace {
  readonly tenant: string;
  readonly source: string;
}

/** A request at the door of a source, its body not read yet. */
export interface Arrival {
  readonly sender: Sender;
  readonly source: Source;
  readonly delivery: Delivery;
  readonly deliveryId: string;
  /** Why the body could not be unpacked: the consumer is told, and does not try again. */
  readonly unread?: readonly Violation[];
}

export interface Place extends IngestPlace {
  readonly deliveryId: string;
  readonly receivedAtMs: number;
}

/** Whose it is. Names that nobody can have are not asked for: they would look like an outage of KV. */
export async function arrive(
  { directory, senders }: IngestPorts,
  request: Request,
  { deliveryId, receivedAtMs, ...place }: Place,
): Promise<Arrival | undefined> {
  const isName = IDENTIFIER.test(place.tenant) && IDENTIFIER.test(place.source);
  const source = isName ? await directory.source(place.tenant, place.source) : undefined;
  if (source === undefined) return undefined;
  const sender = senders.get(source.sender);
  if (sender === undefined) {
    throw new Error(`Cannot receive for source "${place.source}": no sender "${source.sender}"`);
  }
  return { sender, source, deliveryId, delivery: deliveryOf(request, receivedAtMs) };
}

function deliveryOf({ method, url, headers, cf }: Request, receivedAtMs: number): Delivery {
  const certificate = clientCertificate(cf?.["tlsClientAuth"]);
  return {
    method,
    url,
    header: (name) => headers.get(name) ?? undefined,
    body: NO_BODY,
    receivedAtMs,
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/**
 * Whom to answer while nobody can say which sender the source has. Some products take an answer
 * for the last word that makes others come again, and show by a header of theirs who they are.
 */
export function guessed(
  { senders }: IngestPorts,
  request: Request,
  { receivedAtMs }: Place,
): Asked {
  const delivery = deliveryOf(request, receivedAtMs);
  const isMarked = ({ mark }: Sender) => mark !== undefined && request.headers.has(mark);
  return { sender: [...senders.values()].find(isMarked) ?? {}, delivery };
}

const GREETING_BYTES_MAX = 1024;

/** Whether a body of this length is shown to `greet`: pings are short. */
export const isGreetingLong = (bytes: number): boolean => bytes > 0 && bytes <= GREETING_BYTES_MAX;

/** What a greeting may look at: the body of a delivery stays unread, however it is sent. */
export async function greeted(request: Request, { delivery }: Arrival): Promise<Delivery> {
  const announced = announcedLength(request.headers);
  if (announced !== undefined && !isGreetingLong(announced)) return delivery;
  const body = await readBody(request.clone(), GREETING_BYTES_MAX);
  if (body instanceof Uint8Array)
    return isGreetingLong(body.length) ? { ...delivery, body } : delivery;
  // Not waited for: one half of a stream is let go of only together with the other.
  body.cancel().catch(() => undefined);
  return delivery;
}
