import { describe, expect, test } from "vitest";
import { subjectStub } from "#src/compose/parts.ts";
import { open as unseal } from "#src/edge/crypto/seal.ts";
import { profileAad } from "#src/edge/queue/arrival.ts";
import { fakeListing } from "../../../support/products/listing.ts";
import { fakeSalesforce } from "../../../support/products/salesforce.ts";
import { json, type Product, productStore } from "../../../support/products/store.ts";
import { fakeZoho } from "../../../support/products/zoho.ts";
import { pollRig, type PollRig } from "./rig.ts";

const AT_MS = Date.parse("2026-03-01T00:00:00Z");
const KEY = "k-0123456789abcdef";

async function open(product: Product, source: object) {
  const rig = await pollRig(product);
  const put = await rig.call("PUT sources/crm", source);
  expect([put.status, await put.text()]).toEqual([201, expect.any(String)]);
  return rig;
}

const events = ({ rows }: PollRig) =>
  rows(
    "SELECT type, outcome, code FROM events WHERE tenant = ? AND source = 'crm' ORDER BY event_id",
  );
const held = ({ rows }: PollRig) =>
  rows("SELECT state, code, reason FROM held WHERE tenant = ? ORDER BY event_id");
const records = ({ rows }: PollRig) =>
  rows("SELECT subject FROM subjects WHERE tenant = ? AND subject LIKE 'cdc:%' ORDER BY subject");

/** A row as its register has it now. */
async function afterOf({ line, tenant }: PollRig, subject: string): Promise<unknown> {
  const stub = await subjectStub(line.parts, "record", { tenant, subject });
  const { profile } = await stub.current();
  const owner = await line.parts.directory.tenant(tenant);
  if (profile === undefined || owner === undefined) return undefined;
  const plain = await unseal(owner.dataKey, profile.sealed, profileAad(tenant, subject));
  return JSON.parse(new TextDecoder().decode(plain)).after;
}

describe("Salesforce", () => {
  const id = (n: number) => `003x${String(n).padStart(11, "0")}AAA`;
  const poll = (more: object = {}) => ({
    kind: "salesforce",
    base_url: "https://acme.my.salesforce.com",
    auth: { kind: "client_credentials", client_id: "c", client_secret: "secret-00001" },
    streams: [{ name: "contacts", object: "Contact", fields: ["Email"], ...more }],
  });
  const source = (more: object = {}) => ({
    sender: "salesforce-cdc",
    auth: { secrets: [KEY] },
    options: { poll: poll(more), tables: { Contact: { key: ["Id"] } } },
  });

  const change = (header: object, fields: object = {}) => ({
    "detail-type": "ContactChangeEvent",
    detail: {
      payload: {
        ChangeEventHeader: {
          entityName: "Contact",
          recordIds: [id(1)],
          changeType: "UPDATE",
          transactionKey: "0000a-1",
          sequenceNumber: 1,
          commitTimestamp: AT_MS,
          commitNumber: 1170493222333,
          changedFields: [],
          ...header,
        },
        ...fields,
      },
    },
  });

  async function post({ line, tenant }: PollRig, ...messages: readonly object[]) {
    const response = await line.fetch(
      new Request(`https://gateway.example/in/${tenant}/crm`, {
        method: "POST",
        headers: { "X-Api-Key": KEY, "Content-Type": "application/json" },
        body: JSON.stringify(messages),
      }),
    );
    expect([response.status, await response.text()]).toEqual([202, expect.any(String)]);
    await line.drain();
  }

  test("contacts become rows, deletions too, and a token is had by client credentials", async () => {
    const product = fakeSalesforce(productStore(AT_MS), []);
    const rig = await open(product, source({ page_size: 5 }));
    for (let n = 1; n <= 12; n += 1) {
      if (n % 8 === 0) product.store.nowMs += 1000;
      product.store.put(id(n), { Email: `${n}@x.example` });
    }
    await rig.minutes(2);
    expect(await records(rig)).toHaveLength(12);
    product.store.nowMs += 5000;
    product.store.remove(id(7));
    await rig.minutes(6);
    const told = await events(rig);
    expect(told).toHaveLength(13);
    expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(["applied"]));
    const tokens = product.asked.filter((line) => line.endsWith("/services/oauth2/token"));
    expect(tokens).toHaveLength(1);
  });

  test("gaps fetch their records by one query, which stand for the log up to the gap", async () => {
    const product = fakeSalesforce(productStore(AT_MS), []);
    const rig = await open(product, source({ every: "never" }));
    for (const n of [1, 2, 3]) product.store.put(id(n), { Email: `${n}@x.example` });
    product.store.remove(id(3));
    await post(
      rig,
      change({ changedFields: ["Email"] }, { Email: "told@x.example" }),
      change({ changeType: "GAP_UPDATE", recordIds: [id(2)], transactionKey: "0000b-1" }),
      change({ changeType: "GAP_DELETE", recordIds: [id(3)], transactionKey: "0000c-1" }),
      change({ changeType: "GAP_UPDATE", recordIds: [id(99)], transactionKey: "0000d-1" }),
    );
    await rig.minutes(1);
    expect(product.asked.filter((line) => line.includes("/queryAll"))).toHaveLength(1);
    expect(await records(rig)).toHaveLength(3);
    expect(await held(rig)).toEqual([
      { state: "quarantined", code: "hydration_missing", reason: expect.stringContaining(id(99)) },
    ]);

    // What was committed before the gap is late, and what came after it is not.
    await post(
      rig,
      change(
        {
          changeType: "CREATE",
          recordIds: [id(2)],
          commitNumber: 1170493222000,
          transactionKey: "0000e-1",
        },
        { Email: "old@x.example" },
      ),
    );
    expect(await afterOf(rig, `cdc:salesforce%3AContact:${id(2)}`)).toMatchObject({
      Email: "2@x.example",
    });
    await post(
      rig,
      change(
        {
          changeType: "CREATE",
          recordIds: [id(2)],
          commitNumber: 1170493229999,
          transactionKey: "0000f-1",
        },
        { Email: "new@x.example" },
      ),
    );
    expect(await afterOf(rig, `cdc:salesforce%3AContact:${id(1)}`)).toMatchObject({
      Email: "1@x.example",
    });
    expect(await afterOf(rig, `cdc:salesforce%3AContact:${id(2)}`)).toMatchObject({
      Email: "new@x.example",
    });
    expect(
      (await events(rig)).filter(
        ({ type, outcome }) => type === "cdc.row" && outcome === "applied",
      ),
    ).toHaveLength(5);
  });

  test("an overflow has the whole object polled again from its moment on", async () => {
    const product = fakeSalesforce(productStore(AT_MS), []);
    const rig = await open(product, source({ every: "never" }));
    product.store.put(id(1), { Email: "before@x.example" });
    product.store.nowMs += 3_600_000;
    product.store.put(id(2), { Email: "after@x.example" });
    await post(
      rig,
      change({
        changeType: "GAP_OVERFLOW",
        recordIds: ["000000000000000AAA"],
        commitTimestamp: AT_MS + 3_600_000,
      }),
    );
    await rig.minutes(2);
    expect(await held(rig)).toEqual([]);
    expect(await records(rig)).toHaveLength(1);
    expect((await events(rig)).filter(({ code }) => code === "hydrated")).toHaveLength(1);
  });

  test("a used-up day ends in an hour's pause", async () => {
    const product = fakeSalesforce(productStore(AT_MS), []);
    const rig = await open(product, source());
    await rig.minutes(1);
    const before = product.asked.length;
    product.faults.push(() =>
      json(
        [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded." }],
        403,
      ),
    );
    await rig.minutes(60);
    expect(product.asked.length - before).toBe(1);
  });
});

describe("Zoho", () => {
  const id = (n: number) => `4876876000000${100_000 + n}`;
  const source = {
    sender: "zoho-crm",
    auth: { secrets: ["zoho-token-0001"] },
    options: {
      poll: {
        kind: "zoho",
        auth: { kind: "token", token: "1000.a" },
        streams: [{ name: "leads", object: "Leads", fields: ["Email"], page_size: 3 }],
      },
    },
  };

  test("notifications are looked up by their ids, and leads polled by COQL", async () => {
    const product = fakeZoho(productStore(AT_MS));
    const rig = await open(product, source);
    for (let n = 1; n <= 7; n += 1) product.store.put(id(n), { Email: `${n}@x.example` });
    const response = await rig.line.fetch(
      new Request(`https://gateway.example/in/${rig.tenant}/crm`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          server_time: AT_MS,
          module: "Leads",
          operation: "insert",
          ids: [id(1), id(2)],
          channel_id: "1000000068001",
          token: "zoho-token-0001",
        }),
      }),
    );
    expect(response.status).toBe(202);
    await rig.line.drain();
    await rig.minutes(2);
    expect(product.asked.filter((line) => line === "GET /crm/v8/Leads")).toHaveLength(1);
    expect(await held(rig)).toEqual([]);
    const told = await events(rig);
    expect(
      told.filter(({ type, outcome }) => type === "lead.upserted" && outcome === "applied"),
    ).toHaveLength(7);
    expect(told.filter(({ code }) => code === "hydrated")).toHaveLength(1);
  });
});

describe("any list over HTTP", () => {
  const source = (stream: object) => ({
    sender: "custom",
    auth: { secrets: ["nobody-posts-here-0001"] },
    options: {
      recipe: { kind: "token", header: "x-token" },
      id: "id",
      rules: [
        {
          type: "inventory.adjusted",
          when: { $object: "stock" },
          fields: { sku: "sku", on_hand: "on_hand", reason: { value: "polled" } },
        },
      ],
      poll: {
        kind: "http",
        auth: { kind: "token", token: "t-1" },
        streams: [{ name: "stock", items: "orders", id: "id", ...stream }],
      },
    },
  });

  test("pages of a list become events by the source's rules", async () => {
    const product = fakeListing(productStore(AT_MS));
    const rig = await open(
      product,
      source({
        url: "https://shop.example/stock?since={since}&page={page}",
        since_as: "ms",
        updated_at: "updated",
        pages: { kind: "page", size: 3 },
      }),
    );
    for (let n = 1; n <= 7; n += 1) {
      product.store.nowMs += 1;
      product.store.put(String(n), { sku: `S${n}`, on_hand: n });
    }
    await rig.minutes(7);
    const told = await events(rig);
    expect(told).toEqual(
      Array.from({ length: 7 }, () => ({
        type: "inventory.adjusted",
        outcome: "applied",
        code: null,
      })),
    );
  });

  test("daily totals are asked for once a day, the day that has ended in the tenant's zone", async () => {
    const asked: string[] = [];
    const product = fakeListing(productStore(AT_MS));
    const watched: Product = {
      ...product,
      fetch: (request) => {
        asked.push(new URL(request.url).searchParams.get("day") ?? "");
        return product.fetch(request);
      },
    };
    const rig = await open(
      watched,
      source({
        url: "https://shop.example/totals?day={day}",
        every: "day",
        at: "02:00",
        tz: "America/New_York",
      }),
    );
    product.store.put("1", { sku: "S1", on_hand: 5 });
    // 02:00 in New York is 06:00 UTC in summer.
    rig.clock.nowMs = Date.parse("2026-07-01T05:59:00Z");
    await rig.minutes(1);
    expect(asked).toEqual(["2026-06-29"]);
    await rig.minutes(3);
    expect(asked).toEqual(["2026-06-29", "2026-06-30"]);
    await rig.minutes(60);
    expect(asked).toHaveLength(2);
    // Two days of an outage are asked for, each by itself; each is a revision of its own.
    rig.clock.nowMs = Date.parse("2026-07-03T12:00:00Z");
    await rig.minutes(3);
    expect(asked).toEqual(["2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02"]);
    expect((await events(rig)).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 4 }, () => "applied"),
    );
  });

  test.each([
    { name: "http", url: "http://shop.example/stock", detail: "The address is not https" },
    {
      name: "a network of its own",
      url: "https://10.0.0.7/stock",
      detail: "The address cannot be reached from outside",
    },
  ])("nothing is asked by $name", async ({ url, detail }) => {
    const product = fakeListing(productStore(AT_MS));
    const rig = await open(product, source({ url }));
    await rig.minutes(1);
    expect(product.asked).toEqual([]);
    expect(await (await rig.call("GET sources/crm/polls")).json()).toMatchObject({
      streams: [{ error: { kind: "failed", detail } }],
    });
  });
});
