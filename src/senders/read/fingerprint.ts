import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const BYTES = 16;

/**
 * The first 16 bytes of SHA-256 over the text, as 32 hex digits: names what a sender gives no name.
 * WebCrypto would do the same, but only by a promise.
 */
export const fingerprint = (text: string): string =>
  fingerprintBytes(new TextEncoder().encode(text));

export const fingerprintBytes = (bytes: Uint8Array): string =>
  bytesToHex(sha256(bytes).subarray(0, BYTES));
