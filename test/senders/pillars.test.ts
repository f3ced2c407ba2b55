import { describe, expect, test } from "vitest";
import { pillars } from "#src/senders/pillars.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS } from "./deliver.ts";
import { parseHttpFile } from "./http-file.ts";
import { payload } from "./samples/payload.ts";
import { samples } from "./samples/pillars.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "core", options: {} };
const itemsOf = (body: unknown, headers: Record<string, string>, options: object = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = pillars.read(deliver({ body: text, headers }), {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
  return reading.kind === "items" ? reading.items : [];
};
const topicOf = (topic: string, subtopic?: string): Record<string, string> => ({
  "x-webhook-topic": topic,
  ...(subtopic === undefined ? {} : { "x-webhook-subtopic": subtopic }),
});

describe("pillars, reading", () => {
  test("reads a customer as a hint to look, dated by its arrival", () => {
    const { headers, body } = parseHttpFile(payload("mlm-pillars-customer-created.http"));
    expect(itemsOf(body, headers)).toMatchObject([
      {
        id: "0c9f3b1a-2f0e-4f6c-8d55-7c1c1b2a9e01",
        event: {
          type: "cdc.gap",
          occurredAtMs: RECEIVED_AT_MS,
          data: { table: "pillars:Customer", pks: ["70412"] },
        },
      },
    ]);
  });

  test("reads a value as a hint, dated by its posting", () => {
    const { headers, body } = parseHttpFile(payload("mlm-pillars-value-updated.http"));
    expect(itemsOf(body, headers)).toMatchObject([
      {
        id: "0c9f3b1a-2f0e-4f6c-8d55-7c1c1b2a9e02",
        event: {
          type: "cdc.gap",
          occurredAtMs: Date.parse("2026-07-25T17:30:00Z"),
          data: { table: "pillars:Value", pks: ["70412"] },
        },
      },
    ]);
  });

  test.each([
    ["Node", { nodeId: "7" }, { table: "pillars:Node", pks: ["7"] }],
    ["Order", { id: 9 }, { table: "pillars:Order", pks: ["9"] }],
    ["OrderStatusUpdated", { orderId: "9" }, { table: "pillars:Order", pks: ["9"] }],
    ["Autoship", { id: "a" }, { table: "pillars:Autoship", pks: ["a"] }],
    ["AutoshipStatusUpdated", { autoshipId: "a" }, { table: "pillars:Autoship", pks: ["a"] }],
    ["AutoshipsProcessed", {}, { table: "pillars:Autoship" }],
    ["AutoshipsRetry", { count: 3 }, { table: "pillars:Autoship" }],
    ["BonusEarned", { nodeId: "7" }, { table: "pillars:Bonus", pks: ["7"] }],
    ["Customer", { id: { nested: 1 } }, { table: "pillars:Customer" }],
  ])("reads topic %s of %j", (topic, body, data) => {
    const [item] = itemsOf(body, topicOf(topic));
    expect(item?.kind === "event" && item.event.data).toEqual(data);
  });

  test.each([
    ["no topic", {}, "x-webhook-topic"],
    ["an unknown topic", topicOf("constructor"), "options.rules"],
  ])("keeps a delivery with %s", (_name, headers, message) => {
    expect(itemsOf({ id: "1" }, headers)).toMatchObject([
      { kind: "broken", code: "unmapped", errors: [{ message: expect.stringContaining(message) }] },
    ]);
  });

  test.each([[[]], [null], ["text"], [7]])("keeps %j, which is no resource", (body) => {
    expect(itemsOf(JSON.stringify(body), topicOf("Customer"))).toMatchObject([
      { kind: "broken", code: "contract_violated" },
    ]);
  });

  test("names a delivery by its header, else by what it says", () => {
    const idOf = (body: object, headers: Record<string, string> = {}) =>
      itemsOf(body, { ...topicOf("Customer"), ...headers })[0]?.id;
    expect(idOf({ id: "1" }, { "x-webhook-messageid": "m-1" })).toBe("m-1");
    expect(idOf({ id: "2" }, { "x-webhook-messageid": "m-1" })).toBe("m-1");
    expect(idOf({ id: "1" })).toMatch(/^[\da-f]{32}$/);
    expect(idOf({ id: "1" })).toBe(idOf({ id: "1" }));
    expect(idOf({ id: "2" })).not.toBe(idOf({ id: "1" }));
  });

  test("translates by the source's own rules, which see topic and subtopic", () => {
    const rules = [
      {
        type: "customer.linked",
        when: { $topic: "Customer", $subtopic: ["Created", "Updated"] },
        fields: { customer_id: "id", enroller_id: "enrollerId", effective_at: "signupDate" },
        rev: { value: 0 },
        occurred_at: "signupDate",
      },
    ];
    const options = JSON.parse(JSON.stringify({ rules }));
    expect(pillars.checkOptions(options, "url-token")).toEqual([]);
    const { headers, body } = parseHttpFile(payload("mlm-pillars-customer-created.http"));
    const [item] = itemsOf(body, headers, options);
    expect(item?.kind === "event" && item.event).toMatchObject({
      type: "customer.linked",
      occurredAtMs: Date.parse("2026-07-25T17:18:03Z"),
      data: { customer_id: "70412", enroller_id: "70011" },
    });
    const [other] = itemsOf(body, { ...headers, "x-webhook-subtopic": "Deleted" }, options);
    expect(other?.kind === "event" && other.event.type).toBe("cdc.gap");
  });
});
