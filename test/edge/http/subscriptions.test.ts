import { describe, expect, test } from "vitest";
import { newTenant } from "../support/control-rig.ts";
import { tellingRig } from "../support/telling-rig.ts";

const { rig, ask, told } = tellingRig();
const body = { destination: "shop", types: ["payment.*"] };

async function newSubscription(more: object = body) {
  const tenant = await newTenant(rig);
  const root = `/v1/tenants/${tenant}`;
  const url = "https://shop.example/hook";
  await ask(`PUT ${root}/destinations/shop`, { body: { url } });
  const path = `${root}/subscriptions/money`;
  return { tenant, root, path, response: await ask(`PUT ${path}`, { body: more }) };
}

describe("PUT /v1/tenants/:tenant/subscriptions/:subscription", () => {
  test("stores what a destination wants, and replaces it whole", async () => {
    const types = ["*", "payment.confirmed", "message.rank_changed", "message.*"];
    const given = { destination: "shop", types, sources: ["core", "bank"] };
    const { tenant, path, response } = await newSubscription(given);
    expect(response.status).toBe(201);
    const first = await response.json<{ created_at: string }>();
    const times = { created_at: first.created_at, updated_at: expect.any(String) };
    expect(first).toEqual({ subscription: "money", ...given, ...times });
    expect(await (await ask(`GET ${path}`)).json()).toEqual(first);

    told.changed.length = 0;
    const other = { destination: "shop", types: ["payout.*"], except_sources: ["shop"] };
    const again = await ask(`PUT ${path}`, { body: other });
    expect([again.status, await again.json()]).toEqual([
      200,
      { subscription: "money", ...other, ...times },
    ]);
    expect(told.changed).toEqual([tenant]);
  });

  test.each([
    {
      name: "a type that nobody tells",
      given: { types: ["payment.lost"] },
      error: "types[0] enum",
    },
    { name: "a group of nothing", given: { types: ["*", "pay.*"] }, error: "types[1] enum" },
    { name: "half a group", given: { types: ["payment."] }, error: "types[0] enum" },
    { name: "a message of no kind", given: { types: ["message.x"] }, error: "types[0] enum" },
    { name: "no type", given: { types: [] }, error: "types length" },
    {
      name: "51 types",
      given: { types: Array.from({ length: 51 }, () => "*") },
      error: "types length",
    },
    { name: "a type twice", given: { types: ["*", "payment.*", "*"] }, error: "types[2] unique" },
    { name: "a source twice", given: { sources: ["a", "b", "b"] }, error: "sources[2] unique" },
    { name: "no source", given: { sources: [] }, error: "sources length" },
    { name: "a source of no name", given: { sources: ["A b"] }, error: "sources[0] format" },
    {
      name: "one left out twice",
      given: { except_sources: ["a", "a"] },
      error: "except_sources[1] unique",
    },
    {
      name: "sources both ways",
      given: { sources: ["a"], except_sources: ["b"] },
      error: "except_sources exclusive",
    },
    {
      name: "a destination that is none",
      given: { destination: "nowhere" },
      error: "destination unknown",
    },
    { name: "an unknown field", given: { type: "*" }, error: "type unknown_field" },
  ])("refuses $name", async ({ given, error }) => {
    const { path, response } = await newSubscription({ ...body, ...given });
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    expect([response.status, errors.map((one) => `${one.path} ${one.rule}`)]).toEqual([
      422,
      [error],
    ]);
    expect((await ask(`GET ${path}`)).status).toBe(404);
  });

  test("that comes to want something else is told from an hour before, and else goes on", async () => {
    const { tenant, path } = await newSubscription();
    const sinceMs = () =>
      rig.store.db
        .all<{ since_ms: number }>(`SELECT since_ms FROM subscriptions WHERE tenant = '${tenant}'`)
        .then(([row]) => row?.since_ms ?? -1);
    const first = Date.now() - 30 * 86_400_000;
    await rig.store.db.run(
      `UPDATE subscriptions SET since_ms = ${first} WHERE tenant = '${tenant}'`,
    );
    await ask(`PUT ${path}`, { body });
    expect(await sinceMs()).toBe(first);
    const beforeMs = Date.now();
    await ask(`PUT ${path}`, { body: { ...body, types: ["*"] } });
    expect(await sinceMs()).toBeGreaterThanOrEqual(beforeMs - 3_600_000);
    expect(await sinceMs()).toBeLessThanOrEqual(Date.now() - 3_600_000);
  });

  test("is of a destination of its own tenant, also where it is changed", async () => {
    const { root, path } = await newSubscription();
    const other = await newTenant(rig);
    const elsewhere = `PUT /v1/tenants/${other}/subscriptions/money`;
    expect((await ask(elsewhere, { body })).status).toBe(422);
    const moved = await ask(`PUT ${path}`, { body: { ...body, destination: "nowhere" } });
    expect([moved.status, await moved.json()]).toMatchObject([
      422,
      { errors: [{ path: "destination", rule: "unknown" }] },
    ]);
    expect(await (await ask(`GET ${path}`)).json()).toMatchObject({ destination: "shop" });
    const trail = await (await ask(`GET ${root}/audit`)).text();
    expect(trail).toContain("subscription.create");
    expect(trail).not.toContain("subscription.update");
  });

  test("leaves none behind of a destination that goes at the same time", async () => {
    const { root } = await newSubscription();
    await Promise.all([
      ...Array.from({ length: 6 }, (_, i) => ask(`PUT ${root}/subscriptions/s${i}`, { body })),
      ask(`DELETE ${root}/destinations/shop`),
      ...Array.from({ length: 6 }, (_, i) => ask(`PUT ${root}/subscriptions/t${i}`, { body })),
    ]);
    expect((await ask(`GET ${root}/destinations/shop`)).status).toBe(404);
    const list = await ask(`GET ${root}/subscriptions`);
    expect(await list.json()).toEqual({ items: [], next_cursor: null });
  });

  test.each(["Money", "-money", "a.b", "a".repeat(65)])("refuses the name %s", async (name) => {
    const { root } = await newSubscription();
    const response = await ask(`PUT ${root}/subscriptions/${name}`, { body });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ path: "subscription", rule: "format" }] },
    ]);
  });

  test("has room for two hundred", async () => {
    const { tenant, root } = await newSubscription();
    await rig.store.db.run(`INSERT INTO subscriptions
      SELECT tenant, subscription || '-' || value, destination, types, sources, except_sources,
        since_ms, created_ms, updated_ms
      FROM subscriptions, json_each('${JSON.stringify(Array.from({ length: 198 }, (_, i) => i))}')
      WHERE tenant = '${tenant}'`);
    const put = (name: string) => ask(`PUT ${root}/subscriptions/${name}`, { body });
    const last = await Promise.all(["x", "y", "z"].map(put));
    expect(last.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    const refused = last.find(({ status }) => status === 409);
    expect(await refused?.json()).toMatchObject({
      code: "limit_reached",
      errors: [{ path: "subscriptions", rule: "quota", message: "A tenant has at most 200" }],
    });
    expect((await put("money")).status).toBe(200);
  });

  test("is done once under its Idempotency-Key", async () => {
    const { root } = await newSubscription();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const line = `PUT ${root}/subscriptions/other`;
    const first = await ask(line, { headers, body });
    const again = await ask(line, { headers, body });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.text()).toBe(await first.text());
  });
});

test("is removed, and told of", async () => {
  const { tenant, path } = await newSubscription();
  told.changed.length = 0;
  expect((await ask(`DELETE ${path}`)).status).toBe(204);
  expect(told.changed).toEqual([tenant]);
  expect((await ask(`DELETE ${path}`)).status).toBe(404);
  expect((await ask(`GET ${path}`)).status).toBe(404);
});

test("is listed once, page by page, and refused what it does not know", async () => {
  const { root } = await newSubscription();
  for (const name of ["a", "b", "z"]) await ask(`PUT ${root}/subscriptions/${name}`, { body });
  const seen: string[] = [];
  let query = "?limit=3";
  for (let page = 0; page < 2; page += 1) {
    const response = await ask(`GET ${root}/subscriptions${query}`);
    const { items, next_cursor } = await response.json<{
      items: { subscription: string }[];
      next_cursor: string | null;
    }>();
    seen.push(...items.map(({ subscription }) => subscription));
    query = `?limit=3&cursor=${next_cursor}`;
  }
  expect([seen, query]).toEqual([["a", "b", "money", "z"], "?limit=3&cursor=null"]);
  expect((await ask(`GET ${root}/subscriptions?destination=shop`)).status).toBe(400);
  expect((await ask(`GET ${root}/subscriptions/money?x=1`)).status).toBe(400);
});
