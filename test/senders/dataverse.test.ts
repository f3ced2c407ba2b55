import { describe, expect, test } from "vitest";
import { dataverse } from "#src/senders/dataverse.ts";
import { conforms } from "./conformance.ts";
import { deliver, URL_CALLED, verifyBy } from "./deliver.ts";
import { samples } from "./samples/dataverse.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const file = payload("dataverse-contact-update.json");
const key = "4f1c0e7d9a2b5c6d7e8f9a0b1c2d3e4f";

describe("dataverse", () => {
  test.each([
    [`?code=${key}`, "none"],
    [`?other=1&code=${key}`, "none"],
    [`?code=${key}&code=${key}`, "token_invalid"],
    [`?code=${key}x`, "token_invalid"],
    ["?code=", "token_missing"],
    [`?token=${key}`, "token_missing"],
    ["", "token_missing"],
  ])("judges a webhook key in %s: %s", async (query, reason) => {
    const delivery = deliver({ body: file, url: URL_CALLED + query });
    const result = await verifyBy(dataverse, "webhook-key", delivery, { secrets: [key] });
    expect(result.ok ? "none" : result.reason).toBe(reason);
  });

  test("takes keys as Azure makes them, and none that a URL would change", () => {
    const { checkSecret } = dataverse.schemes["webhook-key"] ?? {};
    expect(checkSecret?.("zQ9x_kN-2aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789A==")).toBeUndefined();
    for (const text of ["short", "a+b".repeat(10), "a b".repeat(10), "a/b".repeat(10)]) {
      expect(checkSecret?.(text)).toEqual(expect.any(String));
    }
  });

  test("reads the header that the source names, and that one alone", async () => {
    const options = { api_key_header: "X-Acme-Key" };
    const means = { options, certificateAt: () => Promise.resolve(undefined) };
    const judge = async (headers: Readonly<Record<string, string>>) =>
      verifyBy(dataverse, "api-key", deliver({ body: file, headers }), { secrets: [key], means });
    expect(await judge({ "x-acme-key": key })).toMatchObject({ ok: true });
    expect(await judge({ "x-api-key": key })).toMatchObject({ ok: false, reason: "token_missing" });
  });
});

const context = { tenant: "acme", source: "crm", options: {} };
const read = (body: unknown, headers = {}, options = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return dataverse.read(deliver({ body: text, headers }), { ...context, options });
};
const itemsOf = (body: unknown, headers = {}, options = {}) => {
  const reading = read(body, headers, options);
  if (reading.kind !== "items") throw new Error("Cannot be read");
  return reading.items;
};
const factsOf = (body: unknown, headers = {}, options = {}) =>
  itemsOf(body, headers, options).map((item) =>
    item.kind === "event" ? { type: item.event.type, data: item.event.data } : item,
  );

const contactId = "6d81597f-0f9f-4711-8122-000d3aa20003";
const userId = "75c2dd85-e89e-4711-8122-000d3aa20002";
const pairs = (attributes: object) =>
  Object.entries(attributes).map(([name, value]) => ({ key: name, value }));
const entity = (attributes: object) => ({ Attributes: pairs(attributes), Id: contactId });
const execution = (change: object, attributes?: object, image?: object) => ({
  Depth: 1,
  InitiatingUserId: userId,
  InputParameters: attributes === undefined ? [] : [{ key: "Target", value: entity(attributes) }],
  MessageName: "Update",
  OperationCreatedOn: "/Date(1785000050000+0000)/",
  OperationId: "4af10637-4ea2-4711-8122-000d3aa20004",
  OrganizationName: "acmedev",
  PostEntityImages: image === undefined ? [] : [{ key: "PostImage", value: entity(image) }],
  PrimaryEntityId: contactId,
  PrimaryEntityName: "contact",
  RequestId: "0a0a0a0a-1111-4222-8333-444444444444",
  ...change,
});

const field = (name: string, value: unknown, change = {}) => ({
  type: "crm.field_changed",
  data: {
    crm: "dataverse:acmedev",
    object: "contact",
    object_id: contactId,
    field: name,
    value,
    change_source: "direct",
    actor: userId,
    occurred_at: "2026-07-25T17:20:50.000Z",
    ...change,
  },
});

const gap = (table: string) => [{ type: "cdc.gap", data: { table, pks: [contactId] } }];
const option = (value: number) => ({ __type: "OptionSetValue:http://…", Value: value });
const owner = { __type: "EntityReference:http://…", Id: userId, LogicalName: "systemuser" };

describe("dataverse, reading", () => {
  test("reads an updated contact from the payload of a step", () => {
    expect(itemsOf(file)).toEqual([
      {
        kind: "event",
        id: "4af10637-4ea2-4711-8122-000d3aa20004:firstname",
        event: expect.objectContaining({
          source: "crm",
          occurredAtMs: 1_785_000_042_000,
          rev: "1785000042000",
          ...field("firstname", "Lena", { occurred_at: "2026-07-25T17:20:42.000Z" }),
        }),
      },
    ]);
  });

  test("tells each attribute that was sent, without its .NET wrapping", () => {
    const attributes = {
      contactid: contactId,
      telephone1: null,
      statuscode: option(2),
      creditlimit: { __type: "Money:http://…", Value: 12.5 },
      ownerid: owner,
      birthdate: "/Date(-86400000)/",
      lastvisit: "/Date(1785000042000+0200)/",
      interests: [option(1), option(3)],
      note: "/Date(no)/",
      modifiedby: owner,
      modifiedon: "/Date(1785000042000)/",
    };
    const told = { change_source: "process", occurred_at: "2026-07-25T17:20:42.000Z" };
    expect(factsOf(execution({ Depth: 2 }, attributes))).toEqual(
      [
        ["telephone1", null] as const,
        ["statuscode", 2] as const,
        ["creditlimit", 12.5] as const,
        ["ownerid", userId] as const,
        ["birthdate", "1969-12-31T00:00:00.000Z"] as const,
        ["lastvisit", "2026-07-25T17:20:42.000Z"] as const,
        ["interests", [1, 3]] as const,
        ["note", "/Date(no)/"] as const,
      ].map(([name, value]) => field(name, value, told)),
    );
  });

  test("takes the moment of the operation where the record tells none", () => {
    expect(factsOf(execution({}, { firstname: "Lena" }))).toEqual([field("firstname", "Lena")]);
  });

  test.each(["contact", "lead"])("reads a created %s as a lead", (name) => {
    const attributes = { lastname: "Kim", statuscode: option(1), ownerid: owner };
    const created = execution({ MessageName: "Create", PrimaryEntityName: name }, attributes);
    expect(factsOf(created)).toEqual([
      {
        type: "lead.upserted",
        data: {
          crm: "dataverse:acmedev",
          object_id: contactId,
          owner_id: userId,
          fields: { lastname: "Kim", statuscode: 1, ownerid: userId },
        },
      },
    ]);
  });

  test.each([
    ["created", { MessageName: "Create" }, { statuscode: option(1), casetypecode: option(2) }, {}],
    ["whose status changed", {}, { statuscode: option(1) }, { casetypecode: option(2) }],
    ["that an image tells", {}, { title: "x" }, { statuscode: option(1), casetypecode: option(2) }],
  ])("reads a case %s as a ticket", (_name, change, target, image) => {
    expect(factsOf(execution({ ...change, PrimaryEntityName: "incident" }, target, image))).toEqual(
      [
        {
          type: "ticket.upserted",
          data: {
            system: "dataverse:acmedev",
            object_id: contactId,
            status: "1",
            subject_kind: "2",
          },
        },
      ],
    );
  });

  test("calls a case without a type a case", () => {
    const created = execution({ PrimaryEntityName: "incident" }, { statuscode: option(5) });
    expect(factsOf(created)).toMatchObject([{ data: { status: "5", subject_kind: "case" } }]);
  });

  test("asks to fetch a case of which the status is not told", () => {
    const updated = execution({ PrimaryEntityName: "incident" }, { title: "x" });
    expect(factsOf(updated)).toEqual(gap("dataverse:incident"));
  });

  test("asks to fetch what was too long to be told", () => {
    const cut = { "X-MS-Dynamics-Msg-Size-Exceeded": "true" };
    expect(factsOf(execution({ InputParameters: null }), cut)).toEqual(gap("dataverse:contact"));
    expect(factsOf(execution({}))).toEqual(gap("dataverse:contact"));
    expect(factsOf(execution({}, { a: 1 }), cut)).toEqual(gap("dataverse:contact"));
    const account = execution({ PrimaryEntityName: "account", MessageName: "Create" });
    expect(factsOf(account, cut)).toEqual(gap("dataverse:account"));
  });

  test("ignores an update of nothing but who and when", () => {
    const empty = execution({}, { contactid: contactId, modifiedon: "/Date(1785000042000)/" });
    expect(read(empty)).toEqual({ kind: "items", items: [], ignored: expect.any(String) });
  });

  test.each([
    ["a contact deleted", execution({ MessageName: "Delete" }, {})],
    ["a contact assigned", execution({ MessageName: "Assign" }, {})],
    ["many contacts at once", execution({ MessageName: "UpdateMultiple" })],
    ["an account", execution({ PrimaryEntityName: "account" }, { name: "x" })],
    ["a name every object has", execution({ PrimaryEntityName: "constructor" }, { name: "x" })],
  ])("keeps %s as unmapped", (_name, body) => {
    expect(factsOf(body)).toMatchObject([
      { kind: "broken", code: "unmapped", errors: [{ message: expect.any(String) }] },
    ]);
  });

  test("names a retry as the first attempt, and two operations apart", () => {
    const zero = "00000000-0000-0000-0000-000000000000";
    const idOf = (change: object) => itemsOf(execution(change, { a: 1 }))[0]?.id;
    expect(idOf({ Depth: 3 })).toBe("4af10637-4ea2-4711-8122-000d3aa20004:a");
    const request = "0a0a0a0a-1111-4222-8333-444444444444";
    const synchronous = { OperationId: zero };
    expect(idOf(synchronous)).toMatch(
      new RegExp(`^${request}:Update:${contactId}:[\\da-f]{32}:a$`),
    );
    expect(idOf(synchronous)).toBe(idOf({ ...synchronous }));
    expect(idOf(synchronous)).not.toBe(idOf({ ...synchronous, Depth: 2 }));
    const nameless = { OperationId: null, RequestId: zero };
    expect(idOf(nameless)).toMatch(new RegExp(`^${contactId}:[\\da-f]{32}:a$`));
    expect(idOf(nameless)).not.toBe(idOf({ ...nameless, Depth: 2 }));
  });

  test("lets a rule take one attribute, and fields be added", () => {
    const options = {
      rules: [
        {
          type: "distributor.status_changed",
          when: { $type: "Update contact", $field: "acme_status" },
          fields: {
            distributor_id: "PostImage.acme_no",
            status: { path: "Target.acme_status", values: { 1: "active", 2: "suspended" } },
            effective_at: "Target.modifiedon",
          },
        },
      ],
      fields: { "crm.field_changed": { record_no: "PostImage.acme_no", depth: "Depth" } },
      api_key_header: "x-acme-key",
    };
    expect(dataverse.checkOptions(JSON.parse(JSON.stringify(options)), "api-key")).toEqual([]);
    const target = {
      firstname: "Lena",
      acme_status: option(2),
      modifiedon: "/Date(1785000042000)/",
    };
    const told = { occurred_at: "2026-07-25T17:20:42.000Z", record_no: "D-7", depth: 1 };
    expect(factsOf(execution({}, target, { acme_no: "D-7" }), {}, options)).toEqual([
      field("firstname", "Lena", told),
      {
        type: "distributor.status_changed",
        data: {
          distributor_id: "D-7",
          status: "suspended",
          effective_at: "2026-07-25T17:20:42.000Z",
        },
      },
    ]);
  });

  test.each([
    ["a moment that is none", execution({ OperationCreatedOn: "now" }, { a: 1 }), "occurred_at"],
    ["no organisation", execution({ OrganizationName: undefined }, { a: 1 }), "OrganizationName"],
    ["no record", execution({ PrimaryEntityId: null }, { a: 1 }), "PrimaryEntityId"],
    ["a list", [], ""],
    ["text", '"x"', ""],
  ])("keeps an execution with %s for a person", (_name, body, path) => {
    expect(factsOf(body)).toMatchObject([
      {
        kind: "broken",
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path })]),
      },
    ]);
  });
});
