import type { SumPage, SumPlace, SumRow } from "../../sum-buckets.ts";

/** What sums are made of, and then the sums that are kept. */
export type SumSide = "parts" | "kept";

/** Rows that are summed by one statement: it takes less than a second. */
const ROWS_AT_ONCE = 100_000;

/**
 * How far the sums of a tenant were compared, bucket by bucket: parts of which the sums are made add to
 * a bucket's number, kept sums take away from it. What is left over differs, or has changed meanwhile.
 */
export interface Compared {
  readonly side: SumSide;
  readonly after?: SumPlace;
  /** Number and rows of each bucket. */
  readonly buckets: Readonly<Record<string, readonly [left: string, rows: number]>>;
}

export const NOTHING_COMPARED: Compared = { side: "parts", buckets: {} };

/** Counts a page, and goes on behind it: nothing at the end of both sides. */
export function counted(compared: Compared, page: SumPage, seed: number): Compared {
  const { side, after } = compared;
  const left = new Map(
    Object.entries(compared.buckets).map(([bucket, [number, rows]]) => [
      Number(bucket),
      { number: BigInt(number), rows },
    ]),
  );
  const factors = factorsOf(page.rows, seed);
  for (const row of page.rows) {
    const { number, rows } = left.get(row.bucket) ?? { number: 0n, rows: 0 };
    const weighed = weightOf(row.key, seed) * valueOf(row, factors);
    left.set(row.bucket, {
      number: side === "parts" ? number + weighed : number - weighed,
      rows: rows + 1,
    });
  }
  const { next } = page;
  // A name that does not read as it is written would be asked for again and again.
  if (next !== undefined && JSON.stringify(next) === JSON.stringify(after)) {
    throw new Error(`The page behind ${JSON.stringify(next)} ends there again`);
  }
  const buckets = Object.fromEntries(
    [...left].map(([bucket, { number, rows }]) => [bucket, [String(number), rows] as const]),
  );
  return { side, buckets, ...(next && { after: next }) };
}

/** Buckets that differ, in groups of which each is summed at once. */
export function suspects({ buckets }: Compared): readonly (readonly number[])[] {
  const groups: { rows: number; buckets: number[] }[] = [];
  for (const [bucket, [number, rows]] of Object.entries(buckets)) {
    if (number === "0") continue;
    const last = groups.at(-1);
    if (last !== undefined && last.rows + rows <= ROWS_AT_ONCE) {
      last.rows += rows;
      last.buckets.push(Number(bucket));
    } else groups.push({ rows, buckets: [Number(bucket)] });
  }
  return groups.map((group) => group.buckets);
}

/** One number for all amounts of a row. */
const valueOf = ({ amounts }: SumRow, factors: readonly bigint[]): bigint =>
  amounts.reduce((sum, amount, i) => sum + amount * (factors[i] ?? 0n), 0n);

const factorsOf = ([first]: readonly SumRow[], seed: number): readonly bigint[] =>
  first === undefined ? [] : first.amounts.map((_, i) => weightOf(`factor ${i}`, seed));

/**
 * 53 bits of a name, others for every seed: nobody who changes two sums so that their weights cancel
 * each other out in one walk does so in the next.
 */
function weightOf(name: string, seed: number): bigint {
  let [low, high] = [0xde_ad_be_ef ^ seed, 0x41_c6_ce_57 ^ seed];
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    low = Math.imul(low ^ code, 2_654_435_761);
    high = Math.imul(high ^ code, 1_597_334_677);
  }
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return BigInt(4_294_967_296 * (high & 0x1f_ff_ff) + (low >>> 0)) + 1n;
}
