/** SHA-256 of text as UTF-8, or of bytes. */
export type Sha256 = (data: string | Uint8Array) => Uint8Array;

/** A line as a digest sees it. */
export interface DigestLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly currency: string;
  /** What is left of it: reversals are taken off. */
  readonly amount_minor: number;
  readonly status: string;
  readonly effective_ms: number;
}

/** Sums over lines, in any order: parts of a period can be added up one after the other. */
export interface Fingerprint {
  readonly lines: number;
  /** By currency, minor units as decimal text. */
  readonly totals: Readonly<Record<string, string>>;
  /** Σ SHA-256(line) mod 2^256, 64 hex digits. */
  readonly sum: string;
}

export const NO_LINES: Fingerprint = { lines: 0, totals: {}, sum: "0".repeat(64) };

/** `line_id|dist|currency|amount|status|effective_ms` (DOMAIN «Digest»). */
export const canonicalLine = (line: DigestLine): string =>
  [
    line.line_id,
    line.distributor_id,
    line.currency,
    line.amount_minor,
    line.status,
    line.effective_ms,
  ].join("|");

/** Addition and not XOR: the same line twice does not cancel out. */
export function addLines(
  before: Fingerprint,
  lines: readonly DigestLine[],
  sha256: Sha256,
): Fingerprint {
  const totals = new Map(Object.entries(before.totals).map(([code, sum]) => [code, BigInt(sum)]));
  for (const line of lines) {
    totals.set(line.currency, (totals.get(line.currency) ?? 0n) + BigInt(line.amount_minor));
  }
  return {
    ...addTexts(before, lines.map(canonicalLine), sha256),
    totals: Object.fromEntries([...totals].map(([code, total]) => [code, String(total)])),
  };
}

/** What a digest is made of: the number of texts, and the sum of their hashes. */
export type TextSum = Pick<Fingerprint, "lines" | "sum">;

/** Counts canonical texts in; with `-1` it takes away what was counted before. */
export function addTexts(
  before: TextSum,
  texts: readonly string[],
  sha256: Sha256,
  sign: 1 | -1 = 1,
): TextSum {
  let more = 0n;
  for (const text of texts) more += fromLittleEndian(sha256(text));
  const sum = BigInt.asUintN(256, BigInt(`0x${before.sum}`) + BigInt(sign) * more);
  return { lines: before.lines + sign * texts.length, sum: sum.toString(16).padStart(64, "0") };
}

/**
 * The wire form, as Negentropy writes it: the first 16 bytes, in hex, of SHA-256 over the sum as 32
 * bytes little-endian and the number of lines as a varint.
 */
export function digestOf({ sum, lines }: TextSum, sha256: Sha256): string {
  const bytes = bytesOf(sum).toReversed();
  const digest = sha256(Uint8Array.from([...bytes, ...varint(lines)]));
  return hexOf(digest.subarray(0, 16));
}

const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${hexOf(bytes.toReversed())}`);

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const bytesOf = (hex: string): readonly number[] =>
  (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

/** Seven bits a byte, the highest first; all but the last have the eighth bit set. */
function varint(value: number): readonly number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(128 + (rest % 128));
  }
  return bytes;
}
