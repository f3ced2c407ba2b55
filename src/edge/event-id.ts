/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness. The platform's own v4
 * gives the random digits and the variant: it is made natively, one hex digit at a time is not.
 */
export function uuidV7(nowMs: number): string {
  const time = Math.trunc(nowMs).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** Our id of an event: one key for time order and look-up. */
export const eventId = (nowMs: number): string => `evt_${uuidV7(nowMs)}`;
