import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { compareRevisions } from "#src/core/ordering/rev.ts";
import { debezium } from "#src/senders/debezium.ts";
import type { Item, Reading } from "#src/senders/sender.ts";
import { conforms } from "./conformance.ts";
import { deliver, MEANS, RECEIVED_AT_MS, type Request, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { samples } from "./samples/debezium.ts";

for (const sample of samples) conforms(sample);

const TABLES: JsonObject = { tables: { customers: { key: ["id"] } } };
const SOURCE_MS = 1_785_000_050_123;

const read = (request: Request, options: JsonObject = TABLES): Reading =>
  debezium.read(deliver(request), { tenant: "acme", source: "shopdb", options });

/** The items of a body: a text as it is, anything else as JSON. */
function itemsOf(body: unknown, options?: JsonObject): readonly Item[] {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reading = read({ body: text }, options);
  if (reading.kind === "malformed") throw new Error(JSON.stringify(reading.errors));
  return reading.items;
}

const envelope = (name: string): Record<string, unknown> => JSON.parse(payload(name));
const update = envelope("debezium-update.json");
const source = JSON.parse(payload("debezium-insert.json")).source;
/** A change of `orders`, with members of `source` and of the envelope replaced. */
const change = (told: object, place: object = {}) => ({
  before: null,
  after: { id: 1 },
  op: "c",
  transaction: null,
  ts_ms: SOURCE_MS + 300,
  ...told,
  source: { ...source, ...place },
});

const rowOf = (data: object, rev: string, table = "shop.shopdb.public.customers") => ({
  type: "cdc.row",
  rev,
  // Of the source's epoch 0: see «a row that a snapshot read without a place».
  epoch: 1,
  occurredAtMs: SOURCE_MS,
  data: { table, ...data },
});
const anne = { id: 1004, first_name: "Anne", email: "anne@example.org" };

describe("a change of a row", () => {
  test.each([
    {
      name: "debezium-insert.json",
      event: rowOf(
        {
          pk: 1004,
          op: "c",
          after: { ...anne, balance: "AfQ=", created_at: 1_785_000_050_000_000 },
        },
        "24023128",
      ),
    },
    {
      name: "debezium-update.json",
      event: rowOf({ pk: 1004, op: "u", after: { ...anne, first_name: "Anne Marie" } }, "24023999"),
    },
    { name: "debezium-delete.json", event: rowOf({ pk: 1004, op: "d" }, "24030001") },
    {
      name: "debezium-snapshot-read.json",
      event: rowOf({ pk: 1, op: "r", after: { id: 1, first_name: "Old" } }, "24000000"),
    },
    {
      name: "debezium-with-schema.json",
      event: rowOf({ pk: 1005, op: "c", after: { id: 1005 } }, "24023128"),
    },
    {
      name: "debezium-cloudevents.json",
      event: rowOf({ pk: 1004, op: "c", after: anne }, "24023128"),
    },
    {
      name: "debezium-unwrapped.json",
      event: rowOf(
        { pk: 1004, op: "u", after: { ...anne, first_name: "Anne Marie" } },
        "24023999",
        "customers",
      ),
    },
  ])("reads $name", ({ name, event }) => {
    const items = itemsOf(payload(name));
    expect(items).toEqual([
      {
        kind: "event",
        id: expect.any(String),
        isUntimed: true,
        event: expect.objectContaining(event),
      },
    ]);
    expect(items[0]).toHaveProperty("event.data", event.data);
  });

  test("reads each of a batch, and one that is broken stays alone", () => {
    const batch = JSON.parse(payload("debezium-batch.json"));
    expect(itemsOf(batch).map((item) => item.kind)).toEqual(["event", "event", "event"]);
    expect(itemsOf(batch)).toMatchObject([
      { event: { rev: "24023128", data: { pk: 1, op: "c" } } },
      { event: { rev: "24023200", data: { pk: 2, op: "c" } } },
      { event: { rev: "24023300", data: { pk: 1, op: "d" } } },
    ]);
    const mixed = [batch[0], { ...batch[1], after: null }, 7, { ts_ms: 1 }, null, batch[2]];
    expect(itemsOf(mixed)).toMatchObject([
      { kind: "event" },
      { kind: "broken", code: "contract_violated", errors: [{ path: "after" }] },
      { kind: "broken", code: "contract_violated", errors: [{ path: "" }] },
      { kind: "event" },
    ]);
  });

  test("tells a truncated table as a gap, whatever is mapped", () => {
    for (const options of [TABLES, {}]) {
      expect(itemsOf(payload("debezium-truncate.json"), options)).toMatchObject([
        { event: { type: "cdc.gap", data: { table: "shop.shopdb.public.customers" } } },
      ]);
    }
  });

  test("keeps a row that no mapping names", () => {
    expect(itemsOf(update, {})).toMatchObject([
      {
        kind: "broken",
        code: "unmapped",
        type: "row u",
        errors: [
          { message: expect.stringContaining('No mapping for table "shop.shopdb.public.cust') },
        ],
      },
    ]);
  });

  test("keeps a delete that does not tell its key, and says why", () => {
    expect(itemsOf(change({ op: "d", before: null, after: null }))).toMatchObject([
      {
        code: "unmapped",
        errors: [{ message: expect.stringContaining("log the key with a del") }],
      },
    ]);
  });

  test.each([
    ["an unknown op", change({ op: "x" }), "op"],
    ["no table", change({}, { table: null }), "source.table"],
    ["an insert without its row", change({ after: null }), "after"],
    ["a row that is a list", change({ after: [1] }), "after"],
  ])("keeps %s", (_name, body, path) => {
    expect(itemsOf(body)).toMatchObject([{ code: "contract_violated", errors: [{ path }] }]);
  });

  test("asks for a row of which the database did not log all, and maps what there is", () => {
    const large = {
      id: 1,
      text: "__debezium_unavailable_value",
      bytes: "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
      list: ["__debezium_unavailable_value"],
      none: [],
    };
    const unwrapped = { ...large, __op: "u", __table: "customers", __lsn: 5 };
    for (const body of [change({ op: "u", after: large }), unwrapped]) {
      expect(itemsOf(body)).toMatchObject([{ event: { type: "cdc.gap", data: { pks: [1] } } }]);
    }
    const lead = {
      type: "lead.upserted",
      fields: { crm: { value: "db" }, object_id: { path: "id", as: "text" }, fields: "$after" },
    };
    const options: JsonObject = { tables: { customers: { key: ["id"], events: [lead] } } };
    const [item] = itemsOf(change({ op: "u", after: large }), options);
    expect(item).toHaveProperty("event.data.fields", { id: 1, none: [] });
    expect(itemsOf(change({ op: "d", before: large, after: null }))).toMatchObject([
      { event: { type: "cdc.row", data: { pk: 1, op: "d" } } },
    ]);
  });

  test("keeps numbers beyond 2^53 as their digits", () => {
    const body = JSON.stringify(change({ after: { id: 1, big: 0 } }))
      .replace('"big":0', '"big":9223372036854775807')
      .replace('"lsn":24023128', '"lsn":18446744073709551615');
    expect(itemsOf(body)).toMatchObject([
      { event: { rev: "18446744073709551615", data: { after: { big: "9223372036854775807" } } } },
    ]);
  });

  test("makes events of rows by the table's mapping, told by their state before", () => {
    const options: JsonObject = {
      tables: {
        "public.orders": {
          key: ["id"],
          events: [
            {
              type: "order.cancelled",
              when: { $op: "u", status: "cancelled", "$before.status": ["open", "paid"] },
              fields: { order_id: { path: "id", as: "text" }, reason: { value: "in the shop" } },
            },
          ],
        },
      },
      epoch: 2,
    };
    const told = (before: string) =>
      change(
        { op: "u", before: { id: 7, status: before }, after: { id: 7, status: "cancelled" } },
        { table: "orders" },
      );
    expect(itemsOf(told("paid"), options)).toMatchObject([
      { event: { type: "order.cancelled", data: { order_id: "7", reason: "in the shop" } } },
    ]);
    expect(itemsOf(told("cancelled"), options)).toMatchObject([
      { event: { type: "cdc.row", epoch: 5, data: { pk: 7 } } },
    ]);
  });
});

/** The parts of one integer, as the documentation of the sender lists them. */
const digits = (...parts: string[]) => parts.join("");

describe("where a change stands", () => {
  const lsn = (commit: string, changed: string | null, serial: number | null) => ({
    connector: "sqlserver",
    lsn: null,
    commit_lsn: commit,
    change_lsn: changed,
    event_serial_no: serial,
  });
  const binlog = (file: string, pos: number, row: number) => ({
    connector: "mysql",
    lsn: null,
    schema: null,
    gtid: null,
    file,
    pos,
    row,
  });

  test.each([
    ["PostgreSQL", { lsn: 24_023_128 }, "24023128"],
    ["MySQL", binlog("mysql-bin.000003", 154, 0), "3000000000154000000"],
    ["MySQL, the next row", binlog("mysql-bin.000003", 154, 1), "3000000000154000001"],
    ["MySQL, the next file", binlog("mysql-bin.000010", 4, 0), "10000000000004000000"],
    [
      "SQL Server",
      lsn("00000027:00000758:0005", "00000027:00000758:0003", 2),
      digits("39000000188000005", "99", "00001880", "0003", "2"),
    ],
    [
      "SQL Server, an update begun a log file before",
      lsn("00000027:00000758:0005", "00000026:0000ffff:0003", 2),
      digits("39000000188000005", "98", "00065535", "0003", "2"),
    ],
    [
      "SQL Server, a snapshot",
      lsn("00000027:00000758:0005", null, null),
      digits("39000000188000005", "99", "00000000", "0000", "0"),
    ],
    [
      "SQL Server, an update begun 39 log files before, far into its block",
      lsn("00000027:00000758:0005", "00000000:0000ffff:270f", 2),
      digits("39000000188000005", "60", "00065535", "9999", "2"),
    ],
    [
      "SQL Server, the last log file of 8 digits",
      lsn("05f5e0ff:00000758:0005", null, null),
      digits("99999999", "0000001880", "00005", "99", "00000000", "0000", "0"),
    ],
    [
      "Oracle",
      { lsn: null, scn: "1234567", commit_scn: "1234599" },
      digits("1234599", "0000000000001234567"),
    ],
    [
      "Oracle, a snapshot",
      { lsn: null, scn: "1234567", commit_scn: null },
      digits("1234567", "0000000000001234567"),
    ],
    [
      "MongoDB",
      { lsn: null, table: null, collection: "customers", ts_ms: 1_785_000_050_000, ord: 31 },
      digits("1785000050000", "0000000031"),
    ],
  ])("is one integer of %s", (_name, place, rev) => {
    expect(itemsOf(change({}, place))).toMatchObject([{ event: { rev } }]);
  });

  test.each([
    ["a gtid alone", { lsn: null, gtid: "3E11FA47-71CA-11E1-9E33-C80AA9429562:23" }],
    ["a position too large", binlog("mysql-bin.000003", 1_000_000_000_000, 0)],
    ["a change after its commit", lsn("00000027:00000758:0005", "00000028:00000758:0005", 1)],
    ["an LSN that is none", lsn("27:758:5", null, null)],
    ["a negative LSN", { lsn: -1 }],
  ])("is not told by %s, and is asked for", (_name, place) => {
    expect(itemsOf(change({}, place))).toMatchObject([
      { code: "unmapped", errors: [{ message: expect.stringContaining("no place in a log") }] },
    ]);
  });

  test("is told by the mapping where the database cannot", () => {
    const options = {
      tables: {
        customers: {
          key: ["id"],
          events: [
            {
              type: "lead.upserted",
              rev: "version",
              fields: { crm: { value: "db" }, object_id: "$pk", fields: { value: {} } },
            },
          ],
        },
      },
    };
    const body = change({ after: { id: "c-1", version: 7 } }, { lsn: null, vgtid: "[…]" });
    expect(itemsOf(body, options)).toMatchObject([{ event: { type: "lead.upserted", rev: "7" } }]);
  });

  test.each([
    ["PostgreSQL", { lsn: 9 }, { lsn: 10 }],
    ["MySQL", binlog("b.000009", 900, 5), binlog("b.000010", 4, 0)],
    [
      "SQL Server: commits before changes",
      lsn("00000027:00000758:0005", "00000027:00000758:0003", 1),
      lsn("00000027:00000759:0001", "00000027:00000100:0003", 1),
    ],
  ])("comes to compare as an integer: %s", (_name, earlier, later) => {
    const [a, b] = [earlier, later].map((place) => {
      const [item] = itemsOf(change({}, place));
      return item?.kind === "event" ? BigInt(item.event.rev ?? "-1") : undefined;
    });
    expect(a).toBeTypeOf("bigint");
    expect(Number(b) > Number(a)).toBe(true);
    expect((b ?? 0n) > (a ?? 0n)).toBe(true);
  });

  test("names tables by database and schema, by database alone, and documents by collection", () => {
    const tableOf = (place: object) => {
      const [item] = itemsOf(change({}, place), { tables: { "*": { key: ["id"] } } });
      return item?.kind === "event" ? item.event.data["table"] : undefined;
    };
    expect(tableOf({})).toBe("shop.shopdb.public.customers");
    expect(tableOf(binlog("b.1", 4, 0))).toBe("shop.shopdb.customers");
    expect(tableOf({ db: null, schema: null, table: "t" })).toBe("shop.t");
    expect(tableOf({ name: null })).toBe("shopdb.public.customers");
  });
});

describe("a row that a snapshot read without a place in the log", () => {
  const snapshot = (place: object, told: object = {}) =>
    change({ op: "r", ...told }, { lsn: null, snapshot: "incremental", ...place });
  const revisionOf = (body: unknown, options?: JsonObject, receivedAtMs = RECEIVED_AT_MS) => {
    const reading = read({ body: JSON.stringify(body), receivedAtMs }, options);
    const [item] = reading.kind === "items" ? reading.items : [];
    if (item?.kind !== "event") throw new Error(`No event: ${JSON.stringify(item)}`);
    const { epoch, rev = "" } = item.event;
    return { epoch, rev };
  };
  const tables = { customers: { key: ["id"] } };

  test.each([
    ["PostgreSQL", {}, { lsn: 1 }],
    ["PostgreSQL, the last of a log", {}, { lsn: "18446744073709551615" }],
    ["YugabyteDB", { connector: "yugabytedb" }, { connector: "yugabytedb", lsn: 2 }],
    ["MySQL", { connector: "mysql" }, { connector: "mysql", file: "b.000001", pos: 4, row: 0 }],
    ["of an unnamed connector", { connector: null }, { connector: null, lsn: 1 }],
  ])("loses to any change from the log, told before or after it: %s", (_name, place, placed) => {
    const read1 = revisionOf(snapshot({ ...place, ts_ms: 9_999_999_999_999 }));
    for (const op of ["c", "u", "r"]) {
      const logged = revisionOf(change({ op }, { lsn: null, ...placed, ts_ms: 1 }));
      expect(compareRevisions(read1, logged)).toBeLessThan(0);
    }
  });

  test("of two snapshots, the later one holds", () => {
    const first = revisionOf(snapshot({ ts_ms: SOURCE_MS }));
    const second = revisionOf(snapshot({ ts_ms: SOURCE_MS + 1 }));
    expect(compareRevisions(first, second)).toBeLessThan(0);
    const byConnector = revisionOf(snapshot({ ts_ms: 0 }, { ts_ms: SOURCE_MS + 2 }));
    expect(compareRevisions(second, byConnector)).toBeLessThan(0);
  });

  test("is the same when it is sent again, and without any moment too", () => {
    const untimed = snapshot({ ts_ms: null }, { ts_ms: null });
    for (const body of [snapshot({}), untimed]) {
      const [first, again] = [RECEIVED_AT_MS, RECEIVED_AT_MS + 60_000].map((at) =>
        revisionOf(body, undefined, at),
      );
      expect(again).toEqual(first);
    }
    expect(revisionOf(untimed)).toEqual({ epoch: 0, rev: "0" });
  });

  test("of a database that was restored wins over all of the time before", () => {
    const before = revisionOf(change({}, { lsn: "18446744073709551615" }), { tables, epoch: 3 });
    const after = revisionOf(snapshot({}), { tables, epoch: 4 });
    expect(compareRevisions(before, after)).toBeLessThan(0);
  });

  test.each([
    ["a database that numbers nothing", { connector: "vitess", vgtid: "[…]" }],
    ["an unnamed one that tells no place", { connector: undefined, lsn: undefined }],
  ])("is kept of %s: its changes could not be put behind it", (_name, place) => {
    expect(itemsOf(snapshot(place))).toMatchObject([{ code: "unmapped" }]);
  });

  test.each([
    ["asks for its place", { rev: "$rev" }],
    ["names an epoch, and no rev", { epoch: { value: 7 } }],
  ])("is kept where a rule %s", (_name, more) => {
    const lead = {
      type: "lead.upserted",
      fields: { crm: { value: "db" }, object_id: { path: "id", as: "text" }, fields: "$after" },
      ...more,
    };
    const options = { tables: { customers: { key: ["id"], events: [lead] } } };
    expect(itemsOf(snapshot({}), options)).toMatchObject([{ code: "unmapped" }]);
    expect(itemsOf(change({}), options)).toMatchObject([{ kind: "event" }]);
  });
});

describe("identity", () => {
  const idOf = (body: unknown, request: Request = {}) => {
    const reading = read({ ...request, body: JSON.stringify(body) });
    return reading.kind === "items" ? reading.items.map(({ id }) => id) : [];
  };

  test("is the place in the log, not the delivery", () => {
    const first = { "webhook-id": "msg_1", "x-debezium-id": btoa("one") };
    const again = { "webhook-id": "msg_2" };
    const later = { ...update, ts_ms: SOURCE_MS + 90_000 };
    expect(idOf(later, { headers: again, receivedAtMs: RECEIVED_AT_MS + 9 })).toEqual(
      idOf(update, { headers: first }),
    );
    expect(idOf([update])).toEqual(idOf(update));
    expect(idOf({ schema: {}, payload: update })).toEqual(idOf(update));
  });

  test.each([
    ["log position", change({}, { lsn: 24_023_129 })],
    ["row", change({ after: { id: 2 } })],
    ["op", change({ op: "u" })],
    ["table", change({}, { table: "orders" })],
    ["database", change({}, { db: "other" })],
    ["connector", change({}, { name: "other" })],
  ])("differs by %s", (_name, other) => {
    expect(idOf(other)).not.toEqual(idOf(change({})));
  });

  test("of a place that is no number is all that the source says but its version", () => {
    const gtid = (last: number, version = "3.6.0.Final") =>
      change({}, { lsn: null, gtid: `a:${last}`, version });
    expect(idOf(gtid(1))).toEqual(idOf(gtid(1, "3.7.0.Final")));
    expect(idOf(gtid(1))).not.toEqual(idOf(gtid(2)));
  });
});

describe("two connectors", () => {
  const tables = { "*": { key: ["id"] } };
  const eventOf = (body: unknown, options: JsonObject = { tables }) => {
    const [item] = itemsOf(body, options);
    if (item?.kind !== "event") throw new Error(`No event: ${JSON.stringify(item)}`);
    return item.event;
  };
  const named = (name: string, place: object = {}) => change({}, { name, ...place });

  test("have no row, no gap and no message in common, wherever their logs stand", () => {
    const content = { prefix: "p", content: btoa("{}") };
    const bodies = [
      {},
      { op: "t", after: null },
      { op: "m", after: null, message: content },
      { after: { id: "1", aggregatetype: "a", aggregateid: "1", type: "T", payload: "{}" } },
    ];
    for (const told of bodies) {
      const ids = ["shop_a", "shop_b"].map((name) => itemsOf(change(told, { name }))[0]?.id);
      expect(new Set(ids).size).toBe(2);
    }
    const keys = ["shop_a", "shop_b"].map((name) => eventOf(named(name)).key);
    expect(keys).toEqual([
      "cdc:shop_a.shopdb.public.customers:1",
      "cdc:shop_b.shopdb.public.customers:1",
    ]);
  });

  test("have one register for a row in whichever form it is told", () => {
    const cloud = envelope("debezium-cloudevents.json");
    const flat = { id: 1004, __op: "u", __db: "shopdb", __schema: "public", __table: "customers" };
    const bodies = [
      envelope("debezium-insert.json"),
      update,
      cloud,
      { ...flat, __lsn: 7, __source_name: "shop" },
      { ...flat, __lsn: 8, __name: "shop" },
    ];
    const keys = bodies.map((body) => eventOf(body).key);
    expect(new Set(keys)).toEqual(new Set(["cdc:shop.shopdb.public.customers:1004"]));
  });

  test("are not confused by dots in their names, nor by names too long for a table", () => {
    const one = eventOf(named("eu.shop", { db: "prod", schema: null }));
    const other = eventOf(named("eu", { db: "shop", schema: "prod" }));
    expect(one.key).not.toBe(other.key);
    const longs = ["a", "b"].map((end) => eventOf(named("n".repeat(120) + end)));
    expect(new Set(longs.map(({ key }) => key)).size).toBe(2);
    expect(longs[0]?.data["table"]).toMatch(/^[\da-f]{16}\.shopdb\.public\.customers$/);
  });

  test("can be mapped apart, by name, and together without it", () => {
    const options = {
      tables: {
        "eu.shop.shopdb.public.customers": { key: ["nr"] },
        "public.customers": { key: ["id"] },
      },
    };
    const pkOf = (name: string) =>
      eventOf(change({ after: { id: 1, nr: 2 } }, { name }), options).data["pk"];
    expect([pkOf("eu.shop"), pkOf("shop"), pkOf("other")]).toEqual([2, 1, 1]);
  });

  test("are told apart by `$source.name`, and `$table` is the database's own", () => {
    const gap = { type: "cdc.gap", fields: { table: "$source.name", of: "$table" } };
    const options = { tables: { customers: { key: ["id"], events: [gap] } } };
    expect(eventOf(named("shop_a"), options).data).toMatchObject({
      table: "shop_a",
      of: "shopdb.public.customers",
    });
  });
});

describe("a CloudEvent", () => {
  const event = envelope("debezium-cloudevents.json");

  test("is read under the older type, and with a schema around its data", () => {
    const older = { ...event, type: "io.debezium.postgresql.datachangeevent" };
    const wrapped = { ...event, data: { schema: {}, payload: event["data"] } };
    for (const body of [older, wrapped, [event]]) {
      expect(itemsOf(body)).toEqual(itemsOf(event));
    }
  });

  test("that tells no row is named by source, id and what it holds", () => {
    const plain = { specversion: "1.0", id: "1", source: "/s", type: "t.x", data: { a: 1 } };
    const [item] = itemsOf(plain);
    expect(item).toMatchObject({ code: "unmapped", type: "t.x" });
    expect(item?.id).toMatch(/^\/s:1:[\da-f]{32}$/);
    expect(itemsOf({ ...plain, data: { ts_ms: 1 } })).toEqual([]);
  });
});

describe("an unwrapped record", () => {
  const flat = envelope("debezium-unwrapped.json");

  test.each([
    ["says so", { ...flat, __deleted: "true" }],
    ["says so by its op", { ...flat, __op: "d" }],
    ["says so as a boolean", { ...flat, __deleted: true }],
  ])("is deleted where it %s", (_name, body) => {
    const [item] = itemsOf(body);
    expect(item).toMatchObject({ event: { data: { pk: 1004, op: "d" } } });
    expect(item).not.toHaveProperty("event.data.after");
  });

  test("names its table in full where it is told, by `source_` too", () => {
    const { __table: _table, __lsn: _lsn, ...rest } = flat;
    const told = { __db: "shopdb", __source_schema: "public", __table: "customers" };
    expect(itemsOf({ ...rest, ...told, __source_lsn: 5 })).toMatchObject([
      { event: { rev: "5", data: { table: "shopdb.public.customers" } } },
    ]);
  });

  test("is read without a prefix", () => {
    const bare = {
      id: 3,
      note: "x",
      op: "c",
      table: "customers",
      lsn: 12,
      source_ts_ms: SOURCE_MS,
    };
    expect(itemsOf(bare)).toMatchObject([
      {
        event: {
          rev: "12",
          occurredAtMs: SOURCE_MS,
          data: { table: "customers", pk: 3, op: "c", after: { id: 3, note: "x" } },
        },
      },
    ]);
  });

  test("that does not name its table is a record like any other", () => {
    const { __table: _table, ...rest } = flat;
    expect(itemsOf(rest)).toMatchObject([{ code: "unmapped", type: "record" }]);
  });

  test("takes the connector's clock only where there is no other, and never as a place", () => {
    const { __lsn: _lsn, __source_ts_ms: _ms, ...rest } = flat;
    const body = { ...rest, __ts_ms: 1_785_000_060_000, __ord: 3 };
    const options = {
      tables: {
        customers: {
          key: ["id"],
          events: [{ type: "cdc.gap", fields: { table: { value: "c" } } }],
        },
      },
    };
    expect(itemsOf(body, options)).toMatchObject([{ event: { occurredAtMs: 1_785_000_060_000 } }]);
    expect(itemsOf(body)).toMatchObject([{ code: "unmapped" }]);
  });
});

describe("MongoDB", () => {
  test("tells its document as text, of which a path takes the key", () => {
    const after = '{"_id":{"$oid":"65f0"},"status":"paid"}';
    const place = {
      lsn: null,
      db: "shop",
      schema: null,
      table: null,
      collection: "orders",
      ord: 1,
    };
    const options = { tables: { "shop.orders": { key: ["_id.$oid"] } } };
    expect(itemsOf(change({ after }, place), options)).toMatchObject([
      { event: { data: { table: "shop.shop.orders", pk: "65f0", after: { status: "paid" } } } },
    ]);
  });
});

describe("an outbox", () => {
  const rules = [
    {
      type: "payment.confirmed",
      when: { $type: "OrderPaid", $aggregatetype: "order" },
      fields: {
        payment_id: "$id",
        order_id: "$aggregateid",
        currency: { value: "EUR" },
        amount_minor: { path: "total", as: "decimal" },
      },
    },
  ];
  const row = envelope("debezium-outbox-row.json");
  const placed = (table: string) => ({ ...row, source: { ...source, table } });
  const id = "406c07f3-26f0-4eea-a50c-109940064b8f";

  test("is known by its columns, and its payload is mapped", () => {
    const items = itemsOf(row, { rules });
    expect(items).toMatchObject([
      {
        id: `outbox:shop.shopdb.public.outbox:${id}`,
        event: { type: "payment.confirmed", data: { order_id: "77", amount_minor: 5840 } },
      },
    ]);
    expect(itemsOf({ ...row, op: "r" }, { rules })).toEqual(items);
    expect(itemsOf(row, {})).toMatchObject([
      { id: items[0]?.id, code: "unmapped", type: "OrderPaid" },
    ]);
  });

  test.each([
    ["deleted, by its columns", { ...row, op: "d", before: row["after"], after: null }],
    ["deleted, by the table's name", { ...row, op: "d", before: { id }, after: null }],
    ["deleted, by another name", { ...placed("OUTBOX_EVENTS"), op: "d", after: null }],
    ["deleted, by a third", { ...placed("outboxevent"), op: "d", after: null }],
    ["deleted without a word", { ...row, op: "d", before: null, after: null }],
    ["updated", { ...row, op: "u" }],
    ["truncated", { ...row, op: "t", after: null }],
  ])("says nothing new by a row %s", (_name, body) => {
    expect(read({ body: JSON.stringify(body) })).toMatchObject({
      items: [],
      ignored: expect.any(String),
    });
  });

  test.each(["orders_outbox", "outboxes", "my.outbox", "outbox_event"])(
    "is not a table that is called %s: its deletes are told",
    (table) => {
      const options = { tables: { [table]: { key: ["id"] } } };
      const body = { ...placed(table), op: "d", before: { id }, after: null };
      expect(itemsOf(body, options)).toMatchObject([
        { event: { type: "cdc.row", data: { pk: id, op: "d" } } },
      ]);
    },
  );

  test.each([
    ["deleted", { op: "d", before: { id: 1 }, after: null }, "cdc.row"],
    ["deleted with all columns", { op: "d", before: row["after"], after: null }, "cdc.row"],
    ["updated", { op: "u" }, "cdc.row"],
    ["written", { op: "c" }, "cdc.row"],
    ["truncated", { op: "t", after: null }, "cdc.gap"],
  ])("is none where the mapping names the table: a row %s is told", (_name, told, type) => {
    const body = { ...row, ...told };
    for (const table of ["outbox", "public.outbox", "shop.shopdb.public.outbox"]) {
      expect(itemsOf(body, { tables: { [table]: { key: ["id"] } } })).toMatchObject([
        { event: { type } },
      ]);
    }
  });

  test("is one still where only `*` is mapped", () => {
    const options: JsonObject = { tables: { "*": { key: ["id"] } } };
    expect(itemsOf({ ...row, op: "d", before: { id: 1 }, after: null }, options)).toEqual([]);
    expect(itemsOf(row, options)).toMatchObject([{ code: "unmapped", type: "OrderPaid" }]);
  });

  test("that is mapped later does not move what else its batch told", () => {
    const deleted = { ...row, op: "d", before: { id: 1 }, after: null };
    const batch = [deleted, change({}), deleted, change({ after: { id: 2 } })];
    const before = itemsOf(batch, { tables: { customers: { key: ["id"] } } });
    const after = itemsOf(batch, { tables: { "*": { key: ["id"] }, outbox: { key: ["id"] } } });
    expect(before).toHaveLength(2);
    expect(after).toHaveLength(4);
    expect(after.slice(0, 2)).toEqual(before);
  });

  test("numbers registers by the log where the rule says so, and not by a transaction's time", () => {
    const lead = {
      type: "lead.upserted",
      fields: { crm: { value: "shop" }, object_id: "$aggregateid", fields: { value: {} } },
    };
    const byLog = { rules: [{ ...lead, rev: "$rev" }] };
    expect(itemsOf(row, byLog)).toMatchObject([{ event: { rev: "24023128" } }]);
    for (const rule of [lead, { ...lead, rev: "no_such_column" }]) {
      expect(itemsOf(row, { rules: [rule] })).toMatchObject([
        { code: "unmapped", errors: [{ message: expect.stringContaining("a rev") }] },
      ]);
    }
  });

  test("that a router took apart is named by its header", () => {
    const body = payload("debezium-outbox-routed.json");
    const type = { "X-DEBEZIUM-EVENTTYPE": btoa("OrderPaid") };
    const paid = {
      ...rules[0],
      when: { $type: "OrderPaid" },
      fields: { ...rules[0]?.fields, order_id: { path: "orderId", as: "text" } },
    };
    const options = JSON.parse(JSON.stringify({ rules: [paid] }));
    for (const told of [btoa(id), btoa(JSON.stringify(id)), id]) {
      const reading = read({ body, headers: { "X-DEBEZIUM-ID": told, ...type } }, options);
      expect(reading).toMatchObject({
        items: [{ id: `outbox:${id}`, event: { data: { order_id: "77", amount_minor: 5840 } } }],
      });
    }
  });

  test.each([
    ["a schema beside it", { schema: { type: "string", optional: false }, payload: id }],
    ["no schema", { schema: null, payload: id }],
  ])("that a router took apart is named by a header that is wrapped, with %s", (_name, wrapped) => {
    const headers = {
      "x-debezium-id": btoa(JSON.stringify(wrapped)),
      "x-debezium-type": btoa(JSON.stringify({ ...wrapped, payload: "OrderPaid" })),
    };
    const reading = read({ body: '{"orderId":77}', headers });
    expect(reading).toMatchObject({ items: [{ id: `outbox:${id}`, type: "OrderPaid" }] });
  });

  test.each(['{"schema":{},"payload":{"a":1}}', '{"payload":"x"}', '{"schema":', '"open'])(
    "takes a header as it is that is wrapped in no such way: %s",
    (text) => {
      const reading = read({ body: "{}", headers: { "x-debezium-id": btoa(text) } });
      expect(reading).toMatchObject({ items: [{ id: `outbox:${text}` }] });
    },
  );

  test("that a router took apart is named by what it holds in a batch, or without a header", () => {
    const routed = JSON.parse(payload("debezium-outbox-routed.json"));
    const headers = { "x-debezium-id": btoa(id) };
    const batch = read({ body: JSON.stringify([routed, routed]), headers });
    const alone = read({ body: JSON.stringify(routed) });
    const idsOf = (reading: Reading) =>
      reading.kind === "items" ? reading.items.map((item) => item.id) : [];
    expect(idsOf(batch)).toEqual([
      expect.stringMatching(/^record:[\da-f]{32}:0$/),
      expect.stringMatching(/^record:[\da-f]{32}:1$/),
    ]);
    expect(idsOf(alone)).toEqual(idsOf(batch).slice(0, 1));
  });

  test("that puts id and type beside the payload is named by them, in batches too", () => {
    const told = { id, eventType: "OrderPaid", payload: '{"orderId":77,"total":"58.40"}' };
    const options = JSON.parse(
      JSON.stringify({
        rules: [
          {
            ...rules[0],
            when: { $type: "OrderPaid" },
            fields: {
              ...rules[0]?.fields,
              payment_id: "$record.id",
              order_id: { path: "orderId", as: "text" },
            },
          },
        ],
      }),
    );
    expect(itemsOf([told], options)).toMatchObject([
      {
        id: expect.stringMatching(`^outbox:${id}:OrderPaid:[\\da-f]{32}$|^fp:`),
        event: { data: { payment_id: id, amount_minor: 5840 } },
      },
    ]);
    // Other records are written so, with the id of a thing: what it holds is part of its name.
    const [one] = itemsOf(told);
    const [other] = itemsOf({ ...told, payload: "{}" });
    expect(one?.id).not.toBe(other?.id);
  });

  test("whose payload is text in text is read", () => {
    const text = JSON.stringify(payload("debezium-outbox-routed.json"));
    expect(itemsOf(text)).toMatchObject([{ kind: "broken", code: "unmapped", type: "record" }]);
  });
});

describe("a record that nothing can be told from", () => {
  const ddl = {
    source,
    ts_ms: SOURCE_MS,
    databaseName: "shopdb",
    ddl: "ALTER TABLE x",
    tableChanges: [],
  };
  test.each([
    ["a heartbeat", payload("debezium-heartbeat.json")],
    ["a transaction's begin", payload("debezium-transaction-begin.json")],
    ["a transaction's end", payload("debezium-transaction-end.json")],
    ["a schema change", JSON.stringify(ddl)],
    ["a tombstone", "null"],
    ["a tombstone with a schema", '{"schema":null,"payload":null}'],
    [
      "a notification",
      '{"id":"1","aggregate_type":"Initial Snapshot","type":"STARTED","additional_data":{},"timestamp":1}',
    ],
    ["the connector's own signal", JSON.stringify(change({}, { table: "debezium_signal" }))],
  ])("is %s", (_name, body) => {
    for (const told of [body, `[${body},${body}]`]) {
      expect(read({ body: told })).toEqual({
        kind: "items",
        items: [],
        ignored: expect.stringContaining("heartbeat"),
      });
    }
  });
});

describe("a record of somebody's own that looks like one of Debezium", () => {
  test.each([
    ["a session", { status: "END", id: 7, event_count: 3, user: "anne" }],
    ["a batch without an id", { status: "BEGIN", event_count: 3, data_collections: [] }],
    [
      "an event of an outbox",
      { id: "1", aggregate_type: "o", type: "Paid", additional_data: {}, payload: {} },
    ],
    ["a log of commands", { ddl: "ALTER TABLE x", source: { user: "anne" } }],
    ["a tick with a name", { ts_ms: 1, name: "tick" }],
  ])("is kept: %s", (_name, body) => {
    expect(itemsOf(body)).toMatchObject([{ code: "unmapped" }]);
  });
});

describe("a message in the log", () => {
  const message = change({
    op: "m",
    after: null,
    message: { prefix: "upline", content: btoa('{"lead":"L-1"}') },
  });
  test("is mapped by its prefix and what it holds", () => {
    const options = {
      rules: [
        {
          type: "lead.upserted",
          when: { $type: "message", $prefix: "upline" },
          rev: "$rev",
          fields: { crm: { value: "db" }, object_id: "lead", fields: { value: {} } },
        },
      ],
    };
    expect(itemsOf(message, options)).toMatchObject([
      { event: { rev: "24023128", data: { object_id: "L-1" } } },
    ]);
    expect(itemsOf(message)).toMatchObject([{ code: "unmapped", type: "message" }]);
  });
});

describe("bodies that cannot be read", () => {
  test.each([
    ["Avro", Uint8Array.of(0, 0, 0, 0, 7, 2, 0xff)],
    ["Avro that happens to be UTF-8", Uint8Array.of(0, 0, 0, 0, 7, 2)],
  ])("%s: says what to set", (_name, body) => {
    expect(read({ body })).toMatchObject({
      kind: "malformed",
      errors: [{ message: expect.stringContaining("debezium.format.value=json") }],
    });
  });

  test("a batch beyond a thousand, and an empty one", () => {
    const batch = (length: number) => JSON.stringify(Array.from({ length }, () => ({ ts_ms: 1 })));
    expect(read({ body: batch(1000) })).toMatchObject({ kind: "items", items: [] });
    expect(read({ body: batch(1001) })).toMatchObject({
      kind: "malformed",
      errors: [{ rule: "length", message: expect.stringContaining("batch.max-size=1000") }],
    });
    expect(read({ body: "[]" })).toMatchObject({ kind: "malformed" });
    // Refused before it is parsed, which would take a second and 150 MB.
    expect(read({ body: `[${"{},".repeat(2_400_000)}` })).toMatchObject({
      kind: "malformed",
      errors: [{ rule: "length" }],
    });
  });
});

describe("authentication", () => {
  const ours = vectors.filter(({ id }) => ["d-standard-webhooks-v1-13", "d-jwt-4"].includes(id));

  test("holds the vectors of Debezium Server itself", () => {
    expect(ours).toHaveLength(2);
  });

  test.each(ours)("$id: $description", async (vector) => {
    const { scheme, secret, now, valid, ...request } = vector;
    const delivery = deliver({ ...request, receivedAtMs: now * 1000 });
    const result = await verifyBy(debezium, scheme, delivery, { secrets: [secret] });
    expect(result.ok).toBe(valid);
  });

  test("signs by no public key, which it cannot make", () => {
    expect(debezium.schemes).not.toHaveProperty("standard-webhooks-v1a");
    expect(MEANS.options).toEqual({});
  });
});
