import type { Message as Sent } from "../message.ts";

/** Events worked on at once: each is an object's call and rows of several kinds in memory. */
const EVENTS_MAX = 2_000;
/** Claimed bodies in memory at once, as they lie in R2: opened and read each is there thrice. */
const CLAIM_BYTES_MAX = 16 * 1024 * 1024;
/** Of a claim whose message does not say: the longest that was, when messages did not. */
const CLAIM_BYTES_USUAL = 1024 * 1024;

export function eventsIn(body: Sent): number {
  if (body.kind === "made") return body.events.length;
  return body.kind === "delivery" ? body.eventIds.length : 1;
}

function claimBytesIn(message: Sent): number {
  if (message.kind !== "delivery" || !("claim" in message.body)) return 0;
  return message.body.bytes ?? CLAIM_BYTES_USUAL;
}

/** Parts a batch, in its order, so that each part fits into memory; one message always does. */
export function inSlices<Letter extends { readonly body: Sent }>(
  messages: readonly Letter[],
): readonly (readonly Letter[])[] {
  const slices: Letter[][] = [];
  let events = 0;
  let claims = 0;
  for (const message of messages) {
    events += eventsIn(message.body);
    claims += claimBytesIn(message.body);
    const slice = slices.at(-1);
    if (slice !== undefined && events <= EVENTS_MAX && claims <= CLAIM_BYTES_MAX) {
      slice.push(message);
    } else {
      slices.push([message]);
      events = eventsIn(message.body);
      claims = claimBytesIn(message.body);
    }
  }
  return slices;
}
