import { readEnvelopes } from "./read/envelopes.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { noOptions } from "./read/options.ts";
import type { Sender } from "./sender.ts";
import { bareHttpSignature, httpSignature } from "./verify/http-signature.ts";

/**
 * Our own contract under HTTP Message Signatures (RFC 9421), which bind method, URL and body. No
 * header names the delivery, so what is broken and has no id is named for the bytes it came in.
 */
export const httpSignatures: Sender = {
  name: "http-signatures",
  family: "contract",
  defaultScheme: "rfc9421-ed25519",
  schemes: {
    "rfc9421-ed25519": httpSignature("ed25519"),
    "rfc9421-hmac-sha256": httpSignature("hmac-sha256"),
    "rfc9421-rsa-pss-sha512": httpSignature("rsa-pss-sha512"),
    "rfc9421-rsa-v1_5-sha256": httpSignature("rsa-v1_5-sha256"),
    "rfc9421-ecdsa-p256-sha256": httpSignature("ecdsa-p256-sha256"),
    "rfc9421-ecdsa-p384-sha384": httpSignature("ecdsa-p384-sha384"),
    "rfc9421-known-answer": bareHttpSignature,
  },
  readHeaders: [],
  checkOptions: noOptions,
  read: (delivery, context) =>
    readEnvelopes(delivery, context, `delivery-${fingerprintBytes(delivery.body)}`),
};
