import { describe, expect, test } from "vitest";
import { agree, keyFaults } from "#src/edge/http/source-body.ts";
import { custom } from "#src/senders/custom.ts";
import { call, controlRig, newTenant } from "../support/control-rig.ts";

const resumed: object[] = [];
const rig = controlRig({ onResume: async (source) => void resumed.push(source) });
const FIRST = "first-secret-0001";
const SECOND = "second-secret-0002";
const THIRD = "third-secret-0003";
const body = { sender: "acme", auth: { secrets: [FIRST] } };

const newSource = async (more: object = body) => {
  const tenant = await newTenant(rig);
  const path = `/v1/tenants/${tenant}/sources/shop`;
  const response = await call(rig, `PUT ${path}`, { body: more });
  return { tenant, path, response };
};

describe("PUT /v1/tenants/:tenant/sources/:source", () => {
  test("stores a source and shows the end of its secrets alone", async () => {
    const { tenant, path, response } = await newSource({
      sender: "acme",
      auth: { secrets: [FIRST, SECOND, "tiny-12"], url: "https://in.example/hook" },
      options: { store: "eu" },
    });
    expect(response.status).toBe(422);

    const created = await call(rig, `PUT ${path}`, {
      body: {
        sender: "acme",
        auth: { secrets: [FIRST, SECOND], url: "https://in.example/hook" },
        options: { store: "eu" },
      },
    });
    const text = await created.text();
    expect(created.status).toBe(201);
    expect(text).not.toContain("secret-");
    expect(JSON.parse(text)).toEqual({
      source: "shop",
      sender: "acme",
      auth: { scheme: "plain", secrets: ["…0001", "…0002"], url: "https://in.example/hook" },
      options: { store: "eu" },
      state: "active",
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const source = await rig.directory.source(tenant, "shop");
    expect(source?.auth.secrets).toEqual([FIRST, SECOND]);
    expect(source?.tenant.tenant).toBe(tenant);
  });

  test.each([
    "https://in.example",
    "HTTPS://In.Example:443/hook/../a b?c=ü&d",
    "http://10.1.2.3:80/hook#x",
  ])("keeps the address that a signature covers as it was typed: %s", async (url) => {
    const { tenant, path, response } = await newSource({
      ...body,
      auth: { secrets: [FIRST], url },
    });
    expect([response.status, await response.json()]).toMatchObject([201, { auth: { url } }]);
    expect(await (await call(rig, `GET ${path}`)).json()).toMatchObject({ auth: { url } });
    expect((await rig.directory.source(tenant, "shop"))?.auth.url).toBe(url);
  });

  test.each([
    "https://in.example/g\ud800",
    "https://in.example/\n",
    "https://in.example/ ",
    "https://:@in.example/",
  ])("refuses an address that would not stay as it is: %j", async (url) => {
    const { response } = await newSource({ ...body, auth: { secrets: [FIRST], url } });
    const { errors = [] } = await response.json<{ errors?: { path: string; rule: string }[] }>();
    const told = errors.map(({ path, rule }) => `${path} ${rule}`);
    expect([response.status, told]).toEqual([422, ["auth.url url"]]);
  });

  test.each([
    {
      name: "an unknown sender",
      given: { ...body, sender: "nobody" },
      error: "sender enum",
      says: "acme",
    },
    {
      name: "a scheme the sender has not",
      given: { sender: "acme", auth: { scheme: "toString", secrets: [FIRST] } },
      error: "auth.scheme enum",
      says: "plain, other",
    },
    {
      name: "a secret its sender cannot use",
      given: { sender: "acme", auth: { secrets: [FIRST, "hunter2"] } },
      error: "auth.secrets[1] secret",
    },
    {
      name: "a secret as it was shown",
      given: { sender: "acme", auth: { secrets: ["…hunter2-hunter2"] } },
      error: "auth.secrets[0] masked",
    },
    {
      name: "no secret",
      given: { sender: "acme", auth: { secrets: [] } },
      error: "auth.secrets length",
    },
    {
      name: "an eleventh secret",
      given: { sender: "acme", auth: { secrets: Array.from({ length: 11 }, () => FIRST) } },
      error: "auth.secrets length",
    },
    {
      name: "a secret that is no text",
      given: { sender: "acme", auth: { secrets: [{ hunter2: 1 }] } },
      error: "auth.secrets[0] type",
    },
    {
      name: "an address that is none",
      given: { sender: "acme", auth: { secrets: [FIRST], url: "ftp://x" } },
      error: "auth.url url",
    },
    {
      name: "an unknown field within",
      given: { sender: "acme", auth: { secrets: [FIRST], secret: "x" } },
      error: "auth.secret unknown_field",
    },
    { name: "options that are a list", given: { ...body, options: [] }, error: "options type" },
  ])("refuses $name", async ({ given, error, says = "" }) => {
    const { response } = await newSource(given);
    const text = await response.text();
    const [first] = JSON.parse(text).errors;
    expect([response.status, `${first.path} ${first.rule}`]).toEqual([422, error]);
    expect(first.message).toContain(says);
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain(FIRST);
  });

  test("keeps a pause through a change", async () => {
    const { path } = await newSource();
    await call(rig, `POST ${path}/pause`);
    const response = await call(rig, `PUT ${path}`, { body });
    expect(await response.json()).toMatchObject({ state: "paused" });
  });

  test("loses no change of two at once: one of them is told", async () => {
    const { tenant, path } = await newSource();
    const rotate = (secret: string) =>
      call(rig, `POST ${path}/rotate`, { body: { secret, keep: 9 } });
    const answers = await Promise.all([rotate(SECOND), rotate(THIRD)]);
    const done = answers.filter(({ status }) => status === 200).length;
    const source = await rig.sources.get({ tenant, source: "shop" });
    expect(source?.auth.secrets).toHaveLength(1 + done);
    expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true);
  });
});

describe("POST …/rotate, …/pause, …/resume, DELETE", () => {
  test.each([
    { keep: undefined, live: [THIRD, SECOND] },
    { keep: 0, live: [THIRD] },
    { keep: 5, live: [THIRD, SECOND, FIRST] },
  ])("puts the new secret first and keeps $keep", async ({ keep, live }) => {
    const { tenant, path } = await newSource({
      sender: "acme",
      auth: { secrets: [SECOND, FIRST] },
    });
    const response = await call(rig, `POST ${path}/rotate`, { body: { secret: THIRD, keep } });
    expect(response.status).toBe(200);
    expect((await rig.directory.source(tenant, "shop"))?.auth.secrets).toEqual(live);
    const again = await call(rig, `POST ${path}/rotate`, { body: { secret: THIRD, keep: 9 } });
    expect(await again.json()).toMatchObject({
      auth: { secrets: live.map((secret) => `…${secret.slice(-4)}`) },
    });
  });

  test("refuses to rotate to a secret the sender cannot use", async () => {
    const { path } = await newSource();
    const response = await call(rig, `POST ${path}/rotate`, { body: { secret: "short" } });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "secret", rule: "secret" }] });
  });

  test("pauses, resumes, and then lets in what was held", async () => {
    const { tenant, path } = await newSource();
    const paused = await call(rig, `POST ${path}/pause`);
    expect(await paused.json()).toMatchObject({ state: "paused", paused_at: expect.any(String) });
    expect((await rig.directory.source(tenant, "shop"))?.pausedMs).toEqual(expect.any(Number));
    const active = await call(rig, `POST ${path}/resume`);
    expect(await active.json()).toMatchObject({ state: "active" });
    expect((await rig.directory.source(tenant, "shop"))?.pausedMs).toBeUndefined();
    expect(resumed).toContainEqual({ tenant, source: "shop", shard: 0 });
  });

  test("removes a source everywhere", async () => {
    const { tenant, path } = await newSource();
    expect((await call(rig, `DELETE ${path}`)).status).toBe(204);
    expect((await call(rig, `DELETE ${path}`)).status).toBe(404);
    expect((await call(rig, `GET ${path}`)).status).toBe(404);
    expect(await rig.directory.source(tenant, "shop")).toBeUndefined();
    expect(await controlRig().directory.source(tenant, "shop")).toBeUndefined();
  });
});

describe("GET /v1/tenants/:tenant/sources", () => {
  test("lists every source once, page by page", async () => {
    const tenant = await newTenant(rig);
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) {
      await call(rig, `PUT /v1/tenants/${tenant}/sources/${name}`, { body });
    }
    const seen: string[] = [];
    let query = "?limit=2";
    for (let page = 0; page < 3; page += 1) {
      const response = await call(rig, `GET /v1/tenants/${tenant}/sources${query}`);
      const { items, next_cursor } = await response.json<{
        items: { source: string }[];
        next_cursor: string | null;
      }>();
      seen.push(...items.map(({ source }) => source));
      query = `?limit=2&cursor=${next_cursor}`;
    }
    expect(seen).toEqual(names);
  });
});

describe("the secret of a source with a recipe of its own", () => {
  const senders = new Map([["custom", custom]]);
  const sourceOf = (recipe: object, secret: string) => ({
    sender: "custom",
    auth: { secrets: [secret] },
    options: JSON.parse(JSON.stringify({ recipe, id: "id", rules: [] })),
  });
  const signature = {
    kind: "signature",
    header: "x-signature",
    encoding: "hex",
    signed: "{body}",
  };
  const hex = { ...signature, algorithm: "hmac-sha256", secret: "hex" };

  test("is judged by that recipe when it is saved", () => {
    expect(agree(senders, sourceOf(hex, "00112233445566778899aabbccddeeff")).ok).toBe(true);
    expect(agree(senders, sourceOf(hex, "no hex, but long enough"))).toMatchObject({
      refusal: [{ path: "auth.secrets[0]", rule: "secret" }],
    });
  });

  test("is used once as the key it should be", async () => {
    const { options } = sourceOf({ ...signature, algorithm: "rsa-sha256" }, "");
    const secret = Buffer.alloc(32, 7).toString("base64");
    const placed = { secret, path: "secret", options };
    expect(await keyFaults(custom, "custom", [placed])).toMatchObject([{ rule: "secret" }]);
    const text = { ...placed, options: sourceOf(hex, "").options };
    expect(await keyFaults(custom, "custom", [text])).toEqual([]);
  });
});
