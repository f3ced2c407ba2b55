import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fakeHubspot } from "../../../support/products/hubspot.ts";
import { fakeSalesforce } from "../../../support/products/salesforce.ts";
import { json, type Product, productStore } from "../../../support/products/store.ts";
import { pollRig, type PollRig } from "./rig.ts";

const AT_MS = Date.parse("2026-03-01T00:00:00Z");

async function open(product: Product, source: object) {
  const rig = await pollRig(product);
  const put = await rig.call("PUT sources/crm", source);
  expect([put.status, await put.text()]).toEqual([201, expect.any(String)]);
  return rig;
}

async function standings(rig: PollRig) {
  const shown: { streams: readonly object[] } = await (
    await rig.call("GET sources/crm/polls")
  ).json();
  return shown.streams;
}

const list = (
  streams: readonly object[],
  auth: object = { kind: "token", token: "t-secret-1" },
) => ({
  sender: "custom",
  auth: { secrets: ["nobody-posts-here-0001"] },
  options: {
    recipe: { kind: "token", header: "x-token" },
    id: "id",
    rules: [
      {
        type: "inventory.adjusted",
        fields: { sku: "sku", on_hand: "on_hand", reason: { value: "polled" } },
      },
    ],
    poll: { kind: "http", auth, streams },
  },
});

/** A product that answers by path. */
function answering(answers: Readonly<Record<string, (request: Request) => unknown>>): Product {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    const answer = answers[pathname]?.(request);
    return answer instanceof Response ? answer : json(answer);
  };
  return { store: productStore(AT_MS), fetch, asked, faults: [], tokens: new Set() };
}

const goods = [{ id: "1", sku: "S1", on_hand: 5 }];

const deepValue = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
const inventory = ({ rows }: PollRig) =>
  rows("SELECT id FROM records WHERE tenant = ? AND kind = 'inventory' ORDER BY id");

interface Alert {
  readonly alert_id: string;
  readonly severity: string;
  readonly detail: string;
  readonly href: string;
}

const alertsOf = async ({ call, tenant }: PollRig) => {
  const { items }: { items: readonly Alert[] } = await (
    await call("GET alerts?kind=poll_failing")
  ).json();
  for (const { href } of items) {
    const path = href.slice(`/v1/tenants/${tenant}/`.length);
    expect((await call(`GET ${path}`)).status).toBe(200);
  }
  return items.map(({ alert_id: id, severity, detail }) => [id, severity, detail]);
};

test("a record that cannot be taken is told of, and the others of its page are taken", async () => {
  const list62 = () => [
    { id: "1", deep: deepValue(62) },
    { id: "2", sku: "S2", on_hand: 5 },
  ];
  const product = answering({ "/bad": list62, "/good": () => goods });
  const rig = await open(
    product,
    list([
      { name: "bad", url: "https://x.example/bad", id: "id" },
      { name: "good", url: "https://x.example/good", id: "id" },
    ]),
  );
  await rig.minutes(1);
  expect(await inventory(rig)).toEqual([{ id: "S1:-" }, { id: "S2:-" }]);
  expect(await standings(rig)).toMatchObject([
    { stream: "bad", failures: 1, last: null, error: { kind: "failed" } },
    { stream: "good", failures: 0, error: null },
  ]);
});

test.each([
  {
    name: "is too long",
    answer: () => new Response(`"${"x".repeat(8_100_000)}"`),
    detail: "an answer has more than 8 MB, and no smaller page can be asked for",
  },
  {
    name: "is nested too deep",
    answer: () => [{ id: "1", deep: deepValue(70) }],
    detail: "an answer or a record is nested too deep to be taken",
  },
  {
    name: "leads in a circle",
    answer: () => ({ orders: goods, next: "again" }),
    detail: "its listing goes in a circle",
  },
  {
    name: "is refused behind its first page",
    answer: (request: Request) =>
      new URL(request.url).searchParams.has("cursor")
        ? json({ message: "bad cursor t-secret-1" }, 422)
        : { orders: goods, next: "more" },
    detail: "the product refuses the question",
  },
])("a listing that $name ends in an alert, which goes once it is mended", async (of) => {
  const answers: Record<string, (request: Request) => unknown> = { "/o": of.answer };
  const rig = await open(
    answering(answers),
    list([
      {
        name: "orders",
        url: "https://x.example/o?cursor={cursor}",
        id: "id",
        items: "orders",
        pages: { kind: "token", at: "next" },
      },
    ]),
  );
  await rig.minutes(8);
  expect(await alertsOf(rig)).toEqual([]);
  await rig.minutes(24);
  const detail = `Source crm cannot be polled (orders: ${of.detail})`;
  expect(await alertsOf(rig)).toEqual([["poll_failing:crm", "ticket", detail]]);
  answers["/o"] = () => ({ orders: goods });
  rig.clock.nowMs += 3_600_000;
  await rig.minutes(1);
  expect(await alertsOf(rig)).toEqual([]);
  expect(await inventory(rig)).toEqual([{ id: "S1:-" }]);
});

test("pages that are too long are asked for in smaller ones", async () => {
  const product = fakeSalesforce(productStore(AT_MS), ["sf-1"]);
  const sizes: number[] = [];
  const fetch = async (request: Request) => {
    const size = Number(/LIMIT (\d+)/.exec(decodeURIComponent(request.url))?.[1]);
    sizes.push(size);
    return size > 3 ? new Response(`"${"x".repeat(8_100_000)}"`) : product.fetch(request);
  };
  const rig = await open(
    { ...product, fetch },
    {
      sender: "salesforce-cdc",
      auth: { secrets: [KEY] },
      options: {
        poll: {
          kind: "salesforce",
          base_url: "https://acme.my.salesforce.com",
          auth: { kind: "token", token: "sf-1" },
          streams: [{ name: "contacts", object: "Contact", fields: ["Email"], page_size: 10 }],
        },
        tables: { Contact: { key: ["Id"] } },
      },
    },
  );
  for (let n = 1; n <= 7; n += 1) product.store.put(sfId(n), { Email: `${n}@x.example` });
  await rig.minutes(1);
  expect(sizes).toEqual([10, 5, 3, 3, 3]);
  expect(await standings(rig)).toMatchObject([{ failures: 0, last: { told: 7 }, error: null }]);
});

test("what is polled no more is forgotten, stream by stream", async () => {
  const product = answering({ "/o": () => json({}, 500), "/p": () => goods });
  const streams = [
    { name: "orders", url: "https://x.example/o", id: "id" },
    { name: "goods", url: "https://x.example/p", id: "id" },
  ];
  const rig = await open(product, list(streams));
  await rig.minutes(1);
  await rig.call("PUT sources/crm", list(streams.slice(1)));
  await rig.minutes(1);
  expect(await rig.rows("SELECT stream FROM polls WHERE tenant = ? ORDER BY stream")).toEqual([
    { stream: "@source" },
    { stream: "goods" },
  ]);
});

test("a source that breaks as a whole is told of, too", async () => {
  const rig = await open(
    answering({ "/o": () => goods }),
    list([{ name: "orders", url: "https://x.example/o", id: "id" }]),
  );
  const broken = { open: () => Promise.reject(new Error("The key does not open")) };
  for (let n = 0; n < 5; n += 1) {
    await rig.poll(broken);
    rig.clock.nowMs += 3_600_000;
  }
  expect(await alertsOf(rig)).toMatchObject([["poll_failing:crm", "ticket", expect.any(String)]]);
  await rig.minutes(1);
  expect(await alertsOf(rig)).toEqual([]);
});

test("secrets that a product quotes are neither shown nor logged", async () => {
  const quote = (request: Request) =>
    json({ message: `No such key: ${request.headers.get("Authorization")}` }, 400);
  const rig = await open(
    answering({ "/o": quote }),
    list([{ name: "orders", url: "https://x.example/o", id: "id" }]),
  );
  await rig.minutes(1);
  expect(await standings(rig)).toMatchObject([
    { error: { detail: "status 400: No such key: Bearer …" } },
  ]);
  expect(JSON.stringify(rig.logged)).not.toContain("t-secret-1");
});

test("a refresh token that was changed outlives the process that changed it", async () => {
  let valid = "refresh-0";
  const product = answering({
    "/token": (request) => request.text(),
    "/o": () => goods,
  });
  const fetch = async (request: Request) => {
    if (new URL(request.url).pathname !== "/token") return product.fetch(request);
    const form = new URLSearchParams(await request.text());
    if (form.get("refresh_token") !== valid) return json({ error: "invalid_grant" }, 400);
    valid = `${valid}-next`;
    return json({ access_token: "a-1", refresh_token: valid, expires_in: 200 });
  };
  const auth = {
    kind: "refresh_token",
    client_id: "c",
    client_secret: "client-secret",
    refresh_token: "refresh-0",
    token_url: "https://x.example/token",
  };
  const rig = await open(
    { ...product, fetch },
    list([{ name: "orders", url: "https://x.example/o", id: "id" }], auth),
  );
  await rig.poll({ release: () => Promise.reject(new Error("out")) });
  rig.clock.nowMs += 600_000;
  await rig.minutes(1);
  expect(valid).toBe("refresh-0-next-next");
  expect(await standings(rig)).toMatchObject([{ failures: 0, error: null }]);
});

test("a stream that is asked more often by now does not wait for what was planned before", async () => {
  const product = answering({ "/o": () => goods });
  const orders = { name: "orders", url: "https://x.example/o", id: "id" };
  const rig = await open(product, list([{ ...orders, every_s: 604_800 }]));
  await rig.minutes(3);
  expect(product.asked).toHaveLength(1);
  await rig.call("PUT sources/crm", list([{ ...orders, every_s: 300 }]));
  await rig.minutes(3);
  expect(product.asked).toHaveLength(2);
});

test("a daily stream keeps to the time of day that it has by now", async () => {
  const product = answering({ "/t": () => goods });
  const totals = { name: "totals", url: "https://x.example/t?day={day}", id: "id", every: "day" };
  const rig = await open(product, list([{ ...totals, at: "02:00" }]));
  rig.clock.nowMs = Date.parse("2026-07-01T12:00:00Z");
  await rig.minutes(1);
  await rig.call("PUT sources/crm", list([{ ...totals, at: "23:00" }]));
  rig.clock.nowMs = Date.parse("2026-07-02T02:00:00Z");
  await rig.minutes(2);
  expect(product.asked).toHaveLength(1);
  rig.clock.nowMs = Date.parse("2026-07-02T23:00:00Z");
  await rig.minutes(1);
  expect(product.asked).toHaveLength(2);
});

const KEY = "k-0123456789abcdef";
const sfId = (n: number) => `003x${String(n).padStart(11, "0")}AAA`;

test("of an answer in parts nothing is missing that has not been asked for", async () => {
  const product = fakeSalesforce(productStore(AT_MS), ["sf-1"]);
  const rig = await open(product, {
    sender: "salesforce-cdc",
    auth: { secrets: [KEY] },
    options: {
      poll: {
        kind: "salesforce",
        base_url: "https://acme.my.salesforce.com",
        auth: { kind: "token", token: "sf-1" },
        streams: [{ name: "contacts", object: "Contact", fields: ["Email"], every: "never" }],
      },
      tables: { Contact: { key: ["Id"] } },
    },
  });
  const ids = Array.from({ length: 170 }, (_, at) => sfId(at + 1));
  for (const id of ids) product.store.put(id, { Email: `${id}@x.example` });
  const header = {
    entityName: "Contact",
    recordIds: ids,
    changeType: "GAP_UPDATE",
    transactionKey: "0000a-1",
    sequenceNumber: 1,
    commitTimestamp: AT_MS,
    commitNumber: 1170493222333,
    changedFields: [],
  };
  const message = {
    "detail-type": "ContactChangeEvent",
    detail: { payload: { ChangeEventHeader: header } },
  };
  const response = await rig.line.fetch(
    new Request(`https://gateway.example/in/${rig.tenant}/crm`, {
      method: "POST",
      headers: { "X-Api-Key": KEY, "Content-Type": "application/json" },
      body: JSON.stringify([message]),
    }),
  );
  expect(response.status).toBe(202);
  await rig.line.drain();
  await rig.minutes(1);
  expect(await rig.rows("SELECT code, reason FROM held WHERE tenant = ?")).toEqual([]);
  expect(product.asked.filter((line) => line.includes("/queryAll"))).toHaveLength(2);
});

const CLIENT_SECRET = "a3c5e7f9-1b2d-4c6e-8f0a-112233445566";

/** A source whose contacts are polled, and whose creations are looked up. */
async function openHubspot(answer: (request: Request) => Response | undefined) {
  const product = fakeHubspot(productStore(AT_MS), ["pat-1"]);
  const fetch = async (request: Request) =>
    (new URL(request.url).pathname.endsWith("/batch/read") ? answer(request.clone()) : undefined) ??
    product.fetch(request);
  const rig = await open(
    { ...product, fetch },
    {
      sender: "hubspot",
      auth: { scheme: "hubspot-v1", secrets: [CLIENT_SECRET] },
      options: {
        poll: {
          kind: "hubspot",
          account: "62515",
          auth: { kind: "token", token: "pat-1" },
          streams: [{ name: "contacts", object: "contacts", fields: ["email"] }],
        },
      },
    },
  );
  return { rig, store: product.store };
}

async function created({ line, tenant }: PollRig, ...ids: readonly number[]) {
  const body = JSON.stringify(
    ids.map((objectId) => ({
      eventId: objectId,
      subscriptionId: 12,
      portalId: 62515,
      occurredAt: AT_MS,
      attemptNumber: 0,
      subscriptionType: "contact.creation",
      objectId,
    })),
  );
  const signature = createHash("sha256")
    .update(CLIENT_SECRET + body)
    .digest("hex");
  const headers = { "X-HubSpot-Signature": signature, "Content-Type": "application/json" };
  const url = `https://gateway.example/in/${tenant}/crm`;
  const response = await line.fetch(new Request(url, { method: "POST", headers, body }));
  expect(response.status).toBe(202);
  await line.drain();
}

const codes = async ({ rows }: PollRig) =>
  (await rows("SELECT code FROM held WHERE tenant = ? ORDER BY event_id")).map(({ code }) => code);

test("an outage of looking up keeps no stream from being polled", async () => {
  const { rig, store } = await openHubspot(() => json({ status: "error" }, 500));
  store.put("1", { email: "1@x.example" });
  await created(rig, 1);
  await rig.minutes(1);
  expect(await codes(rig)).toEqual(["awaits_hydration"]);
  expect(await standings(rig)).toMatchObject([{ last: { records: 1, told: 1 } }]);
});

test("a webhook that does not open any more keeps no other one waiting", async () => {
  const { rig, store } = await openHubspot(() => undefined);
  for (const id of ["1", "2"]) store.put(id, { email: `${id}@x.example` });
  await created(rig, 1);
  await rig.rows(
    "UPDATE held SET message = json_set(message, '$.body.sealed', 'AAAA') WHERE tenant = ?",
  );
  await created(rig, 2);
  await rig.minutes(1);
  expect(await codes(rig)).toEqual(["awaits_hydration"]);
  expect(
    await rig.rows("SELECT event_id FROM events WHERE tenant = ? AND code = 'hydrated'"),
  ).toHaveLength(1);
});

test("records that are too long together are looked up in smaller batches", async () => {
  const large = () => new Response(`"${"x".repeat(8_100_000)}"`);
  let batches = 0;
  const { rig, store } = await openHubspot(() => ((batches += 1) === 1 ? large() : undefined));
  for (const id of ["1", "2"]) store.put(id, { email: `${id}@x.example` });
  await created(rig, 1, 2);
  await rig.minutes(1);
  expect(await codes(rig)).toEqual([]);
  expect(batches).toBe(3);
});
