/** The posting rule of DOMAIN «Posting rules» that made a transfer. */
export type Rule = "P3" | "P4" | "P5" | "P8" | "P9" | "P10" | "P11";

/** One debit account, one credit account, one amount: every row balances by construction. */
export interface Transfer {
  readonly rule: Rule;
  readonly debit: string;
  readonly credit: string;
  /** Minor units, above zero. */
  readonly amount_minor: number;
  readonly currency: string;
  /** The line or payout it is about. */
  readonly reference: string;
}

/** Account, then currency, then the balance as decimal text: debit above zero, credit below. */
export type Balances = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const COMMISSION = "exp:commission";
export const BANK = "cash:bank";
export const PAYOUT_FEE = "rev:payout_fee";
export const WITHHOLDING = "tax:withholding";

export type Bucket = "pending" | "held" | "available" | "in_transit";

export const bucketOf = (distributorId: string, bucket: Bucket): string =>
  `dist:${distributorId}:${bucket}`;

/** A transfer, or none where there is nothing to move: zero amounts leave no row. */
export const transferOf = (transfer: Transfer): readonly Transfer[] =>
  transfer.amount_minor === 0 ? [] : [transfer];

/** Adds transfers to balances. Sums are BigInt: a company's can pass 2^53. */
export function post(balances: Balances, transfers: readonly Transfer[]): Balances {
  const next: Record<string, Record<string, string>> = {};
  for (const [account, amounts] of Object.entries(balances)) next[account] = { ...amounts };
  const add = (account: string, currency: string, delta: bigint) => {
    const amounts = (next[account] ??= {});
    amounts[currency] = String(BigInt(amounts[currency] ?? "0") + delta);
  };
  for (const { debit, credit, amount_minor, currency } of transfers) {
    add(debit, currency, BigInt(amount_minor));
    add(credit, currency, -BigInt(amount_minor));
  }
  return next;
}
