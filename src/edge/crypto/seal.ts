/** AES-GCM with a 96-bit random nonce in front: NIST SP 800-38D §8.2.2. */
const NONCE_BYTES = 12;

const utf8 = new TextEncoder();

/**
 * Seals bytes under a key, bound to their place by `aad`: a text moved to another row, tenant or
 * purpose does not open. Returns base64.
 */
export async function seal(key: CryptoKey, plain: Uint8Array, aad: string): Promise<string> {
  const sealed = await sealBytes(key, plain, aad);
  return Buffer.from(sealed.buffer).toString("base64");
}

/** As {@link seal}, in bytes. */
export async function sealBytes(
  key: CryptoKey,
  plain: Uint8Array,
  aad: string,
): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const params = { name: "AES-GCM", iv: nonce, additionalData: utf8.encode(aad) };
  const cipher = new Uint8Array(await crypto.subtle.encrypt(params, key, plain));
  const sealed = new Uint8Array(NONCE_BYTES + cipher.length);
  sealed.set(nonce);
  sealed.set(cipher, NONCE_BYTES);
  return sealed;
}

/** Opens what {@link seal} made. Throws where key, place or bytes differ. */
export async function open(key: CryptoKey, sealed: string, aad: string): Promise<Uint8Array> {
  const bytes = Buffer.from(sealed, "base64");
  const params = {
    name: "AES-GCM",
    iv: bytes.subarray(0, NONCE_BYTES),
    additionalData: utf8.encode(aad),
  };
  return new Uint8Array(await crypto.subtle.decrypt(params, key, bytes.subarray(NONCE_BYTES)));
}
