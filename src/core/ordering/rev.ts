/** The place of a revision in its register: a core restored from a backup counts a new epoch. */
export interface Revision {
  readonly epoch: number;
  /** Decimal digits without leading zeros, of any length. */
  readonly rev: string;
}

/**
 * Below zero where `a` is the older. Revisions are integers: as texts, "23" would come after
 * "123" (apache/hudi#9475), and as numbers a log position above 2^53 would lose its last digits.
 */
export function compareRevisions(a: Revision, b: Revision): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.rev.length !== b.rev.length) return a.rev.length - b.rev.length;
  if (a.rev === b.rev) return 0;
  return a.rev < b.rev ? -1 : 1;
}
