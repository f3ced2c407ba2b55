import type { Violation } from "../../core/contracts/event.ts";
import type { Item } from "../../senders/sender.ts";
import { eventId } from "../event-id.ts";
import { MESSAGE_BYTES_MAX, type RejectionMessage } from "../message.ts";

/** Enough to repair a sender by; what is broken beyond it is told on the next attempt. */
const ERRORS_MAX = 500;
const EVENT_ERRORS_MAX = 50;
/** A path can repeat a name that the sender made up, of any length. */
const TEXT_CHARS_MAX = 300;
/** Leaves the message's own fields their room. */
const EVENTS_BYTES_MAX = MESSAGE_BYTES_MAX - 2000;

export type Broken = Extract<Item, { kind: "broken" }>;

/** What is told of one broken item: no more of it than a person reads. */
export const clip = (errors: readonly Violation[]): readonly Violation[] =>
  errors.slice(0, EVENT_ERRORS_MAX).map(({ path, rule, message }) => ({
    path: path.slice(0, TEXT_CHARS_MAX),
    rule,
    message: message.slice(0, TEXT_CHARS_MAX),
  }));

/** The errors of a refused delivery; in a list each says which of its items it is about. */
export function tellErrors(items: readonly Item[], isList: boolean): readonly Violation[] {
  const told: Violation[] = [];
  for (const [index, item] of items.entries()) {
    if (item.kind !== "broken") continue;
    for (const error of clip(item.errors)) {
      if (told.length === ERRORS_MAX) return told;
      told.push(isList ? { ...error, path: placeIn(index, error.path) } : error);
    }
  }
  return told;
}

const placeIn = (index: number, path: string) =>
  path === "" ? `[${index}]` : `[${index}].${path}`;

const LIST = "[".charCodeAt(0);
/** RFC 8259 §2, and a byte order mark, which readers may skip (§8.1). */
const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** Whether a body that could be read is a JSON array. */
export function isJsonList(body: Uint8Array): boolean {
  let at = 0;
  while (BLANK.has(body[at])) at += 1;
  return body[at] === LIST;
}

export interface Rejected {
  readonly tenant: string;
  readonly source: string;
  readonly deliveryId: string;
  readonly receivedAtMs: number;
}

/** The record of a refused delivery: the broken items, as many of them as one message holds. */
export function recordRejection(place: Rejected, items: readonly Item[]): RejectionMessage {
  const events: RejectionMessage["events"][number][] = [];
  let bytes = 0;
  for (const item of items) {
    if (item.kind !== "broken") continue;
    const event = reject(item, place.receivedAtMs);
    bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
    if (bytes > EVENTS_BYTES_MAX) break;
    events.push(event);
  }
  return { kind: "rejection", ...place, events };
}

const reject = ({ id, type, code, errors }: Broken, receivedAtMs: number) => ({
  eventId: eventId(receivedAtMs),
  id,
  ...(type === undefined ? {} : { type: type.slice(0, TEXT_CHARS_MAX) }),
  code,
  errors: clip(errors),
});
