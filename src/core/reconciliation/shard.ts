import type { Sha256 } from "./digest.ts";

/** Shards that the digests of an hour are kept in (DOMAIN «Reconciliation»). */
export const SHARDS = 64;

/** The shard of a distributor: the first byte of SHA-256 over its id as UTF-8, mod 64. */
export const shardOf = (distributorId: string, sha256: Sha256): number =>
  (sha256(distributorId)[0] ?? 0) % SHARDS;

/** Hours of a shard are cut up by as many hex digits at most. */
export const PART_DIGITS_MAX = 4;

/**
 * The part of its hour and shard that a line is in, where those have too many lines for one page: the
 * first hex digits of SHA-256 over the line's id as UTF-8. Each digit more cuts a part into sixteen.
 */
export function partOf(lineId: string, sha256: Sha256, digits = 1): string {
  const [high = 0, low = 0] = sha256(lineId);
  return (high * 256 + low).toString(16).padStart(PART_DIGITS_MAX, "0").slice(0, digits);
}
