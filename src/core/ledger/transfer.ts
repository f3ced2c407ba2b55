/** The posting rule of DOMAIN «Posting rules» that made a transfer. */
export type Rule =
  | "P1"
  | "P2"
  | "PL"
  | "P3"
  | "P4"
  | "P5"
  | "P6"
  | "P7"
  | "P8"
  | "P9"
  | "P10"
  | "P11"
  | "P12"
  | "P13"
  | "P14";

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
  /** When it takes effect, where that is another time than its entry's. */
  readonly effective_ms?: number;
}

/** Account, then currency, then the balance as decimal text: debit above zero, credit below. */
export type Balances = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const COMMISSION = "exp:commission";
export const PSP = "cash:psp";
export const PRODUCT = "rev:product";
export const SHIPPING = "rev:shipping";
export const REFUND = "rev:refund";
export const SALES_TAX = "tax:sales";
export const PSP_FEE = "exp:psp_fee";
export const CHARGEBACK_FEE = "exp:chargeback_fee";
export const BAD_DEBT = "exp:bad_debt";
export const UNAPPLIED = "cust:unapplied";
export const BANK = "cash:bank";
export const PAYOUT_FEE = "rev:payout_fee";
export const WITHHOLDING = "tax:withholding";
/** What the core does not have, until a person has decided: 0 when a period is closed. */
export const SUSPENSE = "suspense:recon";

export type Bucket = "pending" | "held" | "available" | "in_transit";

export const bucketOf = (distributorId: string, bucket: Bucket): string =>
  `dist:${distributorId}:${bucket}`;

/** The debt of a distributor, moved out of the payable balance for collection (P14). */
export const receivableOf = (distributorId: string): string => `recv:dist:${distributorId}`;

/** A transfer of either sign: below zero, debit and credit change places. None for zero. */
export const signedTransfer = (transfer: Transfer): readonly Transfer[] => {
  const { debit, credit, amount_minor } = transfer;
  return amount_minor >= 0
    ? transferOf(transfer)
    : [{ ...transfer, debit: credit, credit: debit, amount_minor: -amount_minor }];
};

/** Transfers as of another time than their entry's. */
export const asOf = (effective_ms: number, transfers: readonly Transfer[]): readonly Transfer[] =>
  transfers.map((transfer) => ({ ...transfer, effective_ms }));

/** What takes transfers back: the same the other way round. */
export const opposite = (transfers: readonly Transfer[]): readonly Transfer[] =>
  transfers.map(({ debit, credit, ...rest }) => ({ ...rest, debit: credit, credit: debit }));

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
