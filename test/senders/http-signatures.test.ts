import { createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { httpSignatures } from "#src/senders/http-signatures.ts";
import type { Scheme } from "#src/senders/sender.ts";
import { type HttpSignatureRequest, signHttp } from "../../scripts/signing/http-signatures.ts";
import { conforms } from "./conformance.ts";
import { deliver, type Request, URL_CALLED, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { makeKeys, samples } from "./samples/http-signatures.ts";

for (const sample of samples) conforms(sample);

const ours = vectors.filter(({ scheme }) => scheme.startsWith("rfc9421"));

describe("http-signatures, by the vectors", () => {
  test("knows all their schemes", () => {
    expect(ours).toHaveLength(18);
  });

  test.each(ours)("$id is judged $valid: $description", async (vector) => {
    const { scheme, secret, now, ...request } = vector;
    const delivery = deliver({ ...request, receivedAtMs: now * 1000 });
    const result = await verifyBy(httpSignatures, scheme, delivery, { secrets: [secret] });
    expect(result.ok).toBe(vector.valid);
    expect(httpSignatures.schemes[scheme]?.checkSecret(secret)).toBeUndefined();
  });

  test("keeps the known answers to explain alone", () => {
    const trials = Object.entries(httpSignatures.schemes).filter(([, { isTrial }]) => isTrial);
    expect(trials.map(([name]) => name)).toEqual(["rfc9421-known-answer"]);
  });
});

const { secret, signingSecret } = makeKeys.ed25519("");
const createdS = 1_785_000_000;
const body = '{"a":1}';
const given: HttpSignatureRequest = {
  secret: signingSecret,
  algorithm: "ed25519",
  method: "POST",
  url: URL_CALLED,
  body,
  createdS,
  headers: { "content-type": "application/json" },
};

const judge = async (
  change: Partial<HttpSignatureRequest>,
  arrival: Partial<Request> = {},
  auth: { secrets?: readonly string[]; url?: string; scheme?: string } = {},
) => {
  const headers = { ...(await signHttp({ ...given, ...change })), ...arrival.headers };
  const delivery = deliver({ method: "POST", body, ...arrival, headers });
  const { secrets = [secret], scheme = "rfc9421-ed25519", ...rest } = auth;
  return verifyBy(httpSignatures, scheme, delivery, { secrets, ...rest });
};

const whole = ["@method", "@target-uri", "content-digest"];

describe("http-signatures, what has to be covered", () => {
  test.each<[string, readonly string[], boolean]>([
    ["method, URL and digest", whole, true],
    ["the URL in parts", ["@method", "@authority", "@path", "@query", "content-digest"], true],
    ["every derived component", [...whole, "@scheme", "@request-target", "@authority"], true],
    ["no method", ["@target-uri", "content-digest"], false],
    ["no URL", ["@method", "content-digest"], false],
    ["a URL without its query", ["@method", "@authority", "@path", "content-digest"], false],
    [
      "a request target without its authority",
      ["@method", "@request-target", "content-digest"],
      false,
    ],
    ["no digest", ["@method", "@target-uri"], false],
  ])("judges %s", async (_name, components, ok) => {
    const { ok: isBelieved, steps } = await judge({ components });
    const cover = steps.find(({ step }) => step === "covered components");
    expect([isBelieved, cover?.ok]).toEqual([ok, ok]);
  });

  test("asks for no digest where there is no body", async () => {
    const components = ["@method", "@target-uri"];
    expect(await judge({ components }, { body: "" })).toMatchObject({ ok: true });
  });

  test("refuses a body that was taken away from its digest", async () => {
    expect(await judge({}, { body: "" })).toMatchObject({ ok: false, reason: "digest_mismatch" });
  });

  test("takes the URL configured for the one that was called behind a proxy", async () => {
    const url = "https://gateway.example.org/hooks";
    const arrival = { url: "http://10.0.0.1/hooks?b=2" };
    expect(await judge({ url: `${url}?b=2` }, arrival, { url })).toMatchObject({ ok: true });
    expect(await judge({ url: `${url}?b=2` }, arrival)).toMatchObject({
      reason: "signature_mismatch",
    });
  });
});

describe("http-signatures, components", () => {
  test.each([
    ['"content-type";sf', "sf"],
    ['"content-type";bs', "bs"],
    ['"content-digest";key="sha-256"', "key"],
    ['"@method";req', "req"],
    ['"content-type";tr', "tr"],
    ['"content-type";future=1', "future"],
  ])("refuses the parameter of %s", async (component, name) => {
    const headers = await signHttp({ ...given, components: whole });
    const input = (headers["signature-input"] ?? "").replace(")", ` ${component})`);
    const result = await judge({}, { headers: { ...headers, "signature-input": input } });
    expect(result).toMatchObject({ ok: false, reason: "signature_malformed" });
    expect(result.steps.at(-1)?.detail).toContain(`the parameter "${name}"`);
  });

  test.each([
    ["a status", '"@status"'],
    ["an unknown derived component", '"@moon"'],
    ["its own parameters", '"@signature-params"'],
    ["a field that did not come", '"x-absent"'],
    ["a name in upper case", '"Content-Type"'],
    ["one component twice", '"@method"'],
    ["a token", "date"],
    ["a query parameter without name", '"@query-param"'],
    ["a query parameter that did not come", '"@query-param";name="a"'],
  ])("refuses %s", async (_name, component) => {
    const headers = await signHttp({ ...given, components: whole });
    const input = (headers["signature-input"] ?? "").replace(")", ` ${component})`);
    const result = await judge({}, { headers: { ...headers, "signature-input": input } });
    expect(result).toMatchObject({ ok: false, reason: "signature_malformed" });
    expect(result.steps.at(-1)).toMatchObject({ step: "signature base", ok: false });
  });

  // RFC 9421 §2.2.8 prints these values for this query.
  test.each([
    ["var", "this%20is%20a%20big%0Amultiline%20value"],
    ["bar", "with%20plus%20whitespace"],
    ["fa%C3%A7ade%22%3A%20", "something"],
  ])("writes the query parameter %s as the RFC does", async (name, value) => {
    const query =
      "?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something";
    const url = `https://www.example.com/parameters${query}`;
    const component = `@query-param";name="${name}`;
    const headers = { ...given.headers, [component]: value };
    expect(await judge({ url, headers, components: [...whole, component] }, { url })).toMatchObject(
      {
        ok: true,
      },
    );
  });
});

describe("http-signatures, parameters", () => {
  test.each<[string, Partial<HttpSignatureRequest>, boolean, string | undefined]>([
    ["a nonce and a tag", { more: ';nonce="n";tag="t"' }, true, undefined],
    ["an end ahead", { more: `;expires=${createdS + 1}` }, true, undefined],
    ["an end now", { more: `;expires=${createdS}` }, true, undefined],
    ["an end that has passed", { more: `;expires=${createdS - 1}` }, false, "timestamp_old"],
    ["an end that is text", { more: `;expires="${createdS + 60}"` }, false, "timestamp_malformed"],
    ["an end with a fraction", { more: ";expires=1785000060.5" }, false, "timestamp_malformed"],
    ["a moment before 1970", { createdS: -1 }, false, "timestamp_malformed"],
    ["a second alg", { more: ';alg="hmac-sha256"' }, false, "signature_malformed"],
  ])("judges %s", async (_name, change, ok, reason) => {
    expect(await judge(change)).toMatchObject(reason === undefined ? { ok } : { ok, reason });
  });

  test.each([
    ["no created", (text: string) => text.replace(/;created=\d+/, ""), "timestamp_missing"],
    ["created as text", (text: string) => text.replace(/=(\d+)/, '="$1"'), "timestamp_malformed"],
    [
      "another alg",
      (text: string) => text.replace("ed25519", "rsa-pss-sha512"),
      "signature_malformed",
    ],
    [
      "an alg we do not know",
      (text: string) => text.replace("ed25519", "none"),
      "signature_malformed",
    ],
    [
      "alg as a token",
      (text: string) => text.replace('"ed25519"', "ed25519"),
      "signature_malformed",
    ],
    [
      "a number written otherwise",
      (text: string) => text.replace("=1785", "=01785"),
      "signature_malformed",
    ],
    ["components that are no list", () => "sig1=1", "signature_malformed"],
    ["33 components", () => `sig1=(${'"a" '.repeat(33).trim()});created=1`, "signature_malformed"],
    ["no dictionary", () => "(", "signature_malformed"],
    ["another label", (text: string) => text.replace("sig1", "sig2"), "signature_malformed"],
  ])("refuses %s", async (_name, change, reason) => {
    const headers = await signHttp(given);
    const input = change(headers["signature-input"] ?? "");
    const result = await judge({}, { headers: { ...headers, "signature-input": input } });
    expect(result).toMatchObject({ ok: false, reason });
  });

  test("bears white space where the grammar has it", async () => {
    const headers = await signHttp(given);
    const input = (headers["signature-input"] ?? "")
      .replace("(", "(  ")
      .replace(";created", "; created");
    expect(await judge({}, { headers: { ...headers, "signature-input": input } })).toMatchObject({
      ok: true,
    });
  });
});

describe("http-signatures, several signatures", () => {
  const other = makeKeys.ed25519("").signingSecret;
  const both = async (
    first: Partial<HttpSignatureRequest>,
    second: Partial<HttpSignatureRequest>,
  ) => {
    const a = await signHttp({ ...given, ...first, label: "a" });
    const b = await signHttp({ ...given, ...second, label: "b" });
    return {
      ...a,
      "signature-input": `${a["signature-input"]}, ${b["signature-input"]}`,
      signature: `${a["signature"]}, ${b["signature"]}`,
    };
  };

  test.each<[string, Partial<HttpSignatureRequest>, Partial<HttpSignatureRequest>, boolean]>([
    ["the first holds", {}, { secret: other }, true],
    ["the second holds", { secret: other }, {}, true],
    ["the first is old", { createdS: createdS - 301 }, {}, true],
    ["neither holds", { secret: other }, { createdS: createdS - 301 }, false],
    [
      "each holds a half",
      { components: ["@method", "@target-uri"] },
      { components: ["content-digest"] },
      false,
    ],
  ])("judges it where %s", async (_name, first, second, ok) => {
    expect(await judge({}, { headers: await both(first, second) })).toMatchObject({ ok });
  });

  test("tells of the one that came furthest", async () => {
    const result = await judge(
      {},
      { headers: await both({ createdS: createdS - 301 }, { secret: other }) },
    );
    expect(result).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("refuses more than eight", async () => {
    const { signature = "", "signature-input": input = "" } = await signHttp(given);
    const many = (text: string) =>
      Array.from({ length: 9 }, (_, at) => text.replace("sig1", `s${at}`)).join(", ");
    const headers = { signature: many(signature), "signature-input": many(input) };
    expect(await judge({}, { headers })).toMatchObject({ reason: "signature_malformed" });
  });
});

describe("http-signatures, digests", () => {
  const sha512 =
    "mQPz4RzLRXdrXKWNNvpAQ/ecBShLrYgdJcNiLb8rlNEtAl5JZiLLZ0B4PtTFbBDNyPmL8LRMu6xuXB07bbjPZQ==";
  test.each([
    ["a digest we do not know alone", "md5=:AAAA:"],
    ["text", "sha-256=x"],
    ["no dictionary", "sha-256=:"],
    ["the old form", "SHA-256=AAAA"],
    ["another sha-512 beside", `sha-512=:${sha512}:`],
  ])("refuses %s", async (_name, told) => {
    const right = (await signHttp(given))["content-digest"] ?? "";
    const text = told.startsWith("sha-512") ? `${right}, ${told}` : told;
    const headers = { ...given.headers, "content-digest": text };
    expect(await judge({ headers })).toMatchObject({ ok: false, reason: "digest_mismatch" });
  });

  test("passes over a digest it does not know beside one it does", async () => {
    const right = (await signHttp(given))["content-digest"] ?? "";
    const headers = { ...given.headers, "content-digest": `md5=:AAAA:, ${right}` };
    expect(await judge({ headers })).toMatchObject({ ok: true });
  });
});

describe("http-signatures, secrets", () => {
  test("binds a key to its keyid where the secret names one", async () => {
    const named = (keyid: string) => [JSON.stringify({ keyid, key: secret })];
    expect(await judge({}, {}, { secrets: named("k1") })).toMatchObject({ ok: true });
    expect(await judge({}, {}, { secrets: named("k2") })).toMatchObject({
      reason: "signature_mismatch",
    });
  });

  const scheme = (name: string): Scheme | undefined => httpSignatures.schemes[name];
  test.each([
    ["rfc9421-hmac-sha256", "AAAA"],
    ["rfc9421-hmac-sha256", "not base64!"],
    ["rfc9421-hmac-sha256", JSON.stringify({ keyid: "k1", key: "AAAA" })],
    ["rfc9421-ed25519", "some text"],
    ["rfc9421-ed25519", signingSecret],
    ["rfc9421-ed25519", JSON.stringify({ keyid: "k1", key: signingSecret })],
    ["rfc9421-known-answer", "AAAA"],
  ])("finds fault with a secret of %s", (name, text) => {
    expect(scheme(name)?.checkSecret(text)).toEqual(expect.any(String));
  });

  test("never takes a public key for a shared one", async () => {
    const spki = secret.replaceAll(/-----[A-Z ]+-----|\n/g, "");
    const headers = await signHttp({ ...given, algorithm: "hmac-sha256", secret: spki });
    expect(await judge({}, { headers })).toMatchObject({ ok: false });
    const result = await judge({}, { headers }, { secrets: [spki] });
    expect(result).toMatchObject({ ok: false, reason: "signature_malformed" });
  });

  test("refuses a key of another kind than the scheme's", async () => {
    const rsa = makeKeys["rsa-pss-sha512"]("").secret;
    expect(await judge({}, {}, { secrets: [rsa] })).toMatchObject({ reason: "secret_unusable" });
  });
});

describe("http-signatures, reading", () => {
  const context = { tenant: "acme", source: "cdc", options: {} };
  const idsOf = (text: string) => {
    const reading = httpSignatures.read(deliver({ body: text }), context);
    return reading.kind === "items" ? reading.items.map(({ id }) => id) : [];
  };

  test("names what has no id for its bytes and its place", () => {
    const [first, second] = idsOf("[{},{}]");
    expect(first).toMatch(/^delivery-[\da-f]{32}#0$/);
    expect(second).toMatch(/#1$/);
    expect(idsOf("[{},{}]")).toEqual([first, second]);
    expect(idsOf("[{},{} ]")).not.toEqual([first, second]);
  });

  test("takes no options", () => {
    expect(httpSignatures.checkOptions({ rules: [] }, "rfc9421-ed25519")).toHaveLength(1);
  });
});

describe("http-signatures, which key signed", () => {
  const jwkOf = (text: string, more: object = {}) => ({
    ...createPublicKey(text).export({ format: "jwk" }),
    ...more,
  });
  const [mine, theirs] = [makeKeys.ed25519(""), makeKeys.ed25519("")];
  const key = { secret: mine.signingSecret };
  const named = JSON.stringify({ keyid: "k1", key: mine.secret });
  const jwk = JSON.stringify(jwkOf(mine.secret, { kid: "k1" }));
  const set = JSON.stringify({
    keys: [jwkOf(theirs.secret, { kid: "k0" }), jwkOf(mine.secret, { kid: "k1" })],
  });
  const unnamed = JSON.stringify({ keys: [jwkOf(theirs.secret), jwkOf(mine.secret)] });

  test.each([
    ["a secret that names it", named, "k1", true],
    ["a JWK that names it", jwk, "k1", true],
    ["a set that names it", set, "k1", true],
    ["a secret that names another", named, "k2", false],
    ["a JWK that names another", jwk, "k2", false],
    ["a set that names none so", set, "k2", false],
    ["a set that names another key so", set, "k0", false],
    ["a PEM, which names none", mine.secret, "who-knows", true],
    ["a set that names none", unnamed, "who-knows", true],
  ])("by %s: keyid as told", async (_name, given9421, keyid, ok) => {
    const result = await judge({ ...key, keyid }, {}, { secrets: [given9421] });
    expect(result).toMatchObject(ok ? { ok } : { ok, reason: "signature_mismatch" });
  });

  test.each([
    ["a key of another kind", makeKeys["rsa-pss-sha512"]("").secret],
    [
      "a set without a fitting key",
      JSON.stringify({ keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] }),
    ],
    ["a point on no curve", JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "AQ" })],
  ])("finds fault with %s when it is saved", async (_name, given9421) => {
    const scheme = httpSignatures.schemes["rfc9421-ed25519"];
    expect(await scheme?.tryKey?.(given9421)).toEqual(expect.any(String));
    expect(await scheme?.tryKey?.(named)).toBeUndefined();
    expect(await httpSignatures.schemes["rfc9421-hmac-sha256"]?.tryKey?.("AAAA")).toBeUndefined();
  });
});
