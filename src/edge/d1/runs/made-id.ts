import { createHash } from "node:crypto";
import type { GatewayEvent } from "../../../core/contracts/event.ts";

/** {@link madeId} of an event, by its sender's id for it. */
export const madeEventId = (tenant: string, { source, id, occurredAtMs }: GatewayEvent): string =>
  madeId(Math.max(occurredAtMs, 0), JSON.stringify([tenant, source, id]));

/**
 * Our id of an event that the gateway makes itself: a UUIDv7 of a given time whose other digits
 * follow from a name, so that whoever makes the same event gives it the same id.
 */
function madeId(atMs: number, name: string): string {
  const time = Math.trunc(atMs).toString(16).padStart(12, "0");
  const hex = createHash("sha256").update(name).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(3, 4), 16) % 4];
  const random = `7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
  return `evt_${time.slice(0, 8)}-${time.slice(8)}-${random}`;
}
