import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Message } from "#src/edge/message.ts";
import { w2 } from "../support/company.ts";
import {
  expectMirrorEqualsObjects,
  layLine,
  type Line,
  lineOf,
  outcomesOf,
} from "../support/line.ts";

const rowsOf = async ({ company }: Line, senderId: string) =>
  (
    await env.MIRROR_0.prepare(
      "SELECT outcome, repeated, subject FROM events WHERE tenant = ? AND sender_id = ? ORDER BY event_id",
    )
      .bind(company.tenant, senderId)
      .all()
  ).results;

const rejection = (line: Line, id: string): Message => ({
  kind: "rejection",
  tenant: line.company.tenant,
  source: "core",
  deliveryId: "dlv_0",
  receivedAtMs: Date.now(),
  events: [{ eventId: `evt_0-${id}`, id, code: "contract_violated", errors: [] }],
});

test("a repeat under a new id of ours has a row of its own, and no effect", async () => {
  const line = await lineOf("B");
  const [first] = w2("B");
  await line.post(first ?? {});
  await line.run();
  await line.post(first ?? {}, first ?? {});
  await line.run();
  expect(await rowsOf(line, "B-1")).toEqual([
    { outcome: "applied", repeated: 0, subject: "dist:B" },
    { outcome: "duplicate", repeated: 1, subject: "dist:B" },
    { outcome: "duplicate", repeated: 1, subject: "dist:B" },
  ]);
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("a refused event gives its id up to the mended one", async () => {
  const line = await lineOf("B");
  line.queued.push({ id: "r", body: rejection(line, "B-1"), attempts: 1 });
  await line.run();
  expect(await outcomesOf(line.company.tenant)).toEqual({ "B-1": "rejected" });
  await line.post(w2("B")[0] ?? {});
  await line.run();
  expect(await outcomesOf(line.company.tenant)).toEqual({ "B-1": "applied" });
});

test("an id used for two subjects is applied twice and reported once", async () => {
  const line = await lineOf("B", "C");
  const [first] = w2("B");
  const [other] = w2("C");
  await line.post([first ?? {}], [{ ...other, id: "B-1" }]);
  await line.run();
  await line.drain();
  const rows = await rowsOf(line, "B-1");
  expect(rows.map(({ outcome, repeated }) => [outcome, repeated])).toEqual([
    ["applied", 0],
    ["applied", 1],
  ]);
  const { results } = await env.MIRROR_0.prepare(
    "SELECT class, reference FROM breaks WHERE tenant = ?",
  )
    .bind(line.company.tenant)
    .all();
  expect(results).toEqual([{ class: "ID_REUSED", reference: "B-1" }]);
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("an id reused with other content is a conflict that a person sees; the first stands", async () => {
  const line = await lineOf("B");
  const [first] = w2("B");
  const changed = { ...first, occurred_at: "2026-07-09T00:00:00.000Z" };
  await line.post(first ?? {}, changed, changed);
  await line.run();
  expect((await rowsOf(line, "B-1")).map(({ outcome }) => String(outcome)).toSorted()).toEqual([
    "applied",
    "conflict",
    "duplicate",
  ]);
  const { results } = await env.MIRROR_0.prepare(
    "SELECT state, code, sender_id FROM held WHERE tenant = ?",
  )
    .bind(line.company.tenant)
    .all();
  expect(results).toEqual([{ state: "conflict", code: "id_reused", sender_id: "B-1" }]);
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("no statement of the projection scans a table", async () => {
  const line = await layLine();
  const statements: string[] = [];
  const db = new Proxy(env.MIRROR_0, {
    get: (target, name) => {
      if (name === "prepare") {
        return (sql: string) => {
          statements.push(sql);
          return target.prepare(sql);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const watched = await layLine({ MIRROR_0: db });
  await watched.enrol("B", "C");
  await watched.post(...w2("B"), w2("C")[0] ?? {});
  watched.queued.push({ id: "r", body: rejection(watched, "X"), attempts: 1 });
  await watched.run();
  const tables = /\b(events|held|positions|lines|transfers|account_days|distributors|breaks)\b/;
  const scans: unknown[] = [];
  for (const sql of new Set(statements.filter((text) => text.includes("json_each")))) {
    const plan = await env.MIRROR_0.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...(sql.includes("?2") ? ["[]", "[]"] : ["[]"]))
      .all<{ detail: string }>();
    scans.push(
      ...plan.results
        .map(({ detail }) => detail)
        .filter((detail) => detail.startsWith("SCAN") && tables.test(detail.split(" ")[1] ?? "")),
    );
  }
  expect(statements.length).toBeGreaterThan(8);
  expect(scans).toEqual([]);
  expect(line.queued).toEqual([]);
});

/** Of a type that no room applies yet. */
const erasure = (id: string, basis: string) => ({
  id,
  type: "subject.erased",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  data: { customer_id: "C-1", basis },
});
const gap = {
  id: "gap-1",
  type: "cdc.gap",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  data: { table: "zoho:Deals", pks: ["5725767000003000010"] },
};

const heldOf = async ({ company }: Line) =>
  (
    await env.MIRROR_0.prepare(
      "SELECT sender_id, state, code FROM held WHERE tenant = ? ORDER BY event_id",
    )
      .bind(company.tenant)
      .all()
  ).results;

test.each([
  ["in one batch", false],
  ["one batch after the other", true],
])("what waits for a person is held once, however often it is told: %s", async (_name, parted) => {
  const line = await layLine();
  for (const _ of [1, 2, 3]) {
    await line.post(erasure("gone-1", "ticket 500"), gap);
    if (parted) await line.run();
  }
  await line.drain();
  expect(await rowsOf(line, "gone-1")).toEqual([
    { outcome: "quarantined", repeated: 0, subject: "cust:C-1" },
    { outcome: "duplicate", repeated: 1, subject: "cust:C-1" },
    { outcome: "duplicate", repeated: 1, subject: "cust:C-1" },
  ]);
  expect(await heldOf(line)).toEqual([
    { sender_id: "gone-1", state: "quarantined", code: "type_not_applied" },
    { sender_id: "gap-1", state: "parked", code: "awaits_hydration" },
  ]);
});

test("another event under an id that waits already is held beside it", async () => {
  const line = await layLine();
  await line.post(erasure("gone-1", "ticket 500"), erasure("gone-1", "ticket 600"));
  await line.run();
  await line.post(erasure("gone-1", "ticket 700"));
  await line.drain();
  expect(await heldOf(line)).toHaveLength(3);
});
