import { describe, expect, test } from "vitest";
import { eventbridge } from "#src/senders/eventbridge.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { samples } from "./samples/eventbridge.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "bus", options: {} };
const readBody = (body: string, options = {}) =>
  eventbridge.read(deliver({ body }), { ...context, options });
const read = (event: object, options = {}) => readBody(JSON.stringify(event), options);
const itemOf = (reading: ReturnType<typeof readBody>) => {
  const items = reading.kind === "items" ? reading.items : [];
  expect(items).toHaveLength(1);
  return items[0];
};

const event: Readonly<Record<string, unknown>> = JSON.parse(
  payload("eventbridge-api-destination.json"),
);
const unmapped = (message: RegExp) => ({
  kind: "broken",
  code: "unmapped",
  content: expect.any(String),
  errors: [{ path: "type", rule: "unmapped", message: expect.stringMatching(message) }],
});

describe("eventbridge", () => {
  test("takes the key from the header that the connection names", async () => {
    const means = {
      options: { api_key_header: "X-Acme-Key" },
      certificateAt: async () => undefined,
    };
    const judge = async (headers: Record<string, string>) =>
      verifyBy(eventbridge, "api-key", deliver({ headers, body: "{}" }), {
        secrets: ["key_4f1c0e7d9a2b5c6d"],
        means,
      });
    expect(await judge({ "x-acme-key": "key_4f1c0e7d9a2b5c6d" })).toMatchObject({ ok: true });
    expect(await judge({ "x-api-key": "key_4f1c0e7d9a2b5c6d" })).toMatchObject({
      reason: "token_missing",
    });
  });

  test("takes any method of an API destination that brings a body", () => {
    expect(eventbridge.methods).toEqual(["POST", "PUT", "PATCH"]);
  });
});

describe("eventbridge, reading", () => {
  test("keeps what no rule names, by the event's id", () => {
    expect(itemOf(read(event))).toEqual({
      ...unmapped(/^No rule for "order\.paid"/),
      id: "11112222-3333-4444-8555-666677778888",
      type: "order.paid",
    });
  });

  test("makes events by rules over the whole event and what is told of it", () => {
    const options = {
      rules: [
        {
          type: "payment.confirmed",
          when: { $type: "order.paid", $source: "com.acme.shop", $account: "123456789012" },
          fields: {
            payment_id: { path: "detail.orderId", as: "text" },
            order_id: { path: "detail.orderId", as: "text" },
            currency: { value: "EUR" },
            amount_minor: { path: "detail.total", as: "decimal" },
          },
        },
      ],
    };
    expect(eventbridge.checkOptions(options, "api-key")).toEqual([]);
    expect(itemOf(read(event, options))).toMatchObject({
      kind: "event",
      id: "11112222-3333-4444-8555-666677778888",
      event: {
        type: "payment.confirmed",
        occurredAtMs: 1_785_000_056_000,
        data: { payment_id: "77", order_id: "77", currency: "EUR", amount_minor: 5840 },
      },
    });
    expect(itemOf(read({ ...event, account: "999" }, options))).toMatchObject(unmapped(/No rule/));
  });

  test("numbers a register by the event's time, where the rule says so", () => {
    const rule = {
      type: "lead.upserted",
      fields: { crm: { value: "acme" }, object_id: "detail.orderId", fields: "detail" },
    };
    const detail = { orderId: "77" };
    expect(itemOf(read({ ...event, detail }, { rules: [rule] }))).toMatchObject(
      unmapped(/revision/),
    );
    const timed = { ...rule, rev: "$time_ms" };
    expect(itemOf(read({ ...event, detail }, { rules: [timed] }))).toMatchObject({
      event: { type: "lead.upserted", rev: "1785000056000" },
    });
  });

  test("reads a change of a row that a connector put on the bus", () => {
    const detail: unknown = JSON.parse(payload("debezium-update.json"));
    const options = { tables: { customers: { key: ["id"] } } };
    expect(itemOf(read({ ...event, detail }, options))).toMatchObject({
      event: { type: "cdc.row", rev: "24023999", data: { op: "u", pk: 1004 } },
    });
    const again = { ...event, id: "another", detail };
    expect(itemOf(read(again))?.id).toBe(itemOf(read({ ...event, detail }))?.id);
  });

  test("takes a schedule's tick without keeping it", () => {
    const nothing = { kind: "items", items: [], ignored: expect.any(String) };
    const tick = { source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
    expect(read({ ...event, ...tick })).toEqual(nothing);
    expect(read({ ...event, ...tick, source: "com.acme" })).not.toEqual(nothing);
  });

  test.each(["salesforce-cdc-eventbridge.json", "salesforce-platform-event-eventbridge.json"])(
    "sends Salesforce's events to the sender that knows them: %s",
    (file) => {
      expect(itemOf(readBody(payload(file)))).toMatchObject(unmapped(/sender salesforce-cdc/));
    },
  );

  test("tells events apart by their ids alone, as a retry and a replay repeat them", () => {
    const first = itemOf(read(event))?.id;
    expect(itemOf(read({ ...event, "replay-name": "monday" }))?.id).toBe(first);
    expect(itemOf(read({ ...event, id: "another" }))?.id).toBe("another");
  });

  test.each([
    ["no event at all", {}, ["id", "detail-type", "source", "time", "detail"]],
    [
      "what a transformer made of it",
      { orderId: 77 },
      ["id", "detail-type", "source", "time", "detail"],
    ],
    ["a detail that is no object", { ...event, detail: "x" }, ["detail"]],
    ["a list", [event], [""]],
    ["a time that is none", { ...event, time: "noon" }, ["time"]],
  ])("keeps %s as broken", (_name, body, paths) => {
    const rule = { type: "cdc.gap", fields: { table: { value: "orders" } } };
    const item = itemOf(read(body, { rules: [rule] }));
    expect(item).toMatchObject({ kind: "broken", code: "contract_violated" });
    expect(item?.kind === "broken" && item.errors.map(({ path }) => path)).toEqual(paths);
  });
});
