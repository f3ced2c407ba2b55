import type { DigestLine } from "./digest.ts";

/** Where a line stands in the core: inside its holdback, or payable. */
export type CoreStatus = "held" | "available";

/** A part of a line that the core took back, under the id of the line that did so. */
export interface CoreReversal {
  readonly line_id: string;
  readonly amount_minor: number;
}

/** A commission line as the core's ledger has it. Amounts are minor units of `currency`. */
export interface CoreLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly paid_level: number | null;
  readonly cv_x100: number | null;
  readonly rate_ppm: number | null;
  readonly currency: string;
  /** As it was posted. */
  readonly amount_minor: number;
  /** Oldest first; their sum is at most the amount. */
  readonly reversals: readonly CoreReversal[];
  readonly status: CoreStatus;
  readonly period_id: string;
  readonly run_id: string;
  readonly effective_ms: number;
  readonly available_ms: number | null;
  /** When the core last changed anything of it: what is younger than the grace is no break yet. */
  readonly updated_ms: number;
}

/** Of the amount, taken back by now. */
export const reversedOf = ({ reversals }: Pick<CoreLine, "reversals">): number =>
  reversals.reduce((sum, { amount_minor }) => sum + amount_minor, 0);

/** A core's line as a digest sees it. */
export const digestLineOf = (line: CoreLine): DigestLine => ({
  line_id: line.line_id,
  distributor_id: line.distributor_id,
  currency: line.currency,
  amount_minor: line.amount_minor - reversedOf(line),
  status: line.status,
  effective_ms: line.effective_ms,
});
