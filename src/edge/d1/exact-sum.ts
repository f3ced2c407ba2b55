/** Amounts are added in halves, as SQLite refuses sums of more than 64 bits. */
const HALF = 1_000_000_000;

export const highOf = (amount: string): string => `(${amount}) / ${HALF}`;
export const lowOf = (amount: string): string => `(${amount}) % ${HALF}`;

/** Both halves of a sum, as text: they can pass 2^53. {@link exactSum} puts them together. */
export const sumHalves = (amount: string): string =>
  `CAST(SUM(${highOf(amount)}) AS TEXT) AS high, CAST(SUM(${lowOf(amount)}) AS TEXT) AS low`;

/** Whether a sum is anything: halves can cancel each other out. */
export const isSomething = (amount: string): string =>
  `(SUM(${highOf(amount)}) + SUM(${lowOf(amount)}) / ${HALF} <> 0 OR SUM(${lowOf(amount)}) % ${HALF} <> 0)`;

export interface SumHalves {
  readonly high: string;
  readonly low: string;
}

export const exactSum = ({ high, low }: SumHalves): bigint =>
  BigInt(high) * BigInt(HALF) + BigInt(low);

/** The sum of rows' halves, and nothing where that may not fit into 64 bits. */
export const sumOfHalves = (high: string, low: string): string => {
  const whole = `(sum(${high}) + sum(${low}) / ${HALF})`;
  return `iif(abs(${whole}) < 9223372036, ${whole} * ${HALF} + sum(${low}) % ${HALF}, NULL)`;
};
