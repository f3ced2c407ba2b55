import type { Message as Sent } from "../message.ts";

/** Events worked on at once: each is an object's call and rows of several kinds in memory. */
const EVENTS_MAX = 2_000;
/** Claimed bodies in memory at once: a megabyte each, of an isolate's 128. */
const CLAIMS_MAX = 16;

export const eventsIn = (body: Sent): number =>
  body.kind === "delivery" ? body.eventIds.length : 1;

const claimsIn = (body: Sent): number => (body.kind === "delivery" && "claim" in body.body ? 1 : 0);

/** Parts a batch, in its order, so that each part fits into memory; one message always does. */
export function inSlices<Letter extends { readonly body: Sent }>(
  messages: readonly Letter[],
): readonly (readonly Letter[])[] {
  const slices: Letter[][] = [];
  let events = 0;
  let claims = 0;
  for (const message of messages) {
    events += eventsIn(message.body);
    claims += claimsIn(message.body);
    const slice = slices.at(-1);
    if (slice !== undefined && events <= EVENTS_MAX && claims <= CLAIMS_MAX) {
      slice.push(message);
    } else {
      slices.push([message]);
      events = eventsIn(message.body);
      claims = claimsIn(message.body);
    }
  }
  return slices;
}
