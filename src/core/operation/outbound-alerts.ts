import type { Alert } from "./alerts.ts";

/** A destination that was tried in vain for so long, or not at all, is for somebody to look at. */
export const FAILING_MS_MIN = 15 * 60_000;
const PAGE_MS = 24 * 3_600_000;

/** Deliveries to one destination that nobody tries any more, as far as they are counted. */
export interface DeadDeliveries {
  readonly destination: string;
  readonly deliveries: number;
  /** When the first of them ended, UTC ms. */
  readonly sinceMs: number;
}

export const deadDeliveriesAlert = ({
  destination,
  deliveries,
  sinceMs,
}: DeadDeliveries): Alert => ({
  kind: "delivery_dead",
  key: destination,
  severity: "ticket",
  since_ms: sinceMs,
  detail: `${deliveries} to destination ${destination} that were given up`,
  place: ["deliveries"],
  query: { state: "dead", destination },
});

/** Deliveries to one destination that go on failing, or should have been tried and were not. */
export interface LateDeliveries extends DeadDeliveries {
  /** Of those, how many were tried. */
  readonly tried: number;
}

/** `sinceMs`: of the first attempt that failed, or when the first was due. */
export const failingDestinationAlert = (
  { destination, deliveries, tried, sinceMs }: LateDeliveries,
  nowMs: number,
): Alert => ({
  kind: "destination_failing",
  key: destination,
  severity: nowMs - sinceMs >= PAGE_MS ? "page" : "ticket",
  since_ms: sinceMs,
  detail: `${deliveries} to destination ${destination} are late, ${tried} of them were tried in vain`,
  place: ["deliveries"],
  query: { state: "pending", destination },
});

/** It was told to be gone, and is paused: what is for it waits. Nobody is woken by what was wanted. */
export const goneDestinationAlert = (gone: {
  readonly destination: string;
  readonly pausedMs: number;
}): Alert => ({
  kind: "destination_failing",
  key: gone.destination,
  severity: "ticket",
  since_ms: gone.pausedMs,
  detail: `Destination ${gone.destination} answered that it is gone: it is paused until a person resumes it`,
  place: ["destinations", gone.destination],
});
