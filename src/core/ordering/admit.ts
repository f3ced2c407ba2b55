/** What a stream holds back: bounded, or one lost event could fill an object (DOMAIN «Gap defaults»). */
export const BUFFERED_EVENTS_MAX = 1_000;
export const BUFFERED_BYTES_MAX = 1_000_000;

/** How far a strict stream has been applied, and how much waits behind its first gap. */
export interface Cursor {
  /** The seq whose turn it is; a stream begins at 1. */
  readonly next: number;
  readonly bufferedEvents: number;
  readonly bufferedBytes: number;
}

export type Admission =
  | { readonly kind: "due" }
  | { readonly kind: "early" }
  | { readonly kind: "taken" }
  | { readonly kind: "overflow" };

/**
 * Decides whether an event's turn has come. Any arrival order, with any repeats, makes each seq
 * due once and ascending, as long as no gap outgrows the buffer.
 */
export function admit(
  { next, bufferedEvents, bufferedBytes }: Cursor,
  { seq, bytes }: { readonly seq: number; readonly bytes: number },
): Admission {
  if (seq === next) return { kind: "due" };
  if (seq < next) return { kind: "taken" };
  const fits = bufferedEvents < BUFFERED_EVENTS_MAX && bufferedBytes + bytes <= BUFFERED_BYTES_MAX;
  return { kind: fits ? "early" : "overflow" };
}
