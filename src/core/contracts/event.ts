import type { JsonObject } from "../json.ts";
import type { EventType } from "./catalogue.ts";

/**
 * How an event finds its place (DOMAIN «ordering classes»).
 * `strict`: contiguous `seq` per (source, key, epoch). `register`: the highest (epoch, rev) is
 * current. `commutative`: a fact under a business key, in any order. `notice`: a hint, no state.
 */
export type OrderingClass = "strict" | "register" | "commutative" | "notice";

/**
 * A delivery verified and translated: what every room behind ingest works on. Times are UTC
 * milliseconds; `data` has passed its contract and keeps fields the contract does not know.
 */
export interface GatewayEvent {
  /** The sender's id, at most 128 characters: unique per source as far as the sender keeps it so. */
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  readonly version: number;
  readonly occurredAtMs: number;
  /** The subject, `dist:{distributor_id}`, `tree:{tenant}`, …: what the event is serialised by. */
  readonly key: string;
  readonly epoch: number;
  /** Present exactly on the types of class `strict`; from 1. */
  readonly seq?: number;
  /** Present exactly on the types of class `register`; decimal digits without leading zeros. */
  readonly rev?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly data: JsonObject;
}

/** One broken rule: where (`data.amount_minor`), which (`integer`), and a sentence for a person. */
export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** Why an envelope is not an event. `type` is told where it could be read. */
export interface Breach {
  readonly code: "contract_violated" | "type_unknown" | "version_unsupported";
  readonly type?: string;
  readonly errors: readonly Violation[];
}
