import { describe, expect, test } from "vitest";
import { fivetran } from "#src/senders/fivetran.ts";
import { signFivetran } from "../../scripts/signing/fivetran.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import { other, samples, secret } from "./samples/fivetran.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const context = { tenant: "acme", source: "ft", options: {} };
const readBody = (body: string, options = {}) =>
  fivetran.read(deliver({ body }), { ...context, options });
const read = (notice: object, options = {}) => readBody(JSON.stringify(notice), options);
const itemOf = (reading: ReturnType<typeof readBody>) => {
  expect(reading).toMatchObject({ kind: "items" });
  const items = reading.kind === "items" ? reading.items : [];
  expect(items).toHaveLength(1);
  return items[0];
};

const notice = {
  event: "sync_end",
  created: "2026-07-25T17:20:55.638Z",
  connector_type: "google_cloud_postgresql",
  connector_id: "mildly_orbit",
  connector_name: "pg_main",
  sync_id: "b4703f73",
  destination_group_id: "brave_hollow",
  data: { status: "SUCCESSFUL" },
};
const { sync_id: _sync, ...unsynced } = notice;

describe("fivetran", () => {
  const body = payload("fivetran-sync-end.json");
  const judge = async (change: (signature: string) => string, secrets = [secret]) => {
    const { "x-fivetran-signature-256": signature = "" } = await signFivetran({ secret, body });
    const headers = { "X-Fivetran-Signature-256": change(signature) };
    return verifyBy(fivetran, "fivetran-hmac", deliver({ headers, body }), { secrets });
  };

  test("believes hex of either case, as Fivetran's documents and its servers differ", async () => {
    expect(await judge((hex) => hex)).toMatchObject({ ok: true });
    expect(await judge((hex) => hex.toLowerCase())).toMatchObject({ ok: true });
  });

  test.each<[string, (hex: string) => string, string]>([
    ["base64", (hex) => Buffer.from(hex, "hex").toString("base64"), "signature_malformed"],
    ["a prefix", (hex) => `sha256=${hex}`, "signature_malformed"],
    ["two", (hex) => `${hex}, ${hex}`, "signature_malformed"],
    ["half of it", (hex) => hex.slice(0, 32), "signature_mismatch"],
  ])("refuses %s", async (_name, change, reason) => {
    expect(await judge(change)).toMatchObject({ ok: false, reason });
  });

  test("uses the secret as the text it is, not the bytes its hex stands for", async () => {
    expect(await judge((hex) => hex, [other])).toMatchObject({ reason: "signature_mismatch" });
    const decoded = Buffer.from(secret, "hex").toString("latin1");
    expect(await judge((hex) => hex, [decoded])).toMatchObject({ reason: "signature_mismatch" });
  });
});

describe("fivetran, reading", () => {
  test("reads a finished sync as a gap of all its tables", () => {
    expect(itemOf(readBody(payload("fivetran-sync-end.json")))).toMatchObject({
      kind: "event",
      id: "b4703f73-6315-4e22-8d7a-3bfb18b2aaaa:sync_end",
      event: {
        type: "cdc.gap",
        key: "cdc:fivetran:mildly_orbit",
        occurredAtMs: 1_785_000_055_638,
        data: { table: "fivetran:mildly_orbit" },
      },
    });
  });

  test("keeps a failed sync for a person", () => {
    expect(itemOf(readBody(payload("fivetran-sync-end-failed.json")))).toEqual({
      kind: "broken",
      id: "b4703f73-6315-4e22-8d7a-3bfb18b2aaaa:sync_end",
      code: "unmapped",
      content: expect.any(String),
      type: "sync_end",
      errors: [
        {
          path: "type",
          rule: "unmapped",
          message: expect.stringMatching(/^The sync ended as FAILURE_WITH_TASK/),
        },
      ],
    });
  });

  test.each(["dbt_run_succeeded", "transformation_run_succeeded"])(
    "reads %s as a gap of the destination",
    (event) => {
      const { connector_id: _connector, ...transformed } = unsynced;
      expect(itemOf(read({ ...transformed, event }))).toMatchObject({
        id: `brave_hollow:${event}:2026-07-25T17:20:55.638Z`,
        event: { type: "cdc.gap", data: { table: "fivetran:brave_hollow" } },
      });
    },
  );

  test.each([
    ["a failed sync", { data: { status: "FAILURE" } }, /ended as FAILURE/],
    ["a sync without a status", { data: null }, /ended as unknown/],
    ["a sync of no connector", { connector_id: null }, /does not name/],
    ["a lost connection", { event: "connection_failure" }, /repair the connection/],
    ["a paused connector", { event: "pause_connector" }, /paused/],
    ["a deleted connector", { event: "delete_connector" }, /deleted/],
    ["a failed transformation", { event: "dbt_run_failed" }, /transformation failed/],
    ["a failed transformation", { event: "transformation_run_failed" }, /transformation failed/],
    ["an event nobody knows", { event: "warehouse_melted" }, /No event of ours says/],
  ])("keeps %s for a person", (_name, change, message) => {
    const item = itemOf(read({ ...notice, ...change }));
    expect(item).toMatchObject({
      code: "unmapped",
      content: expect.any(String),
      errors: [{ message: expect.stringMatching(message) }],
    });
  });

  test.each([
    "sync_start",
    "dbt_run_start",
    "transformation_run_start",
    "connection_successful",
    "create_connector",
    "resume_connector",
    "edit_connector",
    "force_update_connector",
    "resync_connector",
    "resync_table",
    "status",
  ])("takes %s without keeping it", (event) => {
    const ignored = expect.any(String);
    expect(read({ ...notice, event })).toEqual({ kind: "items", items: [], ignored });
  });

  test("takes the start of a sync, and a sync that was put off, without keeping them", () => {
    const nothing = { kind: "items", items: [], ignored: expect.any(String) };
    expect(readBody(payload("fivetran-sync-start.json"))).toEqual(nothing);
    expect(read({ ...notice, data: { status: "RESCHEDULED" } })).toEqual(nothing);
  });

  test("tells syncs, connectors and moments apart, and no retries", () => {
    const ids = [
      notice,
      { ...notice, sync_id: "b4703f74" },
      unsynced,
      { ...unsynced, connector_id: "other_orbit" },
      { ...unsynced, created: "2026-07-25T17:20:55.639Z" },
      { ...unsynced, event: "pause_connector" },
    ].map((told) => itemOf(read(told))?.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(itemOf(read({ ...notice, retry: 3 }))?.id).toBe(ids[0]);
  });

  test.each([
    ["no event", {}, ["event", "created"]],
    ["another sort of body", [notice], [""]],
    ["an empty event", { ...notice, event: "" }, ["event"]],
  ])("keeps %s as broken: the test call has to succeed", (_name, body, paths) => {
    const item = itemOf(read(body));
    expect(item).toMatchObject({ kind: "broken", code: "contract_violated" });
    expect(item?.kind === "broken" && item.errors.map(({ path }) => path)).toEqual(paths);
  });

  test("keeps a moment that is none as broken", () => {
    expect(itemOf(read({ ...notice, created: "yesterday" }))).toMatchObject({
      code: "contract_violated",
      errors: [expect.objectContaining({ path: "occurred_at" })],
    });
  });

  test("names tables by the source's rule, where the operator knows them", () => {
    const rule = {
      type: "cdc.gap",
      when: { $type: "sync_end", connector_name: "pg_main", "data.status": "SUCCESSFUL" },
      fields: { table: { value: "public.orders" } },
    };
    const options = { rules: [rule] };
    expect(fivetran.checkOptions(options, "fivetran-hmac")).toEqual([]);
    expect(itemOf(read(notice, options))).toMatchObject({
      event: { data: { table: "public.orders" } },
    });
  });
});
