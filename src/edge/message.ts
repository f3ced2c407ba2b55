import { assert } from "../core/assert.ts";
import type { GatewayEvent, Violation } from "../core/contracts/event.ts";
import { parseInstantOrDay } from "../core/contracts/instant.ts";
import type { Plan } from "../core/plans/plan.ts";
import type { Passage } from "../core/subject/entry.ts";
import type { Move } from "../core/subject/move.ts";

/** A body too long to be read, sealed in parts: it lies in R2 for a person. `bytes` of it as it came. */
export interface OversizedBody {
  readonly oversized: string;
  readonly bytes: number;
}

/**
 * A delivery's body, sealed under its tenant's key: in the message, or in R2 under a claim, with
 * how many bytes it has there.
 */
export type SealedBody =
  | { readonly sealed: string }
  | { readonly claim: string; readonly bytes?: number }
  | OversizedBody;

/**
 * One accepted HTTP request on its way to the consumer, which reads its events again from the
 * body: the same bytes give the same items, and the queue carries them once.
 */
export interface DeliveryMessage {
  readonly kind: "delivery";
  readonly tenant: string;
  readonly source: string;
  readonly sender: string;
  readonly deliveryId: string;
  readonly receivedAtMs: number;
  readonly method: string;
  readonly url: string;
  /** Only those that the sender's `read` looks at. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: SealedBody;
  /** Our id for each item of the reading, in its order; with `only`, for each of those. */
  readonly eventIds: readonly string[];
  /** How many items the edge read: a redrive must find as many, or their places mean others. */
  readonly items?: number;
  /** Why the body could not even be unpacked: it is kept as it came, and not read. */
  readonly unread?: readonly Violation[];
  /** Items still to be done, where the others of the delivery have landed: places in the reading. */
  readonly only?: readonly number[];
  /** How often those items have been tried before: the queue's own count begins anew. */
  readonly attempt?: number;
  /** A person asked for these items again: what was quarantined is decided anew. */
  readonly redrive?: boolean;
  /** The object of the archive that has this delivery, and had it sent again: it is not put by twice. */
  readonly archived?: string;
  /** A person named these items, of which their objects had let go. */
  readonly revive?: true;
  /** How they come, where that is not straight from their sender. */
  readonly passage?: Passage;
}

/** A delivery that broke its contract: recorded as rejected, its body not kept. */
export interface RejectionMessage {
  readonly kind: "rejection";
  readonly tenant: string;
  readonly source: string;
  readonly deliveryId: string;
  readonly receivedAtMs: number;
  readonly events: readonly {
    readonly eventId: string;
    readonly id: string;
    readonly type?: string;
    readonly code: string;
    readonly errors: readonly Violation[];
  }[];
}

/** An object has something to mirror that no delivery brought: a gap timed out, a sweep found lag. */
export interface SubjectMessage {
  readonly kind: "subject";
  readonly tenant: string;
  readonly subject: string;
  /** Events the object keeps that a person asked for again, or let go of. */
  readonly redrive?: readonly string[];
  readonly discard?: readonly string[];
  /** What cron, a run or a person wants of it. */
  readonly moves?: readonly Move[];
}

/** A hole in a strict stream: who consumes this asks the core for exactly what is missing. */
export interface GapMessage {
  readonly kind: "gap";
  readonly tenant: string;
  /** The stream's key, `dist:42`. */
  readonly subject: string;
  readonly source: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** Archive lines that R2 refused when their batch was consumed. */
export interface ArchiveMessage {
  readonly kind: "archive";
  readonly tenant: string;
  readonly objectKey: string;
  readonly lines: readonly DeliveryMessage[];
}

/**
 * Edges, standings or plans of the past became known: a page of the orders that were priced without
 * them; or of the sales that could not be priced, as nobody knew a way up.
 */
export interface RecomputeMessage {
  readonly kind: "recompute";
  readonly tenant: string;
  readonly changes: readonly {
    readonly tenant: string;
    /** Empty for whoever is above an order. */
    readonly node: string;
    readonly atMs: number;
    readonly eventId: string;
  }[];
  readonly after?: { readonly paidMs: number; readonly orderId: string };
  /** Where the page of parked sales begins: then it is about those. */
  readonly parkedAfter?: { readonly needs: string; readonly eventId: string };
}

/** Has whatever was sold since a version of a plan holds priced anew by it. */
export const planTold = (
  tenant: string,
  { plan_id, version, effective_from }: Pick<Plan, "plan_id" | "version" | "effective_from">,
): RecomputeMessage => {
  const atMs = parseInstantOrDay(effective_from);
  assert(atMs !== undefined, "Cannot date a plan that was never validated");
  const eventId = `plan:${plan_id}:${version}`;
  return { kind: "recompute", tenant, changes: [{ tenant, node: "", atMs, eventId }] };
};

/**
 * Events that the gateway made itself, in a run. Their ids follow from what they say, so that a run
 * that is done twice makes the same ones; no sender has to be able to send them again.
 */
export interface MadeMessage {
  readonly kind: "made";
  readonly tenant: string;
  /** The run: stands where the delivery of others does. */
  readonly deliveryId: string;
  readonly receivedAtMs: number;
  readonly events: readonly { readonly eventId: string; readonly event: GatewayEvent }[];
}

export type Message =
  | DeliveryMessage
  | RejectionMessage
  | SubjectMessage
  | GapMessage
  | ArchiveMessage
  | RecomputeMessage
  | MadeMessage;

/** Cloudflare's limit is 128 000 bytes with about 100 of metadata. */
export const MESSAGE_BYTES_MAX = 127_000;

/** One item of a delivery: its place in the reading, and our id for it. */
export interface Carried {
  readonly index: number;
  readonly eventId: string;
}

/** What tells a message from the others of its delivery, for the name of an R2 object. */
export const nameOf = (message: {
  readonly deliveryId: string;
  readonly only?: readonly number[];
}) => {
  const { deliveryId, only } = message;
  return only?.[0] === undefined ? deliveryId : `${deliveryId}-${only[0]}`;
};

/** The items that a message is about. */
export const carriedBy = ({ eventIds, only }: DeliveryMessage): readonly Carried[] =>
  eventIds.map((eventId, i) => ({ index: only?.[i] ?? i, eventId }));

/** The same delivery with some of its items only. */
export const withOnly = (body: DeliveryMessage, items: readonly Carried[]): DeliveryMessage => ({
  ...body,
  only: items.map(({ index }) => index),
  eventIds: items.map(({ eventId }) => eventId),
});
