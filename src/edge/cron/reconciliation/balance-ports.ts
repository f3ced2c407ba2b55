import type { BalanceVector, OwnMoney } from "../../../core/reconciliation/balances.ts";
import type { LocalLine } from "../../../core/reconciliation/differ.ts";
import type { RunAt } from "./ports.ts";

/** A distributor whose balances the core has otherwise. */
export interface BalanceFound {
  readonly distributor_id: string;
  /** Empty where the core has none. */
  readonly core: BalanceVector;
}

/** What was made of it: no break is closed of one that is in flight, nor the one that was found again. */
export type BalanceMark = { readonly in_flight: true } | { readonly break_id: string };

/** A distributor's money as of one instant, with the lines that may explain it. */
export interface MoneyNow extends OwnMoney {
  readonly isFrozen: boolean;
  /** When the last transfer was recorded; null where there is none. */
  readonly changed_ms: number | null;
  /** Those that were asked for, and those that changed of late. */
  readonly lines: readonly LocalLine[];
  /** Too many changed of late to be told. */
  readonly isBusy: boolean;
}

/** What a run of kind `balances` needs beside what every run does. */
export interface BalancePorts {
  /** Distributors in the order of their ids as UTF-8, behind one and up to another. */
  readonly balancesAfter: (
    tenant: string,
    part: {
      readonly after: string | undefined;
      /** Absent: to the end. */
      readonly upTo: string | undefined;
      readonly limit: number;
    },
  ) => Promise<readonly OwnMoney[]>;
  readonly moneyNow: (
    tenant: string,
    asked: readonly { readonly distributor_id: string; readonly line_ids: readonly string[] }[],
    /** Lines of which a transfer was recorded since then. */
    sinceMs: number,
  ) => Promise<readonly MoneyNow[]>;
  readonly putBalances: (run: RunAt, found: readonly BalanceFound[]) => Promise<void>;
  /** Those that are not marked yet, in the order of their ids. */
  readonly readBalances: (
    run: RunAt,
    after: string | undefined,
    limit: number,
  ) => Promise<readonly BalanceFound[]>;
  readonly markBalances: (
    run: RunAt,
    marks: readonly { readonly distributor_id: string; readonly mark: BalanceMark }[],
  ) => Promise<void>;
  readonly dropBalances: (run: RunAt, distributorIds: readonly string[]) => Promise<void>;
  /** Makes the mirror's rows of a distributor anew from the object's log, where they differ. */
  readonly recompute: (tenant: string, distributorId: string) => Promise<void>;
  /** Closes breaks of balances that a run has not found again. */
  readonly closeBalances: (run: RunAt, nowMs: number) => Promise<void>;
}
