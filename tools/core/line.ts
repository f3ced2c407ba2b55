/** A commission line as the reference core keeps it. */
export interface Line {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly paid_level: number | null;
  readonly cv_x100: number | null;
  readonly rate_ppm: number | null;
  readonly currency: string;
  readonly amount_minor: number;
  readonly reversals: readonly { readonly line_id: string; readonly amount_minor: number }[];
  readonly status: "held" | "available";
  readonly period_id: string;
  readonly run_id: string;
  readonly effective_ms: number;
  readonly available_ms: number | null;
  readonly updated_ms: number;
}

/** What reversals leave of a line. */
export const leftOf = ({ amount_minor, reversals }: Line): number =>
  reversals.reduce((left, reversal) => left - reversal.amount_minor, amount_minor);

export const textOf = (ms: number): string => new Date(ms).toISOString();

/** A line as `GET /ledger` tells it. */
export function wireOf(line: Line): object {
  const { effective_ms, available_ms, updated_ms, ...rest } = line;
  return {
    ...rest,
    effective_at: textOf(effective_ms),
    available_at: available_ms === null ? null : textOf(available_ms),
    updated_at: textOf(updated_ms),
  };
}

export const BUCKETS = ["held", "available", "in_transit"] as const;
export type BalanceBucket = (typeof BUCKETS)[number];
