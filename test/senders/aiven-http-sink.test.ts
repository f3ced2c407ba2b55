import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { aivenHttpSink } from "#src/senders/aiven-http-sink.ts";
import type { Reading } from "#src/senders/sender.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { samples } from "./samples/aiven-http-sink.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const read = (body: string, options: JsonObject = {}): Reading =>
  aivenHttpSink.read(deliver({ body }), { tenant: "acme", source: "kafka", options });

const BATCH = payload("aiven-http-sink-batch.txt");

describe("bodies", () => {
  test.each([
    ["lines with a newline behind the last", BATCH, 2],
    ["lines without it", BATCH.trimEnd(), 2],
    ["one record, not batched", '{"id":1}', 1],
    ["one line", '{"id":1}\n', 1],
    ["an array, by prefix, separator and suffix", '[{"id":1},{"id":2}]', 2],
    ["a newline inside of text", String.raw`{"note":"a\nb"}` + "\n", 1],
  ])("are read: %s", (_name, body, count) => {
    expect(read(body)).toMatchObject({
      items: Array.from({ length: count }, () => ({ code: "unmapped", type: "record" })),
    });
  });

  test("are mapped line by line, and one that is no record stays alone", () => {
    const rules = [
      {
        type: "lead.upserted",
        rev: "id",
        fields: {
          crm: { value: "kafka" },
          object_id: { path: "id", as: "text" },
          fields: { value: {} },
        },
      },
    ];
    expect(read(`${BATCH}"text"\n{"name":"c"}\n`, { rules })).toMatchObject({
      items: [
        { event: { type: "lead.upserted", rev: "1", data: { object_id: "1" } } },
        { event: { type: "lead.upserted", rev: "2", data: { object_id: "2" } } },
        { kind: "broken", code: "contract_violated" },
        {
          kind: "broken",
          code: "unmapped",
          errors: [{ message: expect.stringContaining("a rev") }],
        },
      ],
    });
  });

  test("of Debezium's records are changes of rows", () => {
    const line = JSON.stringify(JSON.parse(payload("debezium-update.json")));
    expect(read(`${line}\n`, { tables: { customers: { key: ["id"] } } })).toMatchObject({
      items: [{ event: { type: "cdc.row", data: { op: "u", pk: 1004 } } }],
    });
  });

  test("that are none say what to set", () => {
    expect(read("Struct{a=1}\n")).toMatchObject({
      kind: "malformed",
      errors: [{ path: "[0]", message: expect.stringContaining("JsonConverter") }],
    });
  });
});

describe("a fixed Authorization", () => {
  const delivery = deliver({ headers: { authorization: "Key 4f1c0e7d9a2b5c6d" } });
  const judge = (name: string | undefined) => {
    const options: JsonObject = name === undefined ? {} : { api_key_header: name };
    const means = { options, certificateAt: () => Promise.resolve(undefined) };
    const secrets = ["Key 4f1c0e7d9a2b5c6d"];
    return verifyBy(aivenHttpSink, "api-key", delivery, { secrets, means });
  };

  test("of any form is compared as a whole where the option names that header", async () => {
    expect(await judge("Authorization")).toMatchObject({ ok: true });
    expect(await judge(undefined)).toMatchObject({ ok: false, reason: "token_missing" });
  });
});
