import { isYoung, type JudgeContext, type JudgedBreak, placeOf } from "./judge.ts";

/** The buckets whose balances are compared: what is pending is the gateway's own estimate. */
export const BALANCE_BUCKETS = ["held", "available", "in_transit"] as const;

type BalanceBucket = (typeof BALANCE_BUCKETS)[number];

/** Bucket, then currency, then decimal text of minor units, credit above zero; zeros may be left out. */
export type BalanceVector = Readonly<
  Partial<Record<BalanceBucket, Readonly<Record<string, string>>>>
>;

/** What somebody has by either side. */
export interface BalancesFound {
  readonly distributor_id: string;
  readonly core: BalanceVector;
  readonly local: BalanceVector;
  /** When anything of the distributor's money last changed here. */
  readonly changed_ms?: number;
  /** Lines of the distributor's differ or are in flight: they explain it. */
  readonly isExplained: boolean;
}

export type BalancesJudged = "alike" | "explained" | "in_flight" | JudgedBreak;

/** BALANCE_ONLY: the sums differ and the lines agree. Computed again once; then a person looks. */
export function judgeBalances(found: BalancesFound, context: JudgeContext): BalancesJudged {
  const { distributor_id, core, local, changed_ms, isExplained } = found;
  const wrong = differing(core, local);
  if (wrong.length === 0) return "alike";
  if (isExplained) return "explained";
  const { nowMs, limits } = context;
  if (changed_ms !== undefined && isYoung(changed_ms, nowMs, limits.grace_ms)) return "in_flight";

  const kind = "BALANCE_ONLY";
  const sides = { core: rowsOf(distributor_id, core), local: rowsOf(distributor_id, local) };
  const { at, verdict } = placeOf(
    { class: kind, distributor_id, line_id: "balances", ...sides },
    context,
  );
  const again = { action: "none", why: "still_there" } as const;
  const first = { action: "recompute", why: null } as const;
  return {
    ...at,
    class: kind,
    distributor_id,
    line_id: null,
    core: null,
    local: null,
    ...(verdict ?? (at.is_new ? first : again)),
    detail: wrong.join("; "),
  };
}

const amountIn = (vector: BalanceVector, bucket: BalanceBucket, currency: string): bigint =>
  BigInt(vector[bucket]?.[currency] ?? "0");

const currenciesOf = (...vectors: readonly BalanceVector[]): readonly string[] => {
  const all = vectors.flatMap((vector) =>
    BALANCE_BUCKETS.flatMap((bucket) => Object.keys(vector[bucket] ?? {})),
  );
  return [...new Set(all)].toSorted();
};

const differing = (core: BalanceVector, local: BalanceVector): readonly string[] =>
  BALANCE_BUCKETS.flatMap((bucket) =>
    currenciesOf(core, local).flatMap((currency) => {
      const [theirs, ours] = [core, local].map((vector) => amountIn(vector, bucket, currency));
      return theirs === ours
        ? []
        : [`${bucket}: the core has ${theirs} ${currency}, the mirror ${ours}`];
    }),
  );

/**
 * `dist|bucket|currency|amount` of all that is not zero, sorted: what a digest of level `balances`
 * is taken over.
 */
export const balanceRows = (distributorId: string, vector: BalanceVector): readonly string[] =>
  BALANCE_BUCKETS.flatMap((bucket) =>
    currenciesOf(vector).flatMap((currency) => {
      const amount = amountIn(vector, bucket, currency);
      return amount === 0n ? [] : [`${distributorId}|${bucket}|${currency}|${amount}`];
    }),
  ).toSorted();

const rowsOf = (distributorId: string, vector: BalanceVector): string =>
  balanceRows(distributorId, vector).join("\n") || "-";
