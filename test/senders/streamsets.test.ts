import { describe, expect, test } from "vitest";
import { streamsets } from "#src/senders/streamsets.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { samples } from "./samples/streamsets.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "sdc", options: {} };
const read = (body: string, options = {}, headers = {}) =>
  streamsets.read(deliver({ body, headers }), { ...context, options });
const itemsOf = (reading: ReturnType<typeof read>) => {
  expect(reading).toMatchObject({ kind: "items" });
  return reading.kind === "items" ? reading.items : [];
};
const idsOf = (...given: Parameters<typeof read>) => itemsOf(read(...given)).map(({ id }) => id);

const body = payload("streamsets-http-client.json");
const row = { id: 9, op: "INSERT", table: "orders" };
const rows = (...ids: number[]) => ids.map((id) => JSON.stringify({ ...row, id }));
const rule = {
  type: "order.cancelled",
  when: { op: "DELETE", table: "orders" },
  fields: { order_id: { path: "id", as: "text" }, reason: { value: "deleted" } },
};

describe("streamsets", () => {
  test("takes the methods the destination may be set to", () => {
    expect(streamsets).toMatchObject({ methods: ["POST", "PUT", "PATCH"] });
  });

  test("keeps a record that no rule names", () => {
    expect(itemsOf(read(body))).toEqual([
      {
        kind: "broken",
        id: expect.stringMatching(/^record:[\da-f]{32}:0$/),
        code: "unmapped",
        type: "record",
        content: expect.any(String),
        errors: [
          { path: "type", rule: "unmapped", message: expect.stringContaining("options.rules") },
        ],
      },
    ]);
  });

  test("makes events by rules, dated by their arrival", () => {
    const record = JSON.stringify({ ...row, op: "DELETE" });
    expect(streamsets.checkOptions({ rules: [rule] }, "api-key")).toEqual([]);
    expect(itemsOf(read(record, { rules: [rule] }))).toMatchObject([
      {
        kind: "event",
        event: {
          type: "order.cancelled",
          occurredAtMs: RECEIVED_AT_MS,
          data: { order_id: "9", reason: "deleted" },
        },
      },
    ]);
  });

  test("asks a rule of a register for its revision, which arrival does not give", () => {
    const lead = {
      type: "lead.upserted",
      fields: { crm: { value: "sdc" }, object_id: { path: "id", as: "text" }, fields: "$record" },
    };
    expect(itemsOf(read(body, { rules: [lead] }))).toMatchObject([
      { code: "unmapped", errors: [{ message: expect.stringContaining("revision") }] },
    ]);
    const versioned = { ...lead, rev: "version" };
    const record = JSON.stringify({ ...row, version: 7 });
    expect(itemsOf(read(record, { rules: [versioned] }))).toMatchObject([
      { event: { type: "lead.upserted", rev: "7" } },
    ]);
  });

  test("reads a record that a CDC origin made", () => {
    const options = { tables: { customers: { key: ["id"] } } };
    expect(itemsOf(read(payload("debezium-update.json"), options))).toMatchObject([
      { event: { type: "cdc.row", rev: "24023999" } },
    ]);
  });

  test.each([
    ["in a row", (texts: string[]) => texts.join("")],
    ["one a line", (texts: string[]) => `${texts.join("\n")}\n`],
    ["in an array", (texts: string[]) => `[${texts.join(",")}]`],
  ])("reads objects %s alike", (_name, join) => {
    expect(idsOf(join(rows(1, 2, 3)))).toEqual(idsOf(rows(1, 2, 3).join("\n")));
    expect(new Set(idsOf(join(rows(1, 2, 2)))).size).toBe(3);
  });

  test("leaves a bad record of a batch alone", () => {
    const reading = read(`[{"id":1,"op":"DELETE","table":"orders"},7,null]`, { rules: [rule] });
    expect(itemsOf(reading)).toMatchObject([
      { kind: "event" },
      { kind: "broken", code: "contract_violated" },
    ]);
    expect(reading).toHaveProperty("ignored");
  });

  test("names a record by its header, where it is the only one", () => {
    const headers = { "X-Record-Id": "orders::9" };
    expect(idsOf(body, {}, headers)).toEqual([
      expect.stringMatching(/^record:orders::9:[\da-f]{32}$/),
    ]);
    expect(idsOf(body, { rules: [rule] }, headers)).toEqual(idsOf(body, {}, headers));
    // A header that names the row, and not its change.
    expect(idsOf(JSON.stringify({ ...row, op: "UPDATE" }), {}, headers)).not.toEqual(
      idsOf(body, {}, headers),
    );
    expect(idsOf(rows(1, 2).join(""), {}, headers)).toEqual(idsOf(rows(1, 2).join("")));
    expect(idsOf(body)).not.toEqual(idsOf(rows(8).join("")));
  });

  test("takes an empty array without keeping anything", () => {
    expect(read("[]")).toEqual({ kind: "items", items: [] });
  });

  test("refuses more than 10 000 records", () => {
    expect(read(`[${"{},".repeat(10_000)}{}]`)).toMatchObject({
      kind: "malformed",
      errors: [{ rule: "length" }],
    });
  });
});
