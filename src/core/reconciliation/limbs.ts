/** Limbs of a SHA-256: sums of them fit into SQL's 64 bits. */
export const LIMBS = 8;

const LIMB = 1n << 32n;
const MODULUS = 1n << 256n;

/** A digest's 32 bytes, read as a little-endian number (as `addLines` does), in 32-bit limbs, lowest first. */
export function limbsOf(digest: Uint8Array): readonly number[] {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return Array.from({ length: LIMBS }, (_, i) => view.getUint32(4 * i, true));
}

/** What sums of limbs come to, as decimal text each: mod 2^256, 64 hex digits. */
export function sumOfLimbs(sums: readonly string[]): string {
  const sum = sums.reduceRight((high, limb) => high * LIMB + BigInt(limb), 0n);
  return (((sum % MODULUS) + MODULUS) % MODULUS).toString(16).padStart(64, "0");
}
