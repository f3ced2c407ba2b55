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
  /** Nothing where they cannot be opened: then nothing can be sent. */
  readonly secrets: readonly string[] | undefined;
  /** One of the same name that was made at another time is another one. */
  readonly createdMs: number;
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
  /** When the destination was made that it is meant for: it is told to no other. */
  readonly destinationMs: number;
  /** Its attempts could not be read, and count as none. */
  readonly isSpoilt?: boolean;
}

/** What became of one, to be kept where it is still pending as it was read. */
export interface DeliveryResult extends Standing {
  readonly deliveryId: string;
  /** As it was read: a person may have begun it anew meanwhile, or has had it tried at once. */
  readonly readStep: number;
  readonly readDueMs: number;
}

export const resultOf = (
  { deliveryId, step, dueMs }: DueDelivery,
  standing: Standing,
): DeliveryResult => ({ ...standing, deliveryId, readStep: step, readDueMs: dueMs });

/** Which pending deliveries of a name nobody wants any more. */
export interface Cancelling {
  /** Those that were meant for a destination made by then, UTC ms. */
  readonly madeMs: number;
  readonly limit: number;
  readonly nowMs: number;
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
   * Gives up some of what is pending for those of its name that were made by then, as there is nobody to
   * send it to; answers how many, which is fewer than `limit` once there is no more.
   */
  readonly cancel: (place: DestinationPlace, asked: Cancelling) => Promise<number>;
  /**
   * It has said that it is gone: nothing is sent until a person resumes it. False where it stands
   * otherwise by now: another address, or paused already.
   */
  readonly pauseGone: (place: DestinationPlace, url: string) => Promise<boolean>;
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
