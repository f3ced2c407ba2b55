import { describe, expect, test } from "vitest";
import { cloudevents } from "#src/senders/cloudevents.ts";
import { decodeAttribute, isJsonType } from "#src/senders/cloudevents-facts.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS } from "./deliver.ts";
import { binaryBody, binaryHeaders, samples } from "./samples/cloudevents.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "ce", options: {} };
const STRUCTURED = { "content-type": "application/cloudevents+json" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };

interface Given {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly options?: object;
}
const read = ({ body = "", headers = STRUCTURED, options = {} }: Given) =>
  cloudevents.read(deliver({ body, headers }), {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
const itemsOf = (given: Given) => {
  const reading = read(given);
  expect(reading).toMatchObject({ kind: "items" });
  return reading.kind === "items" ? reading.items : [];
};
const itemOf = (given: Given) => {
  const items = itemsOf(given);
  expect(items).toHaveLength(1);
  return items[0];
};
const readEvent = (event: unknown, options = {}) =>
  itemOf({ body: JSON.stringify(event), options });
const pathsOf = (item: ReturnType<typeof readEvent>) =>
  item?.kind === "broken" ? item.errors.map(({ path }) => path) : "no broken item";

const event: Readonly<Record<string, unknown>> = JSON.parse(payload("cloudevents-structured.json"));
const { time: _time, ...timeless } = event;
const unmapped = { kind: "broken", code: "unmapped", type: "com.acme.order.paid" };
const unsupported = { kind: "malformed", errors: [{ path: "", rule: "media_type" }] };

const gap = (fields: object, when?: object) => ({
  rules: [{ type: "cdc.gap", ...(when === undefined ? {} : { when }), fields }],
});
const told = (fields: object, given: Given) => {
  const item = itemOf({ ...given, options: { ...gap(fields), ...given.options } });
  return item?.kind === "event" ? item.event.data : item;
};

describe("cloudevents, modes", () => {
  test("reads one event in JSON", () => {
    expect(itemOf({ body: payload("cloudevents-structured.json") })).toMatchObject({
      ...unmapped,
      id: "/shop/eu A234-1234-1234",
      errors: [{ rule: "unmapped", message: expect.stringContaining("options.rules") }],
    });
  });

  test("reads a batch, and bytes in it", () => {
    const given = { body: payload("cloudevents-batch.json"), headers: BATCH };
    expect(itemsOf(given)).toMatchObject([
      { ...unmapped, id: "/shop/eu B1" },
      { ...unmapped, id: "/shop/eu B2" },
    ]);
  });

  test("reads binary mode from its headers, decoded once", () => {
    const given = { body: binaryBody, headers: binaryHeaders };
    expect(itemOf(given)).toMatchObject({ ...unmapped, id: "/shop/eu C1" });
    const fields = {
      table: "subject",
      order: "data.orderId",
      type: "$type",
      source: "$source",
      form: "datacontenttype",
    };
    expect(told(fields, given)).toEqual({
      table: "Euro € 😀",
      order: 77,
      type: "com.acme.order.paid",
      source: "/shop/eu",
      form: "application/json",
    });
  });

  test.each([
    "application/cloudevents",
    "application/cloudevents+json",
    "Application/CloudEvents+JSON; charset=UTF-8",
    " application/cloudevents ;charset=utf-8",
    "application/cloudevents-batch",
    "application/cloudevents-batch+json;charset=utf-8",
  ])("takes %s for JSON, a list in it for a batch", (type) => {
    const headers = { "Content-Type": type };
    expect(itemsOf({ body: JSON.stringify(event), headers })).toHaveLength(1);
    expect(itemsOf({ body: JSON.stringify([event, event]), headers })).toHaveLength(2);
  });

  test.each([
    "application/cloudevents+avro",
    "application/cloudevents+protobuf",
    "application/cloudevents-batch+xml",
    "application/cloudeventsx",
    "application/json",
    "text/plain",
    undefined,
  ])("does not take %s without a ce-specversion", (type) => {
    const headers = { "content-type": type };
    expect(read({ body: JSON.stringify(event), headers })).toMatchObject(unsupported);
  });

  test("takes an empty batch without keeping anything, and no more than 1000 events", () => {
    const nothing = { kind: "items", items: [], ignored: expect.any(String) };
    expect(read({ body: "[]", headers: BATCH })).toEqual(nothing);
    const body = JSON.stringify(Array.from({ length: 1001 }, () => event));
    expect(read({ body, headers: BATCH })).toMatchObject({ errors: [{ rule: "length" }] });
  });

  test("leaves a bad event of a batch alone", () => {
    const { id: _id, ...nameless } = event;
    const body = JSON.stringify([event, nameless, 7, { ...event, id: "last" }]);
    expect(itemsOf({ body, headers: BATCH })).toMatchObject([
      unmapped,
      { code: "contract_violated", errors: [{ path: "id" }] },
      { code: "contract_violated", errors: [{ path: "" }] },
      { id: "/shop/eu last" },
    ]);
  });

  const binary = (type: string | undefined, body: string | Uint8Array) => ({
    body,
    headers: { ...binaryHeaders, "content-type": type },
  });
  const fields = { table: { value: "t" }, data: "data", bytes: "data_base64" };

  test.each<[string | undefined, string | Uint8Array, object]>([
    ["application/json", "", {}],
    ["application/vnd.acme+json; charset=utf-8", '{"n":1}', { data: { n: 1 } }],
    ["text/plain", "hello", { data: "hello" }],
    ["application/soap+xml", "<a/>", { data: "<a/>" }],
    ["application/octet-stream", Uint8Array.of(0, 1, 2), { bytes: "AAEC" }],
    [undefined, '{"n":1}', { bytes: "eyJuIjoxfQ==" }],
  ])("reads a body of %s by its type", (type, body, expected) => {
    expect(told(fields, binary(type, body))).toEqual({ table: "t", ...expected });
  });

  test("cannot read a body that is not what its type says", () => {
    expect(read(binary("application/json", "{"))).toMatchObject({ errors: [{ rule: "json" }] });
    const latin1 = binary("text/plain", Uint8Array.of(0xe9));
    expect(read(latin1)).toMatchObject({ kind: "malformed", errors: [{ rule: "utf8" }] });
  });
});

describe("cloudevents, attributes", () => {
  test.each([
    ["plain", "plain"],
    ["Euro%20%E2%82%AC%20%f0%9f%98%80", "Euro € 😀"],
    ["%41", "A"],
    ["100%", "100%"],
    ["50%zz", "50%zz"],
    ["%2520", "%20"],
    ['"quoted \\"so\\" \\\\ %41"', 'quoted "so" \\ A'],
    ['"open', '"open'],
  ])("decodes %s", (header, value) => {
    expect(decodeAttribute(header)).toBe(value);
  });

  test.each(["%C0%A0", "%FF", "%E2%82", "a%80b"])("refuses %s, which is not UTF-8", (header) => {
    expect(decodeAttribute(header)).toBeUndefined();
    const headers = { ...binaryHeaders, "ce-subject": header };
    const item = itemOf({ body: binaryBody, headers });
    expect(item).toMatchObject({ code: "contract_violated", errors: [{ rule: "utf8" }] });
    expect(pathsOf(item)).toEqual(["ce-subject"]);
    const another = itemOf({ body: binaryBody, headers: { ...headers, "ce-id": "C2" } });
    expect(another?.id).not.toBe(item?.id);
  });

  test.each<[string, object, readonly string[]]>([
    ["no id", { id: undefined }, ["id"]],
    ["an empty id", { id: "" }, ["id"]],
    ["no source", { source: undefined }, ["source"]],
    ["a source with a blank", { source: "/shop eu" }, ["source"]],
    ["no type", { type: undefined }, ["type"]],
    ["another version", { specversion: "0.3" }, ["specversion"]],
    ["a number for a text", { subject: 7 }, ["subject"]],
    ["a time that is none", { time: "yesterday" }, ["time"]],
    ["two kinds of data", { data_base64: "AAEC" }, ["data_base64"]],
    [
      "JSON that is none",
      { data: undefined, data_base64: "AAEC", datacontenttype: "application/json" },
      ["data_base64"],
    ],
    [
      "JSON that is no base64",
      { data: undefined, data_base64: "{}", datacontenttype: "application/json" },
      ["data_base64"],
    ],
  ])("keeps an event with %s as broken", (_name, change, paths) => {
    const item = readEvent({ ...event, ...change }, gap({ table: { value: "t" } }));
    expect(item).toMatchObject({ code: "contract_violated" });
    expect(pathsOf(item)).toEqual(paths);
  });

  test.each(["id", "source", "type"])("wants ce-%s in binary mode", (name) => {
    const headers = { ...binaryHeaders, [`ce-${name}`]: undefined };
    expect(pathsOf(itemOf({ body: binaryBody, headers }))).toEqual([name]);
  });

  test("reads JSON that came as base64 like any other", () => {
    const base64 = {
      ...event,
      data: null,
      data_base64: Buffer.from('{"orderId":78}').toString("base64"),
    };
    const body = JSON.stringify(base64);
    expect(told({ table: { value: "t" }, order: "data.orderId" }, { body })).toEqual({
      table: "t",
      order: 78,
    });
  });

  test("lets a mapping ask for extensions, those of binary mode where options name them", () => {
    const fields = { table: "$region", own: "region" };
    const body = JSON.stringify({ ...event, region: "eu-1" });
    expect(told(fields, { body })).toEqual({ table: "eu-1", own: "eu-1" });

    const headers = { ...binaryHeaders, "ce-region": "eu%2D1" };
    const options = { extensions: ["region"] };
    expect(told(fields, { body: binaryBody, headers, options })).toMatchObject({ table: "eu-1" });
    expect(told(fields, { body: binaryBody, headers })).toMatchObject({ kind: "broken" });
    expect(cloudevents.readHeadersOf?.(options)).toEqual(["ce-region"]);
    expect(cloudevents.readHeadersOf?.({})).toEqual([]);
  });

  test.each([["region"], []])("takes extensions %j as an option", (...extensions) => {
    expect(cloudevents.checkOptions({ extensions }, "bearer-token")).toEqual([]);
  });

  test.each([["Region"], ["x-region"], [""], [7]])("does not take extension %j", (name) => {
    const [fault] = cloudevents.checkOptions({ extensions: [name] }, "bearer-token");
    expect(fault?.path).toBe("options.extensions[0]");
  });

  test.each([
    ["application/json", true],
    ["application/vnd.acme.v1+json;charset=utf-8", true],
    ["text/json ", true],
    ["application/jsonp", false],
    ["application/json-seq", false],
    ["text/plain;as=application/json", false],
    [undefined, false],
    [null, false],
  ])("says whether %s is JSON: %s", (type, expected) => {
    expect(isJsonType(type)).toBe(expected);
  });
});

describe("cloudevents, events", () => {
  const rule = {
    type: "payment.confirmed",
    when: { $type: "com.acme.order.paid", $source: ["/shop/eu", "/shop/us"] },
    fields: {
      payment_id: { path: "data.orderId", as: "text" },
      order_id: { path: "data.orderId", as: "text" },
      currency: { value: "JPY" },
      amount_minor: { path: "data.total", as: "decimal" },
    },
  };
  const lead = {
    type: "lead.upserted",
    fields: {
      crm: { value: "acme" },
      object_id: { path: "data.orderId", as: "text" },
      fields: "data",
    },
  };

  test("makes events by rules", () => {
    const paid = { ...event, data: { orderId: 77, total: "5840" } };
    expect(cloudevents.checkOptions({ rules: [rule] }, "bearer-token")).toEqual([]);
    expect(readEvent(paid, { rules: [rule] })).toMatchObject({
      id: "/shop/eu A234-1234-1234",
      event: {
        type: "payment.confirmed",
        occurredAtMs: 1_785_000_057_000,
        data: { payment_id: "77", order_id: "77", currency: "JPY", amount_minor: 5840 },
      },
    });
    const elsewhere = { ...paid, source: "/shop/asia" };
    expect(readEvent(elsewhere, { rules: [rule] })).toMatchObject(unmapped);
  });

  test("numbers a register by what the rule says, and never by another clock", () => {
    const bySequence = { rules: [{ ...lead, rev: "$rev" }] };
    const byTime = { rules: [{ ...lead, rev: "$time_ms" }] };
    const unordered = {
      code: "unmapped",
      errors: [{ message: expect.stringContaining("revision") }],
    };
    expect(readEvent(event, bySequence)).toMatchObject({ event: { rev: "42" } });
    const number = { ...event, sequence: 43, sequencetype: "Integer" };
    expect(readEvent(number, bySequence)).toMatchObject({ event: { rev: "43" } });
    expect(readEvent({ ...event, sequence: "a-42" }, bySequence)).toMatchObject(unordered);
    expect(readEvent(event, byTime)).toMatchObject({ event: { rev: "1785000057000" } });
    expect(readEvent(timeless, byTime)).toMatchObject(unordered);
    expect(readEvent(event, { rules: [lead] })).toMatchObject(unordered);
  });

  test("dates an event without a time by its arrival", () => {
    const paid = { ...timeless, data: { orderId: 77, total: "5840" } };
    expect(readEvent(paid, { rules: [rule] })).toMatchObject({
      event: { type: "payment.confirmed", occurredAtMs: RECEIVED_AT_MS },
    });
  });

  test("tells events apart by source and id together", () => {
    const ids = [
      event,
      { ...event, id: "other" },
      { ...event, source: "/shop/us" },
      { ...event, source: "urn:a:b", id: "c" },
      { ...event, source: "urn:a", id: "b:c" },
      { ...event, id: "x".repeat(200) },
    ].map((one) => readEvent(one)?.id ?? "");
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.length <= 128)).toBe(true);
    expect(readEvent({ ...event, data: {}, time: "2026-01-01T00:00:00Z" })?.id).toBe(ids[0]);
  });

  test("reads our own contract, judged as it is and by no rule", () => {
    const ours = {
      specversion: "1.0",
      id: "1",
      source: "/core",
      type: "net.upline.order.cancelled",
      time: "2026-07-25T17:20:00Z",
      data: { order_id: "O-1", reason: "changed mind" },
    };
    const options = gap({ table: { value: "t" } });
    expect(readEvent(ours, options)).toMatchObject({
      kind: "event",
      id: "/core 1",
      event: { id: "/core 1", type: "order.cancelled", version: 1, data: { order_id: "O-1" } },
    });
    expect(readEvent({ ...ours, contractversion: "2" })).toMatchObject({
      code: "version_unsupported",
    });
    expect(readEvent({ ...ours, type: "net.upline.order.eaten" })).toMatchObject({
      code: "type_unknown",
      type: "order.eaten",
    });
    expect(pathsOf(readEvent({ ...ours, data: { reason: "x" } }))).toEqual(["data.order_id"]);
    expect(pathsOf(readEvent({ ...ours, time: undefined }))).toEqual(["occurred_at"]);
    expect(readEvent({ ...ours, type: "order.cancelled" })).toMatchObject({ code: "unmapped" });
  });

  test("reads Debezium's changes of rows by their place in the log", () => {
    const body = payload("debezium-cloudevents.json");
    const options = { tables: { customers: { key: ["id"] } } };
    expect(itemOf({ body, options })).toMatchObject({
      event: { type: "cdc.row", rev: "24023128", data: { op: "c", pk: 1004 } },
    });
    expect(itemsOf({ body: `[${body},${body}]`, options })).toHaveLength(2);
  });

  test("takes Debezium's transactions without keeping them", () => {
    const begin = {
      ...event,
      type: "io.debezium.connector.postgresql.DataChangeEvent",
      data: { status: "BEGIN", id: "556", event_count: 1 },
    };
    expect(read({ body: JSON.stringify(begin) })).toEqual({
      kind: "items",
      items: [],
      ignored: expect.any(String),
    });
  });
});

describe("cloudevents, the handshake", () => {
  const greet = async (headers: Record<string, string>, method = "OPTIONS") =>
    cloudevents.greet?.(deliver({ method, headers }), { scheme: "bearer-token", secrets: [] });

  test("allows the origin that asks, and any rate where one is asked for", async () => {
    expect(cloudevents.greetMethods).toEqual(["OPTIONS"]);
    const origin = { "WebHook-Request-Origin": "eventemitter.example.com" };
    const granted = { Allow: "POST", "WebHook-Allowed-Origin": "eventemitter.example.com" };
    expect(await greet(origin)).toEqual({ status: 200, headers: granted });
    const headers = { ...granted, "WebHook-Allowed-Rate": "*" };
    for (const rate of ["120", "*"]) {
      const asked = { ...origin, "WebHook-Request-Rate": rate };
      expect(await greet(asked)).toEqual({ status: 200, headers });
    }
    const callback = { ...origin, "WebHook-Request-Callback": "https://169.254.169.254/latest" };
    expect(await greet(callback)).toEqual({ status: 200, headers: granted });
  });

  test.each([
    [{}],
    [{ "WebHook-Request-Origin": "" }],
    [{ "WebHook-Request-Origin": "a\r\nSet-Cookie: b" }],
    [{ "WebHook-Request-Origin": "a, b" }],
    [{ "WebHook-Request-Origin": "*" }],
    [{ "WebHook-Request-Origin": "x".repeat(254) }],
  ])("gives no consent to %j", async (headers) => {
    expect(await greet(headers)).toBeUndefined();
  });

  test("does not take a delivery for a handshake", async () => {
    expect(await greet({ "WebHook-Request-Origin": "example.com" }, "POST")).toBeUndefined();
  });
});

describe("cloudevents, answering", () => {
  const refused = { kind: "refused", status: 503, code: "overloaded", title: "Later" } as const;
  const delivery = deliver({});

  test("says 429 and when to come back, where there is too much", () => {
    expect(cloudevents.reply?.({ ...refused, retryAfterS: 7 }, delivery)).toEqual({
      status: 429,
      headers: { "Content-Type": "application/problem+json", "Retry-After": "7" },
      body: JSON.stringify({
        type: "urn:upline:problem:overloaded",
        code: "overloaded",
        title: "Later",
        status: 429,
      }),
    });
    expect(cloudevents.reply?.(refused, delivery)?.headers).toMatchObject({ "Retry-After": "30" });
  });

  test("leaves every other answer as it is", () => {
    expect(cloudevents.reply?.({ kind: "taken" }, delivery)).toBeUndefined();
    expect(cloudevents.reply?.({ ...refused, status: 401 }, delivery)).toBeUndefined();
  });
});
