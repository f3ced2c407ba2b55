import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { FRESH_MS, OUTAGE_MS_MAX, REFETCH_MS_MIN } from "#src/edge/control/jwks.ts";
import { JWT_CHARS_MAX } from "#src/edge/http/jwt.ts";
import { call, controlRig, newTenant } from "../support/control-rig.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const NOW_S = NOW_MS / 1000;
const ISSUER = "https://login.acme.example/";
const AUDIENCE = "upline";
const JWKS_URL = "https://login.acme.example/jwks";

type Algorithm = "RS256" | "PS256" | "ES256" | "EdDSA";

interface Pair {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function pairOf(alg: Algorithm, kid: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

const rs = await pairOf("RS256", "rs");
const es = await pairOf("ES256", "es");
const ed = await pairOf("EdDSA", "ed");
const stranger = await pairOf("ES256", "es");
const next = await pairOf("ES256", "next");
const KEYS = [rs.jwk, es.jwk, ed.jwk];

const clock = { nowMs: NOW_MS };
/** The provider's key server; what it was asked for, and what it answers. */
const server: { asked: string[]; answer: () => Response | Promise<Response> } = {
  asked: [],
  answer: () => Response.json({ keys: KEYS }),
};
const rig = controlRig({
  nowMs: () => clock.nowMs,
  fetch: async (input) => {
    server.asked.push(input instanceof Request ? input.url : input.toString());
    return server.answer();
  },
});

beforeEach(() => {
  clock.nowMs = NOW_MS;
  server.asked = [];
  server.answer = () => Response.json({ keys: KEYS });
});

const inline = { issuer: ISSUER, audience: AUDIENCE, jwks: { keys: KEYS } };
const { jwks: _inline, ...trust } = inline;
const remote = { ...trust, jwks_url: JWKS_URL };

const acme = await newTenant(rig, { access: { jwt: inline } });
const other = await newTenant(rig, { access: { jwt: inline } });
const without = await newTenant(rig);

const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "user-1",
  role: "auditor",
  iat: NOW_S - 10,
  nbf: NOW_S - 10,
  exp: NOW_S + 600,
};

interface Made {
  readonly by?: Pair;
  readonly header?: Record<string, unknown>;
  readonly payload?: Record<string, unknown>;
  readonly without?: keyof typeof CLAIMS;
}

function claimsOf({ payload = {}, without: left }: Made): Record<string, unknown> {
  const claims: Record<string, unknown> = { ...CLAIMS, ...payload };
  if (left !== undefined) Reflect.deleteProperty(claims, left);
  return claims;
}

const tokenOf = (made: Made = {}): Promise<string> => {
  const { by = es, header = {} } = made;
  return new SignJWT(claimsOf(made))
    .setProtectedHeader({ alg: by.alg, kid: by.kid, ...header })
    .sign(by.privateKey);
};

const b64 = (value: object | string): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token as somebody writes it who has no key of the tenant's. */
const written = (header: object | string, signature = ""): string =>
  `${b64(header)}.${b64(CLAIMS)}.${signature}`;

const ask = (token: string, tenant = acme) => call(rig, `GET /v1/tenants/${tenant}`, { token });

async function statusOf(token: string, tenant = acme): Promise<number> {
  return (await ask(token, tenant)).status;
}

/** A tenant of its own, with these settings over the usual ones. */
const tenantWith = (jwt: object): Promise<string> => newTenant(rig, { access: { jwt } });

const spki = await exportSPKI(rs.publicKey);
const asHmac = (secret: string | Buffer) => {
  const head = `${b64({ alg: "HS256", kid: "rs" })}.${b64(CLAIMS)}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
};
const genuine = await tokenOf();
const [head = "", claimed = "", signature = ""] = genuine.split(".");
const flipped = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const loose = genuine.slice(0, -1) + DIGITS.charAt(DIGITS.indexOf(genuine.slice(-1)) ^ 1);
const forged = [
  ["without signature, alg none", written({ alg: "none" })],
  ["alg None", written({ alg: "None", kid: "es" })],
  ["alg none with a signature", `${b64({ alg: "none", kid: "es" })}.${claimed}.${signature}`],
  ["no alg", `${b64({ kid: "es" })}.${claimed}.${signature}`],
  ["HS256 under the public key as PEM", asHmac(spki)],
  ["HS256 under the public key as JWK", asHmac(JSON.stringify(rs.jwk))],
  ["HS256 under the modulus", asHmac(Buffer.from(rs.jwk.n ?? "", "base64url"))],
  ["RS256 named over an EC key", `${b64({ alg: "RS256", kid: "es" })}.${claimed}.${signature}`],
  ["ES256 named over an RSA key", `${b64({ alg: "ES256", kid: "rs" })}.${claimed}.${signature}`],
  ["a changed payload", `${head}.${b64({ ...CLAIMS, role: "admin" })}.${signature}`],
  ["a changed signature", `${head}.${claimed}.${flipped(signature, 10)}`],
  ["a signature of zeros", `${head}.${claimed}.${"A".repeat(86)}`],
  ["a signature in which only spare bits changed", loose],
  ["no signature", `${head}.${claimed}.`],
  ["a header that is no JSON", `${b64("{")}.${claimed}.${signature}`],
  ["a header that is a list", `${b64([])}.${claimed}.${signature}`],
  ["a payload that is no JSON", `${head}.${b64("{")}.${signature}`],
  [
    "a header with alg twice",
    `${b64('{"alg":"ES256","kid":"es","alg":"none"}')}.${claimed}.${signature}`,
  ],
  ["two parts", `${head}.${claimed}`],
  ["four parts", `${genuine}.x`],
  ["five parts, as if it were encrypted", `${genuine}.x.y`],
  ["a token too long to be read", await tokenOf({ payload: { more: "x".repeat(JWT_CHARS_MAX) } })],
  ["two tokens", `${genuine}, ${genuine}`],
] as const;

const privatePart = await exportJWK(es.privateKey);
const { d: _d, ...publicPart } = privatePart;

describe("a JWT", () => {
  test.each([rs, es, ed])("of a tenant's own key is believed: $alg", async (by) => {
    expect(await statusOf(await tokenOf({ by }))).toBe(200);
  });

  test("signed by the same RSA key as PS256 is believed, unless the tenant pins RS256", async () => {
    const by = { ...rs, alg: "PS256" };
    const privateKey = await importJWK(await exportJWK(rs.privateKey), "PS256");
    if (!(privateKey instanceof CryptoKey)) throw new Error("Got no key");
    const token = await tokenOf({ by: { ...by, privateKey } });
    expect(await statusOf(token)).toBe(200);
    const pinned = await tenantWith({ ...inline, algorithms: ["RS256", "ES256", "EdDSA"] });
    expect(await statusOf(token, pinned)).toBe(401);
    expect(await statusOf(await tokenOf({ by: rs }), pinned)).toBe(200);
  });

  test.each([
    { name: "an audience among several", payload: { aud: ["else", AUDIENCE] } },
    { name: "no iat", without: "iat" },
    { name: "an end that the tolerance still covers", payload: { exp: NOW_S - 29 } },
    { name: "a beginning that the tolerance still covers", payload: { nbf: NOW_S + 30 } },
    { name: "an issue that the tolerance still covers", payload: { iat: NOW_S + 30 } },
    { name: "typ at+jwt", header: { typ: "application/at+jwt" } },
    { name: "a role in a list", payload: { role: ["auditor", "offline_access"] } },
    { name: "where its keys are said to be, which is not read", header: { jku: JWKS_URL } },
  ] as const)("with $name is believed", async ({ name: _name, ...made }) => {
    expect(await statusOf(await tokenOf(made))).toBe(200);
    expect(server.asked).toEqual([]);
  });

  const times = [
    ["expired", { payload: { exp: NOW_S - 30 } }],
    ["not valid yet", { payload: { nbf: NOW_S + 31 } }],
    ["issued in the future", { payload: { iat: NOW_S + 31 } }],
    ["with an exp that is no number", { payload: { exp: String(NOW_S + 600) } }],
    ["with an nbf that is no number", { payload: { nbf: "0" } }],
    ["with an iat that is no number", { payload: { iat: "0" } }],
  ] as const;
  const whose = [
    ["of another issuer", { payload: { iss: `${ISSUER}x` } }],
    ["of an issuer in a list", { payload: { iss: [ISSUER] } }],
    ["for another audience", { payload: { aud: "else" } }],
    ["for audiences that lack ours", { payload: { aud: ["else", "more"] } }],
    ["for an audience that only starts alike", { payload: { aud: `${AUDIENCE}2` } }],
    ["without exp", { without: "exp" }],
    ["without nbf", { without: "nbf" }],
    ["without aud", { without: "aud" }],
    ["without iss", { without: "iss" }],
    ["without sub", { without: "sub" }],
    ["without role", { without: "role" }],
    ["with a sub that is no text", { payload: { sub: 1 } }],
    ["with an empty sub", { payload: { sub: "" } }],
    ["with a line break in sub", { payload: { sub: "a\nb" } }],
    ["of an unknown role", { payload: { role: "root" } }],
    ["of two roles", { payload: { role: ["auditor", "support"] } }],
    ["of a role that is an object", { payload: { role: { auditor: true } } }],
    ["of role admin, which the tenant did not allow", { payload: { role: "admin" } }],
    [
      "of role distributor with a subject of no distributor",
      { payload: { role: "distributor", sub: "x".repeat(200) } },
    ],
  ] as const;
  const unbelieved = [
    ["of a key of the same name", { by: stranger }],
    ["of a key nobody has", { by: { ...stranger, kid: "foreign" } }],
    ["with its own key in it", { by: stranger, header: { jwk: stranger.jwk } }],
    ["that says where its key is", { by: stranger, header: { jku: "https://evil.example/jwks" } }],
    [
      "that says where its certificate is",
      { by: stranger, header: { x5u: "https://evil.example/" } },
    ],
    ["with a certificate in it", { by: stranger, header: { x5c: ["MIIB"] } }],
    ["without kid, of a set of several", { header: { kid: undefined } }],
    ["with a kid that is no text", { header: { kid: 1 } }],
    ["with a kid that has no end", { header: { kid: "k".repeat(300) } }],
    ["with the name of a key of another kind", { header: { kid: "rs" } }],
    ["made for something else", { header: { typ: "logout+jwt" } }],
    ["with a typ that is no text", { header: { typ: 1 } }],
    ["with b64 false", { header: { b64: false } }],
  ] as const;
  test.each([...times, ...whose, ...unbelieved] as readonly (readonly [string, Made])[])(
    "%s is refused",
    async (_name, made) => {
      const response = await ask(await tokenOf(made));
      expect([response.status, await response.json()]).toEqual([401, UNAUTHORIZED]);
      expect(server.asked).toEqual([]);
    },
  );

  test("with crit is refused, whatever it names", async () => {
    const signed = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: "ES256", kid: "es", crit: ["b64"], b64: true })
      .sign(es.privateKey);
    expect(await statusOf(signed)).toBe(401);
  });

  test.each(forged)("that is %s is refused", async (_name, token) => {
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(genuine)).toBe(200);
  });

  test("is refused in two Authorization headers", async () => {
    const headers = new Headers([
      ["Authorization", `Bearer ${genuine}`],
      ["Authorization", `Bearer ${genuine}`],
    ]);
    const response = await rig.app.request(`/v1/tenants/${acme}`, { headers });
    expect(response.status).toBe(401);
  });

  test("is judged by the tenant of the path alone, and tells nothing of others", async () => {
    const strict = await tenantWith({ ...inline, audience: "strict" });
    for (const tenant of [strict, without, "no-such-tenant", "NO TENANT"]) {
      const path = encodeURIComponent(tenant);
      const response = await ask(genuine, path);
      expect([response.status, await response.json()]).toEqual([401, UNAUTHORIZED]);
    }
    // Two tenants that share a provider and an audience have said so themselves.
    expect(await statusOf(genuine, other)).toBe(200);
  });

  test("names its bearer in the audit trail", async () => {
    const tenant = await tenantWith({ ...inline, roles: ["operator"] });
    const token = await tokenOf({ payload: { role: "operator" } });
    const body = { sender: "acme", auth: { secrets: ["12345678"] } };
    const put = await call(rig, `PUT /v1/tenants/${tenant}/sources/shop`, { token, body });
    expect(put.status).toBe(201);
    const audit = await call(rig, `GET /v1/tenants/${tenant}/audit`);
    const { items } = await audit.json<{ items: { action: string; actor: string }[] }>();
    const deed = items.find(({ action }) => action === "source.create");
    expect(deed?.actor).toBe("jwt:user-1");
  });

  test("is of its role: it may what its role may", async () => {
    const support = await tokenOf({ payload: { role: "support" } });
    expect(await statusOf(support)).toBe(403);
    const admins = await tenantWith({ ...inline, roles: ["admin"] });
    expect(await statusOf(await tokenOf({ payload: { role: "admin" } }), admins)).toBe(200);
    expect(await statusOf(await tokenOf(), admins)).toBe(401);
  });
});

describe("a tenant's settings", () => {
  test("name the claims of role and distributor, and what else is required", async () => {
    const role_claim = "https://acme.example/role";
    const tenant = await tenantWith({ ...inline, role_claim, required_claims: ["org"] });
    const payload = { [role_claim]: "auditor", org: "acme" };
    expect(await statusOf(await tokenOf({ payload }), tenant)).toBe(200);
    expect(await statusOf(await tokenOf({ payload: { [role_claim]: "auditor" } }), tenant)).toBe(
      401,
    );
    expect(await statusOf(await tokenOf({ payload: { org: "acme" } }), tenant)).toBe(401);
  });

  test("bound a token's age, which it has to tell then", async () => {
    const tenant = await tenantWith({ ...inline, max_token_age_s: 60, clock_tolerance_s: 0 });
    const aged = (s: number) => tokenOf({ payload: { iat: NOW_S - s } });
    expect(await statusOf(await aged(60), tenant)).toBe(200);
    expect(await statusOf(await aged(61), tenant)).toBe(401);
    expect(await statusOf(await tokenOf({ without: "iat" }), tenant)).toBe(401);
  });

  test("may let iat stand for nbf, which must not be missing both", async () => {
    const tenant = await tenantWith({ ...inline, nbf_from_iat: true });
    expect(await statusOf(await tokenOf({ without: "nbf" }), tenant)).toBe(200);
    const payload = { iat: undefined };
    expect(await statusOf(await tokenOf({ without: "nbf", payload }), tenant)).toBe(401);
    expect(await statusOf(await tokenOf({ payload: { nbf: NOW_S + 31 } }), tenant)).toBe(401);
  });

  test("leave a kid out where there is one key", async () => {
    const tenant = await tenantWith({ ...inline, jwks: { keys: [es.jwk] } });
    expect(await statusOf(await tokenOf({ header: { kid: undefined } }), tenant)).toBe(200);
  });

  const short = { kty: "RSA", e: "AQAB", n: b64("x".repeat(255)) };
  test.each([
    [
      "a shared key",
      { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } },
      "access.jwt.jwks.keys[0]",
    ],
    ["a private key", { jwks: { keys: [privatePart] } }, "access.jwt.jwks.keys[0]"],
    ["a key of 2040 bits", { jwks: { keys: [es.jwk, short] } }, "access.jwt.jwks.keys[1]"],
    [
      "a key for encryption",
      { jwks: { keys: [{ ...publicPart, use: "enc" }] } },
      "access.jwt.jwks.keys[0]",
    ],
    [
      "a point off the curve",
      { jwks: { keys: [{ ...publicPart, x: b64("x".repeat(32)) }] } },
      "access.jwt.jwks.keys[0]",
    ],
    [
      "a key for none of the algorithms",
      { jwks: { keys: [es.jwk] }, algorithms: ["RS256"] },
      "access.jwt.jwks.keys[0]",
    ],
    ["no key", { jwks: { keys: [] } }, "access.jwt.jwks.keys"],
    ["neither keys nor address", {}, "access.jwt.jwks_url"],
    ["both", { jwks: { keys: [es.jwk] }, jwks_url: JWKS_URL }, "access.jwt.jwks_url"],
    [
      "an address without TLS",
      { jwks_url: "http://login.acme.example/jwks" },
      "access.jwt.jwks_url",
    ],
    [
      "an address with a password",
      { jwks_url: "https://a:b@login.acme.example/" },
      "access.jwt.jwks_url",
    ],
    [
      "one's own machine, where that is not local",
      { jwks_url: "http://localhost:9/jwks" },
      "access.jwt.jwks_url",
    ],
    ["HS256", { jwks_url: JWKS_URL, algorithms: ["HS256"] }, "access.jwt.algorithms[0]"],
    ["none", { jwks_url: JWKS_URL, algorithms: ["none"] }, "access.jwt.algorithms[0]"],
    [
      "an hour of tolerance",
      { jwks_url: JWKS_URL, clock_tolerance_s: 3600 },
      "access.jwt.clock_tolerance_s",
    ],
  ])("refuse %s, and say where", async (_name, more, path) => {
    const jwt = { ...trust, ...more };
    const body = { name: "Acme", mode: "mirror", currency: "USD", access: { jwt } };
    const elsewhere = controlRig({ environment: "production" });
    const response = await call(elsewhere, `PUT /v1/tenants/t${crypto.randomUUID()}`, { body });
    const { errors } = await response.json<{ errors: { path: string }[] }>();
    expect([response.status, errors.map((error) => error.path)]).toEqual([422, [path]]);
  });
});

describe("keys by address", () => {
  test("are fetched once, and again when they are old", async () => {
    const tenant = await tenantWith(remote);
    const token = await tokenOf({ payload: { exp: NOW_S + 86_400 } });
    expect(await statusOf(token, tenant)).toBe(200);
    clock.nowMs += FRESH_MS - 1;
    expect(await statusOf(token, tenant)).toBe(200);
    expect(server.asked).toEqual([JWKS_URL]);
    clock.nowMs += 1;
    expect(await statusOf(token, tenant)).toBe(200);
    expect(server.asked).toHaveLength(2);
  });

  test("that were rotated are found by the first token of the new one; the old one ends", async () => {
    const tenant = await tenantWith(remote);
    const [old, fresh] = [await tokenOf(), await tokenOf({ by: next })];
    expect(await statusOf(old, tenant)).toBe(200);
    clock.nowMs += REFETCH_MS_MIN;
    server.answer = () => Response.json({ keys: [next.jwk] });
    expect(await statusOf(fresh, tenant)).toBe(200);
    expect(await statusOf(old, tenant)).toBe(401);
    expect(server.asked).toHaveLength(2);
  });

  test("are not fetched again for each made-up name", async () => {
    const tenant = await tenantWith(remote);
    const good = await tokenOf();
    expect(await statusOf(good, tenant)).toBe(200);
    const flood = async () => {
      for (let i = 0; i < 20; i += 1) {
        const by = { ...stranger, kid: `made-up-${i}` };
        expect(await statusOf(await tokenOf({ by }), tenant)).toBe(401);
      }
    };
    await flood();
    expect(server.asked).toHaveLength(1);
    clock.nowMs += REFETCH_MS_MIN;
    await flood();
    expect(server.asked).toHaveLength(2);
    expect(await statusOf(good, tenant)).toBe(200);
  });

  test("are fetched by one of many who come at once", async () => {
    const tenant = await tenantWith(remote);
    const token = await tokenOf();
    server.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return Response.json({ keys: KEYS });
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => statusOf(token, tenant)));
    expect(all).toEqual(Array.from({ length: 10 }, () => 200));
    expect(server.asked).toHaveLength(1);
  });

  test("serve on for a day while they cannot be had, and unknown ones do not", async () => {
    const tenant = await tenantWith(remote);
    const claims = { payload: { exp: NOW_S + 200_000 } };
    const [old, fresh] = [await tokenOf(claims), await tokenOf({ by: next, ...claims })];
    expect(await statusOf(old, tenant)).toBe(200);
    server.answer = () => new Response("down", { status: 503 });
    for (const atMs of [FRESH_MS, OUTAGE_MS_MAX - 1]) {
      clock.nowMs = NOW_MS + atMs;
      expect(await statusOf(old, tenant)).toBe(200);
      expect(await statusOf(fresh, tenant)).toBe(401);
    }
    expect(server.asked).toHaveLength(3);
    clock.nowMs = NOW_MS + OUTAGE_MS_MAX;
    expect(await statusOf(old, tenant)).toBe(401);
    server.answer = () => Response.json({ keys: KEYS });
    clock.nowMs += REFETCH_MS_MIN;
    expect(await statusOf(old, tenant)).toBe(200);
  });

  test("serve on a server that begins while they cannot be had, as long as on others", async () => {
    const tenant = await tenantWith(remote);
    const token = await tokenOf({ payload: { exp: NOW_S + 200_000 } });
    expect(await statusOf(token, tenant)).toBe(200);
    const down = () => Promise.reject(new Error("down"));
    const fresh = () => controlRig({ fetch: down, nowMs: () => clock.nowMs });
    const status = async (of: ReturnType<typeof controlRig>) =>
      (await call(of, `GET /v1/tenants/${tenant}`, { token })).status;
    clock.nowMs = NOW_MS + OUTAGE_MS_MAX - 1;
    expect(await status(fresh())).toBe(200);
    clock.nowMs += 1;
    expect(await status(fresh())).toBe(401);
  });

  test("do not serve there once they were seen to be gone", async () => {
    const tenant = await tenantWith(remote);
    const token = await tokenOf({ payload: { exp: NOW_S + 200_000 } });
    expect(await statusOf(token, tenant)).toBe(200);
    server.answer = () => Response.json({ keys: [next.jwk] });
    clock.nowMs = NOW_MS + FRESH_MS;
    expect(await statusOf(token, tenant)).toBe(401);
    const down = () => Promise.reject(new Error("down"));
    const begun = controlRig({ fetch: down, nowMs: () => clock.nowMs });
    expect((await call(begun, `GET /v1/tenants/${tenant}`, { token })).status).toBe(401);
  });

  const tooShort = { kty: "RSA", kid: "es", e: "AQAB", n: b64("x".repeat(255)) };
  test.each([
    ["an error", () => new Response(JSON.stringify({ keys: KEYS }), { status: 500 })],
    ["a redirection", () => Response.redirect("https://evil.example/jwks", 302)],
    ["no JSON", () => new Response("<html>")],
    ["no set", () => Response.json({})],
    ["a set of none", () => Response.json({ keys: [] })],
    ["too many keys", () => Response.json({ keys: Array.from({ length: 51 }, () => es.jwk) })],
    ["too many bytes", () => new Response(JSON.stringify({ keys: KEYS }) + " ".repeat(70_000))],
    ["a key that is too short alone", () => Response.json({ keys: [tooShort] })],
    ["shared keys alone", () => Response.json({ keys: [{ kty: "oct", k: "eA", kid: "es" }] })],
    ["nothing at all", () => Promise.reject(new Error("Network connection lost"))],
  ])(
    "from a server that answers %s let nobody in, as any wrong credential",
    async (_name, answer) => {
      const tenant = await tenantWith(remote);
      server.answer = answer;
      const response = await ask(await tokenOf(), tenant);
      expect([response.status, await response.json()]).toEqual([401, UNAUTHORIZED]);
      server.answer = () => Response.json({ keys: KEYS });
      expect(await statusOf(await tokenOf(), tenant)).toBe(401);
      clock.nowMs += REFETCH_MS_MIN;
      expect(await statusOf(await tokenOf(), tenant)).toBe(200);
    },
  );

  test.each([
    "http://127.0.0.1:9/jwks",
    "https://localhost./jwks",
    "https://10.0.0.1/jwks",
    "https://169.254.169.254/jwks",
    "https://[fd00::1]/jwks",
    "https://metadata.google.internal/jwks",
  ])("inside, as %s, are fetched in a local deployment alone", async (url) => {
    const jwt = { ...trust, jwks_url: url };
    const status = async (isLocal: boolean) => {
      const options = { nowMs: () => clock.nowMs, fetch: async () => server.answer(), isLocal };
      const one = controlRig(options);
      const tenant = await newTenant(one, { access: { jwt } });
      const token = await tokenOf();
      return (await call(one, `GET /v1/tenants/${tenant}`, { token })).status;
    };
    expect([await status(true), await status(false)]).toEqual([200, 401]);
  });

  test("are of no use where they are weak, of another use, or not understood", async () => {
    const tenant = await tenantWith(remote);
    const odd = [{ kty: "AKP", kid: "x" }, "text", null, { ...rs.jwk, use: "enc" }, tooShort];
    server.answer = () => Response.json({ keys: [...odd, ed.jwk] });
    expect(await statusOf(await tokenOf({ by: ed }), tenant)).toBe(200);
    expect(await statusOf(await tokenOf({ by: rs }), tenant)).toBe(401);
  });
});

const UNAUTHORIZED = {
  type: "urn:upline:problem:unauthorized",
  code: "unauthorized",
  status: 401,
  title: "No valid credentials",
};
