import {
  BANK,
  type Balances,
  BAD_DEBT,
  bucketOf,
  PAYOUT_FEE,
  receivableOf,
  WITHHOLDING,
} from "../ledger/transfer.ts";
import { type CoreLine, digestLineOf } from "./core-line.ts";
import { isCompared, type LocalLine, localDigestLine } from "./differ.ts";
import { isYoung, type JudgeContext, type JudgedBreak } from "./judge.ts";
import { placeOf } from "./place.ts";
import type { BalanceRow } from "./wire.ts";

/** The buckets whose balances are compared: what is pending is the gateway's own estimate. */
export const BALANCE_BUCKETS = ["held", "available", "in_transit"] as const;

/** What stands for a line in ids of breaks about balances. */
export const BALANCES = "balances";

type BalanceBucket = (typeof BALANCE_BUCKETS)[number];

/** Bucket, then currency, then decimal text of minor units, credit above zero; zeros may be left out. */
export type BalanceVector = Readonly<
  Partial<Record<BalanceBucket, Readonly<Record<string, string>>>>
>;

/** Of a bucket and currency, credit above zero. */
interface Amount {
  readonly bucket: BalanceBucket;
  readonly currency: string;
  readonly amount: bigint;
}

/** What the mirror knows of a distributor's money. */
export interface OwnMoney {
  readonly distributor_id: string;
  /** Of the accounts of the distributor's object, debit above zero. */
  readonly balances: Balances;
  /** What the gateway's own lines, of which no core knows, left in the buckets. */
  readonly gateway: BalanceVector;
}

/**
 * What the core has to have of a distributor. Ours alone are the gateway's lines, and debts that a
 * person has moved out for collection (P14): the core still sees them as owed. Where the core leaves
 * payouts to others (`hasPayouts` false), what was paid out lies in `available` still.
 */
export function comparableOf(money: OwnMoney, hasPayouts: boolean): BalanceVector {
  const { distributor_id, balances, gateway } = money;
  const creditOf = (account: string): Readonly<Record<string, bigint>> =>
    Object.fromEntries(
      Object.entries(balances[account] ?? {}).map(([of, debit]) => [of, 0n - BigInt(debit)]),
    );
  const amounts = (bucket: BalanceBucket, account: string): readonly Amount[] =>
    Object.entries(creditOf(account)).map(([currency, amount]) => ({ bucket, currency, amount }));
  const transit = bucketOf(distributor_id, "in_transit");
  const paidOut = hasPayouts
    ? amounts("in_transit", transit)
    : [transit, PAYOUT_FEE, WITHHOLDING, BANK].flatMap((of) => amounts("available", of));
  return vectorOf([
    ...amounts("held", bucketOf(distributor_id, "held")),
    ...amounts("available", bucketOf(distributor_id, "available")),
    ...paidOut,
    ...[receivableOf(distributor_id), BAD_DEBT].flatMap((of) => amounts("available", of)),
    ...amountsOf(gateway, -1n),
  ]);
}

/** Both sides of a line; null where a side has none. */
export interface LineSides {
  readonly core: CoreLine | null;
  readonly local: LocalLine | null;
}

/** What the mirror would have if these lines of the distributor were as the core has them. */
export const broughtUp = (local: BalanceVector, lines: readonly LineSides[]): BalanceVector =>
  vectorOf([
    ...amountsOf(local),
    ...lines.flatMap(({ core, local: ours }) => [
      ...(core === null ? [] : [amountLeft(digestLineOf(core), 1n)]),
      ...(ours === null || !isCompared(ours) ? [] : [amountLeft(localDigestLine(ours), -1n)]),
    ]),
  ]);

const amountLeft = (
  line: { readonly status: string; readonly currency: string; readonly amount_minor: number },
  sign: bigint,
): Amount => ({
  bucket: line.status === "held" ? "held" : "available",
  currency: line.currency,
  amount: sign * BigInt(line.amount_minor),
});

/** Balances of a page, by distributor. */
export function vectorsOf(rows: readonly BalanceRow[]): ReadonlyMap<string, BalanceVector> {
  const of = Map.groupBy(rows, ({ distributor_id }) => distributor_id);
  return new Map([...of].map(([id, one]) => [id, vectorOf(one.map(amountIn))]));
}

const amountIn = ({ bucket, currency, amount }: BalanceRow): Amount => ({
  bucket,
  currency,
  amount: BigInt(amount),
});

/** Whether two vectors say the same: a zero is as good as nothing. */
export const isAlike = (one: BalanceVector, other: BalanceVector): boolean =>
  amountsOf(lessOf(one, other)).length === 0;

/** What somebody has by either side. */
export interface BalancesFound {
  readonly distributor_id: string;
  readonly core: BalanceVector;
  /** Brought up to the core's by the lines that differ: they are questions of their own. */
  readonly local: BalanceVector;
  /** When anything of the distributor's money last changed here. */
  readonly changed_ms?: number;
  /** The mirror was made anew from the object's log. */
  readonly isRecomputed: boolean;
}

export type BalancesJudged = "alike" | "in_flight" | JudgedBreak;

/**
 * BALANCE_ONLY: the sums differ and the lines do not say why. Computed again once; then a person
 * looks. The break is named by what is missing, which stays the same while lines come and go.
 */
export function judgeBalances(found: BalancesFound, context: JudgeContext): BalancesJudged {
  const { distributor_id, core, local, changed_ms, isRecomputed } = found;
  const missing = lessOf(core, local);
  if (amountsOf(missing).length === 0) return "alike";
  const { nowMs, limits } = context;
  if (changed_ms !== undefined && isYoung(changed_ms, nowMs, limits.grace_ms)) return "in_flight";

  const kind = "BALANCE_ONLY";
  const sides = { core: balanceRows(distributor_id, missing).join("\n"), local: "-" };
  const { at, verdict } = placeOf(
    { class: kind, distributor_id, line_id: BALANCES, ...sides },
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
    ...(verdict ?? (isRecomputed ? again : first)),
    detail: amountsOf(missing)
      .map(({ bucket, currency }) => {
        const [theirs, ours] = [core, local].map((of) => of[bucket]?.[currency] ?? "0");
        return `${bucket}: the core has ${theirs} ${currency}, the mirror ${ours}`;
      })
      .join("; "),
  };
}

/** Sorted by bucket, then currency; zeros left out. */
const amountsOf = (vector: BalanceVector, sign = 1n): readonly Amount[] =>
  BALANCE_BUCKETS.flatMap((bucket) =>
    Object.entries(vector[bucket] ?? {})
      .map(([currency, text]) => ({ bucket, currency, amount: sign * BigInt(text) }))
      .filter(({ amount }) => amount !== 0n)
      .toSorted((a, b) => (a.currency < b.currency ? -1 : 1)),
  );

const lessOf = (one: BalanceVector, other: BalanceVector): BalanceVector =>
  vectorOf([...amountsOf(one), ...amountsOf(other, -1n)]);

function vectorOf(amounts: readonly Amount[]): BalanceVector {
  const sums: Partial<Record<BalanceBucket, Record<string, string>>> = {};
  for (const { bucket, currency, amount } of amounts) {
    const of = (sums[bucket] ??= {});
    of[currency] = String(BigInt(of[currency] ?? "0") + amount);
  }
  return sums;
}

/**
 * `dist|bucket|currency|amount` of all that is not zero, sorted: what a digest of level `balances`
 * is taken over.
 */
export const balanceRows = (distributorId: string, vector: BalanceVector): readonly string[] =>
  amountsOf(vector)
    .map(({ bucket, currency, amount }) => `${distributorId}|${bucket}|${currency}|${amount}`)
    .toSorted();
