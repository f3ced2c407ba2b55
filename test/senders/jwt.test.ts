import { importJWK, SignJWT, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { jwt } from "#src/senders/jwt.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { audience, ed, es, issuer, makePair, samples, secret, setOf } from "./samples/jwt.ts";

for (const sample of samples) conforms(sample);

const NOW_S = RECEIVED_AT_MS / 1000;
const stranger = await makePair("EdDSA", "ed-1");
const body = samples[0]?.body ?? "";

const claims = { iss: issuer, aud: audience, iat: NOW_S - 30, exp: NOW_S + 600 };

interface Made {
  readonly key?: JWK;
  readonly header?: Record<string, unknown>;
  readonly payload?: Record<string, unknown>;
}

async function tokenOf({ key = ed.theirs, header = {}, payload = {} }: Made): Promise<string> {
  const { alg = "EdDSA", kid } = key;
  return new SignJWT({ ...claims, ...payload })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...header })
    .sign(await importJWK(key, alg));
}

const judge = async (authorization: string, secrets: readonly string[] = [secret]) =>
  verifyBy(jwt, "jwt-bearer", deliver({ headers: { authorization }, body }), { secrets });

function unnamed(jwk: JWK): JWK {
  const { kid: _kid, ...rest } = jwk;
  return rest;
}

describe("jwt", () => {
  test.each(["Bearer", "bearer", "BEARER", "Bearer:"])(
    "believes the scheme text %s",
    async (text) => {
      expect(await judge(`${text} ${await tokenOf({})}`)).toMatchObject({ ok: true });
    },
  );

  test.each(["", "Basic ", "Token ", "Bearer Bearer ", "Bearer"])(
    "refuses the scheme text «%s»",
    async (text) => {
      const result = await judge(`${text}${await tokenOf({})}`);
      expect(result).toMatchObject({ ok: false, reason: "token_invalid" });
    },
  );

  test("refuses a signature of which only bits that fill no byte were changed", async () => {
    const token = await tokenOf({});
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = digits.indexOf(token.slice(-1));
    const changed = token.slice(0, -1) + digits.charAt(last ^ 1);
    const bytesOf = (text: string) => Buffer.from(text.slice(text.lastIndexOf(".")), "base64url");
    expect(bytesOf(changed)).toEqual(bytesOf(token));
    expect(await judge(`Bearer ${token}`)).toMatchObject({ ok: true });
    expect(await judge(`Bearer ${changed}`)).toMatchObject({ ok: false, reason: "token_invalid" });
  });

  test("refuses two tokens", async () => {
    const token = await tokenOf({});
    const result = await judge(`Bearer ${token}, Bearer ${token}`);
    expect(result).toMatchObject({ ok: false, reason: "token_invalid" });
  });

  test.each<{ name: string; made: Made; ok: boolean }>([
    { name: "a key of another kind in the set", made: { key: es.theirs }, ok: true },
    { name: "no kid, one key that fits", made: { header: { kid: undefined } }, ok: true },
    { name: "an unknown kid", made: { header: { kid: "ed-2" } }, ok: false },
    { name: "a stranger's key under a known kid", made: { key: stranger.theirs }, ok: false },
    {
      name: "a stranger's key brought along as jwk",
      made: { key: stranger.theirs, header: { jwk: stranger.ours, kid: "x" } },
      ok: false,
    },
    {
      name: "a stranger's key to be fetched by jku",
      made: { key: stranger.theirs, header: { jku: "https://evil.example/jwks" } },
      ok: false,
    },
    { name: "no exp", made: { payload: { exp: undefined } }, ok: false },
    { name: "exp 59 s ago", made: { payload: { exp: NOW_S - 59 } }, ok: true },
    { name: "exp 60 s ago", made: { payload: { exp: NOW_S - 60 } }, ok: false },
    { name: "exp as text", made: { payload: { exp: `${NOW_S + 60}` } }, ok: false },
    { name: "nbf 60 s ahead", made: { payload: { nbf: NOW_S + 60 } }, ok: true },
    { name: "nbf 61 s ahead", made: { payload: { nbf: NOW_S + 61 } }, ok: false },
    { name: "iat 60 s ahead", made: { payload: { iat: NOW_S + 60 } }, ok: true },
    { name: "iat 61 s ahead", made: { payload: { iat: NOW_S + 61 } }, ok: false },
    { name: "no iat", made: { payload: { iat: undefined } }, ok: true },
    { name: "no iss", made: { payload: { iss: undefined } }, ok: false },
    { name: "another iss", made: { payload: { iss: `${issuer}/` } }, ok: false },
    { name: "no aud", made: { payload: { aud: undefined } }, ok: false },
    { name: "aud among others", made: { payload: { aud: ["x", audience] } }, ok: true },
    { name: "another aud", made: { payload: { aud: ["x"] } }, ok: false },
    { name: "crit", made: { header: { crit: ["b64"], b64: true } }, ok: false },
    ...["JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt", "Application/at+JWT"].map((typ) => ({
      name: `typ ${typ}`,
      made: { header: { typ } },
      ok: true,
    })),
    ...["dpop+jwt", "logout+jwt", "secevent+jwt", "kb+jwt", "text/jwt", "", "application/", 7].map(
      (typ) => ({ name: `typ ${JSON.stringify(typ)}`, made: { header: { typ } }, ok: false }),
    ),
  ])("judges $name: $ok", async ({ made, ok }) => {
    expect(await judge(`Bearer ${await tokenOf(made)}`)).toMatchObject({ ok });
  });

  test("tries each key of a set that rolls without kid", async () => {
    const rolling = JSON.stringify(setOf(unnamed(stranger.ours), unnamed(ed.ours)));
    const token = await tokenOf({ key: unnamed(ed.theirs) });
    expect(await judge(`Bearer ${token}`, [rolling])).toMatchObject({ ok: true });
    const alone = JSON.stringify(setOf(unnamed(stranger.ours), unnamed(stranger.ours)));
    expect(await judge(`Bearer ${token}`, [alone])).toMatchObject({ ok: false });
  });

  test("refuses an algorithm the source does not list, though the key is known", async () => {
    const narrow = JSON.stringify({ ...setOf(ed.ours, es.ours), algorithms: ["EdDSA"] });
    const token = await tokenOf({ key: es.theirs });
    expect(await judge(`Bearer ${token}`, [narrow])).toMatchObject({ reason: "token_invalid" });
  });

  test("refuses a public key used as a shared secret", async () => {
    const hmac = new TextEncoder().encode(JSON.stringify(ed.ours));
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "ed-1" })
      .sign(hmac);
    expect(await judge(`Bearer ${token}`)).toMatchObject({ ok: false, reason: "token_invalid" });
  });

  test("says by its steps why a token is refused", async () => {
    const result = await judge(`Bearer ${await tokenOf({ payload: { aud: "else" } })}`);
    expect(result?.steps.at(-1)).toEqual({
      step: "token",
      ok: false,
      detail: 'ERR_JWT_CLAIM_VALIDATION_FAILED: unexpected "aud" claim value: secret 1 of 1',
    });
  });

  const bad: readonly (readonly [string, unknown])[] = [
    ["no text of JSON", undefined],
    ["no keys", setOf()],
    ["a private key", setOf(ed.theirs)],
    ["a shared key", setOf({ kty: "oct", k: "AAAA" })],
    ["a shared-secret algorithm", { ...setOf(ed.ours), algorithms: ["HS256"] }],
    ["no algorithm", { ...setOf(ed.ours), algorithms: [] }],
    ["alg none", { ...setOf(ed.ours), algorithms: ["none"] }],
    ["no issuer", { ...setOf(ed.ours), issuer: "" }],
    ["no audience", { ...setOf(ed.ours), audience: undefined }],
    ["a skew without end", { ...setOf(ed.ours), clock_skew_s: 86_400 }],
  ];
  test.each(bad)(
    "finds fault with a secret that has %s, and never uses it",
    async (_name, value) => {
      const text = value === undefined ? "jwks" : JSON.stringify(value);
      expect(jwt.schemes["jwt-bearer"]?.checkSecret(text)).toEqual(expect.any(String));
      const result = await judge(`Bearer ${await tokenOf({})}`, [text]);
      expect(result).toMatchObject({ ok: false, reason: "secret_unusable" });
    },
  );
});
