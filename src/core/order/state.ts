import type { PeriodRule } from "../plans/plan.ts";
import type { Rounding } from "../plans/rounding.ts";

/** What an amount is made of, in minor units. */
export interface Parts {
  readonly net_minor: number;
  readonly tax_minor: number;
  readonly shipping_minor: number;
}

/** What was bought, by whom: all that commissions and volumes are counted from. */
export interface Goods extends Parts {
  readonly currency: string;
  readonly amount_minor: number;
  readonly cv_x100: number;
  readonly pv_x100: number;
  readonly source_node: string;
  readonly order_kind: string;
  /** For plans that pay fixed amounts by package. */
  readonly package: string | null;
}

/** What the tellings of a payment come to, besides its goods. */
export interface PaymentKept {
  readonly payment_id: string;
  readonly currency: string;
  readonly amount_minor: number;
  /** Null until somebody tells it. */
  readonly fee_minor: number | null;
  /** As of when the fee was posted; absent where there is none, or an older version posted it. */
  readonly fee_ms?: number;
  /** As of when it was posted; absent of a further payment that an older version kept. */
  readonly paid_ms?: number;
  /** The earliest time told of it, where that is earlier and moved nothing. */
  readonly told_ms?: number;
}

/** The payment that the order was sold by: its first. */
export interface Sale extends Goods, PaymentKept {
  readonly paid_ms: number;
  /** Nobody said what it was for: another payment of the order did. Its own word counts once told. */
  readonly borrowed?: true;
  /** The first plan's period, the next open one where that was closed; null without a plan. */
  readonly period_id: string | null;
}

/** A further payment of the same order: money without goods (P13). */
export interface Extra extends PaymentKept {
  /** What went back of it. */
  readonly returns?: readonly Return[];
  /** What went back of it besides: an older version kept the sum alone. */
  readonly returned_minor?: number;
}

/** A refund or dispute of a payment. */
export interface Return {
  readonly kind: "refund" | "dispute";
  readonly id: string;
  readonly amount_minor: number;
  /**
   * As they were told, whether they fit its sale by now or not; null where only the amount was told:
   * it is shared pro rata.
   */
  readonly parts: Parts | null;
  /** As of when it was posted. */
  readonly occurred_ms: number;
  /** The earliest time told of it, where that is earlier and moved nothing. */
  readonly told_ms?: number;
  /** A dispute that is not decided yet. */
  readonly open: boolean;
  /** A dispute that was won, a refund that failed: it takes nothing any more. */
  readonly undone: boolean;
  /** When that happened; absent where it was known before the return itself. */
  readonly ended_ms?: number;
  /** The earliest time told of its end, where that is earlier and moved nothing. */
  readonly ended_told_ms?: number;
}

/** A line that this order made, as it was last sent out. */
export interface OwnLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly component: string;
  readonly level: number;
  readonly depth: number;
  readonly rate_ppm: number | null;
  readonly amount_minor: number;
  readonly reversed_minor: number;
  readonly currency: string;
  readonly rounding: Rounding;
  readonly bucket: "pending" | "held" | "available";
  readonly period_id: string;
  readonly available_ms: number | null;
  readonly ver: number;
  readonly computation: number;
  /** What the close of its period leaves of it at most; absent without a cap. */
  readonly limit_minor?: number;
  /** Computed when lines of the order were payable by then: whoever was paid on keeps his. */
  readonly late?: true;
  /** Of a line that a later computation changed: what of the order was returned when it was sent. */
  readonly part?: number;
}

/** What the first plan in force says of volumes; absent without a plan. */
export interface VolumeTerms {
  readonly period: PeriodRule;
  readonly refund_volume: "current" | "original";
  readonly rounding: Rounding;
  /** The sponsors above the source as of the payment, nearest first. */
  readonly path: readonly string[];
}

export interface Points {
  readonly pv_x100: number;
  readonly cv_x100: number;
}

/** An order as its object keeps it: facts, what they came to, and what was posted of it. */
export interface OrderState {
  /** Absent before the first fact. */
  readonly order_id?: string;
  /** What was ordered, as it was told: without a package where nobody told one. */
  readonly placed?: Goods;
  readonly cancelled?: true;
  readonly sale?: Sale;
  readonly extras: readonly Extra[];
  readonly returns: readonly Return[];
  /** Of the sale, returned so far: what the ledger has. */
  readonly returned: Parts;
  readonly lines: readonly OwnLine[];
  /** 0 before the sale; each computation anew counts one more. */
  readonly computation: number;
  readonly terms?: VolumeTerms;
  /** Points by period, as posted. */
  readonly volumes: Readonly<Record<string, Points>>;
}

export const NOTHING: Parts = { net_minor: 0, tax_minor: 0, shipping_minor: 0 };

const EMPTY: OrderState = {
  extras: [],
  returns: [],
  returned: NOTHING,
  lines: [],
  computation: 0,
  volumes: {},
};

export const readOrder = (view: string | undefined): OrderState =>
  view === undefined ? EMPTY : parseOrder(view);

// Own text: what the order's rules wrote.
const parseOrder = (view: string): OrderState => JSON.parse(view);

export const orderIdOf = (key: string): string => key.slice("order:".length);

export const sumOf = ({ net_minor, tax_minor, shipping_minor }: Parts): number =>
  net_minor + tax_minor + shipping_minor;
