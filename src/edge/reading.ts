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

/** How a break ended. */
export interface BreakEnd {
  /** Null while it is open. */
  readonly resolvedMs: number | null;
  readonly outcome: "healed" | "resolved" | "accepted" | "gone" | null;
  /** JSON of who decided what, and why. */
  readonly resolution: string | null;
}

export interface BreakRow extends BreakEnd {
  readonly breakId: string;
  readonly class: string;
  readonly subject: string;
  readonly reference: string;
  readonly detail: string;
  readonly foundMs: number;
  /** What follows is null where it was not found by reconciliation. */
  readonly runId: string | null;
  readonly distributorId: string | null;
  readonly currency: string | null;
  readonly amountMinor: number | null;
  /** JSON of the line on either side. */
  readonly core: string | null;
  readonly mirror: string | null;
  readonly action: string | null;
  readonly why: string | null;
}

export interface BreakName {
  readonly tenant: string;
  readonly shard: number;
  readonly breakId: string;
}

export interface BreakSearch {
  readonly state?: "open" | "closed";
  readonly class?: string;
  readonly distributorId?: string;
  readonly runId?: string;
}

export interface BreaksFound {
  readonly rows: readonly BreakRow[];
  /** Where a search stopped that looked at many rows and found few: it goes on from there. */
  readonly searchedTo?: string;
}

/** A break with what else says what can be done about it. */
export interface BreakFound {
  readonly row: BreakRow;
  /** Where the mirror stands with the object that it is about, where that takes nothing any more. */
  readonly frozen?: { readonly position: number; readonly head: string };
  /** The event that was to heal it has come to its end, whichever. */
  readonly isHealingDone: boolean;
}

/** A frozen object that takes events again, as far as its log was checked. */
export interface Unfrozen {
  readonly subject: string;
  readonly position: number;
  readonly head: string;
}

export interface ReconciliationRow {
  readonly runId: string;
  readonly kind: "window" | "balances" | "lines" | "objects" | "gap" | "poll";
  readonly state: "running" | "done" | "failed";
  readonly cause: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** JSON: where it goes on. */
  readonly cursor: string;
  /** JSON of core/reconciliation/report.ts, as far as it is. */
  readonly report: string;
}

export type ReconciliationSearch = Partial<Pick<ReconciliationRow, "kind" | "state">>;

export interface ReconciliationsFound {
  readonly rows: readonly ReconciliationRow[];
  /** Where a search stopped that looked at many rows and found few: it goes on from there. */
  readonly searchedTo?: string;
}

export interface MessageRow {
  readonly messageKey: string;
  readonly kind: string;
  readonly subject: string;
  /** JSON of ids and amounts. */
  readonly about: string;
  readonly createdMs: number;
}
