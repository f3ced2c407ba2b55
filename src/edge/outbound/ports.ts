import type { Standing } from "../../core/outbound/after-attempt.ts";
import type { Attempt } from "../../core/outbound/delivery.ts";
import type { DestinationKind } from "../../destinations/destination.ts";
import type { Log } from "../log.ts";

/** Which destination, and where its deliveries are. */
export interface DestinationPlace {
  readonly tenant: string;
  readonly destination: string;
  readonly shard: number;
}

/** A destination with its secrets opened: never shown, never logged. */
export interface DestinationSettings {
  readonly kind: string;
  readonly url: string;
  readonly secrets: readonly string[];
  /** Attempts a minute, and at once. */
  readonly perMinute: number;
  readonly concurrency: number;
  readonly pausedMs?: number;
}

/** A delivery whose time has come. */
export interface DueDelivery {
  readonly deliveryId: string;
  readonly body: string;
  readonly step: number;
  readonly attempts: readonly Attempt[];
  readonly dueMs: number;
}

/** What became of one, to be kept where it is still pending as it was read. */
export interface DeliveryResult extends Standing {
  readonly deliveryId: string;
  /** As it was read: a person may have begun it anew meanwhile. */
  readonly readStep: number;
}

/** What a `Destination` object needs besides its own storage. */
export interface OutboundPorts {
  /** As it stands in the control tables, from the primary; nothing once it was removed. */
  readonly settings: (place: DestinationPlace) => Promise<DestinationSettings | undefined>;
  /** Those whose time has come, the longest due first. */
  readonly due: (
    place: DestinationPlace,
    asked: { readonly nowMs: number; readonly limit: number },
  ) => Promise<readonly DueDelivery[]>;
  /** When the next one is due; nothing where none is pending. */
  readonly nextDueMs: (place: DestinationPlace) => Promise<number | undefined>;
  readonly save: (place: DestinationPlace, results: readonly DeliveryResult[]) => Promise<void>;
  /**
   * Gives up some of what was pending by then, as there is nobody to send it to; answers how many, which
   * is fewer than `limit` once there is no more.
   */
  readonly cancel: (
    place: DestinationPlace,
    asked: { readonly nowMs: number; readonly limit: number },
  ) => Promise<number>;
  /** It has said that it is gone: nothing is sent until a person resumes it. Nothing where its address is another by now. */
  readonly pauseGone: (place: DestinationPlace, url: string) => Promise<void>;
  readonly kinds: ReadonlyMap<string, DestinationKind>;
  readonly fetch: typeof fetch;
  /** Only a deployment on one's own machine may send to its own machine, and without TLS. */
  readonly isLocal: boolean;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
}
