const utf8 = new TextEncoder();

const BASE64 = /^(?:[\dA-Za-z+/]{4})*(?:[\dA-Za-z+/]{2}==|[\dA-Za-z+/]{3}=)?$/;
const HEX = /^(?:[\da-fA-F]{2})+$/;

export const fromText = (text: string): Uint8Array => utf8.encode(text);

/** Either case: Stripe prints hex in lower case, Fivetran in upper. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
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

/** Takes as long for a difference in the first byte as in the last. */
export function equalBytes(ours: Uint8Array, theirs: Uint8Array): boolean {
  if (ours.length !== theirs.length) return false;
  let difference = 0;
  for (const [at, byte] of ours.entries()) difference |= byte ^ (theirs[at] ?? 0);
  return difference === 0;
}
