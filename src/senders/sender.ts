import type { Breach, GatewayEvent, Violation } from "../core/contracts/event.ts";
import type { JsonObject } from "../core/json.ts";

/** One HTTP request that arrived, with the exact bytes that were signed. */
export interface Delivery {
  readonly method: string;
  /** As the sender called it; `SourceAuth.url` overrides it where a proxy changed it. */
  readonly url: string;
  /** Case-insensitive; several values of one name arrive joined with `, `. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly receivedAtMs: number;
}

/** How a source proves who it is. The text forms of secrets are those of `vectors.json`. */
export interface SourceAuth {
  readonly scheme: string;
  /** Every live secret: tried in turn, so that a rotation needs no downtime. */
  readonly secrets: readonly string[];
  /** The public URL, where the signature covers it and a proxy stands before us. */
  readonly url?: string;
}

/** One check of a verification, for `explain`. Never holds a secret or a signature expected. */
export interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Why a delivery is not believed. All of them look the same from outside: 401 `unauthentic`. */
export type Disbelief =
  | "signature_missing"
  | "signature_malformed"
  | "signature_mismatch"
  | "timestamp_missing"
  | "timestamp_malformed"
  | "timestamp_old"
  | "timestamp_future"
  | "token_missing"
  | "token_invalid"
  | "secret_unusable"
  | "scheme_unknown";

export type Verification =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly reason: Disbelief; readonly steps: readonly Step[] };

export type Verify = (delivery: Delivery, auth: SourceAuth) => Promise<Verification>;

/** Where the events of a delivery belong, and what its source was configured with. */
export interface ReadingContext {
  readonly tenant: string;
  readonly source: string;
  readonly options: JsonObject;
}

/** One thing a delivery says: an event of the catalogue, or something kept for a person. */
export type Item =
  | { readonly kind: "event"; readonly id: string; readonly event: GatewayEvent }
  | {
      readonly kind: "broken";
      readonly id: string;
      readonly code: Breach["code"] | "unmapped";
      readonly type?: string;
      readonly errors: readonly Violation[];
    };

export type Reading =
  | { readonly kind: "items"; readonly items: readonly Item[] }
  | { readonly kind: "malformed"; readonly errors: readonly Violation[] };

/**
 * One product that posts to us. A sender holds no state, reads no clock and makes no request; the
 * same delivery always reads the same, so that a replay from the archive gives the same events.
 */
export interface Sender {
  readonly name: string;
  /** Decides the acknowledgement policy: our contract, a product's webhook, a connector. */
  readonly family: "contract" | "product" | "connector";
  readonly defaultScheme: string;
  readonly schemes: Readonly<Record<string, Verify>>;
  /** HTTP methods it calls with; POST alone where absent. */
  readonly methods?: readonly string[];
  /** What `read` looks at besides the body: kept with the delivery in queue and archive. */
  readonly readHeaders: readonly string[];
  /** Says what is wrong with a secret's text before it is stored, or nothing. Quotes no secret. */
  readonly checkSecret: (scheme: string, secret: string) => string | undefined;
  readonly read: (delivery: Delivery, context: ReadingContext) => Reading;
}
