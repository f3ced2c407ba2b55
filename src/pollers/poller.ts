import type { Json, JsonObject } from "../core/json.ts";
import type { PollSettings, StreamSettings } from "./settings.ts";

/** One request to a product, without its credential. */
export interface Ask {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What it costs of the product's daily allowance: requests, or credits. */
  readonly cost: number;
}

/** What a product answered, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** One record as a product shows it. */
export interface Found {
  /** The product's id; empty where none was found: then it is kept for a person. */
  readonly id: string;
  /** Milliseconds of its last change by the product's clock; nothing where it tells none. */
  readonly atMs?: number;
  /** Whether the product has deleted it. */
  readonly isDeleted?: true;
  readonly record: JsonObject;
}

/** Why an answer is none. */
export type Fault =
  /** The credential is refused: a new token may help, once. */
  | { readonly kind: "unauthorized"; readonly detail: string }
  /** The credential may not see this. */
  | { readonly kind: "forbidden"; readonly detail: string }
  /** Too much was asked; not before `afterMs` again, where the product says so. */
  | { readonly kind: "throttled"; readonly detail: string; readonly afterMs?: number }
  /** The place in the listing is not known any more: the round begins anew. */
  | { readonly kind: "expired"; readonly detail: string }
  /** The question itself is refused: asking again changes nothing. */
  | { readonly kind: "refused"; readonly detail: string }
  /** An outage, or an answer that cannot be read. */
  | {
      readonly kind: "failed";
      readonly detail: string;
      readonly code?: FaultCode;
    };

/** What of an answer, or of a whole round, will be the same again until somebody mends it. */
export type FaultCode =
  /** Longer than what is read: less has to be asked for. */
  | "too_large"
  /** An answer, or a record in it, has more levels than are read. */
  | "nested"
  | "endless"
  | "circle"
  | "place_too_long"
  /** Ours: it was read, and could not be put on the queue. */
  | "broken";

/** Where a listing goes on; JSON that only its product reads. Null at its beginning. */
export type Place = Json;

/** A page of a listing. */
export interface Page {
  readonly kind: "page";
  readonly items: readonly Found[];
  /** Where it goes on; absent at its end. */
  readonly next?: Place;
}

/** A place in a round of a stream, as a product is asked for it. */
export interface Asked {
  /** Changed at this instant or later, by the product's clock; everything where null. */
  readonly fromMs: number | null;
  readonly place: Place;
  /** Of a daily stream: the local day that has ended, `2026-01-31`. */
  readonly day?: string;
  /** Records a page at most, where pages as long as the stream wants them were too long. */
  readonly size?: number;
}

/** Where a product's API is, as its token said or its source. */
export interface Base {
  readonly settings: PollSettings;
  /** Without a slash at its end. */
  readonly url: string;
}

/** What became of the records that were looked up. */
export interface LookedUp {
  readonly kind: "records";
  readonly items: readonly Found[];
  /** Ids that `items` answer for besides their own: those that were merged into them. */
  readonly answered?: readonly string[];
  /** The product has more to say: of ids that are not answered for, nothing is known yet. */
  readonly isPartial?: true;
}

/** How records are looked up by their ids, in batches. */
export interface LookUp {
  /** As many ids as one request takes. */
  readonly idsMax: number;
  /** What the product calls the records of a gap's table; nothing where they are not of this account. */
  readonly objectOf: (table: string, settings: PollSettings) => string | undefined;
  readonly ask: (base: Base, stream: StreamSettings, ids: readonly string[]) => Ask;
  readonly read: (stream: StreamSettings, answer: Answer) => LookedUp | Fault;
}

/** One product: what it is asked, and how its answers read. Holds no state and makes no request. */
export interface Poller {
  /** Requests or credits of a day that the product gives, where the source does not say. */
  readonly perDay: number;
  /** Requests a second that it bears. */
  readonly perSecond: number;
  /** How far a round goes back behind the newest it has seen, seconds. */
  readonly overlapS: number;
  /** Whether a listing that was taken twice must be the same: its pages may shift in between. */
  readonly isShifting?: (stream: StreamSettings) => boolean;
  /** Whether a listing is in the order of changes, so that its end can be put anywhere. */
  readonly isInOrder?: true;
  /** Records a page, where we say how many. */
  readonly pageSize?: (stream: StreamSettings) => number;
  readonly ask: (base: Base, stream: StreamSettings, asked: Asked) => Ask;
  readonly read: (stream: StreamSettings, asked: Asked, answer: Answer) => Page | Fault;
  readonly lookUp?: LookUp;
  /** Share of the day's allowance that the whole account has used, 0 to 1, where an answer says so. */
  readonly used?: (answer: Answer) => number | undefined;
}
