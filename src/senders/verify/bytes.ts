const utf8 = new TextEncoder();

const BASE64 = /^(?:[\dA-Za-z+/]{4})*(?:[\dA-Za-z+/]{2}==|[\dA-Za-z+/]{3}=)?$/;
const BASE64URL = /^[\dA-Za-z_-]+$/;
const HEX = /^(?:[\da-fA-F]{2})+$/;
const UPPER = /[A-F]/;
const LOWER = /[a-f]/;

/** How a signature or a secret is written as text, as far as a source may say it. */
export const ENCODINGS = ["hex", "base64", "base64url"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * Of a product whose case is known, a digit of the other case is a changed one, and refused.
 * `hex` takes either case, and one of them throughout; `hex-any` a mixture, too.
 */
export type SignatureEncoding = Encoding | "hex-lower" | "hex-any";

export const fromText = (text: string): Uint8Array => utf8.encode(text);

export function decode(text: string, encoding: SignatureEncoding): Uint8Array | undefined {
  switch (encoding) {
    case "hex":
      return UPPER.test(text) && LOWER.test(text) ? undefined : fromHex(text);
    case "hex-lower":
      return UPPER.test(text) ? undefined : fromHex(text);
    case "hex-any":
      return fromHex(text);
    case "base64":
      return fromBase64(text);
    case "base64url":
      return fromBase64Url(text);
  }
}

/** Of any case: secrets are typed by people. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (digitAt(text, at * 2) << 4) | digitAt(text, at * 2 + 1);
  }
  return bytes;
}

/** The value of a hex digit: letters of either case are 1 to 6 in their low bits, 9 short of 10. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return (code & 15) + (code > 57 ? 9 : 0);
}

/**
 * RFC 4648 §4 with its padding, and canonical (§3.5): `atob` drops bits that do not fill a byte,
 * and then two different texts would be one signature.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text === "" || !BASE64.test(text)) return undefined;
  const binary = atob(text);
  if (text.endsWith("=") && btoa(binary) !== text) return undefined;
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** RFC 4648 §5 without padding. */
function fromBase64Url(text: string): Uint8Array | undefined {
  if (!BASE64URL.test(text)) return undefined;
  const padded = text.padEnd(text.length + ((4 - (text.length % 4)) % 4), "=");
  return fromBase64(padded.replaceAll("-", "+").replaceAll("_", "/"));
}

/** Takes as long for a difference in the first byte as in the last. */
export function equalBytes(ours: Uint8Array, theirs: Uint8Array): boolean {
  if (ours.length !== theirs.length) return false;
  let difference = 0;
  for (const [at, byte] of ours.entries()) difference |= byte ^ (theirs[at] ?? 0);
  return difference === 0;
}

/**
 * Whether two texts are the same, in a time that tells nothing of where they differ or how long
 * ours is: their digests are compared.
 */
export async function equalTexts(ours: string, theirs: string): Promise<boolean> {
  const [a, b] = [await digestOf(ours), await digestOf(theirs)];
  return equalBytes(a, b);
}

const digestOf = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", fromText(text)));
