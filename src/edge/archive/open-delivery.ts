import type { Delivery } from "../../senders/sender.ts";
import type { Tenant } from "../control/directory.ts";
import { open } from "../crypto/seal.ts";
import type { DeliveryMessage } from "../message.ts";
import { bodyAad, getClaim } from "./claims.ts";

/**
 * The delivery that a message carries, as `Sender.read` wants it: the bytes that arrived, so that
 * it reads the same as at the edge. Throws where the claim is gone or the seal does not open.
 */
export async function openDelivery(
  message: DeliveryMessage,
  tenant: Tenant,
  archive: R2Bucket,
): Promise<Delivery> {
  if ("oversized" in message.body) throw new Error("Cannot open an oversized body: it is not read");
  const sealed =
    "claim" in message.body ? await getClaim(archive, message.body.claim) : message.body.sealed;
  const { method, url, headers, receivedAtMs } = message;

  return {
    method,
    url,
    header: (name) => {
      const key = name.toLowerCase();
      return Object.hasOwn(headers, key) ? headers[key] : undefined;
    },
    body: await open(tenant.dataKey, sealed, bodyAad(message)),
    receivedAtMs,
  };
}
