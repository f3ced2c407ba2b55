import { fromBase64 } from "./bytes.ts";

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
/** Lengths of two bytes are enough for keys of 16 KB. */
const LENGTH_BYTES_MAX = 2;

const PEM = /^-----BEGIN PUBLIC KEY-----([\d\sA-Za-z+/=]+)-----END PUBLIC KEY-----$/;

/** The bytes of a PEM text; nothing where it is no PEM of one public key. */
export function fromPem(text: string): Uint8Array | undefined {
  const [, base64] = PEM.exec(text) ?? [];
  return base64 === undefined ? undefined : fromBase64(base64.replaceAll(/\s/g, ""));
}

/**
 * Whether this is a SubjectPublicKeyInfo (RFC 5280 §4.1) and nothing but it: importers let pass what
 * stands behind the key, and bits that no key has, so that another text would be the same secret.
 */
export function isPlainSpki(der: Uint8Array): boolean {
  const whole = partAt(der, 0, SEQUENCE);
  if (whole === undefined || whole.to !== der.length) return false;
  const algorithm = partAt(der, whole.from, SEQUENCE);
  const key = algorithm === undefined ? undefined : partAt(der, algorithm.to, BIT_STRING);
  return key !== undefined && key.to === der.length && der[key.from] === 0;
}

function partAt(der: Uint8Array, at: number, tag: number) {
  const first = der[at + 1];
  if (der[at] !== tag || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (more > LENGTH_BYTES_MAX) return undefined;
  const from = at + 2 + more;
  const length = der.subarray(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  return { from, to: from + (more === 0 ? first : length) };
}
