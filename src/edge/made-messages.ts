import type { GatewayEvent } from "../core/contracts/event.ts";
import { type MadeMessage, MESSAGE_BYTES_MAX } from "./message.ts";

/** Whose events they are, as the delivery of others would say it. */
type Origin = Pick<MadeMessage, "tenant" | "deliveryId" | "receivedAtMs">;

type Made = MadeMessage["events"][number];

const BYTES = new TextEncoder();
const bytesOf = (value: unknown): number => BYTES.encode(JSON.stringify(value)).length;

interface Laying {
  /** Our id of an event: the same whenever it is made again. */
  readonly eventIdOf: (event: GatewayEvent) => string;
  /** Events of one message, where fewer are wanted than it can hold: a group is not torn for it. */
  readonly eventsMax?: number;
}

/**
 * Lays events of our own into messages that a queue takes. What is in one group is applied in its
 * order, and stays together unless it alone is longer than a message.
 */
export function madeMessages(
  origin: Origin,
  groups: readonly (readonly GatewayEvent[])[],
  { eventIdOf, eventsMax = Infinity }: Laying,
): readonly MadeMessage[] {
  const room = MESSAGE_BYTES_MAX - bytesOf({ kind: "made", ...origin, events: [] });
  const messages: Made[][] = [];
  let left = 0;
  const take = (events: readonly Made[]) => {
    const bytes = events.reduce((sum, event) => sum + bytesOf(event) + 1, 0);
    if (bytes > room && events.length > 1) {
      for (const event of events) take([event]);
      return;
    }
    const last = messages.at(-1);
    if (last === undefined || bytes > left || last.length + events.length > eventsMax) {
      messages.push([...events]);
      left = room - bytes;
    } else {
      last.push(...events);
      left -= bytes;
    }
  };
  for (const group of groups) take(group.map((event) => ({ eventId: eventIdOf(event), event })));
  return messages.map((events) => ({ kind: "made", ...origin, events }));
}
