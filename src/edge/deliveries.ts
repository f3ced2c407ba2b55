import type { Attempt, DeliveryState } from "../core/outbound/delivery.ts";

/** A delivery as lists show it. */
export interface DeliveryRow {
  readonly deliveryId: string;
  readonly destination: string;
  readonly subscription: string;
  readonly eventId: string | null;
  readonly type: string;
  readonly subject: string;
  readonly state: DeliveryState;
  /** How many are kept, and the last of them. */
  readonly attempts: number;
  readonly lastAttempt?: Attempt;
  /** When it is tried next, UTC ms; null once nobody tries any more. */
  readonly dueMs: number | null;
  readonly createdMs: number;
  readonly endedMs: number | null;
}

/** The same with all that is kept of it. */
export interface DeliveryRead extends DeliveryRow {
  /** The oldest first. */
  readonly attemptsMade: readonly Attempt[];
  /** JSON: what is sent, byte for byte. */
  readonly body: string;
}

/** What narrows a list of deliveries. */
export interface DeliverySearch {
  readonly state?: DeliveryState;
  readonly destination?: string;
  readonly event_id?: string;
  readonly type?: string;
}

export interface DeliveriesFound {
  readonly rows: readonly DeliveryRow[];
  /** Where a search stopped that looked at many rows and found few. */
  readonly searchedTo?: string;
}
