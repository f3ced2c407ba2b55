/** One line of the table. */
export interface Figure {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly bare?: number;
  readonly ratio?: number;
  /** What the budget bounds, and how. */
  readonly budget?: {
    readonly of: "ours" | "ratio";
    readonly atLeast?: number;
    readonly atMost?: number;
  };
  readonly note?: string;
}

/** What one part of the benchmark found. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly rounds: unknown;
  readonly notes: readonly string[];
}

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  /** Where bundles are put. */
  readonly directory: string;
}

/** Whether a figure keeps its budget; nothing where it has none. */
export function isMet({ budget, ...figure }: Figure): boolean | undefined {
  if (budget === undefined) return undefined;
  const value = figure[budget.of] ?? Number.NaN;
  const { atLeast = -Infinity, atMost = Infinity } = budget;
  return value >= atLeast && value <= atMost;
}
