import type { DeliveryMessage } from "../message.ts";
import { objectKindOf } from "./arrival.ts";
import { itemsOf, type UnpackPorts } from "./unpack.ts";

/** The subjects that an archived delivery is about. Throws where it cannot be opened. */
export async function subjectsIn(
  message: DeliveryMessage,
  ports: UnpackPorts,
): Promise<readonly string[]> {
  return (await keysIn(message, ports)).filter((key) => key !== undefined);
}

/** The same by the places of its items; nothing for what no object applies. */
export async function keysIn(
  message: DeliveryMessage,
  ports: UnpackPorts,
): Promise<readonly (string | undefined)[]> {
  const tenant = await ports.directory.tenant(message.tenant);
  const sender = ports.senders.get(message.sender);
  if (tenant === undefined || sender === undefined) return [];
  const items = await itemsOf(message, { tenant, sender, ports });
  return items.map((item) =>
    item.kind === "event" && objectKindOf(item.event) !== undefined ? item.event.key : undefined,
  );
}
