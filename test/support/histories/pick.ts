import fc from "fast-check";

export type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** The nth of some, counted round and round, so that a number stays a choice when others shrink. */
export function pick<Item>(items: readonly Item[], nth: number): Item {
  const item = items[nth % items.length];
  if (item === undefined) throw new Error("Nothing to pick from");
  return item;
}

export const some = fc.nat({ max: 999 });

/** True once in `among` times. */
export const rarely = (among: number): fc.Arbitrary<boolean> =>
  fc.nat({ max: among - 1 }).map((nth) => nth === 1);

/** An instant from March to July 2026, and not within a day of a month's end in any time zone. */
export const instant = fc
  .record({
    month: fc.nat({ max: 4 }),
    day: fc.integer({ min: 3, max: 26 }),
    hour: fc.nat({ max: 23 }),
  })
  .map(({ month, day, hour }) => Date.UTC(2026, 2 + month, day, hour));

export const iso = (ms: number): string => new Date(ms).toISOString();

export const shuffledItems = <Item>(items: readonly Item[]): fc.Arbitrary<Item[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });
