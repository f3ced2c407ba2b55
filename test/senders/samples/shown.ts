import type { ClientCertificate } from "#src/senders/sender.ts";
import type { Sample } from "../sample.ts";

/** What samples by a scheme that only shows something have in common: nothing is covered. */
const covers = { body: false, method: false, url: false, headers: [] } as const;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** `Authorization: Basic`, RFC 7617. */
export const basicShown = {
  scheme: "basic",
  secret: "upline:correct-horse-battery",
  other: "upline:another-horse-battery",
  sign: async ({ secret }) => ({ headers: { authorization: `Basic ${base64(secret)}` } }),
  proof: { header: "authorization" },
  covers,
} as const satisfies Partial<Sample>;

/** `Authorization: Bearer` and a token that is no JWT. */
export const bearerShown = {
  scheme: "bearer-token",
  secret: "tok_4f1c0e7d9a2b5c6d",
  other: "tok_0000000000000000",
  sign: async ({ secret }) => ({ headers: { authorization: `Bearer ${secret}` } }),
  proof: { header: "authorization" },
  covers,
} as const satisfies Partial<Sample>;

/** A header that is the token. */
export const headerShown = (scheme: string, header: string) =>
  ({
    scheme,
    secret: "key_4f1c0e7d9a2b5c6d",
    other: "key_0000000000000000",
    sign: async ({ secret }) => ({ headers: { [header]: secret } }),
    proof: { header },
    covers,
  }) as const satisfies Partial<Sample>;

/** `?token=` behind the source's URL. */
export const urlShown = {
  scheme: "url-token",
  secret: "4f1c0e7d9a2b5c6d7e8f9a0b1c2d3e4f",
  other: "00000000000000000000000000000000",
  sign: async ({ secret, url }) => ({ url: `${url}?token=${secret}` }),
  proof: "url",
  covers,
} as const satisfies Partial<Sample>;

const certificateOf = (fingerprintSha256: string): ClientCertificate => ({
  verified: true,
  status: "SUCCESS",
  fingerprintSha256,
  subject: "CN=hooks.example.org,O=Example",
  issuer: "CN=Example CA",
});

/** A client certificate, pinned by its fingerprint. */
export const certificateShown = {
  scheme: "mtls-pin",
  secret: "ab".repeat(32),
  other: "cd".repeat(32),
  sign: async ({ secret }) => ({ certificate: certificateOf(secret) }),
  proof: "certificate",
  covers,
} as const satisfies Partial<Sample>;
