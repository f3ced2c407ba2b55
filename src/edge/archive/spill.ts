import { type DeliveryMessage, nameOf, type RejectionMessage } from "../message.ts";
import { drain, type Drained, type DrainPorts } from "./drain.ts";

const PREFIX = "spill/";
const BROKEN_PREFIX = "spill-broken/";

/** Keeps a message that the queue would not take. By day, so that the oldest is drained first. */
export async function spill(
  bucket: R2Bucket,
  message: DeliveryMessage | RejectionMessage,
): Promise<void> {
  const day = new Date(message.receivedAtMs).toISOString().slice(0, 10);
  const place = `${PREFIX}${day}/tenant=${message.tenant}/${nameOf(message)}.json`;
  await bucket.put(place, JSON.stringify(message));
}

/** Sends what was spilled, at most `limit` messages a call. Throws while the queue still refuses. */
export const drainSpill = (
  ports: DrainPorts,
  { limit }: { readonly limit: number },
): Promise<Drained> =>
  drain(ports, { prefix: PREFIX, brokenPrefix: BROKEN_PREFIX, objectsMax: limit });
