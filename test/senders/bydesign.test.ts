import { describe, expect, test } from "vitest";
import { bydesign } from "#src/senders/bydesign.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS } from "./deliver.ts";
import { parseHttpFile } from "./http-file.ts";
import { samples } from "./samples/bydesign.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "core", options: {} };
const itemsOf = (body: unknown, options: object = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = bydesign.read(deliver({ body: text }), {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
  return reading.kind === "items" ? reading.items : [];
};

describe("bydesign, reading", () => {
  test("reads a call about a rep as a hint to look, dated by its arrival", () => {
    const { body } = parseHttpFile(payload("mlm-bydesign-request.http"));
    expect(itemsOf(body)).toMatchObject([
      {
        id: expect.stringMatching(/^[\da-f]{32}$/),
        event: {
          type: "cdc.gap",
          occurredAtMs: RECEIVED_AT_MS,
          data: { table: "bydesign:Rep", pks: ["70412"] },
        },
      },
    ]);
  });

  test.each([
    [{ repDID: 70_412 }, { table: "bydesign:Rep", pks: ["70412"] }],
    [{ customerDID: "C7" }, { table: "bydesign:Customer", pks: ["C7"] }],
    [
      { CustomerDID: "C7", RepDID: "R1" },
      { table: "bydesign:Rep", pks: ["R1"] },
    ],
  ])("reads %j", (body, data) => {
    const [item] = itemsOf(body);
    expect(item?.kind === "event" && item.event.data).toEqual(data);
  });

  test("keeps a call that names nobody", () => {
    expect(itemsOf({ EventType: "OrderPosted", OrderID: 9 })).toMatchObject([
      { kind: "broken", code: "unmapped", type: "OrderPosted" },
    ]);
    expect(itemsOf({})).toMatchObject([{ kind: "broken", code: "unmapped", type: "ByDesign" }]);
  });

  test.each([["[]"], ["null"], ['"text"']])("keeps %s, which is no call", (body) => {
    expect(itemsOf(body)).toMatchObject([{ kind: "broken", code: "contract_violated" }]);
  });

  test("names a call by all it says", () => {
    const idOf = (body: object) => itemsOf(body)[0]?.id;
    expect(idOf({ RepDID: "1", At: 1 })).toBe(idOf({ RepDID: "1", At: 1 }));
    expect(idOf({ RepDID: "1", At: 1 })).not.toBe(idOf({ RepDID: "1", At: 2 }));
  });

  test("translates by the source's own rules", () => {
    const rules = [
      {
        type: "distributor.status_changed",
        when: { $type: "RepUpdated", RepStatus: ["A", "S"] },
        fields: {
          distributor_id: "RepDID",
          status: { path: "RepStatus", values: { A: "active", S: "suspended" } },
          effective_at: "ChangedOn",
        },
        rev: { path: "Version", as: "integer" },
        occurred_at: "ChangedOn",
      },
    ];
    const options = JSON.parse(JSON.stringify({ rules }));
    expect(bydesign.checkOptions(options, "basic")).toEqual([]);
    const told = { RepDID: "70412", EventType: "RepUpdated" };
    const [changed] = itemsOf(
      { ...told, RepStatus: "S", Version: "7", ChangedOn: "2026-07-25T17:30:00Z" },
      options,
    );
    expect(changed?.kind === "event" && changed.event).toMatchObject({
      type: "distributor.status_changed",
      rev: "7",
      data: { distributor_id: "70412", status: "suspended" },
    });
    const [other] = itemsOf({ ...told, RepStatus: "X" }, options);
    expect(other?.kind === "event" && other.event.type).toBe("cdc.gap");
  });
});
