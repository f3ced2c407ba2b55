import { createHash } from "node:crypto";
import { open, seal } from "./seal.ts";

const DATA_KEY_BYTES = 32;
const KEY_ID_CHARS = 8;

/** The master keys. They wrap the tenants' data keys and nothing else. */
export interface Keyring {
  /** The id of the key that wraps: what is wrapped under another one waits for {@link rewrap}. */
  readonly newest: string;
  wrap(bytes: Uint8Array, aad: string): Promise<string>;
  /** Throws where the key that wrapped is gone, naming it, or where `aad` differs. */
  unwrap(wrapped: string, aad: string): Promise<Uint8Array>;
  /** The same bytes under the newest key; nothing where they are under it already. */
  rewrap(wrapped: string, aad: string): Promise<string | undefined>;
}

/** Where a tenant's data key may be opened: bound to its tenant, so that rows cannot be swapped. */
export const tenantPlace = (tenant: string): string => `tenant:${tenant}`;
export const sourcePlace = (tenant: string, source: string): string => `source:${tenant}/${source}`;
export const destinationPlace = (tenant: string, destination: string): string =>
  `destination:${tenant}/${destination}`;
export const corePlace = (tenant: string): string => `core:${tenant}`;

/** A new tenant's data key, still to be wrapped. */
export const createDataKey = (): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));

/** A key as WebCrypto wants it; it cannot be read out again. */
export const importKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

/**
 * The key that signs a tenant's links, derived from its data key for this purpose alone (HKDF, RFC
 * 5869): a link tells nothing of the key that seals, and ends with it.
 */
export async function importLinkKey(bytes: Uint8Array): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("upline link v1");
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return crypto.subtle.deriveKey(derivation, root, hmac, false, ["sign", "verify"]);
}

/** A wrapped text reads `{key id}.{base64}`: the id is public, the first of the key's SHA-256. */
export function createKeyring(masterKeys: readonly Uint8Array[]): Keyring {
  const bytesOf = new Map(masterKeys.map((bytes) => [keyId(bytes), bytes]));
  const imported = new Map<string, CryptoKey>();
  const [newest] = bytesOf.keys();
  if (newest === undefined) throw new Error("Cannot make a keyring: there is no master key");

  // The key is kept, not its promise: a promise belongs to the request that made it.
  async function keyOf(id: string, aad: string): Promise<CryptoKey> {
    const known = imported.get(id);
    if (known !== undefined) return known;
    const bytes = bytesOf.get(id);
    if (bytes === undefined) {
      throw new Error(`Cannot unwrap "${aad}": master key "${id}" is not in MASTER_KEY`);
    }
    const key = await importKey(bytes);
    imported.set(id, key);
    return key;
  }

  async function wrap(bytes: Uint8Array, aad: string): Promise<string> {
    return `${newest}.${await seal(await keyOf(newest ?? "", aad), bytes, aad)}`;
  }

  async function unwrap(wrapped: string, aad: string): Promise<Uint8Array> {
    const dot = wrapped.indexOf(".");
    const key = await keyOf(wrapped.slice(0, Math.max(dot, 0)), aad);
    return open(key, wrapped.slice(dot + 1), aad);
  }

  async function rewrap(wrapped: string, aad: string): Promise<string | undefined> {
    if (wrapped.startsWith(`${newest}.`)) return undefined;
    return wrap(await unwrap(wrapped, aad), aad);
  }

  return { newest, wrap, unwrap, rewrap };
}

const keyId = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, KEY_ID_CHARS);
