import { proRata } from "../plans/rounding.ts";
import type { DispatchedLine, Line } from "./line.ts";

/**
 * What returns took of a line, in minor units, each as of when it happened, the earliest first;
 * below zero where a dispute was won or a refund failed then.
 */
export type Taken = readonly (readonly [at_ms: number, minor: number])[];

type Shares = Pick<DispatchedLine, "returns" | "returned" | "rounding">;

/**
 * What returns take of an amount: the k-th of them `round(a·R_k/N) − round(a·R_{k−1}/N)`, so that all
 * of them together take `round(a·R/N)` (DOMAIN §3.3). Undefined where the order did not say when.
 */
export function takenOf(amount_minor: number, shares: Shares): Taken | undefined {
  const { returns, returned, rounding } = shares;
  const [part, whole] = returned;
  if (returns === undefined) return part === 0 ? [] : undefined;
  let sum = 0;
  return returns.flatMap(([at_ms, upTo]) => {
    const before = sum;
    sum = proRata(amount_minor, upTo, whole, rounding);
    return sum === before ? [] : [[at_ms, sum - before] as const];
  });
}

/**
 * What was taken of a line that does not say when: it was taken by the earliest of the returns that
 * are told of now, up to what it was. What they do not explain has no date.
 */
export function takenBefore(line: Line, shares: Shares): Taken {
  let sum = 0;
  let told = 0;
  return (takenOf(line.amount_minor, shares) ?? []).flatMap(([at_ms, minor]) => {
    const before = sum;
    told += minor;
    sum = Math.min(told, line.reversed_minor);
    return sum === before ? [] : [[at_ms, sum - before] as const];
  });
}

export const sumTaken = (taken: Taken): number => taken.reduce((sum, [, minor]) => sum + minor, 0);

/** What has to be taken in addition, and when, from what was taken to what is to be. */
export function takenMore(before: Taken, after: Taken): Taken {
  const more = new Map<number, number>();
  const add = (at_ms: number, minor: number) => more.set(at_ms, (more.get(at_ms) ?? 0) + minor);
  for (const [at_ms, minor] of before) add(at_ms, -minor);
  for (const [at_ms, minor] of after) add(at_ms, minor);
  return [...more].filter(([, minor]) => minor !== 0).toSorted(([a], [b]) => a - b);
}
