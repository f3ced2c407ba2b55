import { bucketOf } from "../ledger/transfer.ts";
import type { Plan } from "../plans/plan.ts";
import { plansAt } from "../plans/versions.ts";
import { readView } from "./view.ts";

/** A debt beyond what the plan lets stand without a word. */
export interface Overdrawn {
  readonly currency: string;
  /** Minor units, above zero. */
  readonly owed_minor: string;
  readonly limit_minor: number;
}

/** What a distributor owes by currency, as far as anything is owed at all. */
export function debtsOf(
  view: string | undefined,
  distributorId: string,
): ReadonlyMap<string, bigint> {
  const amounts = readView(view).balances[bucketOf(distributorId, "available")] ?? {};
  const debts = Object.entries(amounts).map(
    ([currency, text]) => [currency, BigInt(text)] as const,
  );
  return new Map(debts.filter(([, amount]) => amount > 0n));
}

/**
 * Debts above the limit of a plan in force in that currency (`clawback.limit_minor`). Plans without
 * a limit let any debt stand: it is recovered from later pay (DOMAIN §1 «clawback»).
 */
export function overdrawn(
  debts: ReadonlyMap<string, bigint>,
  plans: readonly Plan[],
  atMs: number,
): readonly Overdrawn[] {
  return plansAt(plans, atMs).flatMap(({ currency, clawback }) => {
    const owed = debts.get(currency);
    if (owed === undefined || clawback === undefined) return [];
    const { limit_minor } = clawback;
    if (owed <= BigInt(limit_minor)) return [];
    return [{ currency, owed_minor: String(owed), limit_minor }];
  });
}
