import type { Standing } from "../subject/entry.ts";
import type { Balances } from "../ledger/transfer.ts";

/** A distributor at a glance: what a status answer is made of. Mirrored whole, as one JSON text. */
export interface DistributorView {
  /** Debit above zero, as in the ledger; decimal text. */
  readonly balances: Balances;
  readonly enrolment?: Standing;
  /** Statuses in force now or later: which one holds depends on the instant of the read. */
  readonly statuses: readonly Standing[];
  /** The current revision for the latest period. */
  readonly rank?: Standing;
  readonly volume?: Standing;
}

const EMPTY: DistributorView = { balances: {}, statuses: [] };

export const readView = (text: string | undefined): DistributorView =>
  text === undefined ? EMPTY : parseView(text);

// Own text: what evolve() wrote.
const parseView = (text: string): DistributorView => JSON.parse(text);

export const balanceOf = (view: DistributorView, account: string, currency: string): bigint =>
  BigInt(view.balances[account]?.[currency] ?? "0");

/**
 * The status as of an instant: of all revisions in force by then, the highest (epoch, rev); before
 * the first of them, what the enrolment said (DESIGN «Fixed readings»).
 */
export function statusAt(
  { statuses, enrolment }: DistributorView,
  atMs: number,
): string | undefined {
  // Kept by ascending revision: the last one in force is the highest.
  const standing = statuses.findLast(({ effective_ms }) => effective_ms <= atMs) ?? enrolment;
  const status = standing?.value["status"];
  return typeof status === "string" ? status : undefined;
}
