import { hash } from "node:crypto";

/** What the digests of docs/core.md are made of, written from that page alone. */
export const SHARDS = 64;

/** SHA-256 as eight 32-bit numbers, the lowest first: the hash read as a little-endian number. */
export type Limbs = readonly number[];

const sha256 = (text: string | Uint8Array): Buffer => hash("sha256", text, "buffer");

export const shardOf = (distributorId: string): number =>
  sha256(distributorId).readUInt8(0) % SHARDS;

/** Parts of an hour are named by so many hex digits at most. */
export const PART_DIGITS_MAX = 4;

export const partOf = (lineId: string, digits: number): string =>
  sha256(lineId).toString("hex").slice(0, digits);

export interface Digested {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly currency: string;
  /** The amount without its reversals. */
  readonly left_minor: number;
  readonly status: string;
  readonly effective_ms: number;
}

export const lineLimbs = (line: Digested): Limbs =>
  limbsOf(
    `${line.line_id}|${line.distributor_id}|${line.currency}|${line.left_minor}|${line.status}|${line.effective_ms}`,
  );

export const balanceLimbs = (
  distributorId: string,
  bucket: string,
  currency: string,
  amount: bigint,
): Limbs => limbsOf(`${distributorId}|${bucket}|${currency}|${amount}`);

function limbsOf(text: string): Limbs {
  const bytes = sha256(text);
  return [0, 4, 8, 12, 16, 20, 24, 28].map((at) => bytes.readUInt32LE(at));
}

/** Sums of limbs, without carry, as one number of 256 bits. */
export function sumOf(limbs: readonly bigint[]): bigint {
  const sum = limbs.reduce((whole, limb, at) => whole + (limb << BigInt(32 * at)), 0n);
  return BigInt.asUintN(256, sum);
}

/** The first 16 bytes of SHA-256(sum as 32 bytes little-endian ‖ number of lines as a varint). */
export function wireDigest(sum: bigint, lines: number): string {
  const bytes = Buffer.alloc(32);
  for (let at = 0; at < 4; at += 1) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, sum >> BigInt(64 * at)), 8 * at);
  }
  return sha256(Buffer.concat([bytes, varint(lines)])).toString("hex", 0, 16);
}

/** Base 128, the highest seven bits first; every byte but the last has its eighth bit set. */
function varint(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(128 + (rest % 128));
  }
  return Buffer.from(bytes);
}
