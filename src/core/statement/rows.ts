import type { Statement } from "./statement.ts";

/** One figure of a statement, in the order in which they add up. */
export interface StatementRow {
  readonly section:
    | "opening"
    | "line"
    | "reversal"
    | "adjustments"
    | "fees"
    | "withholding"
    | "payouts"
    | "other"
    | "closing"
    | "pending"
    | "in_transit";
  readonly component: string | null;
  readonly amount: bigint;
}

/** A statement as the rows of a table: those from opening to `other` add up to the closing. */
export function rowsOf(statement: Statement): readonly StatementRow[] {
  const total = (section: Exclude<StatementRow["section"], "line" | "reversal">): StatementRow => ({
    section,
    component: null,
    amount: statement[section],
  });
  return [
    total("opening"),
    ...statement.lines.map((sum) => ({ section: "line" as const, ...sum })),
    ...statement.reversals.map((sum) => ({ section: "reversal" as const, ...sum })),
    total("adjustments"),
    total("fees"),
    total("withholding"),
    total("payouts"),
    total("other"),
    total("closing"),
    total("pending"),
    total("in_transit"),
  ];
}
