import { describe, expect, test } from "vitest";
import { salesforceCdc as sender } from "#src/senders/salesforce-cdc.ts";
import { conforms } from "./conformance.ts";
import { deliver } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { samples } from "./samples/salesforce-cdc.ts";

for (const sample of samples) conforms(sample);

const CONTACTS = { tables: { Contact: { key: ["Id"] } } };
const KEY = "000f07d5-d33e-8607-991e-ad2c1fda0750";

const readText = (body: string, options: object = {}) => {
  const given = JSON.parse(JSON.stringify(options));
  expect(sender.checkOptions(given, "api-key")).toEqual([]);
  const context = { tenant: "acme", source: "crm", options: given };
  const reading = sender.read(deliver({ body }), context);
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const read = (message: unknown, options: object = {}) => readText(JSON.stringify(message), options);
const factsOf = (items: ReturnType<typeof read>) =>
  items.map((item) =>
    item.kind === "event"
      ? { type: item.event.type, rev: item.event.rev, data: item.event.data }
      : { code: item.code, path: item.errors[0]?.path, message: item.errors[0]?.message },
  );
const file = (name: string, options: object = {}) =>
  readText(payload(`salesforce-cdc-${name}.json`), options);

const header = (change: object = {}) => ({
  entityName: "Contact",
  recordIds: ["003A"],
  changeType: "UPDATE",
  changeOrigin: "com/salesforce/api/rest/64.0;client=devSync",
  transactionKey: KEY,
  sequenceNumber: 3,
  commitTimestamp: 1_785_000_020_000,
  commitNumber: 1_170_493_222_333,
  commitUser: "005B",
  changedFields: ["Phone"],
  nulledFields: [],
  diffFields: [],
  ...change,
});
const relayed = (change: object = {}, fields: object = { Phone: "1" }, detail: object = {}) => ({
  id: "6a7e8feb",
  "detail-type": "ContactChangeEvent",
  source: "aws.partner/salesforce.com/00D5e000000AbCdEAK/0YL5e0000004DfgGAE",
  time: "2026-07-25T17:20:21Z",
  detail: { ...detail, payload: { ChangeEventHeader: header(change), ...fields } },
});

describe("salesforce-cdc, records", () => {
  test("asks for a mapping where there is none, once for each record", () => {
    expect(factsOf(file("eventbridge"))).toEqual([
      { code: "unmapped", path: "type", message: expect.stringContaining("options.tables") },
    ]);
    expect(file("eventbridge-delete-merged")).toHaveLength(2);
    expect(factsOf(file("cometd-shape"))).toMatchObject([{ code: "unmapped" }]);
  });

  const accounts = { tables: { Account: { key: ["Id"] } } };

  test("reads the update of the fixture, which tells what changed, as a record to be fetched", () => {
    expect(factsOf(file("eventbridge", accounts))).toEqual([
      {
        type: "cdc.gap",
        rev: undefined,
        data: { table: "salesforce:Account", pks: ["0015e00000Bb111AAA"] },
      },
    ]);
    const two = read(relayed({ recordIds: ["1", "2"] }), CONTACTS);
    expect(factsOf(two)).toMatchObject([{ data: { pks: ["1"] } }, { data: { pks: ["2"] } }]);
    expect(read(relayed({ recordIds: ["1", "2"] })).map(({ id }) => id)).toEqual(
      two.map(({ id }) => id),
    );
  });

  test("reads the delete of the fixture as two rows that are gone", () => {
    const row = (pk: string) => ({
      type: "cdc.row",
      rev: "11704932223330000002",
      data: { table: "salesforce:Account", pk, op: "d" },
    });
    expect(factsOf(file("eventbridge-delete-merged", accounts))).toMatchObject([
      row("0015e00000Bb111AAA"),
      row("0015e00000Bb222AAA"),
    ]);
  });

  test("reads the shape of CometD, with and without data and channel", () => {
    const [item] = file("cometd-shape", accounts);
    expect(factsOf(file("cometd-shape", accounts))).toMatchObject([
      { data: { op: "c", after: { Name: "Nordwind GmbH", Industry: "Retail" } } },
    ]);
    const bare: unknown = JSON.parse(payload("salesforce-cdc-cometd-shape.json"));
    expect(read({ data: bare, channel: "/data/AccountChangeEvent" }, accounts)).toEqual([item]);
  });

  test.each([
    ["relayed", { payload: { ChangeEventHeader: header(), Phone: "1" } }],
    ["by AppFlow", { ChangeEventHeader: header(), Phone: "1" }],
  ])("reads a change %s the same", (_name, detail) => {
    expect(read({ ...relayed(), detail }, CONTACTS)).toEqual(read(relayed(), CONTACTS));
  });

  test.each([
    ["CREATE", "c"],
    ["UNDELETE", "c"],
  ])("reads %s as %s", (changeType, op) => {
    const [fact] = factsOf(read(relayed({ changeType }), CONTACTS));
    expect(fact).toMatchObject({ data: { op, after: { Id: "003A", Phone: "1" } } });
  });

  test("takes null for a value only where the header says so", () => {
    const change = {
      changeType: "CREATE",
      changedFields: ["Phone", "Fax", "Name"],
      nulledFields: ["Fax", "Name.FirstName", "Title"],
    };
    const fields = {
      Phone: "1",
      Email: null,
      Fax: null,
      Name: { LastName: "Li" },
      Region__c: "EU",
    };
    expect(factsOf(read(relayed(change, fields), CONTACTS))).toMatchObject([
      {
        data: {
          after: {
            Id: "003A",
            Phone: "1",
            Fax: null,
            Title: null,
            Name: { LastName: "Li", FirstName: null },
            Region__c: "EU",
          },
        },
      },
    ]);
    const [fact] = factsOf(read(relayed(change, fields), CONTACTS));
    expect(fact).not.toHaveProperty("data.after.Email");
  });

  test("finds a deleted record by an enriched key, as its own mapping has it", () => {
    const tables = { "salesforce:Contact": { key: ["Distributor_Id__c"] } };
    const message = relayed({ changeType: "DELETE" }, { Distributor_Id__c: "D-7" });
    expect(factsOf(read(message, { tables }))).toMatchObject([
      { data: { table: "salesforce:Contact", pk: "D-7", op: "d" } },
    ]);
  });

  test("makes events of rows by the source's mapping", () => {
    const events = [
      {
        type: "lead.upserted",
        when: { $change_type: ["CREATE", "UNDELETE"] },
        fields: { crm: { value: "salesforce" }, object_id: "Id", fields: "$after" },
      },
    ];
    const options = { tables: { Contact: { key: ["Id"], events } } };
    expect(factsOf(read(relayed({ changeType: "CREATE" }), options))).toMatchObject([
      { type: "lead.upserted", rev: "11704932223330000003", data: { object_id: "003A" } },
    ]);
    expect(factsOf(read(relayed(), options))).toMatchObject([{ type: "cdc.gap" }]);
    const any = { tables: { Contact: { key: ["Id"], events: [{ ...events[0], when: {} }] } } };
    expect(factsOf(read(relayed(), any))).toMatchObject([
      { type: "lead.upserted", data: { fields: { Id: "003A", Phone: "1" } } },
    ]);
  });
});

describe("salesforce-cdc, order", () => {
  const revOf = (change: string) => {
    const body = JSON.stringify(relayed()).replace(/"sequenceNumber":3/, change);
    const [item] = readText(body, CONTACTS);
    return BigInt(item?.kind === "event" ? (item.event.rev ?? "0") : 0);
  };
  const numbered = (commit: string, sequence: number) => {
    const body = JSON.stringify(relayed({ changeType: "CREATE" }))
      .replace("1170493222333", commit)
      .replace(/"sequenceNumber":3/, `"sequenceNumber":${sequence}`);
    const [item] = readText(body, CONTACTS);
    return BigInt(item?.kind === "event" ? (item.event.rev ?? "0") : 0);
  };

  test("is that of commits, then that inside of one, beyond 2^53 too", () => {
    const ascending = [
      numbered("1", 1),
      numbered("1", 9),
      numbered("1", 10),
      numbered("1", 9_999_999),
      numbered("2", 1),
      numbered("9007199254740993", 1),
      numbered("9007199254740994", 1),
      numbered("18446744073709551615", 9_999_999),
    ];
    expect(ascending).toEqual(ascending.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(ascending).size).toBe(ascending.length);
    expect(numbered("1170493222333", 3)).toBe(1_170_493_222_333n * 10_000_000n + 3n);
  });

  test.each(['"sequenceNumber":10000000', '"sequenceNumber":-1', '"sequenceNumber":1.5'])(
    "refuses to number %s",
    (change) => {
      expect(() => revOf(change)).not.toThrow();
      expect(revOf(change)).toBe(0n);
    },
  );
});

describe("salesforce-cdc, gaps", () => {
  const gap = (table: string, pks?: readonly string[]) => ({
    type: "cdc.gap",
    rev: undefined,
    data: pks === undefined ? { table } : { table, pks },
  });

  test("reads the gap of the fixture as its record, and the overflow as its table", () => {
    expect(factsOf(file("eventbridge-gap"))).toEqual([
      gap("salesforce:Contact", ["0035e00000Aa111AAA"]),
    ]);
    expect(factsOf(file("eventbridge-overflow"))).toEqual([gap("salesforce:Account")]);
  });

  const many = Array.from({ length: 1001 }, (_, index) => `003${index}`);

  test.each([
    ["several records", { changeType: "GAP_CREATE", recordIds: ["1", "2"] }, ["1", "2"]],
    ["a deletion", { changeType: "GAP_DELETE" }, ["003A"]],
    ["an undeletion", { changeType: "GAP_UNDELETE" }, ["003A"]],
    ["a wildcard", { changeType: "GAP_UPDATE", recordIds: ["003*"] }, undefined],
    ["a wildcard of a change", { recordIds: ["003*"] }, undefined],
    ["an overflow that names records", { changeType: "GAP_OVERFLOW" }, undefined],
    ["the empty id", { changeType: "GAP_UPDATE", recordIds: ["000000000000000"] }, undefined],
    ["more records than a gap can name", { changeType: "GAP_UPDATE", recordIds: many }, undefined],
  ])("%s", (_name, change, pks) => {
    expect(factsOf(read(relayed(change)))).toEqual([gap("salesforce:Contact", pks)]);
  });

  test.each([
    ["a value told as a diff", { diffFields: ["Description"] }],
    ["a bitmap of changed fields", { changedFields: ["0x1A4"] }],
    ["a bitmap of a part", { nulledFields: ["2-0x01"] }],
  ])("%s: each record, with and without a mapping", (_name, change) => {
    const message = relayed({ ...change, recordIds: ["1", "2"] });
    const gaps = [gap("salesforce:Contact", ["1"]), gap("salesforce:Contact", ["2"])];
    expect(factsOf(read(message))).toEqual(gaps);
    expect(factsOf(read(message, CONTACTS))).toEqual(gaps);
  });

  test("tells gaps of one transaction apart, which all have one number", () => {
    const one = read(relayed({ changeType: "GAP_UPDATE", sequenceNumber: 1, recordIds: ["1"] }));
    const two = read(relayed({ changeType: "GAP_UPDATE", sequenceNumber: 1, recordIds: ["2"] }));
    const both = read(
      relayed({ changeType: "GAP_UPDATE", sequenceNumber: 1, recordIds: ["1", "2"] }),
    );
    const ids = [one, two, both].flatMap((items) => items.map(({ id }) => id));
    expect(new Set(ids).size).toBe(3);
  });
});

describe("salesforce-cdc, identity", () => {
  const idsOf = (message: unknown, options: object = CONTACTS) =>
    read(message, options).map(({ id }) => id);

  test("is that of the change, however often it is relayed", () => {
    const again = { ...relayed({}, { Phone: "1" }, { id: "new", schemaId: "new" }), id: "another" };
    expect(idsOf(again)).toEqual(idsOf({ ...relayed(), time: "2026-07-26T00:00:00Z" }));
  });

  test.each([
    { transactionKey: "another" },
    { sequenceNumber: 4 },
    { recordIds: ["003B"] },
    { entityName: "Lead" },
    { changeType: "CREATE" },
  ])("is another for %j", (change) => {
    const tables = { "*": { key: ["Id"] } };
    expect(idsOf(relayed(change), { tables })).not.toEqual(idsOf(relayed()));
  });

  test("names a record once, and each record of a change otherwise", () => {
    expect(new Set(idsOf(relayed({ recordIds: ["1", "2", "1"] }))).size).toBe(2);
    expect(idsOf(relayed({ recordIds: ["1", "2", "1"] }))).toHaveLength(2);
  });
});

describe("salesforce-cdc, platform events", () => {
  const shipped = payload("salesforce-platform-event-eventbridge.json");
  const rules = [
    {
      type: "order.cancelled",
      when: { $event: "Order_Shipped__e" },
      fields: { order_id: "Order_Number__c", reason: "Carrier__c" },
    },
  ];

  test("keeps one for a person, and tells how to map it", () => {
    expect(readText(shipped)).toEqual([
      {
        kind: "broken",
        id: "Order_Shipped__e:ae7e8feb-b491-4cf7-a9f1-bf3703467722:fd758bcb-eb26-efc5-68b0-481770efdb42",
        code: "unmapped",
        type: "Order_Shipped__e",
        content: expect.any(String),
        errors: [
          {
            path: "type",
            rule: "unmapped",
            message: expect.stringContaining('when {"$event": "Order_Shipped__e"}'),
          },
        ],
      },
    ]);
  });

  test("reads one by the source's rules", () => {
    expect(readText(shipped, { rules })).toMatchObject([
      {
        kind: "event",
        event: {
          type: "order.cancelled",
          occurredAtMs: 1_785_000_020_512,
          data: { order_id: "SO-10077", reason: "DPD" },
        },
      },
    ]);
  });

  test.each([
    [
      "its uuid",
      { id: "1", "detail-type": "E__e", detail: { payload: { EventUuid: "u-1" } } },
      "E__e:u-1",
    ],
    ["EventBridge's id", { id: "1", "detail-type": "E__e", detail: { Order__c: 1 } }, "E__e:1"],
    [
      "its replay id",
      { channel: "/event/E__e", data: { payload: {}, event: { replayId: 7 } } },
      "E__e:7",
    ],
    [
      "its content",
      { payload: { Order__c: 1 } },
      expect.stringMatching(/^platform event:[\da-f]{32}$/),
    ],
  ])("is known by %s", (_name, message, id) => {
    expect(read(message)).toMatchObject([{ id }]);
  });

  test.each([
    ["milliseconds", { CreatedDate: 1_785_000_020_512 }, 1_785_000_020_512],
    ["EventBridge's time", {}, 1_785_000_021_000],
  ])("occurred at %s", (_name, fields, occurredAtMs) => {
    const message = {
      id: "1",
      "detail-type": "Order_Shipped__e",
      time: "2026-07-25T17:20:21Z",
      detail: { payload: { Order_Number__c: "1", Carrier__c: "x", ...fields } },
    };
    expect(read(message, { rules })).toMatchObject([{ event: { occurredAtMs } }]);
  });
});

describe("salesforce-cdc, what is no event", () => {
  test.each([
    ["nothing", {}, ""],
    ["a text", "x", ""],
    ["a change without its header", { ...relayed(), detail: { payload: {} } }, "ChangeEventHeader"],
    ["another header", { payload: { ChangeEventHeader: 7 } }, "ChangeEventHeader"],
    ["no records", relayed({ recordIds: [] }), "ChangeEventHeader.recordIds"],
    ["another change", relayed({ changeType: "MERGE" }), "ChangeEventHeader.changeType"],
    ["no transaction", relayed({ transactionKey: undefined }), "ChangeEventHeader.transactionKey"],
    ["a commit in words", relayed({ commitNumber: "one" }), "ChangeEventHeader.commitNumber"],
  ])("keeps %s for a person", (_name, message, path) => {
    expect(read(message)).toMatchObject([
      { kind: "broken", code: "contract_violated", errors: [{ path }] },
    ]);
  });

  test("leaves a bad message of a list alone", () => {
    const items = read([relayed(), {}, relayed({ sequenceNumber: 9 })], CONTACTS);
    expect(items.map(({ kind }) => kind)).toEqual(["event", "broken", "event"]);
  });

  test("takes options of tables, rules and the key's header, and no others", () => {
    expect(sender.checkOptions({ ...CONTACTS, api_key_header: "X-Key" }, "api-key")).toEqual([]);
    expect(sender.checkOptions({ ignore_clients: ["x"] }, "api-key")).not.toEqual([]);
  });
});
