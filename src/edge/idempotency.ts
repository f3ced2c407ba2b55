/** One write under its key: whose it is and what it said. */
export interface KeyedWrite {
  readonly tenant: string;
  readonly caller: string;
  readonly key: string;
  /** SHA-256 over method, path and body, hex. */
  readonly fingerprint: string;
}

/** What a write was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Base64; nothing where it was too long to be kept. */
  readonly body?: string;
}

/** A write that is this request's to do. */
export interface Claim extends KeyedWrite {
  /** When it was taken: nobody else can have the same write since then. */
  readonly claimedMs: number;
  /** Of a write that may be done again at any time: that it is saved is not noted. */
  readonly isRepeatable?: true;
}

/** A write's claim went to another request before it was done: this one did nothing. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/**
 * What becomes of a write: it is ours to do, was done, or its key stands for another one. `lost`: it was
 * done by somebody who died before its answer was kept.
 */
export type Claiming =
  | { readonly kind: "claimed"; readonly claim: Claim }
  | { readonly kind: "answered"; readonly answer: KeptAnswer }
  | { readonly kind: "reused" | "in_progress" | "lost" };

/** What writes under an `Idempotency-Key` need to be remembered. */
export interface Idempotency {
  claim(write: KeyedWrite, nowMs: number): Promise<Claiming>;
  /** Keeps the answer of a write that was done. */
  settle(claim: Claim, answer: KeptAnswer): Promise<void>;
  /** Lets the write be done anew. */
  release(claim: Claim): Promise<void>;
}
