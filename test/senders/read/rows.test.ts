import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { readRow, type RowChange, tableOptions } from "#src/senders/read/rows.ts";

const change: RowChange = {
  tables: ["shopdb.public.orders", "public.orders", "orders"],
  op: "u",
  before: { id: 7, status: "open" },
  after: { id: 7, status: "paid", line: 2, version: 3 },
  rev: "24023999",
  occurredAtMs: 1_785_000_050_123,
};

const read = (
  told: Partial<RowChange>,
  options: JsonObject = { tables: { "*": { key: ["id"] } } },
) => readRow({ ...change, ...told }, { tenant: "acme", source: "shopdb", options });

const keyed = (name: string, ...key: string[]): JsonObject => ({ tables: { [name]: { key } } });

describe("a row", () => {
  test("is a cdc.row where its table has no events", () => {
    expect(read({}, keyed("orders", "id"))).toEqual({
      kind: "event",
      isUntimed: true,
      id: expect.stringMatching(/^shopdb\.public\.orders:u:24023999::[\da-f]{32}$/),
      event: {
        id: expect.any(String),
        source: "shopdb",
        type: "cdc.row",
        version: 1,
        occurredAtMs: 1_785_000_050_123,
        key: "cdc:shopdb.public.orders:7",
        epoch: 1,
        rev: "24023999",
        data: { table: "shopdb.public.orders", pk: 7, op: "u", after: change.after },
      },
    });
  });

  test.each([
    ["created", { op: "c" as const }, { op: "c", after: change.after }],
    ["read", { op: "r" as const }, { op: "r", after: change.after }],
    ["deleted", { op: "d" as const, after: undefined }, { op: "d" }],
  ])("that was %s", (_name, told, data) => {
    const item = read(told);
    expect(item).toMatchObject({ event: { data: { pk: 7, ...data } } });
    expect(item.kind === "event" && "after" in item.event.data).toBe(told.op !== "d");
  });

  test.each<[string, readonly string[], unknown, string]>([
    ["one column", ["id"], 7, "7"],
    ["several columns, in order", ["line", "id"], [2, 7], "[2,7]"],
    ["a path", ["doc._id.$oid"], "65f0", "65f0"],
    ["a column that reads like a path", ["a.b"], "dotted", "dotted"],
  ])("has a key of %s", (_name, key, pk, text) => {
    const after = { ...change.after, doc: { _id: { $oid: "65f0" } }, "a.b": "dotted", a: { b: 1 } };
    expect(read({ after }, keyed("orders", ...key))).toMatchObject({
      event: { key: `cdc:shopdb.public.orders:${text}`, data: { pk } },
    });
  });

  test("is read by the most exact name of its table", () => {
    const tables = (...names: string[]): JsonObject => ({
      tables: Object.fromEntries(
        names.map((name) => [name, { key: [name === "*" ? "id" : "line"] }]),
      ),
    });
    const pkOf = (options: JsonObject) => {
      const item = read({}, options);
      return item.kind === "event" ? item.event.data["pk"] : undefined;
    };
    expect(pkOf(tables("*"))).toBe(7);
    for (const name of change.tables) expect(pkOf(tables("*", name))).toBe(2);
    const both = { tables: { orders: { key: ["id"] }, "public.orders": { key: ["line"] } } };
    expect(pkOf(both)).toBe(2);
    expect(pkOf({ tables: { constructor: { key: ["id"] } } })).toBeUndefined();
  });

  test.each<[string, Partial<RowChange>, JsonObject, string]>([
    ["no mapping", {}, {}, 'No mapping for table "shopdb.public.orders"'],
    ["no mapping of its table", {}, keyed("customers", "id"), "No mapping for table"],
    [
      "a table named like a member of every object",
      { tables: ["toString"] },
      keyed("x", "id"),
      "No ma",
    ],
    ["no such column", {}, keyed("orders", "id", "nr"), "key (id, nr) of table"],
    ["a column that every object has", {}, keyed("orders", "constructor"), "is not in the row"],
    ["null in its key", { after: { id: null } }, keyed("orders", "id"), "is not in the row"],
    [
      "no row where it was deleted",
      { op: "d", before: undefined },
      keyed("*", "id"),
      "with a delete",
    ],
    ["no place in the log", { rev: undefined }, keyed("*", "id"), "tell no place in a log"],
  ])("is kept where there is %s", (_name, told, options, message) => {
    expect(read(told, options)).toMatchObject({
      kind: "broken",
      code: "unmapped",
      errors: [{ path: "type", rule: "unmapped", message: expect.stringContaining(message) }],
    });
  });

  test.each([
    ["one column", ["id"], [7]],
    ["several", ["line", "id"], [[2, 7]]],
  ])("that is told in part has to be fetched, by a key of %s", (_name, key, pks) => {
    for (const rev of [change.rev, undefined]) {
      const item = read({ isPartial: true, rev }, keyed("orders", ...key));
      expect(item).toMatchObject({ event: { type: "cdc.gap" } });
      expect(item).toHaveProperty("event.data", { table: "shopdb.public.orders", pks });
      expect(item.id).toBe(read({ rev }, keyed("orders", ...key)).id);
    }
  });

  test("that is told in part is asked for as any other, and its deletion is whole", () => {
    expect(read({ isPartial: true }, {})).toMatchObject({ code: "unmapped" });
    expect(read({ isPartial: true }, keyed("orders", "nr"))).toMatchObject({ code: "unmapped" });
    expect(read({ isPartial: true, op: "d" })).toMatchObject({
      event: { type: "cdc.row", data: { pk: 7, op: "d" } },
    });
    const added = { ...keyed("orders", "id"), fields: { "cdc.gap": { of: "status" } } };
    expect(read({ isPartial: true }, added)).toMatchObject({
      event: { type: "cdc.gap", data: { pks: [7], of: "paid" } },
    });
  });

  test("that was truncated away leaves a gap, whatever the mapping", () => {
    const truncated = { op: "t", before: undefined, after: undefined } as const;
    for (const options of [{}, keyed("orders", "id")]) {
      expect(read(truncated, options)).toMatchObject({
        event: { type: "cdc.gap", data: { table: "shopdb.public.orders" } },
      });
    }
  });
});

describe("events of a row", () => {
  const lead = {
    type: "lead.upserted",
    fields: {
      crm: { value: "shop" },
      object_id: { path: "$pk", as: "text" },
      fields: { value: {} },
    },
  };
  const cancelled = {
    type: "order.cancelled",
    when: { $op: "u", status: "paid", "$before.status": "open" },
    fields: { order_id: { path: "id", as: "text" }, reason: "$table" },
  };
  const mapped = (...events: object[]): JsonObject =>
    JSON.parse(JSON.stringify({ tables: { orders: { key: ["id"], events } }, epoch: 4 }));

  test("are the first whose conditions hold, and the row itself where none do", () => {
    expect(read({}, mapped(cancelled, lead))).toMatchObject({
      event: { type: "order.cancelled", data: { order_id: "7", reason: "shopdb.public.orders" } },
    });
    expect(read({ before: { id: 7, status: "paid" } }, mapped(cancelled))).toMatchObject({
      event: { type: "cdc.row", epoch: 9 },
    });
  });

  test("are made of a row that is told in part, too", () => {
    expect(read({ isPartial: true }, mapped(cancelled))).toMatchObject({
      event: { type: "order.cancelled", data: { order_id: "7" } },
    });
    expect(read({ isPartial: true, before: undefined }, mapped(cancelled))).toMatchObject({
      event: { type: "cdc.gap", data: { pks: [7] } },
    });
  });

  test("are numbered by the log, by the source's epoch, and by a column where the rule says so", () => {
    expect(read({}, mapped(lead))).toMatchObject({ event: { rev: "24023999", epoch: 9 } });
    expect(read({}, mapped({ ...lead, rev: "version", epoch: "line" }))).toMatchObject({
      event: { rev: "3", epoch: 2 },
    });
    for (const snapshotRev of [undefined, "1785000000000"]) {
      const told = { op: "r", rev: undefined, snapshotRev } as const;
      expect(read(told, mapped({ ...lead, rev: "version" }))).toMatchObject({
        event: { rev: "3", epoch: 4 },
      });
    }
  });

  test("are numbered by the snapshot's moment where there is no place, below all that has one", () => {
    const told = { op: "r", rev: undefined, snapshotRev: "1785000000000" } as const;
    expect(read(told, mapped())).toMatchObject({ event: { rev: "1785000000000", epoch: 8 } });
    expect(read(told, keyed("orders", "id"))).toMatchObject({ event: { epoch: 0 } });
  });

  test("of a register are kept where nothing numbers them: a moment is no place in a log", () => {
    const kept = (told: Partial<RowChange>, event: object) => {
      const item = read(told, mapped(event));
      return item.kind === "broken" ? item.errors[0]?.message : item.event.rev;
    };
    expect(kept({ rev: undefined }, lead)).toContain("tell no place in a log");
    expect(kept({}, { ...lead, rev: "absent" })).toContain("a rev that is always there");
    expect(kept({ rev: undefined }, cancelled)).toBeUndefined();
  });
});

describe("the id of a change", () => {
  test("is that of its place and row, whatever the options and the moment", () => {
    const options: readonly JsonObject[] = [{}, keyed("*", "id"), keyed("*", "line"), { epoch: 9 }];
    const ids = options.map(
      (given) => read({ occurredAtMs: given === options[0] ? 1 : 2 }, given).id,
    );
    expect(new Set(ids).size).toBe(1);
  });

  test.each<[string, Partial<RowChange>]>([
    ["rev", { rev: "24024000" }],
    ["no rev", { rev: undefined }],
    ["position", { position: "2" }],
    ["op", { op: "c" }],
    ["table", { tables: ["orders"] }],
    ["row", { after: { id: 7 } }],
    ["row that was deleted", { op: "d" }],
  ])("differs by %s", (_name, told) => {
    expect(read(told).id).not.toBe(read({}).id);
  });

  test("is short enough whatever the table is called", () => {
    expect(read({ tables: ["t".repeat(300)] }).id.length).toBeLessThanOrEqual(128);
  });
});

describe("tableOptions()", () => {
  const check = tableOptions();

  test.each<[string, JsonObject]>([
    ["nothing", {}],
    ["a table", keyed("public.orders", "id")],
    ["an epoch", { epoch: 1 }],
    ["rules beside them", { rules: [{ type: "cdc.gap", fields: { table: { value: "t" } } }] }],
  ])("take %s", (_name, options) => {
    expect(check(options)).toEqual([]);
  });

  test.each<[string, JsonObject, string]>([
    ["no key", { tables: { orders: { key: [] } } }, "options.tables.orders.key"],
    [
      "an event of no type",
      JSON.parse('{"tables":{"o":{"key":["id"],"events":[{"type":"x","fields":{}}]}}}'),
      "options.tables.o.events[0].type",
    ],
    ["an epoch below zero", { epoch: -1 }, "options.epoch"],
    ["an epoch of which twice is too much", { epoch: 1_000_000_001 }, "options.epoch"],
    ["what they do not know", { table: {} }, "options"],
  ])("do not take %s", (_name, options, path) => {
    expect(check(options).map((violation) => violation.path)).toContain(path);
  });
});
