/** Whether a sum of these can hold the amount. */
export const addsWithin = (parts: readonly number[], amount: number): boolean =>
  amount <= parts.reduce((sum, part) => sum + part, 0);

/**
 * Shares an amount among parts in proportion to them, exact to the unit: each gets the whole units
 * of its share, the units left over go to the largest fractions, among equals to the first.
 */
export function shareOut(amount: number, parts: readonly number[]): readonly number[] {
  const whole = parts.reduce((sum, part) => sum + BigInt(part), 0n);
  if (whole === 0n) return parts.map(() => 0);
  const shares = parts.map((part, i) => {
    const exact = BigInt(amount) * BigInt(part);
    return { i, units: exact / whole, fraction: exact % whole };
  });
  let over = BigInt(amount) - shares.reduce((sum, { units }) => sum + units, 0n);
  const units = shares.map((share) => share.units);
  const byFraction = shares.toSorted((a, b) =>
    a.fraction === b.fraction ? a.i - b.i : a.fraction > b.fraction ? -1 : 1,
  );
  for (const { i } of byFraction) {
    if (over === 0n) break;
    units[i] = (units[i] ?? 0n) + 1n;
    over -= 1n;
  }
  return units.map(Number);
}
