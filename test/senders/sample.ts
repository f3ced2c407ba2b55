import type { ClientCertificate, Sender } from "#src/senders/sender.ts";

/** What a signer gets to see of the request it signs. */
export interface Unsigned {
  readonly secret: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly atMs: number;
  /** The headers that come along unsigned, or that the scheme signs. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a sender adds to a request to prove it: what is absent stays as it was. */
export interface Proof {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly url?: string;
  readonly certificate?: ClientCertificate;
}

/** A proof in a header. */
interface HeaderProof {
  readonly header: string;
  /** The product writes it in any case, and has it compared so. */
  readonly isCaseless?: true;
}

/** One genuine delivery of a sender by one of its schemes, and what its proof covers. */
export interface Sample {
  readonly sender: Sender;
  readonly scheme: string;
  readonly secret: string;
  /** Another secret of the same form, which signed nothing. */
  readonly other: string;
  /** What the sender signs with, where that is not the secret the gateway holds. */
  readonly signingSecret?: string;
  /** POST where absent. */
  readonly method?: string;
  /** A body this sender would really send, without its proof. */
  readonly body: string;
  /** Headers this sender sends besides the proof: topic, content type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Options a source of it needs to translate `body`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Where a source's options say what its events are called, ids follow from them. */
  readonly followsOptions?: true;
  readonly sign: (request: Unsigned) => Promise<Proof>;
  /** The header that carries the proof, or where else it stands. */
  readonly proof: HeaderProof | "body" | "url" | "certificate";
  /** What of the secret decides, where it is more than a key: all of it where absent. */
  readonly secretParts?: readonly string[];
  /** What the proof covers: a bearer token covers nothing of the request. */
  readonly covers: {
    /** All of it, nothing, or every byte of these parts of the signed body. */
    readonly body: boolean | ((body: string) => readonly string[]);
    readonly method: boolean;
    readonly url: boolean | "query";
    /** Headers that are signed, or must be there once. */
    readonly headers: readonly string[];
    /** The last moments, counted in milliseconds, at which it is still or already believed. */
    readonly time?: {
      readonly ageMsMax: number;
      readonly aheadMsMax: number;
      readonly unitMs: number;
    };
  };
  /** Bodies that cannot be read; those that are no JSON where absent. */
  readonly malformed?: readonly (readonly [name: string, body: string | Uint8Array])[];
  /** Bytes that the body may also have, for each of which the proof is another one; the usual where absent. */
  readonly rawBytes?: readonly (readonly [name: string, change: (body: string) => string])[];
  /** Ways to write the same body otherwise; those of JSON where absent. */
  readonly rewritten?: readonly (readonly [name: string, change: (body: string) => string])[];
}
