import { fromBase64 } from "./bytes.ts";

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
/** Lengths of two bytes are enough for keys of 64 KB. */
const LENGTH_BYTES_MAX = 2;

/** What kinds of keys call themselves, parameters and all: RFC 8410 §3, RFC 3279 §2.3, RFC 5480 §2.1.1. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  // Ed25519, rsaEncryption with NULL, and ecPublicKey on P-256 and on P-384.
  "06032b6570",
  "06092a864886f70d0101010500",
  "06072a8648ce3d020106082a8648ce3d030107",
  "06072a8648ce3d020106052b81040022",
]);

const PEM = /^-----BEGIN PUBLIC KEY-----([\d\sA-Za-z+/=]+)-----END PUBLIC KEY-----$/;

/** The bytes of a PEM text; nothing where it is no PEM of one public key. */
export function fromPem(text: string): Uint8Array | undefined {
  const [, base64] = PEM.exec(text) ?? [];
  return base64 === undefined ? undefined : fromBase64(base64.replaceAll(/\s/g, ""));
}

/**
 * Whether this is a SubjectPublicKeyInfo (RFC 5280 §4.1) and nothing but it: importers let pass what
 * stands behind the key, bits that no key has and parameters that nobody reads, so that another
 * text would be the same secret.
 */
export function isPlainSpki(der: Uint8Array): boolean {
  const whole = partAt(der, 0, SEQUENCE);
  if (whole === undefined || whole.to !== der.length) return false;
  const algorithm = partAt(der, whole.from, SEQUENCE);
  if (algorithm === undefined) return false;
  const name = Buffer.from(der.subarray(algorithm.from, algorithm.to)).toString("hex");
  const key = partAt(der, algorithm.to, BIT_STRING);
  return ALGORITHMS.has(name) && key?.to === der.length && der[key.from] === 0;
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
