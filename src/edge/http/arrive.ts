import type { Violation } from "../../core/contracts/event.ts";
import type { Delivery, Means, Sender } from "../../senders/sender.ts";
import type { Inbox } from "../archive/inbox.ts";
import type { Directory, Source } from "../control/directory.ts";
import type { Log } from "../log.ts";
import { clientCertificate } from "./client-certificate.ts";
import { IDENTIFIER } from "./route.ts";

const NO_BODY = new Uint8Array(0);

export interface IngestPorts {
  readonly senders: ReadonlyMap<string, Sender>;
  readonly directory: Pick<Directory, "source">;
  readonly inbox: Inbox;
  readonly certificateAt: Means["certificateAt"];
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
  const { method, url, headers, cf } = request;
  const certificate = clientCertificate(cf?.["tlsClientAuth"]);
  const delivery = {
    method,
    url,
    header: (name: string) => headers.get(name) ?? undefined,
    body: NO_BODY,
    receivedAtMs,
    ...(certificate === undefined ? {} : { certificate }),
  };
  return { sender, source, deliveryId, delivery };
}

const GREETING_BYTES_MAX = 1024;

/** What a greeting may look at: pings are short, and the body of a delivery stays unread. */
export async function greeted(request: Request, { delivery }: Arrival): Promise<Delivery> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  const isShort = announced > 0 && announced <= GREETING_BYTES_MAX;
  if (!isShort) return delivery;
  return { ...delivery, body: new Uint8Array(await request.clone().arrayBuffer()) };
}
