import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { closedAddress, isPublicHost } from "#src/edge/web-address.ts";

const ADMIN_TOKEN = "an-administrator-of-somewhere-else";

const deployed = createApi(createParts({ ...env, ENVIRONMENT: "production", ADMIN_TOKEN }), []);
const local = createApi(createParts({ ...env, ADMIN_TOKEN }), []);

const put = (api: typeof deployed, more: object) =>
  api.fetch(
    new Request(`https://gateway.example/v1/tenants/t${crypto.randomUUID()}`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        name: "Acme",
        mode: "mirror",
        currency: "USD",
        ...more,
      }),
    }),
  );

const CLOSED = [
  "localhost",
  "LOCALHOST.",
  "core.localhost",
  "core",
  "core.local",
  "metadata.google.internal",
  "router.home.arpa",
  "127.0.0.1",
  "127.9",
  "0x7f000001",
  "2130706433",
  "0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "198.19.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "localhost..",
  "127.0.0.1..",
  "a..b",
  ".core.acme.com",
  "[::]",
  "[::1]",
  "[::ffff:10.0.0.1]",
  "[fd00::1]",
  "[fe80::1]",
  "[64:ff9b::a00:1]",
  "[2002:a00:1::]",
  "[2001:db8::1]",
];

const OPEN = [
  "core.acme.example",
  "core.acme.example.",
  "localhost.acme.com",
  "9.255.255.255",
  "11.0.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "100.128.0.1",
  "192.167.1.1",
  "[2606:4700:4700::1111]",
];

test("hosts of one's own machine and networks are told from others", () => {
  const open = [...CLOSED, ...OPEN].filter((host) => isPublicHost(`https://${host}:8443/api`));
  expect(open).toEqual(OPEN);
  expect(isPublicHost("no address")).toBe(false);
});

const core = (url: string) => ({ core: { url, auth: "secret" } });
const keys = (jwks_url: string) => ({
  access: { jwt: { issuer: "https://login.acme.example/", audience: "upline", jwks_url } },
});

/** What is no address as it is typed, or would be kept as another one. */
const UNFIT = [
  "https://core.acme.example/g\ud800",
  "https://core.acme.example/\n",
  " https://core.acme.example/",
  "https://core.acme.example/ ",
  "https://@core.acme.example/",
  "https://:@core.acme.example/",
  "https:/:@core.acme.example/",
];

test.each(UNFIT)("neither core nor keys can be at %j", async (url) => {
  for (const [more, path] of [
    [core(url), "core.url"],
    [keys(url), "access.jwt.jwks_url"],
  ] as const) {
    for (const api of [deployed, local]) {
      const response = await put(api, more);
      // Half a character would not get out of here to be reported: of the answer only what is well-formed.
      const { errors = [] } = await response.json<{ errors?: { path: string; rule: string }[] }>();
      const told = errors.map((error) => `${error.path} ${error.rule}`);
      expect([response.status, told]).toEqual([422, [`${path} url`]]);
    }
  }
});

describe("an address to which anything of a tenant's goes", () => {
  const of = (url: string) => closedAddress({ path: "url", url }, "production");

  test("is https however that is written", () => {
    expect(of("HTTPS://shop.example")).toBeUndefined();
    expect(of("HTTP://shop.example")?.message).toContain("https");
    expect(of("https:x")?.message).toContain("outside");
    expect(of("httpsx://shop.example")?.message).toContain("https");
  });
});

describe("the address of a tenant's core", () => {
  test.each([
    ["http://core.acme.example/api", "Must be an https address"],
    ["https://127.0.0.1:8790", "Must be an address that can be reached from outside"],
    ["https://[fd12::1]/core", "Must be an address that can be reached from outside"],
  ])("is refused where the gateway is deployed: %s", async (url, message) => {
    const response = await put(deployed, core(url));
    expect(response.status).toBe(422);
    const errors = [{ path: "core.url", rule: "url", message }];
    expect(await response.json()).toMatchObject({ errors });
  });

  test.each([
    [deployed, "https://core.acme.example/api"],
    [local, "http://127.0.0.1:8790"],
  ])("is taken otherwise", async (api, url) => {
    expect((await put(api, core(url))).status).toBe(201);
  });
});

describe("the address of the keys of a tenant's tokens", () => {
  test("is refused inside a network where the gateway is deployed, and taken outside", async () => {
    const asked = [...CLOSED, ...OPEN].map(async (host) => {
      const response = await put(deployed, keys(`https://${host}:8443/jwks`));
      return { host, status: response.status, told: await response.json() };
    });
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201).map(({ host }) => host)).toEqual(OPEN);
    const message = "Must be an address that can be reached from outside";
    const errors = [{ path: "access.jwt.jwks_url", rule: "url", message }];
    for (const { status, told } of answers.filter(({ host }) => CLOSED.includes(host))) {
      expect([status, told]).toMatchObject([422, { errors }]);
    }
  });

  test.each(["http://127.0.0.1:9/jwks", "https://10.1.2.3/jwks", "https://core.local/jwks"])(
    "can be %s on one's own machine",
    async (url) => {
      expect((await put(local, keys(url))).status).toBe(201);
    },
  );
});
