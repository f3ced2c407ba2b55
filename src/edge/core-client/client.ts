import { createHash } from "node:crypto";
import type { Violation } from "../../core/contracts/event.ts";
import {
  type BalancesAsked,
  balancesParams,
  behind,
  type DigestsAsked,
  digestsParams,
  disorderedBalances,
  type EventsAsked,
  eventsParams,
  type LinesAsked,
  linesParams,
  type Params,
  strayBalances,
  strayDigests,
  strayEvents,
  strayLines,
} from "../../core/reconciliation/asked.ts";
import type { CoreLine } from "../../core/reconciliation/core-line.ts";
import type { Sha256 } from "../../core/reconciliation/digest.ts";
import { type OddItem, sifted } from "../../core/reconciliation/wire-sift.ts";
import {
  type BalanceRow,
  type BucketDigest,
  type Page,
  readBalances,
  readDigests,
  readEvents,
  readLines,
  type Snapshot,
  type StreamEvent,
} from "../../core/reconciliation/wire.ts";
import {
  Balances,
  Envelope,
  PAGE_ITEMS_MAX,
  WireLine,
} from "../../core/reconciliation/wire-schema.ts";
import type { Result } from "../../core/result.ts";
import { urlOf } from "./address.ts";
import type { BudgetSpent, CoreFailure } from "./failure.ts";
import { isSameSnapshot, nextPlace, type Place } from "./place.ts";
import {
  type Core,
  type Sending,
  sending,
  type SendPorts,
  type SendLimits,
  type Spent,
} from "./send.ts";

/** Where in a listing, and of which state of the core. */
export interface At {
  /** The state that every answer of a run has to be as of; left out for a run's first question. */
  readonly snapshot?: Snapshot;
  /** Where the page before said that it goes on. */
  readonly place?: Place | undefined;
  /** Items a page, from 1 to 1000; buckets of digests are as many as the core gives. */
  readonly limit?: number;
}

/** One page of a listing, or why there is none. */
export type CoreAnswer<Item> =
  | {
      readonly kind: "page";
      readonly items: readonly Item[];
      readonly snapshot: Snapshot;
      /** Where the listing goes on; absent at its end. */
      readonly next?: Place;
      /** Balances that leave payouts out. */
      readonly payouts?: false;
      /** Digests of parts: how many digits parts of this core may have; absent: one. */
      readonly partDigits?: number;
      /** Balances, events and lines that changed that break the interface, left out. */
      readonly odd?: readonly OddItem[];
    }
  | CoreFailure
  | BudgetSpent;

/** Asks a core, a page a call. What fails is a value; what cannot be is a bug and throws. */
export interface CoreClient {
  /** Stands for the core's address, which may hold what nobody else is to know: 32 hex of its SHA-256. */
  readonly name: string;
  readonly digests: (asked: DigestsAsked, at?: At) => Promise<CoreAnswer<BucketDigest>>;
  readonly balances: (asked: BalancesAsked, at?: At) => Promise<CoreAnswer<BalanceRow>>;
  readonly lines: (asked: LinesAsked, at?: At) => Promise<CoreAnswer<CoreLine>>;
  readonly events: (asked: EventsAsked, at?: At) => Promise<CoreAnswer<StreamEvent>>;
  /** What this client used up so far. */
  readonly spent: () => Spent;
  /** What it may use up still. */
  readonly left: () => { readonly requests: number; readonly bytes: number };
}

const NAME_CHARS = 32;

/**
 * A client for one call of a job: its budget is that of the call. Sends requests one after the
 * other, at the rate of `limits`, each at most four times.
 */
export function coreClient(core: Core, limits: SendLimits, ports: SendPorts): CoreClient {
  const send = sending(core, limits, ports);
  return {
    name: createHash("sha256").update(core.url).digest("hex").slice(0, NAME_CHARS),
    digests: (asked, at = {}) =>
      page(send, at, {
        url: (more) => urlOf(core.url, "recon/digests", [...digestsParams(asked), ...more]),
        read: readDigests,
        stray: (items) => [
          ...behind(items, at.place?.last ?? undefined),
          ...strayDigests(items, asked),
        ],
        nameOf: ({ name }) => name,
        isSorted: true,
      }),
    balances: (asked, at = {}) =>
      page(send, at, {
        url: (more) => urlOf(core.url, "recon/balances", [...balancesParams(asked), ...more]),
        read: sifted(readBalances, Balances, "distributor_id"),
        stray: (items) => [
          ...disorderedBalances(items, at.place?.last ?? undefined),
          ...strayBalances(items, asked, sha256),
        ],
        nameOf: ({ distributor_id }) => distributor_id,
        isSorted: true,
        isLimited: true,
      }),
    lines: (asked, at = {}) =>
      page(send, at, {
        url: (more) => urlOf(core.url, "ledger", [...linesParams(asked), ...more]),
        // Of a bucket and of some ids all lines are wanted, or none.
        read: asked.by === "updated" ? sifted(readLines, WireLine, "line_id") : readLines,
        stray: (items) => strayLines(items, asked, sha256),
        nameOf: ({ line_id }) => line_id,
        isSorted: false,
      }),
    events: (asked, at = {}) =>
      page(send, at, {
        url: (more) => urlOf(core.url, "ledger", [...eventsParams(asked), ...more]),
        read: sifted(readEvents, Envelope, "seq"),
        stray: (items) => strayEvents(items, asked),
        nameOf: ({ seq }) => String(seq),
        isSorted: false,
      }),
    spent: send.spent,
    left: send.left,
  };
}

interface Listing<Item> {
  readonly url: (more: Params) => string;
  readonly read: (body: unknown) => Result<Page<Item>, readonly Violation[]>;
  readonly stray: (items: readonly Item[]) => readonly Violation[];
  readonly nameOf: (item: Item) => string;
  /** In the order of their names: buckets, balances. */
  readonly isSorted: boolean;
  /** In pages of the size that is asked for, and not of the core's own. */
  readonly isLimited?: boolean;
}

async function page<Item>(
  { send }: Sending,
  at: At,
  listing: Listing<Item>,
): Promise<CoreAnswer<Item>> {
  const { place, limit = PAGE_ITEMS_MAX } = at;
  const asked = place?.snapshot ?? at.snapshot;
  const { isSorted, isLimited = !isSorted } = listing;
  const sent = await send(listing.url(paging(asked, place, isLimited ? limit : undefined)));
  if (sent.kind !== "json") return asked === undefined ? sent : goneOr(sent, asked);

  const read = listing.read(sent.body);
  if (!read.ok) return { kind: "malformed", errors: read.refusal };
  return judge(read.value, { asked, place, listing });
}

interface Question<Item> {
  readonly asked: Snapshot | undefined;
  readonly place: Place | undefined;
  readonly listing: Listing<Item>;
}

/** Whether a well-formed page is an answer to what was asked. */
function judge<Item>(
  given: Page<Item>,
  { asked, place, listing }: Question<Item>,
): CoreAnswer<Item> {
  const { items, snapshot, nextCursor: _cursor, ...more } = given;
  if (asked !== undefined && !isSameSnapshot(asked, snapshot)) {
    return { kind: "snapshot_changed", asked, got: snapshot };
  }
  const fault = strayOf(listing.stray(items));
  if (fault !== undefined) return fault;
  const step = nextPlace(given, place, listing);
  if (step.kind !== "next") return step;
  const next = step.place === undefined ? {} : { next: step.place };
  return { kind: "page", items, snapshot, ...next, ...more };
}

const paging = (
  asked: Snapshot | undefined,
  place: Place | undefined,
  limit: number | undefined,
): Params => [
  ...(asked === undefined ? [] : [["as_of_seq", asked.asOfSeq] as const]),
  ...(limit === undefined ? [] : [["limit", String(limit)] as const]),
  ...(place === undefined ? [] : [["cursor", place.cursor] as const]),
];

/** A core that can no longer answer as of a state says 409 or 410. */
const goneOr = <Failure extends { readonly kind: string; readonly status?: number }>(
  failure: Failure,
  asked: Snapshot,
): Failure | CoreFailure =>
  failure.kind === "status" && (failure.status === 409 || failure.status === 410)
    ? { kind: "snapshot_changed", asked }
    : failure;

const ERRORS_MAX = 5;

const strayOf = (errors: readonly Violation[]): CoreFailure | undefined =>
  errors.length === 0 ? undefined : { kind: "not_asked", errors: errors.slice(0, ERRORS_MAX) };

const sha256: Sha256 = (data) => createHash("sha256").update(data).digest();
