import { type Bucket, bucketOf, PAYOUT_FEE, WITHHOLDING } from "../ledger/transfer.ts";

/**
 * Transfers of one distributor that are alike, summed up: by rule, accounts, component, currency,
 * and whether they took effect before the month of the statement or in it.
 */
export interface Movement {
  readonly rule: string;
  readonly debit: string;
  readonly credit: string;
  /** That of the line they refer to; null where they refer to none that is known. */
  readonly component: string | null;
  readonly currency: string;
  /** Minor units, above zero. */
  readonly amount: bigint;
  readonly isBefore: boolean;
}

export interface ComponentSum {
  readonly component: string | null;
  readonly amount: bigint;
}

/**
 * A month of one distributor in one currency (DOMAIN «Compliance»). Every part is signed, above
 * zero in the distributor's favour: opening + all parts = closing, to the unit. Opening and closing
 * are what is held and available together; what is only expected, and what is on its way to the
 * bank, stand beside it as of the end of the month.
 */
export interface Statement {
  readonly currency: string;
  readonly opening: bigint;
  readonly lines: readonly ComponentSum[];
  readonly reversals: readonly ComponentSum[];
  readonly adjustments: bigint;
  readonly fees: bigint;
  readonly withholding: bigint;
  /** Net amounts sent; those that failed are taken out again. */
  readonly payouts: bigint;
  /** What no other part is about: debts moved for collection, say. */
  readonly other: bigint;
  readonly closing: bigint;
  /** Lines that the core has not confirmed. An estimate. */
  readonly pending: bigint;
  readonly in_transit: bigint;
}

type Total = "adjustments" | "fees" | "withholding" | "payouts" | "other";
type Part = "lines" | "reversals" | Total;

/**
 * The part that a rule's transfers belong to where they change what is held or available. The rest
 * of them change nothing there, and so no part: a release (P4), a settled payout (P10), a line that
 * waits for the core (PL), the undoing of such a line when the core confirms it (P3).
 */
const PART_OF: ReadonlyMap<string, Part> = new Map([
  ["PL", "lines"],
  ["P3", "lines"],
  ["P5", "reversals"],
  ["P8", "adjustments"],
  ["P12", "adjustments"],
]);

/** A payout's parts (P9), and what a failed one gives back of them (P11), go by the other account. */
const PAYOUT_RULES: ReadonlySet<string> = new Set(["P9", "P11"]);

/**
 * The statements of a month, by currency, from everything that took effect up to its end. A currency
 * in which nothing moved and nothing is left has none.
 */
export function statementsOf(
  distributorId: string,
  movements: readonly Movement[],
): readonly Statement[] {
  const accounts = accountsOf(distributorId);
  const byCurrency = Map.groupBy(movements, ({ currency }) => currency);
  return [...byCurrency.keys()]
    .toSorted()
    .map((currency) => statementOf(currency, byCurrency.get(currency) ?? [], accounts))
    .filter(hasAnything);
}

interface Accounts {
  readonly balance: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  readonly in_transit: ReadonlySet<string>;
}

function accountsOf(distributorId: string): Accounts {
  const set = (...buckets: Bucket[]) =>
    new Set(buckets.map((bucket) => bucketOf(distributorId, bucket)));
  return {
    balance: set("held", "available"),
    pending: set("pending"),
    in_transit: set("in_transit"),
  };
}

function statementOf(
  currency: string,
  movements: readonly Movement[],
  accounts: Accounts,
): Statement {
  let opening = 0n;
  let pending = 0n;
  let inTransit = 0n;
  const totals = { adjustments: 0n, fees: 0n, withholding: 0n, payouts: 0n, other: 0n };
  const lines = new Map<string | null, bigint>();
  const reversals = new Map<string | null, bigint>();
  for (const movement of movements) {
    pending += change(movement, accounts.pending);
    inTransit += change(movement, accounts.in_transit);
    const amount = change(movement, accounts.balance);
    const part = partOf(movement, accounts);
    if (movement.isBefore) opening += amount;
    else if (part === "lines") add(lines, movement, amount);
    else if (part === "reversals") add(reversals, movement, amount);
    else totals[part] += amount;
  }
  const parts = [...lines.values(), ...reversals.values(), ...Object.values(totals)];
  return {
    currency,
    opening,
    lines: sorted(lines),
    reversals: sorted(reversals),
    ...totals,
    closing: parts.reduce((sum, amount) => sum + amount, opening),
    pending,
    in_transit: inTransit,
  };
}

/** By how much these accounts together owe the distributor more: credits count, debits against. */
function change({ debit, credit, amount }: Movement, accounts: ReadonlySet<string>): bigint {
  const credited = accounts.has(credit) ? amount : 0n;
  return accounts.has(debit) ? credited - amount : credited;
}

function partOf({ rule, debit, credit }: Movement, { balance, in_transit }: Accounts): Part {
  if (!PAYOUT_RULES.has(rule)) return PART_OF.get(rule) ?? "other";
  const counter = balance.has(debit) ? credit : debit;
  if (in_transit.has(counter)) return "payouts";
  if (counter === PAYOUT_FEE) return "fees";
  return counter === WITHHOLDING ? "withholding" : "other";
}

function add(sums: Map<string | null, bigint>, { component }: Movement, amount: bigint): void {
  if (amount !== 0n) sums.set(component, (sums.get(component) ?? 0n) + amount);
}

/** By name; what has none comes last. */
const sorted = (sums: ReadonlyMap<string | null, bigint>): readonly ComponentSum[] =>
  [...sums]
    .map(([component, amount]) => ({ component, amount }))
    .toSorted((a, b) => (isBefore(a.component, b.component) ? -1 : 1));

const isBefore = (a: string | null, b: string | null): boolean =>
  b === null ? a !== null : a !== null && a < b;

const hasAnything = (statement: Statement): boolean =>
  Object.values(statement).some((figure) =>
    typeof figure === "bigint" ? figure !== 0n : typeof figure !== "string" && figure.length > 0,
  );
