import type { Difference, FoundLine, LineName } from "../../../core/reconciliation/differ.ts";
import type { RunAt } from "./ports.ts";

/** Lines that a run has found something of. */
export interface Found {
  readonly differences: readonly Difference[];
  /** Lines that the core told twice, and not alike. */
  readonly contradicted: readonly LineName[];
}

export interface FoundPage extends Found {
  /** Where it goes on; absent at the end. */
  readonly last?: LineName;
}

/** What a run has found so far, kept until it is over. */
export interface FoundPorts {
  readonly putDifferences: (run: RunAt, found: readonly FoundLine[]) => Promise<void>;
  readonly differencesOf: (
    run: RunAt,
    distributors: readonly string[],
  ) => Promise<readonly Difference[]>;
  /** Some of what was found, in the order of distributor and line. */
  readonly foundAfter: (
    run: RunAt,
    after: LineName | undefined,
    limit: number,
  ) => Promise<FoundPage>;
  readonly foundOf: (run: RunAt, names: readonly LineName[]) => Promise<Found>;
  readonly dropDifferences: (run: RunAt) => Promise<void>;
  /** How many differences a run has kept, counted up to a limit. */
  readonly countKept: (run: RunAt, limit: number) => Promise<number>;
}
