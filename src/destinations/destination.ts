import type { AttemptOutcome } from "../core/outbound/delivery.ts";

/** What is sent in one attempt. */
export interface Sendable {
  /** Our id of the delivery: the same in each attempt, by it a receiver knows what it has already. */
  readonly id: string;
  /** JSON text, the same in each attempt. */
  readonly body: string;
  readonly url: string;
  /** Those that sign, newest first. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer as far as it is read: its body is not. */
export interface OutboundAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly nowMs: number;
}

/** One kind of destination: how a notice is put to it, and what its answers mean. */
export interface DestinationKind {
  readonly name: string;
  /** What is wrong with a secret; nothing where it will do. Says nothing of its text. */
  readonly checkSecret: (secret: string) => string | undefined;
  /** A new secret, from the platform's randomness. */
  readonly makeSecret: () => string;
  readonly request: (sendable: Sendable) => Promise<OutboundRequest>;
  readonly outcome: (answer: OutboundAnswer) => AttemptOutcome;
}
