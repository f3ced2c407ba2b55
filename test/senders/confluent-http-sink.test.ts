import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { confluentHttpSink } from "#src/senders/confluent-http-sink.ts";
import type { Reading } from "#src/senders/sender.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, type Request } from "./deliver.ts";
import { samples } from "./samples/confluent-http-sink.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const read = (request: Request, options: JsonObject = {}): Reading =>
  confluentHttpSink.read(deliver(request), { tenant: "acme", source: "kafka", options });

const idsOf = (reading: Reading) =>
  reading.kind === "items" ? reading.items.map(({ id }) => id) : undefined;

/** Records of a table that tell their own revision. */
const RULES: JsonObject = {
  rules: [
    {
      type: "cdc.row",
      when: { deleted: true },
      rev: "version",
      fields: { table: { value: "orders" }, pk: "id", op: { value: "d" } },
    },
    {
      type: "cdc.row",
      rev: "version",
      fields: { table: { value: "orders" }, pk: "id", op: { value: "u" }, after: "$record" },
    },
  ],
};

describe("bodies, however the connector joins records", () => {
  test.each([
    ["one", '{"id":1}', 1],
    ["an array", payload("confluent-http-sink-batch.json"), 3],
    ["an array of one", '[{"id":1}]', 1],
    ["joined by commas", payload("confluent-http-sink-string-batch.txt"), 3],
    ["joined by newlines", '{"id":1}\n{"id":2}\r\n', 2],
    ["joined by nothing", '{"id":1}{"id":2}', 2],
    ["in an object, by prefix and suffix", '{"records":[{"id":1},{"id":2}]}', 2],
    ["a record that has records", '{"records":[{"id":1},{"id":2}],"id":1}', 1],
    ["JSON text in an array of text", String.raw`["{\"id\":1}","{\"id\":2}"]`, 2],
  ])("are read: %s", (_name, body, count) => {
    const reading = read({ body });
    expect(reading).toMatchObject({
      items: Array.from({ length: count }, () => ({ code: "unmapped", type: "record" })),
    });
    expect(read({ body })).toEqual(reading);
  });

  test.each([
    ["a struct as text", "Struct{id=1,name=a}"],
    ["structs in brackets", "[Struct{id=1},Struct{id=2}]"],
    ["a struct in quotes", '"Struct{id=1}"'],
    ["text", "hello"],
    ["Avro", Uint8Array.of(0, 0, 0, 0, 7, 0xff)],
  ])("are not read, and say what to set: %s", (_name, body) => {
    expect(read({ body })).toMatchObject({
      kind: "malformed",
      errors: [{ message: expect.stringContaining("request.body.format=json") }],
    });
  });

  test("are at most a thousand records", () => {
    expect(idsOf(read({ body: '{"id":1},'.repeat(999) + '{"id":1}' }))).toHaveLength(1000);
    expect(read({ body: '{"id":1},'.repeat(1000) + '{"id":1}' })).toMatchObject({
      kind: "malformed",
      errors: [{ rule: "length", message: expect.stringContaining("batch.max.size") }],
    });
    expect(read({ body: `[${'{"id":1},'.repeat(1000)}{"id":1}]` }).kind).toBe("malformed");
  });
});

describe("records", () => {
  test("of a body have the names they had, and each its own", () => {
    const body = '{"id":1},{"id":2},{"id":1}';
    const ids = idsOf(read({ body })) ?? [];
    expect(new Set(ids).size).toBe(3);
    expect(idsOf(read({ body, receivedAtMs: RECEIVED_AT_MS + 60_000 }))).toEqual(ids);
    expect(idsOf(read({ body }, RULES))).toEqual(ids);
    expect(idsOf(read({ body: '[{"id":1},{"id":2}]' }))).toEqual(ids.slice(0, 2));
  });

  test("become events by the source's rules", () => {
    const body = '{"id":1,"version":7,"name":"a"},{"id":1,"version":8,"deleted":true}';
    expect(read({ body }, RULES)).toMatchObject({
      items: [
        {
          event: {
            type: "cdc.row",
            rev: "7",
            data: { table: "orders", pk: 1, op: "u", after: { name: "a" } },
          },
        },
        { event: { type: "cdc.row", rev: "8", data: { table: "orders", pk: 1, op: "d" } } },
      ],
    });
  });

  test("are no registers without a revision: the moment of arrival orders nothing", () => {
    const rules = [
      {
        type: "lead.upserted",
        fields: {
          crm: { value: "x" },
          object_id: { path: "id", as: "text" },
          fields: { value: {} },
        },
      },
    ];
    expect(read({ body: '{"id":1}' }, { rules })).toMatchObject({
      items: [{ code: "unmapped", errors: [{ message: expect.stringContaining("a rev") }] }],
    });
  });

  test("occurred when they arrived, unless the rule knows better", () => {
    const order = { order_id: { path: "id", as: "text" }, reason: { value: "x" } };
    const at = { path: "at", as: "instant_ms" };
    const plain = { rules: [{ type: "order.cancelled", fields: order }] };
    const timed = { rules: [{ type: "order.cancelled", fields: order, occurred_at: at }] };
    const body = '{"id":1,"at":1700000000000}';
    expect(read({ body }, plain)).toMatchObject({
      items: [{ event: { occurredAtMs: RECEIVED_AT_MS } }],
    });
    expect(read({ body }, timed)).toMatchObject({
      items: [{ event: { occurredAtMs: 1_700_000_000_000 } }],
    });
  });

  test("that Debezium wrote are changes of rows", () => {
    const options = { tables: { customers: { key: ["id"] } } };
    const body = `${payload("debezium-insert.json")},${payload("debezium-heartbeat.json")},7`;
    expect(read({ body }, options)).toMatchObject({
      items: [
        { event: { type: "cdc.row", rev: "24023128" } },
        { kind: "broken", code: "contract_violated" },
      ],
      ignored: expect.stringContaining("1 of 3 records"),
    });
  });
});

describe("methods", () => {
  test.each(["POST", "PUT", "PATCH"])("%s brings a record", (method) => {
    expect(confluentHttpSink.methods).toContain(method);
    expect(idsOf(read({ method, body: '{"id":1}' }))).toEqual(idsOf(read({ body: '{"id":1}' })));
  });

  test("DELETE names nothing that it could be known by again, and says what to set instead", () => {
    const url = "https://hooks.example.net/in/acme/kafka?id=7";
    for (const body of ["", '{"id":1}']) {
      expect(read({ method: "DELETE", url, body })).toMatchObject({
        kind: "malformed",
        errors: [{ message: expect.stringContaining("behavior.on.null.values=ignore") }],
      });
    }
  });
});
