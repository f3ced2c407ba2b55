import { constants, createHash, sign as signBytes } from "node:crypto";
import { createSigner, createVerifier, httpbis, type SigningKey } from "http-message-signatures";
import { describe, expect, test } from "vitest";
import { httpSignatures } from "#src/senders/http-signatures.ts";
import { type HttpSignatureAlgorithm, signHttp } from "../../../scripts/signing/http-signatures.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "../deliver.ts";
import { makeKeys } from "../samples/http-signatures.ts";

/** https://www.npmjs.com/package/http-message-signatures, written by others from the same RFC. */
const ALGORITHMS: readonly HttpSignatureAlgorithm[] = [
  "hmac-sha256",
  "ed25519",
  "rsa-pss-sha512",
  "rsa-v1_5-sha256",
  "ecdsa-p256-sha256",
  "ecdsa-p384-sha384",
];

const body = '{"op":"c","after":{"name":"Zoë"}}';
const url = "https://hooks.example.net/in/acme/cdc?tenant=acme&x=%2F";
const digest = createHash("sha512").update(body).digest("base64");
const unsigned = {
  method: "POST",
  url,
  headers: {
    "Content-Type": "application/json",
    "Content-Digest": `sha-512=:${digest}:`,
    "X-Empty": "",
    Date: "Sat, 25 Jul 2026 17:20:00 GMT",
  },
};
const FIELDS = [
  "@method",
  "@target-uri",
  "@authority",
  "@scheme",
  "@request-target",
  "@path",
  "@query",
  '@query-param;name="tenant"',
  "content-digest",
  "content-type",
  "x-empty",
  "date",
];

const keyOf = (algorithm: HttpSignatureAlgorithm, text: string) =>
  algorithm === "hmac-sha256" ? Buffer.from(text, "base64") : text;

/**
 * The library signs rsa-pss-sha512 with the longest salt there is room for, where RFC 9421 §3.3.1
 * asks for 64 bytes: WebCrypto rightly refuses that, so the signature alone is made for it here.
 */
function signerOf(algorithm: HttpSignatureAlgorithm, text: string): SigningKey {
  const signer = createSigner(keyOf(algorithm, text), algorithm, "k1");
  if (algorithm !== "rsa-pss-sha512") return signer;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const sign = async (bytes: Buffer) =>
    signBytes("sha512", bytes, { key: text, padding, saltLength: 64 });
  return { ...signer, sign };
}

describe.each(ALGORITHMS)("http-message-signatures by %s", (algorithm) => {
  const { secret, signingSecret } = makeKeys[algorithm]("ours");
  const other = makeKeys[algorithm]("other").secret;
  const sign = async (paramValues: { created: Date; expires: Date }) => {
    const key = signerOf(algorithm, signingSecret);
    const params = ["created", "keyid", "alg", "expires"];
    const signed = await httpbis.signMessage(
      { key, name: "sig1", fields: FIELDS, params, paramValues },
      unsigned,
    );
    return signed.headers;
  };
  const judge = (headers: Readonly<Record<string, string>>, change = {}, secrets = [secret]) =>
    verifyBy(
      httpSignatures,
      `rfc9421-${algorithm}`,
      deliver({ method: "POST", url, headers, body, ...change }),
      { secrets },
    );
  const now = new Date(RECEIVED_AT_MS);

  test("what it signs is believed, and no forgery of it", async () => {
    const headers = await sign({ created: now, expires: new Date(RECEIVED_AT_MS + 60_000) });
    expect(await judge(headers)).toMatchObject({ ok: true });
    const forgeries = [
      judge(headers, { body: body.replace("c", "d") }),
      judge(headers, { method: "PUT" }),
      judge(headers, { url: url.replace("acme&", "evil&") }),
      judge({ ...headers, Date: "Sat, 25 Jul 2026 17:20:01 GMT" }),
      judge(headers, { receivedAtMs: RECEIVED_AT_MS + 61_000 }),
      judge(headers, {}, [other]),
    ];
    for (const forgery of await Promise.all(forgeries)) expect(forgery.ok).toBe(false);
  });

  test("believes what we sign, and refuses what we refuse", async () => {
    const key = { secret: signingSecret, algorithm, createdS: RECEIVED_AT_MS / 1000 };
    const fields = { "content-type": "application/json" };
    const headers = await signHttp({ ...key, method: "POST", url, body, headers: fields });
    const verify = (changed: Readonly<Record<string, string>>) =>
      httpbis.verifyMessage(
        {
          keyLookup: async () => ({
            id: "k1",
            algs: [algorithm],
            verify: createVerifier(keyOf(algorithm, secret), algorithm),
          }),
          notAfter: RECEIVED_AT_MS / 1000,
        },
        { method: "POST", url, headers: { ...changed } },
      );
    expect(await verify(headers)).toBe(true);
    expect(await judge(headers)).toMatchObject({ ok: true });
    const changed = { ...headers, "content-type": "text/plain" };
    expect(await verify(changed)).toBe(false);
    expect(await judge(changed)).toMatchObject({ ok: false });
  });
});
