import type { Sha256 } from "./digest.ts";

/** Shards that the digests of an hour are kept in (DOMAIN «Reconciliation»). */
export const SHARDS = 64;

/** The shard of a distributor: the first byte of SHA-256 over its id as UTF-8, mod 64. */
export const shardOf = (distributorId: string, sha256: Sha256): number =>
  (sha256(distributorId)[0] ?? 0) % SHARDS;

/**
 * The part of its hour and shard that a line is in, where those have too many lines for one page:
 * the first hex digit of SHA-256 over the line's id as UTF-8.
 */
export const partOf = (lineId: string, sha256: Sha256): string =>
  ((sha256(lineId)[0] ?? 0) >> 4).toString(16);
