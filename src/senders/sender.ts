import type { Breach, GatewayEvent, Violation } from "../core/contracts/event.ts";
import type { JsonObject } from "../core/json.ts";

/** One HTTP request that arrived, with the exact bytes that were signed. */
export interface Delivery {
  readonly method: string;
  /** As the sender called it; `SourceAuth.url` overrides it where a proxy changed it. */
  readonly url: string;
  /** Case-insensitive; several values of one name arrive joined with `, `. */
  readonly header: (name: string) => string | undefined;
  /** As it arrived while it is verified; unpacked when it is read. */
  readonly body: Uint8Array;
  readonly receivedAtMs: number;
  /** The client's certificate, where the connection had one (mTLS). */
  readonly certificate?: ClientCertificate;
}

/** What Cloudflare says of a client's certificate; it has checked the chain. */
export interface ClientCertificate {
  /** Chain, dates and revocation hold: `certVerified` is SUCCESS and `certRevoked` is "0". */
  readonly verified: boolean;
  /** What Cloudflare says of it, for `explain`: `SUCCESS`, `FAILED:<reason>`, … */
  readonly status: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprintSha256: string;
  /** RFC 2253, as `CN=proxy.salesforce.com,O=…`. */
  readonly subject: string;
  readonly issuer: string;
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
  | "certificate_missing"
  | "certificate_invalid"
  | "digest_mismatch"
  | "secret_unusable"
  | "scheme_unknown";

export type Verification =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly reason: Disbelief; readonly steps: readonly Step[] };

/** A certificate that a scheme refers to by URL, as `verify` needs it. */
export interface SigningCertificate {
  /** PEM of its public key (SPKI). */
  readonly publicKey: string;
  /** Names it is made out to: subject CN and the DNS names. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What a verification is given besides the delivery and the source's secrets. */
export interface Means {
  /** The source's options: a `custom` source has its recipe there. */
  readonly options: JsonObject;
  /**
   * The certificate at an https URL, from memory or fetched; nothing where it cannot be had or its
   * chain does not hold. The scheme has allowed the host before it asks.
   */
  readonly certificateAt: (url: string) => Promise<SigningCertificate | undefined>;
}

export type Verify = (delivery: Delivery, auth: SourceAuth, means: Means) => Promise<Verification>;

/** One way to prove where a delivery comes from. Recipes in `verify/` make them. */
export interface Scheme {
  readonly verify: Verify;
  /**
   * Says what is wrong with a secret's text before it is stored, or nothing. Quotes no secret.
   * `options` are the source's: a `custom` source's recipe says what its secrets have to be.
   */
  readonly checkSecret: (secret: string, options?: JsonObject) => string | undefined;
  /** The same of what only importing the key shows, which takes a promise. */
  readonly tryKey?: (secret: string, options?: JsonObject) => Promise<string | undefined>;
  /** Whether the body has to be there to verify: a token proves the same without it. */
  readonly covers: "body" | "nothing";
  /** Verifies a body that is covered and too long to be there: as it goes by. */
  readonly follow?: (delivery: Delivery, auth: SourceAuth, macOf: MacOf) => Followed;
  /** For `explain` alone: what it proves is not enough to take a delivery in by it. */
  readonly isTrial?: true;
  /** Secrets that everybody knows, as a product's documents print them: for `explain` alone, too. */
  readonly published?: readonly string[];
}

/** An HMAC-SHA-256 that is made piece by piece, which WebCrypto cannot. */
export type MacOf = (key: Uint8Array) => {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Uint8Array;
};

/** A verification whose body is still going by. */
export interface Followed {
  /** What the headers alone say: where they are not believed, no body needs to be looked at. */
  readonly headers: Verification;
  readonly take: (piece: Uint8Array) => void;
  /** Asked once, when the body is over. */
  readonly verdict: () => Promise<Verification>;
}

export type Schemes = Readonly<Record<string, Scheme>>;

/** Where the events of a delivery belong, and what its source was configured with. */
export interface ReadingContext {
  readonly tenant: string;
  readonly source: string;
  readonly options: JsonObject;
}

/** One thing a delivery says: an event of the catalogue, or something kept for a person. */
export type Item =
  | {
      readonly kind: "event";
      readonly id: string;
      readonly event: GatewayEvent;
      /** Its moment is not the sender's: told again under this id it may have another. */
      readonly isUntimed?: true;
      /** Of a gap: its place in the log, which the rows that are fetched for it stand for. */
      readonly upTo?: string;
    }
  | {
      readonly kind: "broken";
      readonly id: string;
      readonly code: Breach["code"] | "unmapped" | "malformed" | "too_large";
      readonly type?: string;
      readonly errors: readonly Violation[];
      /** Fingerprint of what it tells: another telling under this id is no repetition. */
      readonly content?: string;
    };

/**
 * What a delivery says. How many items there are, and in which order, follows from the delivery
 * alone, never from the options: a mended mapping must find the items it is asked for again.
 */
export type Reading =
  | {
      readonly kind: "items";
      readonly items: readonly Item[];
      /** Why some of it says nothing that could be lost: a heartbeat, a test call. */
      readonly ignored?: string;
    }
  | { readonly kind: "malformed"; readonly errors: readonly Violation[] };

/** An answer as a product needs it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What became of a delivery, as far as its sender is told. */
export type Outcome =
  | { readonly kind: "taken" }
  | {
      readonly kind: "refused";
      /** The status and code of the problem that is answered by default. */
      readonly status: number;
      readonly code: string;
      readonly title: string;
      readonly retryAfterS?: number;
    };

/**
 * One product that posts to us. A sender holds no state, reads no clock and makes no request; the
 * same delivery always reads the same, so that a replay from the archive gives the same events.
 */
export interface Sender {
  readonly name: string;
  /** Decides the acknowledgement policy: our contract, a product's webhook, a connector. */
  readonly family: "contract" | "product" | "connector";
  readonly defaultScheme: string;
  readonly schemes: Schemes;
  /** HTTP methods its deliveries come with; POST alone where absent. */
  readonly methods?: readonly string[];
  /** The longest body that is read, packed or unpacked; {@link BODY_BYTES_MAX} where absent. */
  readonly bodyBytesMax?: number;
  /**
   * What `read` looks at besides the body, in lower case: kept with the delivery in queue and
   * archive, unsealed. Never a header that holds a secret.
   */
  readonly readHeaders: readonly string[];
  /** The same, where the source's options name a header. */
  readonly readHeadersOf?: (options: JsonObject) => readonly string[];
  /** What is wrong with a source's options before they are stored; paths begin with `options`. */
  readonly checkOptions: (options: JsonObject, scheme: string) => readonly Violation[];
  readonly read: (delivery: Delivery, context: ReadingContext) => Reading;
  /** The answer this product needs; ours (202, or problem+json) where absent or nothing. */
  readonly reply?: (outcome: Outcome, delivery: Delivery) => Reply | undefined;
  /**
   * A header that requests of this product alone carry, in lower case: tells that {@link reply} is
   * theirs while their source cannot be looked up. Only where our usual 503 would not do.
   */
  readonly mark?: string;
  /**
   * A request that is no delivery: a challenge, a consent, a ping. Asked before verification, so
   * it must give away nothing and cost little.
   */
  readonly greet?: (delivery: Delivery, auth: SourceAuth) => Promise<Reply | undefined>;
  /** Methods that only `greet` answers, besides {@link methods}. */
  readonly greetMethods?: readonly string[];
}

/** A body is in memory several times while it is sealed, of an isolate's 128 MB. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** What connectors batch: Firehose's recommended 5 MiB (PROVIDERS 11) are 6.7 as base64. */
export const CONNECTOR_BODY_BYTES_MAX = 7 * 1024 * 1024;
