/** How long each of the two numbers of a signature is, by curve. */
export const ECDSA_BYTES = { "ecdsa-p256-sha256": 32, "ecdsa-p384-sha384": 48 } as const;

export const isEcdsa = (algorithm: string): algorithm is keyof typeof ECDSA_BYTES =>
  Object.hasOwn(ECDSA_BYTES, algorithm);

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SIGN = 0x80;
/** Neither curve's numbers need a length of more than one byte. */
const LENGTH_MAX = 127;

/**
 * The two numbers of a signature in DER (RFC 3279 §2.2.3), each in `width` bytes; nothing where they
 * are not written in the one way that X.690 allows, so that two texts are never one signature.
 */
export function fromDer(der: Uint8Array, width: number): Uint8Array | undefined {
  const length = der[1] ?? 0;
  if (der[0] !== SEQUENCE || length > LENGTH_MAX || der.length !== length + 2) return undefined;
  const r = integerAt(der, 2, width);
  const s = r === undefined ? undefined : integerAt(der, r.end, width);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  const raw = new Uint8Array(width * 2);
  raw.set(r.bytes, width - r.bytes.length);
  raw.set(s.bytes, width * 2 - s.bytes.length);
  return raw;
}

/** A positive INTEGER in as few bytes as it takes, without the zero that keeps it positive. */
function integerAt(der: Uint8Array, at: number, width: number) {
  const end = at + 2 + (der[at + 1] ?? 0);
  const written = der.subarray(at + 2, end);
  if (der[at] !== INTEGER || end > der.length || !isMinimal(written)) return undefined;
  const bytes = written.length > 1 && written[0] === 0 ? written.subarray(1) : written;
  return bytes.length > width ? undefined : { bytes, end };
}

/** X.690 §8.3.2, and not negative: the first bit is none, and nine bits that are none are one zero. */
function isMinimal([first = SIGN, second = SIGN]: Uint8Array): boolean {
  return first === 0 ? second >= SIGN : first < SIGN;
}
