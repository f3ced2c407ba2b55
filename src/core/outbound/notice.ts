import type { JsonObject } from "../json.ts";

/** Something that destinations can be told: what is in it are ids and times, nothing personal. */
export interface Notice {
  /** Ours of the event, or the message's key: the same however often it is read. */
  readonly id: string;
  /** Of the catalogue, or `message.{kind}`. */
  readonly type: string;
  /** Who told it; absent for what the gateway found itself. */
  readonly source?: string;
  readonly eventId?: string;
  readonly subject: string;
  /** When it was recorded, UTC ms: the place of its deliveries in time. */
  readonly recordedMs: number;
  /** `{type, timestamp, data}` of Standard Webhooks. */
  readonly body: JsonObject;
}
