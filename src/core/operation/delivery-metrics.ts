import type { Family, Sample } from "./exposition.ts";

/** A tenant's deliveries, as monitoring is told of them. Counts end where no more rows are looked at. */
export interface DeliveryFigures {
  readonly pending: number;
  readonly dead: number;
  /** When the oldest of the pending ones was recorded, UTC ms; null where none is pending. */
  readonly oldest_ms: number | null;
}

/** Somebody of whom they are known, or not. */
export interface Delivering {
  readonly deliveries?: DeliveryFigures;
}

interface Metric extends Omit<Family, "samples"> {
  readonly samples: (
    figures: Delivering & { readonly tenant: string },
    nowMs: number,
  ) => readonly Sample[];
}

const STATES = ["pending", "dead"] as const;

/** Families of what is sent to destinations. */
export const DELIVERY_METRICS: readonly Metric[] = [
  {
    name: "upline_deliveries",
    type: "gauge",
    help: "What is to be sent to destinations, and what every attempt failed on",
    samples: ({ tenant, deliveries }) =>
      deliveries === undefined
        ? []
        : STATES.map((state) => ({ labels: { tenant, state }, value: deliveries[state] })),
  },
  {
    name: "upline_deliveries_oldest_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long ago the oldest was recorded of what is still to be sent",
    samples: ({ tenant, deliveries }, nowMs) => {
      const ms = deliveries?.oldest_ms ?? null;
      return ms === null ? [] : [{ labels: { tenant }, value: Math.max(0, nowMs - ms) / 1000 }];
    },
  },
];
