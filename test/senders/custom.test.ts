import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { custom } from "#src/senders/custom.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { reading, samples, stamped } from "./samples/custom.ts";

for (const sample of samples) conforms(sample);

const faultsOf = (options: unknown) =>
  custom
    .checkOptions(JSON.parse(JSON.stringify(options)), "custom")
    .map(({ path, rule }) => `${path} ${rule}`);
const plain = {
  kind: "signature",
  header: "x-sig",
  encoding: "hex",
  algorithm: "hmac-sha256",
  signed: "{body}",
};
const withRecipe = (recipe: unknown) => faultsOf({ ...reading, recipe });

describe("custom, judging a recipe when it is saved", () => {
  test.each<[string, object]>([
    ["a signature over the body", plain],
    ["one with a time", stamped],
    ["an HMAC's secret in base64", { ...plain, secret: "base64" }],
    ["a public key", { ...plain, algorithm: "rsa-pss-sha512", encoding: "base64" }],
    ["several spellings of a header", { ...plain, header: ["X-A", "x-b"] }],
    ["ECDSA in DER", { ...plain, algorithm: "ecdsa-p384-sha384", encoding: "base64", form: "der" }],
    ["HTTP Message Signatures", { kind: "rfc9421", algorithm: "rsa-pss-sha512" }],
    ["a signed header and a path", { ...plain, signed: "{path}\n{header:x-id}.{body}" }],
  ])("takes %s", (_name, recipe) => {
    expect(withRecipe(recipe)).toEqual([]);
  });

  const time = { unit: "s", age_max: 300, ahead_max: 60, header: "x-time" };
  const fields = { kind: "fields", signature: "v1", timestamp: "t" };
  test.each<[string, unknown, readonly string[]]>([
    ["nothing", undefined, ["options.recipe required"]],
    ["text", "hmac", ["options.recipe type"]],
    ["another kind", { kind: "magic" }, ["options.recipe.kind type"]],
    ["no header", { ...plain, header: undefined }, ["options.recipe.header required"]],
    ["a header with a space", { ...plain, header: "x sig" }, ["options.recipe.header format"]],
    ["no header in a list", { ...plain, header: [] }, ["options.recipe.header length"]],
    ["another encoding", { ...plain, encoding: "rot13" }, ["options.recipe.encoding enum"]],
    ["another algorithm", { ...plain, algorithm: "md5" }, ["options.recipe.algorithm enum"]],
    ["a member we do not know", { ...plain, regex: "." }, ["options.recipe format"]],
    ["no body signed", { ...plain, signed: "{url}" }, ["options.recipe.signed body"]],
    [
      "a place we do not know",
      { ...plain, signed: "{body}{nonce}" },
      ["options.recipe.signed place"],
    ],
    [
      "a header in upper case",
      { ...plain, signed: "{body}{header:X-Id}" },
      ["options.recipe.signed place"],
    ],
    ["a lone brace", { ...plain, signed: "{body}}" }, ["options.recipe.signed place"]],
    [
      "a secret signed by HMAC",
      { ...plain, signed: "{secret}{body}" },
      ["options.recipe.signed secret"],
    ],
    ["a digest of no secret", { ...plain, algorithm: "sha256" }, ["options.recipe.signed secret"]],
    [
      "a form of a public key's secret",
      { ...plain, algorithm: "ed25519", secret: "hex" },
      ["options.recipe.secret unexpected"],
    ],
    ["DER of an HMAC", { ...plain, form: "der" }, ["options.recipe.form unexpected"]],
    [
      "DER of RSA",
      { ...plain, algorithm: "rsa-sha256", form: "der" },
      ["options.recipe.form unexpected"],
    ],
    ["RFC 9421 without algorithm", { kind: "rfc9421" }, ["options.recipe.algorithm required"]],
    [
      "RFC 9421 by another",
      { kind: "rfc9421", algorithm: "rsa-sha256" },
      ["options.recipe.algorithm enum"],
    ],
    [
      "a moment signed and not judged",
      { ...plain, signed: "{timestamp}{body}" },
      ["options.recipe.time required"],
    ],
    [
      "a moment read and not judged",
      { ...plain, grammar: fields },
      ["options.recipe.time required"],
    ],
    ["a moment judged and not signed", { ...plain, time }, ["options.recipe.signed timestamp"]],
    [
      "a moment that stands nowhere",
      { ...stamped, time: { ...time, header: undefined } },
      ["options.recipe.time.header timestamp"],
    ],
    [
      "a moment that stands twice",
      { ...stamped, grammar: fields },
      ["options.recipe.time.header timestamp"],
    ],
    [
      "an age beyond a week",
      { ...stamped, time: { ...time, age_max: 604_801 } },
      ["options.recipe.time.age_max maximum"],
    ],
    [
      "an age of nothing",
      { ...stamped, time: { ...time, age_max: 0 } },
      ["options.recipe.time.age_max minimum"],
    ],
    [
      "a time without a unit",
      { ...stamped, time: { ...time, unit: undefined } },
      ["options.recipe.time.unit required"],
    ],
    [
      "a separator that a repeated header has",
      { ...plain, grammar: { kind: "list", separator: ", " } },
      ["options.recipe.grammar.separator format"],
    ],
    [
      "a grammar of another kind",
      { ...plain, grammar: { kind: "regex" } },
      ["options.recipe.grammar.kind type"],
    ],
    ["a token without a header", { kind: "token" }, ["options.recipe.header required"]],
    ["a token with more", { kind: "token", header: "x-a", secret: "x" }, ["options.recipe format"]],
  ])("refuses %s", (_name, recipe, faults) => {
    expect(withRecipe(recipe)).toEqual(faults);
  });

  test.each<[string, object, readonly string[]]>([
    ["no rules", { rules: undefined }, ["options.rules required"]],
    ["no id", { id: undefined }, ["options.id required"]],
    ["a list that is no path", { list: "a[" }, ["options.list format"]],
    ["another format", { format: "xml" }, ["options.format enum"]],
    [
      "a header that proves who sends",
      { headers: ["x-a", "X-Sig"] },
      ["options.headers[1] secret"],
    ],
    ["a header that is never kept", { headers: ["Authorization"] }, ["options.headers[0] secret"]],
  ])("refuses %s", (_name, change, faults) => {
    expect(faultsOf({ ...reading, recipe: plain, ...change })).toEqual(faults);
  });

  test.each(["", "1234567"])("finds fault with the secret %j", (secret) => {
    expect(custom.schemes["custom"]?.checkSecret(secret)).toEqual(expect.any(String));
  });
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const edwards = generateKeyPairSync("ed25519");
type Key = ReturnType<typeof generateKeyPairSync>["publicKey"];
const pem = (key: Key) => key.export({ type: "spki", format: "pem" }).toString();
const privatePem = (key: Key) => key.export({ type: "pkcs8", format: "pem" }).toString();
const jwk = (key: Key, more: object = {}) => ({ ...key.export({ format: "jwk" }), ...more });
const setOf = (...keys: readonly object[]) => JSON.stringify({ keys });

/** Both checks that a source's secret goes through before it is stored. */
async function faultOf(recipe: object, secret: string): Promise<string | undefined> {
  const scheme = custom.schemes["custom"];
  const options = JSON.parse(JSON.stringify({ ...reading, recipe }));
  return scheme?.checkSecret(secret, options) ?? scheme?.tryKey?.(secret, options);
}

describe("custom, judging a secret by its recipe", () => {
  const key = (algorithm: string) => ({ ...plain, encoding: "base64", algorithm });
  const http = (algorithm: string) => ({ kind: "rfc9421", algorithm });
  const hex = "00112233445566778899aabbccddeeff";
  const base64 = Buffer.from(hex, "hex").toString("base64");
  const jwt = { issuer: "i", audience: "a", algorithms: ["ES256"] };

  test.each<[string, object, string]>([
    ["hex, where it is hex", { ...plain, secret: "hex" }, hex],
    ["base64, where it is base64", { ...plain, secret: "base64" }, base64],
    ["text, where it is text", plain, "shop-secret"],
    ["a public key in PEM", key("rsa-sha256"), pem(rsa.publicKey)],
    ["a JWK", key("ecdsa-p256-sha256"), JSON.stringify(jwk(p256.publicKey))],
    ["a set", key("ed25519"), setOf(jwk(rsa.publicKey), jwk(edwards.publicKey))],
    ["a key of RFC 9421", http("ed25519"), pem(edwards.publicKey)],
    ["a named one", http("ed25519"), JSON.stringify({ keyid: "k", key: pem(edwards.publicKey) })],
    ["a set of RFC 9421", http("ecdsa-p256-sha256"), setOf(jwk(p256.publicKey, { kid: "k" }))],
    ["a shared key of RFC 9421", http("hmac-sha256"), base64],
    ["user and password", { kind: "basic" }, "shop:12345678"],
    ["a fingerprint", { kind: "mtls" }, "ab".repeat(32)],
    ["a token in the URL", { kind: "url" }, "abcdefghij-0123456789"],
    [
      "a JWT's terms",
      { kind: "jwt" },
      JSON.stringify({ ...jwt, jwks: { keys: [jwk(p256.publicKey)] } }),
    ],
  ])("takes %s", async (_name, recipe, secret) => {
    expect(await faultOf(recipe, secret)).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ["no hex, where it is hex", { ...plain, secret: "hex" }, "zzzzzzzzzz"],
    ["too few bytes", { ...plain, secret: "hex" }, "0011223344"],
    ["no base64, where it is base64", { ...plain, secret: "base64" }, "%%%%%%%%%%%%"],
    ["no key, where it is a key", key("ed25519"), "not a key at all"],
    ["a private key", key("rsa-sha256"), privatePem(rsa.privateKey)],
    ["a private JWK", key("ed25519"), JSON.stringify(jwk(edwards.privateKey))],
    ["a private key in a set", key("ed25519"), setOf(jwk(edwards.privateKey))],
    [
      "a shared key in a set",
      key("ed25519"),
      setOf(jwk(edwards.publicKey), { kty: "oct", k: "AAAA" }),
    ],
    ["a set of nothing", key("ed25519"), setOf()],
    ["a set without a key for it", key("ed25519"), setOf(jwk(rsa.publicKey))],
    ["a key of another kind", key("ed25519"), pem(rsa.publicKey)],
    ["a key of another curve", key("ecdsa-p384-sha384"), pem(p256.publicKey)],
    ["a private key of RFC 9421", http("ed25519"), privatePem(edwards.privateKey)],
    ["a key of another kind for RFC 9421", http("rsa-pss-sha512"), pem(edwards.publicKey)],
    ["no shared key of RFC 9421", http("hmac-sha256"), "%%%%%%%%%%%%"],
    ["a password alone", { kind: "basic" }, "nocolonhere"],
    ["no fingerprint", { kind: "mtls" }, "not a pin at all"],
    ["a token in the URL with spaces", { kind: "url" }, "a b c d e f g h i j k l"],
    ["no terms of a JWT", { kind: "jwt" }, "not a jwks at all"],
    [
      "a JWT's key that fits no algorithm",
      { kind: "jwt" },
      JSON.stringify({ ...jwt, jwks: { keys: [jwk(rsa.publicKey)] } }),
    ],
    ["a token with a space", { kind: "token", header: "x-a" }, "two words"],
  ])("refuses %s, and does not quote it", async (_name, recipe, secret) => {
    const fault = await faultOf(recipe, secret);
    expect(fault).toEqual(expect.any(String));
    expect(fault).not.toContain(secret);
  });
});

describe("custom, verifying by a set of keys", () => {
  const recipe = { ...plain, encoding: "base64", algorithm: "ecdsa-p256-sha256" };
  const signBy = (key: Key, form: "raw" | "der") =>
    sign("sha256", Buffer.from("{}"), {
      key: privatePem(key),
      dsaEncoding: form === "der" ? "der" : "ieee-p1363",
    }).toString("base64");
  const judge = async (given: object, signature: string, secret: string) => {
    const options = JSON.parse(JSON.stringify({ ...reading, recipe: given }));
    const means = { options, certificateAt: () => Promise.resolve(undefined) };
    const delivery = deliver({ headers: { "x-sig": signature }, body: "{}" });
    return verifyBy(custom, "custom", delivery, { secrets: [secret], means });
  };
  const [older, newer] = [generateKeyPairSync("ec", { namedCurve: "P-256" }), p256];
  const ours = setOf(jwk(rsa.publicKey), jwk(older.publicKey), jwk(newer.publicKey));

  test.each([
    ["the first that fits", older],
    ["the second", newer],
  ])("believes %s", async (_name, pair) => {
    expect((await judge(recipe, signBy(pair.privateKey, "raw"), ours)).ok).toBe(true);
  });

  test.each<[string, object]>([
    ["is for encryption", { use: "enc" }],
    ["is for another algorithm", { alg: "ES384" }],
    ["may not verify", { key_ops: ["sign"] }],
  ])("believes no key that %s", async (_name, more) => {
    const secret = setOf(jwk(older.publicKey), jwk(newer.publicKey, more));
    const result = await judge(recipe, signBy(newer.privateKey, "raw"), secret);
    expect(result).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("takes the form its recipe names, and no other", async () => {
    const der = { ...recipe, form: "der" };
    const raw = { ...recipe, form: "raw" };
    const forms = ["raw", "der"] as const;
    const [byRaw, byDer] = forms.map((form) => signBy(newer.privateKey, form));
    expect((await judge(der, byDer ?? "", ours)).ok).toBe(true);
    expect((await judge(raw, byRaw ?? "", ours)).ok).toBe(true);
    expect((await judge(der, byRaw ?? "", ours)).ok).toBe(false);
    expect((await judge(raw, byDer ?? "", ours)).ok).toBe(false);
  });

  test("says that a set without a key for it cannot be used", async () => {
    const result = await judge(recipe, signBy(newer.privateKey, "raw"), setOf(jwk(rsa.publicKey)));
    expect(result).toMatchObject({ ok: false, reason: "secret_unusable" });
  });
});

describe("custom, verifying", () => {
  test.each<[string, JsonObject]>([
    ["no recipe", {}],
    ["a recipe that is broken", { recipe: { kind: "magic" } }],
    ["a recipe without the rest", { recipe: { kind: "bearer" } }],
  ])("believes nobody by %s", async (_name, options) => {
    const means = { options, certificateAt: () => Promise.resolve(undefined) };
    const delivery = deliver({ headers: { authorization: "Bearer tok_12345678" }, body: "{}" });
    const result = await verifyBy(custom, "custom", delivery, { secrets: ["tok_12345678"], means });
    expect(result).toMatchObject({
      ok: false,
      reason: "scheme_unknown",
      steps: [{ step: "recipe" }],
    });
  });
});

const read = (body: unknown, change: object = {}, headers: Record<string, string> = {}) => {
  const given = { ...reading, list: undefined, recipe: plain, ...change };
  const options = JSON.parse(JSON.stringify(given));
  expect(custom.checkOptions(options, "custom")).toEqual([]);
  const delivery = deliver({ body: JSON.stringify(body), headers });
  return custom.read(delivery, { tenant: "acme", source: "own", options });
};
const itemsOf = (...given: Parameters<typeof read>) => {
  const result = read(...given);
  return result.kind === "items" ? result.items : [];
};
const voided = { uid: "v1", kind: "order.void", at: 1_785_000_000, order: { no: "O-1" }, why: "x" };

describe("custom, reading", () => {
  test("reads an event by its rules", () => {
    expect(itemsOf(voided)).toMatchObject([
      {
        kind: "event",
        id: "v1",
        event: {
          type: "order.cancelled",
          occurredAtMs: 1_785_000_000_000,
          data: { order_id: "O-1", reason: "x" },
        },
      },
    ]);
  });

  test("reads a body that is a list, and one bad entry stays alone", () => {
    expect(itemsOf([voided, { uid: "v2" }, 5, voided])).toMatchObject([
      { kind: "event", id: "v1" },
      { kind: "broken", id: "v2", code: "unmapped", type: "event" },
      { kind: "broken", id: expect.stringMatching(/^unreadable-/), code: "contract_violated" },
      { kind: "event", id: "v1" },
    ]);
  });

  test("takes an id that is an integer, beyond 2^53 too", () => {
    const body = '{"uid":12345678901234567890,"kind":"x"}';
    const options = { ...reading, list: undefined, recipe: plain };
    const context = { tenant: "acme", source: "own", options: JSON.parse(JSON.stringify(options)) };
    expect(custom.read(deliver({ body }), context)).toMatchObject({
      items: [{ id: "12345678901234567890" }],
    });
  });

  test.each([{}, { uid: "" }, { uid: null }, { uid: 1.5 }, { uid: {} }])(
    "keeps %j, in which no id is found",
    (event) => {
      expect(itemsOf(event)).toMatchObject([
        { code: "contract_violated", errors: [{ message: expect.stringContaining("options.id") }] },
      ]);
    },
  );

  test("says which rule is missing", () => {
    expect(itemsOf({ uid: "v1", kind: "order.moved" })).toMatchObject([
      {
        id: "v1",
        code: "unmapped",
        type: "order.moved",
        errors: [{ message: expect.stringContaining('"order.moved"') }],
      },
    ]);
  });

  test("keeps an event whose moment cannot be read", () => {
    expect(itemsOf({ ...voided, at: "soon" })).toMatchObject([{ code: "contract_violated" }]);
    expect(itemsOf({ ...voided, at: undefined })).toMatchObject([{ code: "contract_violated" }]);
  });

  test("takes the moment of arrival where the source names none", () => {
    expect(itemsOf(voided, { occurred_at: undefined })).toMatchObject([
      { event: { occurredAtMs: RECEIVED_AT_MS } },
    ]);
  });

  test.each([
    ["elsewhere", "data.items", { data: { items: [voided] } }],
    ["in a list", "[0].events", [{ events: [voided] }]],
  ])("finds the list %s", (_name, list, body) => {
    expect(itemsOf(body, { list })).toMatchObject([{ id: "v1", kind: "event" }]);
  });

  test("keeps a body in which there is no list, and ignores an empty one", () => {
    expect(itemsOf({ events: {} }, { list: "events" })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "events" }] },
    ]);
    expect(read({ events: [] }, { list: "events" })).toMatchObject({
      items: [],
      ignored: expect.any(String),
    });
  });

  test("takes at most a thousand events", () => {
    expect(itemsOf(Array.from({ length: 1000 }, () => voided))).toHaveLength(1000);
    expect(read(Array.from({ length: 1001 }, () => voided))).toMatchObject({ kind: "malformed" });
  });

  test("lets rules ask for headers, and for what stands beside the list", () => {
    const change = {
      list: "events",
      headers: ["X-Topic"],
      type: "$header.x-topic",
      occurred_at: "$body.sent_at",
    };
    expect(
      custom.readHeadersOf?.(JSON.parse(JSON.stringify({ ...reading, recipe: plain, ...change }))),
    ).toEqual(["x-topic"]);
    const body = { sent_at: "2026-07-25T17:20:00Z", events: [voided] };
    expect(itemsOf(body, change, { "x-topic": "order.void" })).toMatchObject([
      { kind: "event", event: { occurredAtMs: Date.UTC(2026, 6, 25, 17, 20) } },
    ]);
    expect(itemsOf(body, change)).toMatchObject([{ code: "unmapped", type: "event" }]);
    const deep = { ...change, type: "$body.meta.topic" };
    const nested = { ...body, meta: { topic: "order.void" } };
    expect(itemsOf(nested, deep)).toMatchObject([{ kind: "event" }]);
  });

  test("names an event by a fingerprint where its id is too long", () => {
    expect(itemsOf({ ...voided, uid: "x".repeat(200) })).toMatchObject([
      { id: expect.stringMatching(/^fp:/) },
    ]);
  });

  test("keeps what comes while the options cannot be used", () => {
    const context = { tenant: "acme", source: "own", options: {} };
    expect(custom.read(deliver({ body: "[1,2]" }), context)).toMatchObject({
      items: [{ code: "contract_violated" }, { code: "contract_violated" }],
    });
    expect(custom.readHeadersOf?.({})).toEqual([]);
  });
});
