/**
 * `pending`: tried until it is delivered or its schedule is used up. `dead`: it was not, a person may
 * have it tried again. `cancelled`: its destination is gone.
 */
export const DELIVERY_STATES = ["pending", "delivered", "dead", "cancelled"] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One try. Of the answer nothing is kept but its status: it may quote whatever it was sent. */
export interface Attempt {
  readonly at_ms: number;
  readonly took_ms: number;
  /** Of the answer; absent where none came. */
  readonly status?: number;
  /** Why it did not count as delivered; absent where it did. */
  readonly error?: string;
}

/** What an attempt came to. `gone`: the destination wants nothing any more (Standard Webhooks: 410). */
export type AttemptOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly retryAfterMs?: number }
  | { readonly kind: "gone" };
