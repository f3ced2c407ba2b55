/** The value below which this share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[index] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted[middle - 1] ?? upper;
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

export interface Pair<Value> {
  readonly ours: Value;
  readonly bare: Value;
}

/**
 * Runs ours and bare in turn, the second first every other round: what the machine does beside
 * falls on both. Compare within a pair, and take the median of that.
 */
export async function alternate<Value>(
  rounds: number,
  ours: () => Promise<Value>,
  bare: () => Promise<Value>,
): Promise<readonly Pair<Value>[]> {
  const pairs: Pair<Value>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, bare: await bare() });
    } else {
      const first = await bare();
      pairs.push({ ours: await ours(), bare: first });
    }
  }
  return pairs;
}

/** Medians of one measure: ours, bare, and of the ratios within the rounds. */
export function compare<Value>(pairs: readonly Pair<Value>[], of: (value: Value) => number) {
  return {
    ours: median(pairs.map((pair) => of(pair.ours))),
    bare: median(pairs.map((pair) => of(pair.bare))),
    ratio: median(pairs.map((pair) => of(pair.ours) / of(pair.bare))),
  };
}
