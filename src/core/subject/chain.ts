/** Hex SHA-256 of a text's UTF-8 bytes: handed in, because the core computes no digest. */
export type Sha256 = (text: string) => string;

/** One row of an object's log. `hash` covers the row before it, so no row can be changed unseen. */
export interface LogRow {
  readonly position: number;
  readonly hash: string;
  /** Canonical JSON of an {@link Entry}. */
  readonly entry: string;
}

/** The hash before the first row. */
export const GENESIS = "";

/** `h_n = SHA-256(h_{n-1} ‖ JCS(entry_n))` (DOMAIN «Invariants»). */
export const link = (previous: string, entry: string, sha256: Sha256): string =>
  sha256(previous + entry);

/** The position of the first row whose hash or place is wrong, or nothing where the chain holds. */
export function firstBroken(
  rows: readonly LogRow[],
  from: { readonly position: number; readonly hash: string },
  sha256: Sha256,
): number | undefined {
  let { position, hash } = from;
  for (const row of rows) {
    position += 1;
    hash = link(hash, row.entry, sha256);
    if (row.position !== position || row.hash !== hash) return row.position;
  }
  return undefined;
}
