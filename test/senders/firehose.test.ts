import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { firehose } from "#src/senders/firehose.ts";
import type { Outcome } from "#src/senders/sender.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { samples } from "./samples/firehose.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "stream", options: {} };
const timestamp = 1_785_000_060_599;
const requestId = "ed4acda5-034f-4f42-bba1-000000000001";

const readBody = (body: string, options = {}) =>
  firehose.read(deliver({ body }), { ...context, options });
const itemsOf = (reading: ReturnType<typeof readBody>) => {
  expect(reading).toMatchObject({ kind: "items" });
  return reading.kind === "items" ? reading.items : [];
};
const record = (data: string | Uint8Array) => ({ data: Buffer.from(data).toString("base64") });
const readAll = (records: readonly unknown[], options = {}) =>
  readBody(JSON.stringify({ requestId, timestamp, records }), options);
const read = (...texts: (string | Uint8Array)[]) => readAll(texts.map(record));
const idsOf = (...texts: (string | Uint8Array)[]) => itemsOf(read(...texts)).map(({ id }) => id);
const packed = (text: string | Uint8Array) => gzipSync(text);

const twice = Buffer.concat([packed('{"n":1}'), packed('{"n":2}')]);

const unmapped = { kind: "broken", code: "unmapped" };
const broken = (rule: string) => ({ code: "contract_violated", errors: [{ rule }] });

describe("firehose, the access key", () => {
  const judge = async (key: string, secrets: readonly string[]) =>
    verifyBy(
      firehose,
      "firehose-access-key",
      deliver({ headers: { "X-Amz-Firehose-Access-Key": key }, body: "{}" }),
      { secrets },
    );
  const longest = "k".repeat(4096);

  test("is compared as it is, up to the longest", async () => {
    expect(await judge(longest, [longest])).toMatchObject({ ok: true });
    expect(await judge("key, with a comma", ["key, with a comma"])).toMatchObject({ ok: true });
    expect(await judge(longest.slice(1), [longest])).toMatchObject({ reason: "token_invalid" });
  });

  test("is refused where Firehose could not send it", () => {
    const { checkSecret } = firehose.schemes["firehose-access-key"] ?? {};
    expect(checkSecret?.(longest)).toBeUndefined();
    expect(checkSecret?.(`${longest}k`)).toMatch(/4096/);
    expect(checkSecret?.("ü".repeat(2049))).toMatch(/4096/);
    expect(checkSecret?.("short")).toEqual(expect.any(String));
  });
});

describe("firehose, reading", () => {
  test("reads each record of the request AWS documents", () => {
    const first = itemsOf(readBody(payload("firehose-request.json")));
    expect(first).toMatchObject([unmapped, unmapped, broken("json")]);
    const gz = readFileSync(new URL("fixtures/payloads/firehose-request.json.gz", import.meta.url));
    expect(itemsOf(readBody(gunzipSync(gz).toString()))).toEqual(first);
  });

  test("makes events by rules, dated by their arrival", () => {
    const rule = {
      type: "order.cancelled",
      when: { op: "cancel" },
      fields: { order_id: "id", reason: { value: "told by the stream" } },
    };
    const text = JSON.stringify({ op: "cancel", id: "O-1" });
    expect(firehose.checkOptions({ rules: [rule] }, "firehose-access-key")).toEqual([]);
    expect(itemsOf(readAll([record(text)], { rules: [rule] }))).toMatchObject([
      {
        isUntimed: true,
        event: { type: "order.cancelled", occurredAtMs: RECEIVED_AT_MS, data: { order_id: "O-1" } },
      },
    ]);
  });

  test("reads changes of rows by their place in the log, however they are put together", () => {
    const insert = payload("debezium-insert.json");
    const update = payload("debezium-update.json");
    const options = { tables: { customers: { key: ["id"] } } };
    const apart = itemsOf(readAll([record(insert), record(update)], options));
    expect(apart).toMatchObject([
      { event: { type: "cdc.row", rev: "24023128" } },
      { event: { type: "cdc.row", rev: "24023999" } },
    ]);
    expect(itemsOf(readAll([record(insert + update)], options))).toEqual(apart);
    expect(itemsOf(readAll([record(packed(insert + update))], options))).toEqual(apart);
    expect(itemsOf(readAll([record(`[${insert},${update}]`)], options))).toEqual(apart);
    expect(itemsOf(readAll([record(update)], options))).toEqual(apart.slice(1));
  });

  describe("what has no name of its own", () => {
    const [a, b] = ['{"n":1}', '{"n":2}'];
    const sent = (name: unknown, ...texts: string[]) => {
      const request = { requestId: name, timestamp, records: texts.map((text) => record(text)) };
      return itemsOf(readBody(JSON.stringify(request))).map(({ id }) => id);
    };

    test("is named by its request and its place", () => {
      expect(idsOf(a, b + a)).toEqual([`${requestId}:0:0`, `${requestId}:1:0`, `${requestId}:1:1`]);
      expect(idsOf(packed(a + b))).toEqual([`${requestId}:0:0`, `${requestId}:0:1`]);
    });

    test("is the same when its request is tried again, and another in another", () => {
      expect(sent("r-1", a, a)).toEqual(sent("r-1", a, a));
      const ids = [...sent("r-1", a, a), ...sent("r-2", a)];
      expect(new Set(ids).size).toBe(3);
    });

    test("keeps its length whatever the request is called", () => {
      const [id = ""] = sent("x".repeat(128), a);
      expect(id).toMatch(/^fp:[\da-f]{32}$/);
    });

    test.each([undefined, null, 7, "", "two words", "x".repeat(129)])(
      "is named by what it holds where the request is called %j",
      (name) => {
        const ids = sent(name, a, b, a);
        expect(ids).toEqual([
          expect.stringMatching(/^record:[\da-f]{32}:0$/),
          expect.stringMatching(/^record:[\da-f]{32}:0$/),
          expect.stringMatching(/^record:[\da-f]{32}:1$/),
        ]);
        expect(sent(name, a, b, a)).toEqual(ids);
      },
    );
  });

  test("takes a heartbeat of a connector without keeping it", () => {
    expect(read(payload("debezium-heartbeat.json"))).toEqual({
      kind: "items",
      items: [],
      ignored: expect.any(String),
    });
  });

  test.each<[string, unknown, string]>([
    ["text", record("plain text\n"), "json"],
    ["JSON that is cut short", record('{"n":1}{"n":'), "json"],
    ["no bytes", { data: "" }, "base64"],
    ["no base64", { data: "{}" }, "base64"],
    ["no data", {}, "base64"],
    ["a number", 7, "base64"],
    ["bytes that are not UTF-8", record(Uint8Array.of(0x22, 0xff, 0x22)), "utf8"],
    ["GZIP that is cut short", record(packed('{"n":1}').subarray(0, 20)), "gzip"],
    ["GZIP without its end", record(packed('{"n":1}').subarray(0, -8)), "gzip"],
    ["GZIP whose data is no such", record(gzipSync("{}").fill(255, 10)), "gzip"],
    ["two GZIPs, one cut short", record(twice.subarray(0, -9)), "gzip"],
    ["GZIP of nothing but a head", record(Uint8Array.of(0x1f, 0x8b)), "gzip"],
    ["a number inside", record("7"), "object"],
  ])("leaves a record of %s alone", (_name, bad, rule) => {
    const items = itemsOf(readAll([record('{"n":1}'), bad, record('{"n":2}')]));
    expect(items).toMatchObject([unmapped, broken(rule), unmapped]);
  });

  test("reads a record of several GZIPs, one behind the other", () => {
    expect(itemsOf(readAll([record(twice)]))).toEqual(itemsOf(read('{"n":1}{"n":2}')));
    const long = (n: number) => packed(`{"n":"${`${n}-${n * 7}-`.repeat(40_000)}"}`);
    const three = Buffer.concat([1, 2, 3].map(long));
    expect(itemsOf(readAll([record(three)]))).toHaveLength(3);
  });

  test("unpacks no more than 4 MiB of a record, and 8 MiB of a delivery", () => {
    const blanks = (bytes: number) => packed(`{"n":1}${" ".repeat(bytes - 7)}`);
    const MIB = 1024 * 1024;
    const full = record(blanks(4 * MIB));
    expect(itemsOf(readAll([full]))).toMatchObject([unmapped]);
    expect(itemsOf(readAll([record(blanks(4 * MIB + 1))]))).toMatchObject([broken("gzip")]);
    expect(itemsOf(readAll([record(packed(new Uint8Array(64 * MIB)))]))).toMatchObject([
      broken("gzip"),
    ]);

    const items = itemsOf(readAll([full, full, record(blanks(7)), record('{"n":1}')]));
    expect(items).toMatchObject([unmapped, unmapped, broken("gzip"), unmapped]);
  });

  test("counts what a broken record unpacked to, for it has cost as much", () => {
    const long = record(packed(new Uint8Array(64 * 1024 * 1024)));
    const items = itemsOf(readAll([long, long, record(packed('{"n":1}')), record('{"n":1}')]));
    expect(items).toMatchObject([broken("gzip"), broken("gzip"), broken("gzip"), unmapped]);
  });

  test("parses no record of millions of objects", () => {
    const nested = packed(`[[${"{},".repeat(1_000_000)}{}]]`);
    expect(itemsOf(readAll([record(nested)]))).toMatchObject([broken("length")]);
  });

  test("takes 10 000 JSON texts of a delivery, and leaves the record beyond alone", () => {
    const many = "{}".repeat(9999);
    const items = itemsOf(read(many, "{}{}", "{}", "{}"));
    expect(items).toHaveLength(10_002);
    expect(items.slice(9999)).toMatchObject([broken("length"), unmapped, broken("length")]);
    expect(itemsOf(read(`[${"0,".repeat(1_000_000)}0]`))).toMatchObject([broken("length")]);
  });

  test.each([
    ["no records", { requestId, timestamp, records: [] }, ["records"]],
    [
      "more than 10 000",
      { timestamp, records: Array.from({ length: 10_001 }, () => 0) },
      ["records"],
    ],
    ["another body", { hello: "world" }, ["timestamp", "records"]],
    ["a list", [], [""]],
  ])("keeps a request of %s as broken", (_name, body, paths) => {
    const [item, ...others] = itemsOf(readBody(JSON.stringify(body)));
    expect(others).toEqual([]);
    expect(item).toMatchObject({ kind: "broken", code: "contract_violated" });
    expect(item?.kind === "broken" && item.errors.map(({ path }) => path)).toEqual(paths);
  });
});

describe("firehose, CloudWatch Logs", () => {
  const batch = {
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/app",
    logStream: "s1",
    subscriptionFilters: ["f"],
  };
  const logged = (id: string, message: string) => ({ id, timestamp: 1_785_000_060_000, message });
  const read1 = (told: object, options = {}) =>
    itemsOf(readAll([record(packed(JSON.stringify(told)))], options));

  test("reads each log event of a subscription by its own id", () => {
    const items = itemsOf(readBody(payload("firehose-request-cloudwatch-logs.json")));
    expect(items).toMatchObject([
      { ...unmapped, id: "cloudwatch:123456789012:/app:s1:01", type: "/app" },
    ]);
    const two = read1({ ...batch, logEvents: [logged("01", "hello"), logged("02", "hello")] });
    expect(two.map(({ id }) => id)).toEqual([
      "cloudwatch:123456789012:/app:s1:01",
      "cloudwatch:123456789012:/app:s1:02",
    ]);
  });

  test("hands lines of text and events in JSON to the rules", () => {
    const rule = {
      type: "cdc.gap",
      when: { $type: "/app", logStream: "s1" },
      fields: { table: "message" },
    };
    const options = { rules: [rule] };
    expect(read1({ ...batch, logEvents: [logged("01", "orders")] }, options)).toMatchObject([
      {
        event: { type: "cdc.gap", occurredAtMs: 1_785_000_060_000, data: { table: "orders" } },
      },
    ]);
    const json = { type: "cdc.gap", when: { kind: "lost" }, fields: { table: "of" } };
    const message = JSON.stringify({ kind: "lost", of: "orders" });
    expect(
      read1({ ...batch, logEvents: [logged("01", message)] }, { rules: [json] }),
    ).toMatchObject([
      { id: "cloudwatch:123456789012:/app:s1:01", event: { data: { table: "orders" } } },
    ]);
  });

  test("takes a control message without keeping it, and leaves a bad log event alone", () => {
    const control = { ...batch, messageType: "CONTROL_MESSAGE", logEvents: [logged("", "check")] };
    expect(read1(control)).toEqual([]);
    expect(read1({ ...batch, logEvents: [{ id: 1 }, logged("02", "hello"), 7] })).toMatchObject([
      unmapped,
      { id: "cloudwatch:123456789012:/app:s1:02" },
      broken("object"),
    ]);
  });
});

describe("firehose, answering", () => {
  const headers = { "X-Amz-Firehose-Request-Id": requestId };
  const refused: Outcome = { kind: "refused", status: 503, code: "overloaded", title: "Try later" };
  const answer = (outcome: Outcome, request: Parameters<typeof deliver>[0]) =>
    firehose.reply?.(outcome, deliver({ receivedAtMs: 1_785_000_060_733, ...request }));
  const contentType = { "Content-Type": "application/json" };

  test("gives 200 and exactly the body of AWS's example", () => {
    const reply = answer({ kind: "taken" }, { headers });
    expect(reply).toMatchObject({ status: 200, headers: contentType });
    expect(JSON.parse(reply?.body ?? "")).toEqual(JSON.parse(payload("firehose-response-ok.json")));
  });

  test("gives a refusal the members of AWS's example", () => {
    const reply = answer(refused, { headers });
    expect(reply).toMatchObject({ status: 503, headers: contentType });
    const example: object = JSON.parse(payload("firehose-response-error.json"));
    expect(JSON.parse(reply?.body ?? "")).toEqual({
      ...example,
      errorMessage: "Try later (overloaded)",
    });
  });

  test.each([
    [401, 401],
    [400, 400],
    [405, 405],
    [413, 500],
    [500, 500],
  ])("gives %i as %i, and never 413, by which records are lost", (status, told) => {
    expect(answer({ ...refused, status }, { headers })?.status).toBe(told);
  });

  test.each([
    ["the header", { headers, body: '{"requestId":"other"}' }, requestId],
    ["the body without it", { body: '{"requestId":"of-body"}' }, "of-body"],
    ["nothing", {}, "unknown"],
    ["a body that is packed", { body: gzipSync('{"requestId":"x"}') }, "unknown"],
    ["a body without one", { body: '{"requestId":7}' }, "unknown"],
    ["a header too long", { headers: { "x-amz-firehose-request-id": "x".repeat(129) } }, "unknown"],
    ["a header of blanks", { headers: { "x-amz-firehose-request-id": "a b" } }, "unknown"],
  ])("names the request by %s", (_name, request, expected) => {
    const { body = "" } = answer({ kind: "taken" }, request) ?? {};
    expect(JSON.parse(body)).toMatchObject({ requestId: expected });
  });

  test("does not read the body of what it refuses", () => {
    const body = '{"requestId":"of-body"}';
    for (const status of [401, 400, 503]) {
      const reply = answer({ ...refused, status }, { body });
      expect(JSON.parse(reply?.body ?? "")).toMatchObject({ requestId: "unknown" });
      const named = answer({ ...refused, status }, { headers, body });
      expect(JSON.parse(named?.body ?? "")).toMatchObject({ requestId });
    }
  });

  test("keeps its message within what AWS reads", () => {
    const { body = "" } = answer({ ...refused, title: "x".repeat(9000) }, { headers }) ?? {};
    expect(JSON.parse(body).errorMessage).toHaveLength(8192);
  });
});
