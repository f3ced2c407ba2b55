import { describe, expect, test } from "vitest";
import { zohoCrm as sender } from "#src/senders/zoho-crm.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { other, samples, secret } from "./samples/zoho-crm.ts";

for (const sample of samples) conforms(sample);

const body = payload("zoho-notification.json");
const notice: Record<string, unknown> = JSON.parse(body);
const readText = (text: string, options: object = {}) => {
  const given = JSON.parse(JSON.stringify(options));
  expect(sender.checkOptions(given, "zoho-crm-token")).toEqual([]);
  const context = { tenant: "acme", source: "crm", options: given };
  const reading = sender.read(deliver({ body: text }), context);
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const read = (change: object = {}, options: object = {}) =>
  readText(JSON.stringify({ ...notice, ...change }), options);
const dataOf = (items: ReturnType<typeof read>) =>
  items.map((item) => (item.kind === "event" ? item.event.data : item));

describe("zoho-crm, the token", () => {
  const judge = (text: string, secrets = [secret]) =>
    verifyBy(sender, "zoho-crm-token", deliver({ body: text }), { secrets });

  test("of the fixture is believed, of either live secret", async () => {
    expect(await judge(body)).toMatchObject({ ok: true });
    expect(await judge(body, [other, secret])).toMatchObject({ ok: true });
  });

  test.each([
    ["another", JSON.stringify({ ...notice, token: other }), "token_invalid"],
    ["a longer one", JSON.stringify({ ...notice, token: `${secret}x` }), "token_invalid"],
    ["an empty one", JSON.stringify({ ...notice, token: "" }), "token_missing"],
    ["a number", JSON.stringify({ ...notice, token: 1 }), "token_missing"],
    ["one in a list", JSON.stringify([notice]), "token_missing"],
    ["one deeper down", JSON.stringify({ body: notice }), "token_missing"],
    ["none", "{}", "token_missing"],
    ["no JSON", secret, "token_missing"],
  ])("is not believed: %s", async (_name, text, reason) => {
    expect(await judge(text)).toMatchObject({ ok: false, reason });
  });

  test("is as long as Zoho takes it", () => {
    const check = sender.schemes["zoho-crm-token"]?.checkSecret;
    expect(check?.("x".repeat(50))).toBeUndefined();
    for (const text of ["x".repeat(51), "short", "with space"]) {
      expect(check?.(text)).toEqual(expect.any(String));
    }
  });

  test("goes nowhere, nor does what stands behind the URL", () => {
    const change = { query_params: { key: "secret-in-the-url" } };
    const rules = [
      { type: "cdc.gap", fields: { table: { path: ["token", "query_params.key", "module"] } } },
    ];
    const items = [
      ...read(change),
      ...read(change, { rules }),
      ...read({ ...change, ids: "x" }),
      ...read(change, { channel_ids: ["7"] }),
    ];
    expect(JSON.stringify(items)).not.toMatch(/tok\.crm|secret-in-the-url/);
    expect(dataOf(read(change, { rules }))).toEqual([{ table: "Deals" }]);
  });
});

describe("zoho-crm, reading", () => {
  test("reads the fixture as one gap of two records", () => {
    expect(readText(body)).toMatchObject([
      {
        kind: "event",
        event: {
          type: "cdc.gap",
          occurredAtMs: 1_785_000_030_625,
          data: {
            table: "zoho:Deals",
            pks: ["5725767000003000010", "5725767000003000020"],
          },
        },
      },
    ]);
  });

  test.each(["insert", "update", "delete"])("reads %s as a gap", (operation) => {
    expect(dataOf(read({ operation, module: "Contacts", ids: ["1"] }))).toEqual([
      { table: "zoho:Contacts", pks: ["1"] },
    ]);
  });

  test("keeps every digit of an id that comes as a number", () => {
    const text = body.replace(
      /"ids": \[\s*"5725767000003000010"/,
      '"ids": [5725767000003000010, 42',
    );
    expect(dataOf(readText(text))).toMatchObject([
      { pks: ["5725767000003000010", "42", "5725767000003000020"] },
    ]);
  });

  test("names the whole table where records are none, or more than a gap can name", () => {
    const many = Array.from({ length: 1001 }, (_, index) => String(index));
    expect(dataOf(read({ ids: [] }))).toEqual([{ table: "zoho:Deals" }]);
    expect(dataOf(read({ ids: many }))).toEqual([{ table: "zoho:Deals" }]);
    expect(dataOf(read({ ids: many.slice(1) }))).toEqual([
      { table: "zoho:Deals", pks: many.slice(1) },
    ]);
  });

  test("takes the channels that it is told to", () => {
    expect(read({}, { channel_ids: ["7", "1000000068001"] })).toMatchObject([{ kind: "event" }]);
    expect(read({}, { channel_ids: ["7"] })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "channel_id", rule: "mismatch" }] },
    ]);
    expect(
      read({ channel_id: 1_000_000_068_001 }, { channel_ids: ["1000000068001"] }),
    ).toMatchObject([{ kind: "event" }]);
    expect(sender.checkOptions({ channel_ids: [] }, "url-token")).not.toEqual([]);
    expect(sender.checkOptions({ channel_ids: ["deals"] }, "url-token")).not.toEqual([]);
  });

  test.each([
    ["no module", { module: undefined }, "module"],
    ["no records", { ids: undefined }, "ids"],
    ["no time", { server_time: "today" }, "server_time"],
    ["a list of nothing", { ids: [null] }, "ids[0]"],
  ])("keeps what has %s for a person", (_name, change, path) => {
    expect(read(change)).toMatchObject([{ code: "contract_violated", errors: [{ path }] }]);
  });

  test.each(["[]", "1", '"x"', "null"])("keeps %s for a person", (text) => {
    expect(readText(text)).toMatchObject([{ code: "contract_violated" }]);
  });
});

describe("zoho-crm, identity", () => {
  test("names lists by what they hold, and not by the token", () => {
    const idOfList = (list: readonly unknown[]) => readText(JSON.stringify(list))[0]?.id;
    expect(idOfList([notice])).not.toBe(idOfList([{ ...notice, ids: [] }]));
    expect(idOfList([notice])).not.toBe(idOfList([]));
    expect(idOfList([notice])).toBe(idOfList([{ ...notice, token: "rolled" }]));
  });

  const idOf = (change: object = {}) => read(change)[0]?.id;

  test("is the same for the same, in any order of ids, with any token", () => {
    const ids = ["5725767000003000020", "5725767000003000010"];
    expect(idOf({ ids, token: "rolled", affected_values: [] })).toBe(idOf());
  });

  test.each([
    { module: "Leads" },
    { operation: "insert" },
    { server_time: 1_785_000_030_626 },
    { channel_id: "7" },
    { ids: ["5725767000003000010"] },
  ])("is another for %j", (change) => {
    expect(idOf(change)).not.toBe(idOf());
  });
});
