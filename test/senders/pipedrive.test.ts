import { describe, expect, test } from "vitest";
import { pipedrive } from "#src/senders/pipedrive.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { samples } from "./samples/pipedrive.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const file = payload("pipedrive-deal-change-v2.json");
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("pipedrive", () => {
  test.each([
    ["a password with colons", "u:a:b:c"],
    ["a password beyond ASCII", "upline:Zoë-Müller"],
    ["a password with spaces", "a:b c d e"],
  ])("believes %s", async (_name, secret) => {
    const delivery = deliver({ body: file, headers: { authorization: basic(secret) } });
    const verified = await verifyBy(pipedrive, "pipedrive-basic", delivery, { secrets: [secret] });
    expect(verified).toMatchObject({ ok: true });
    expect(pipedrive.schemes["pipedrive-basic"]?.checkSecret(secret)).toBeUndefined();
  });

  test.each([
    ["Bearer dXBsaW5lOnBhc3N3b3Jk", "token_invalid"],
    ["Basic dXBsaW5lOnBhc3N3b3Jk dXBsaW5lOnBhc3N3b3Jk", "token_invalid"],
    ["Basic dXBsaW5lOnBhc3N3b3Jk!", "token_invalid"],
    ["Basic /w==", "token_invalid"],
    [basic("upline:passwor"), "token_invalid"],
    [undefined, "token_missing"],
  ])("refuses %s", async (authorization, reason) => {
    const delivery = deliver({ body: file, headers: { authorization } });
    const secrets = ["upline:password"];
    const verified = await verifyBy(pipedrive, "pipedrive-basic", delivery, { secrets });
    expect(verified).toMatchObject({ ok: false, reason });
  });

  test.each(["", "user", ":password", "user:", "user:1234", "user:pass\nword"])(
    "finds fault with the secret %j",
    (secret) => {
      const fault = pipedrive.schemes["pipedrive-basic"]?.checkSecret(secret);
      expect(fault).toEqual(expect.any(String));
    },
  );
});

const context = { tenant: "acme", source: "crm", options: {} };
const itemsOf = (body: unknown, options = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = pipedrive.read(deliver({ body: text }), { ...context, options });
  if (reading.kind !== "items") throw new Error("Cannot be read");
  return reading.items;
};
const factsOf = (body: unknown, options = {}) =>
  itemsOf(body, options).map((item) =>
    item.kind === "event" ? { type: item.event.type, data: item.event.data } : item,
  );

const meta = {
  action: "change",
  attempt: 1,
  change_source: "app",
  company_id: "7001",
  entity: "deal",
  entity_id: "12",
  id: "0f0e0d0c-0b0a-4908-8706-050403020100",
  timestamp: "2026-07-25T17:20:42.511Z",
  user_id: "5",
  version: "2.0",
};
const v2 = (change: object, data: object | null, previous: object | null = null) => ({
  meta: { ...meta, ...change },
  data,
  previous,
});
const metaV1 = {
  v: 1,
  action: "updated",
  object: "person",
  id: 11,
  company_id: 7001,
  user_id: 5,
  timestamp: 1_785_000_042,
  timestamp_micro: 1_785_000_042_223_943,
  change_source: "api",
  pipedrive_service_name: false,
  webhook_id: "136435",
};
const v1 = (change: object, current: object | null, previous: object | null = null) => ({
  v: 1,
  event: "",
  retry: 0,
  meta: { ...metaV1, ...change },
  current,
  previous,
});
const person = {
  id: 11,
  name: "Ana Kim",
  owner_id: 5,
  emails: [{ value: "ana@example.org", primary: true }],
  custom_fields: {},
};

const field = (name: string, value: unknown, change = {}) => ({
  type: "crm.field_changed",
  data: {
    crm: "pipedrive:7001",
    object: "deal",
    object_id: "12",
    field: name,
    value,
    change_source: "app",
    actor: "5",
    occurred_at: "2026-07-25T17:20:42.511Z",
    ...change,
  },
});

describe("pipedrive, reading", () => {
  test("reads a changed deal from the payload of a v2 webhook", () => {
    expect(itemsOf(file)).toEqual([
      {
        kind: "event",
        id: "0f0e0d0c-0b0a-4908-8706-050403020100:stage_id",
        event: expect.objectContaining({
          source: "crm",
          key: "crm:pipedrive%3A7001:deal:12:stage_id",
          occurredAtMs: 1_785_000_042_511,
          rev: "1785000042511",
          ...field("stage_id", 3),
        }),
      },
    ]);
  });

  test("tells each field of a deal that is otherwise than it was", () => {
    const change = v2(
      {},
      {
        value: 950,
        status: "won",
        lost_reason: null,
        custom_fields: { abc: { type: "varchar", value: "D-7" }, def: null },
        update_time: "2026-07-25T17:20:42Z",
      },
      {
        value: 900,
        status: "open",
        lost_reason: null,
        close_time: "2026-07-01T00:00:00Z",
        won_time: null,
        custom_fields: { abc: null, def: null },
        update_time: "2026-07-24T09:00:00Z",
      },
    );
    expect(factsOf(change)).toEqual([
      field("value", 950),
      field("status", "won"),
      field("close_time", null),
      field("custom_fields.abc", { type: "varchar", value: "D-7" }),
    ]);
    const ids = itemsOf(change).map(({ id }) => id);
    expect(ids).toEqual(
      ["value", "status", "close_time", "custom_fields.abc"].map((name) => `${meta.id}:${name}`),
    );
  });

  test("compares what v1 tells as a whole, under the words of v2", () => {
    const deal = { id: 12, title: "Tea deal", stage_id: 3, label: null, update_time: "b" };
    const change = v1({ object: "deal", id: 12 }, deal, { ...deal, stage_id: 2, update_time: "a" });
    const told = { change_source: "api", occurred_at: "2026-07-25T17:20:42.223Z" };
    expect(factsOf(change)).toEqual([field("stage_id", 3, told)]);
  });

  test.each([
    ["created by v2", v2({ action: "create", entity: "person", entity_id: 11 }, person)],
    ["changed by v2", v2({ entity: "person", entity_id: "11" }, person, { name: "Ana" })],
    ["added by v1", v1({ action: "added" }, person)],
    ["updated by v1", v1({}, person, person)],
  ])("reads a person %s as a lead", (_name, body) => {
    expect(factsOf(body)).toEqual([
      {
        type: "lead.upserted",
        data: { crm: "pipedrive:7001", object_id: "11", owner_id: "5", fields: person },
      },
    ]);
  });

  test("reads a lead, and an owner that v1 writes as an object", () => {
    const lead = { id: "adf2", title: "Ana", owner_id: { id: 9, name: "Max" } };
    const body = v2({ entity: "lead", entity_id: "adf2", action: "create" }, lead);
    expect(factsOf(body)).toMatchObject([
      { type: "lead.upserted", data: { object_id: "adf2", owner_id: "9", fields: lead } },
    ]);
  });

  test.each([
    ["microseconds", {}, 1_785_000_042_223],
    ["seconds alone", { timestamp_micro: undefined }, 1_785_000_042_000],
  ])("counts revisions in milliseconds from %s", (_name, change, ms) => {
    const [item] = itemsOf(v1(change, person));
    expect(item).toMatchObject({ event: { occurredAtMs: ms, rev: String(ms) } });
  });

  test.each([
    ["a person deleted", v2({ action: "delete", entity: "person" }, null, person)],
    ["a person merged", v1({ action: "merged" }, person)],
    ["a person not told", v2({ action: "create", entity: "person" }, null)],
    ["a deal created", v2({ action: "create" }, { id: 12 })],
    ["a deal deleted", v2({ action: "delete" }, null, { id: 12 })],
    ["a deal changed who knows how", v2({}, { id: 12 })],
    ["an organization", v2({ entity: "organization" }, { id: 1 }, {})],
    ["a name every object has", v2({ entity: "constructor", action: "toString" }, {}, {})],
  ])("keeps %s as unmapped", (_name, body) => {
    const items = itemsOf(body);
    expect(items).toMatchObject([
      {
        kind: "broken",
        code: "unmapped",
        errors: [{ rule: "unmapped", message: expect.any(String) }],
      },
    ]);
  });

  test("ignores a deal of which only the time of its update changed", () => {
    const body = v2({}, { update_time: "b", value: 1 }, { update_time: "a", value: 1 });
    const reading = pipedrive.read(deliver({ body: JSON.stringify(body) }), context);
    expect(reading).toEqual({ kind: "items", items: [], ignored: expect.any(String) });
  });

  test("asks to fetch a deal of which more changed than can be told", () => {
    const previous = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`f${at}`, at]));
    expect(factsOf(v2({}, {}, previous))).toEqual([
      { type: "cdc.gap", data: { table: "pipedrive:deal", pks: ["12"] } },
    ]);
  });

  test("names a retry as the first attempt, and two changes apart", () => {
    const idOf = (body: unknown) => itemsOf(body)[0]?.id;
    expect(idOf(v2({ attempt: 3 }, { a: 1 }, { a: 0 }))).toBe(idOf(v2({}, { a: 1 }, { a: 0 })));
    const first = idOf(v1({}, person));
    expect(first).toBe("136435:1785000042223943:api::updated:person:11");
    expect(idOf({ ...v1({}, person), retry: 2 })).toBe(first);
    const others = [
      { webhook_id: "1" },
      { timestamp_micro: 1_785_000_042_223_944 },
      { change_source: "app" },
      { pipedrive_service_name: "importer" },
      { action: "added" },
      { object: "lead" },
      { id: 12 },
    ];
    const ids = others.map((change) => idOf(v1(change, person)));
    expect(new Set([first, ...ids]).size).toBe(others.length + 1);
  });

  test("lets a rule take one field of a deal, and fields be added to a lead", () => {
    const rules = [
      {
        type: "payment.confirmed",
        when: { $type: "change.deal", $field: "status", "data.status": "won" },
        fields: {
          payment_id: "meta.id",
          order_id: "data.custom_fields.abc.value",
          currency: "data.currency",
          amount_minor: { path: "data.value", as: "decimal" },
        },
      },
    ];
    const options = { rules, fields: { "lead.upserted": { source_node: "data.org_id" } } };
    expect(pipedrive.checkOptions(JSON.parse(JSON.stringify(options)), "")).toEqual([]);
    const data = {
      status: "won",
      value: 900.5,
      currency: "EUR",
      custom_fields: { abc: { value: "O-7" } },
    };
    const won = v2({}, data, { status: "open", value: 1 });
    expect(factsOf(won, options)).toEqual([
      {
        type: "payment.confirmed",
        data: { payment_id: meta.id, order_id: "O-7", currency: "EUR", amount_minor: 90_050 },
      },
      field("value", 900.5),
    ]);
    const lead = v2({ action: "create", entity: "person" }, { ...person, org_id: "D-7" });
    expect(factsOf(lead, options)).toMatchObject([{ data: { source_node: "D-7" } }]);
  });

  test.each([
    ["a moment that is none", v2({ timestamp: "yesterday" }, { a: 1 }, { a: 0 }), "occurred_at"],
    ["an id too long", v2({ id: "x".repeat(101) }, {}, {}), "meta.id"],
    ["no account", v2({ company_id: undefined }, {}, {}), "meta.company_id"],
    ["no meta", { data: {} }, "meta"],
    ["a list", [], ""],
    ["null", "null", ""],
  ])("keeps %s for a person", (_name, body, path) => {
    expect(itemsOf(body)).toMatchObject([
      {
        kind: "broken",
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path })]),
      },
    ]);
  });
});
