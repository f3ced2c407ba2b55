import type { LineState } from "../core/ledger/line.ts";
import type { Outcome } from "../core/subject/entry.ts";

/** Whose mirror is read, and which of the reader's writes it must have seen. */
export interface Reader {
  readonly tenant: string;
  readonly shard: number;
  /** From an earlier answer: the nearest replica that is not behind it will do. */
  readonly bookmark?: string;
}

/** Whose control tables are read; its bookmark is theirs. */
export type ControlReader = Pick<Reader, "tenant" | "bookmark">;

/** Where a database stood when it answered; nothing where it was not asked. */
export interface Marked {
  readonly bookmark?: string;
}

/** What a database answered, and where it stood then. */
export interface Reading<Value> extends Marked {
  readonly value: Value;
}

/** A part of a list: what comes after, and how many rows at most. */
export interface Part<After> {
  readonly after?: After;
  readonly limit: number;
}

export interface DistributorRow {
  readonly position: number;
  readonly asOfMs: number;
  readonly displayName: string | null;
  /** JSON of core/distributor/view.ts. */
  readonly view: string;
}

export interface DistributorRead {
  readonly row?: DistributorRow;
  readonly frontline: number;
  /** What was counted in the period that was asked for; hundredths of a point. */
  readonly counted?: { readonly pv_x100: number; readonly gv_x100: number };
}

export interface TransferRow {
  readonly position: number;
  readonly n: number;
  readonly rule: string;
  readonly debit: string;
  readonly credit: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reference: string;
  readonly eventId: string;
  readonly effectiveMs: number;
  readonly recordedMs: number;
}

/** The place of a transfer in its subject's log. */
export interface TransferPlace {
  readonly position: number;
  readonly n: number;
}

export interface LineRow {
  readonly lineId: string;
  readonly distributorId: string;
  readonly orderId: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly depth: number | null;
  readonly ratePpm: number | null;
  readonly amountMinor: number;
  readonly reversedMinor: number;
  readonly currency: string;
  readonly state: LineState;
  readonly periodId: string | null;
  readonly effectiveMs: number;
}

/** A line's key in its tenant. */
export interface LinePlace {
  readonly distributorId: string;
  readonly lineId: string;
}

export interface LineFilter {
  readonly state?: LineState;
  readonly periodId?: string;
  readonly orderId?: string;
}

export interface BalanceRow {
  readonly account: string;
  readonly currency: string;
  /** Decimal text, debit above zero: a sum can pass 2^53. */
  readonly amount: string;
}

export interface EventRow {
  readonly eventId: string;
  readonly source: string;
  readonly senderId: string;
  readonly type: string | null;
  readonly subject: string | null;
  readonly outcome: Outcome;
  readonly code: string | null;
  readonly of: string | null;
  readonly position: number | null;
  readonly deliveryId: string | null;
  readonly archive: string | null;
  readonly occurredMs: number | null;
  readonly receivedMs: number;
  readonly recordedMs: number;
  /** JSON of violations. */
  readonly errors: string | null;
  /** 1 where another event has the sender's id. */
  readonly repeated: number;
}

export interface EventSearch {
  readonly source?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly outcome?: Outcome;
}

/** What came under one id of its sender's: more than one event where it was told again. */
export interface EventsNamed extends EventSearch {
  readonly source: string;
  /** The sender's. */
  readonly id: string;
}

export interface EventsFound {
  readonly rows: readonly EventRow[];
  /** Where a search stopped that looked at many rows and found few: it goes on from there. */
  readonly searchedTo?: string;
}

export interface EventRead {
  readonly event: EventRow;
  readonly transfers: readonly TransferRow[];
}

export type HeldState = "parked" | "buffered" | "quarantined" | "conflict" | "dead";

export interface HeldRow {
  readonly eventId: string;
  readonly state: HeldState;
  readonly source: string;
  readonly type: string | null;
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly sinceMs: number;
}

export interface BreakRow {
  readonly breakId: string;
  readonly class: string;
  readonly subject: string;
  readonly reference: string;
  readonly detail: string;
  readonly foundMs: number;
  readonly resolvedMs: number | null;
}

export interface MessageRow {
  readonly messageKey: string;
  readonly kind: string;
  readonly subject: string;
  /** JSON of ids and amounts. */
  readonly about: string;
  readonly createdMs: number;
}
