import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { startRebuild } from "#src/edge/d1/rebuild/runs.ts";
import { subjectsAfter } from "#src/edge/d1/reconciliation/subject-rows.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf, outcomesOf } from "../../support/line.ts";
import { tamper, walkOver } from "./walk.ts";

const db = env.MIRROR_0;
const AT = "2026-07-01T10:00:00.000Z";
let line: Line;
let tenant: string;

const select = async (sql: string, of = tenant) => (await db.prepare(sql).bind(of).all()).results;

const dump = async () => ({
  subjects: (await select("SELECT * FROM subjects WHERE tenant = ?")).map((row) => ({
    ...row,
    view: typeof row["view"] === "string" ? JSON.parse(row["view"]) : null,
  })),
  standings: await select("SELECT * FROM standings WHERE tenant = ?"),
  orders: await select("SELECT * FROM orders WHERE tenant = ?"),
  records: await select("SELECT * FROM records WHERE tenant = ?"),
  edges: await select("SELECT * FROM edges WHERE tenant = ?"),
  frontlines: await select("SELECT * FROM frontlines WHERE tenant = ?"),
});

const status = (distributor: string, rev: number) => ({
  id: `status-${distributor}-${rev}`,
  type: "distributor.status_changed",
  version: 1,
  occurred_at: AT,
  key: `dist:${distributor}`,
  rev,
  data: { distributor_id: distributor, status: "suspended", effective_at: AT },
});

/** B has money, C and D have earned nothing; there are an unpaid order, a register and a move. */
beforeEach(async () => {
  line = await lineOf("B", "C", "D");
  ({ tenant } = line.company);
  await line.post(...w2("B"), [
    {
      id: "order",
      type: "order.placed",
      version: 1,
      occurred_at: AT,
      key: "order:O1",
      data: {
        order_id: "O1",
        buyer_kind: "customer",
        source_node: "B",
        order_kind: "store",
        currency: "USD",
        amount_minor: 12_000,
        net_minor: 10_000,
        tax_minor: 1500,
        shipping_minor: 500,
        cv_x100: 10_000,
        pv_x100: 10_000,
      },
    },
    {
      id: "stock",
      type: "inventory.adjusted",
      version: 1,
      occurred_at: AT,
      key: "sku:S1:-",
      rev: 1,
      data: { sku: "S1", on_hand: 5, reason: "counted" },
    },
    {
      id: "move",
      type: "distributor.moved",
      version: 1,
      occurred_at: AT,
      key: `tree:${tenant}`,
      seq: 1,
      data: { distributor_id: "C", tree: "sponsor", parent_id: "B", effective_at: AT },
    },
    status("D", 2),
  ]);
  await line.drain();
  await expectMirrorEqualsObjects(tenant);
});

const drop = (subject: string) =>
  tamper(tenant, `DELETE FROM subjects WHERE tenant = ?1 AND subject = '${subject}'`);

const told = () =>
  select("SELECT class, subject, outcome FROM breaks WHERE tenant = ? ORDER BY found_ms");

describe("the row of one without transfers and lines is found in one walk, and given back", () => {
  it.each(["dist:C", "order:O1", "sku:S1:-", "tree"])("%s", async (name) => {
    const subject = name === "tree" ? `tree:${tenant}` : name;
    const before = await dump();
    expect(await drop(subject)).toBe(1);
    expect(await walkOver(line)).toMatchObject({ subjects: 6, repaired: 1, frozen: 0, failed: 0 });
    expect(await dump()).toEqual(before);
    // The row first, then the summary in it.
    const one = { class: "MIRROR", subject, outcome: "healed" };
    const found = await told();
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(found.map(() => one));
    expect(await walkOver(line)).toMatchObject({ subjects: 6, repaired: 0 });
    await line.drain();
    expect(await dump()).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it("of whom no event says how far it was mirrored either", async () => {
    const subject = `tree:${tenant}`;
    const before = await dump();
    await drop(subject);
    await tamper(tenant, "DELETE FROM events WHERE tenant = ?1 AND sender_id = 'move'");
    expect(await walkOver(line)).toMatchObject({ repaired: 1 });
    await line.drain();
    expect(await dump()).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
    expect(await walkOver(line)).toMatchObject({ repaired: 0 });
  });

  it("who is named by an anchor alone", async () => {
    const before = await dump();
    await tamper(
      tenant,
      "INSERT INTO anchors SELECT tenant, subject, '2026-07-01', position, head FROM subjects WHERE tenant = ?1",
      "DELETE FROM subjects WHERE tenant = ?1 AND subject = 'order:O1'",
      "DELETE FROM orders WHERE tenant = ?1",
    );
    expect(await walkOver(line)).toMatchObject({ subjects: 6, repaired: 1 });
    expect((await dump()).subjects).toEqual(before.subjects);
  });
});

it("rows that a rebuild takes away, and brings again, are left to it", async () => {
  const asked = { subjects: ["dist:C"], thaw: [], reason: "A test", by: "test" };
  const { run } = await startRebuild(db, { tenant, cause: "test", asked }, Date.now());
  await drop("dist:C");
  expect(await walkOver(line)).toMatchObject({
    repaired: 0,
    failed: 0,
    unlooked: [{ tenant, subject: "dist:C" }],
  });
  expect(await told()).toEqual([]);
  await tamper(
    tenant,
    `UPDATE reconciliation_runs SET state = 'done' WHERE tenant = ?1 AND run_id = '${run.runId}'`,
  );
  expect(await walkOver(line)).toMatchObject({ repaired: 1 });
});

it("more lost rows than a page holds are met in pages, each once", async () => {
  const names = (
    await select("SELECT subject FROM subjects WHERE tenant = ? ORDER BY subject")
  ).map((row) => row["subject"]);
  expect(names).toHaveLength(6);
  await tamper(tenant, "DELETE FROM subjects WHERE tenant = ?1 AND subject <> 'dist:D'");
  const met: string[] = [];
  let cursor: { tenant: string; subject: string } | undefined = { tenant, subject: "" };
  for (let page = 0; cursor !== undefined && page < 20; page += 1) {
    const { items, next }: Awaited<ReturnType<typeof subjectsAfter>> = await subjectsAfter(
      db,
      cursor,
      1,
    );
    expect(items.length).toBeLessThanOrEqual(12);
    met.push(...items.filter((one) => one.tenant === tenant).map(({ subject }) => subject));
    cursor = next?.tenant === tenant ? { ...next } : undefined;
  }
  expect(met.toSorted()).toEqual(names);
});

describe("events of one whose row is lost are mirrored before any walk", () => {
  it("who has earned nothing until then", async () => {
    await drop("dist:C");
    await line.post(w2("C")[0] ?? {});
    await line.drain();
    expect(line.dead).toEqual([]);
    expect(await outcomesOf(tenant)).toMatchObject({ "C-1": "applied" });
    await expectMirrorEqualsObjects(tenant);
    const lines = await select("SELECT line_id FROM lines WHERE tenant = ?");
    expect(lines).toContainEqual({ line_id: "C-L1" });
    const { status: answered } = await line.company.api(`GET /v1/tenants/${tenant}/distributors/C`);
    expect(answered).toBe(200);
    expect(await told()).toEqual([{ class: "MIRROR", subject: "dist:C", outcome: "healed" }]);
    expect(await walkOver(line)).toMatchObject({ repaired: 0, frozen: 0 });
  });

  it("who has money", async () => {
    await drop("dist:B");
    await line.post(status("B", 2));
    await line.drain();
    await expectMirrorEqualsObjects(tenant);
    expect(line.dead).toEqual([]);
    expect(await walkOver(line)).toMatchObject({ repaired: 0, frozen: 0 });
  });

  it("whose row was set back to before what it has no transfer of", async () => {
    const object: DurableObjectStub<SubjectObject> = env.DISTRIBUTOR.getByName(`${tenant}/D`);
    const [first] = (await object.logAfter(0)).rows;
    const back = `UPDATE subjects SET position = 1, head = '${first?.hash}' WHERE tenant = ?1 AND subject = 'dist:D'`;
    expect(await tamper(tenant, back)).toBe(1);
    await line.post(w2("D")[0] ?? {});
    await line.drain();
    expect(line.dead).toEqual([]);
    await expectMirrorEqualsObjects(tenant);
    expect(await told()).toEqual([{ class: "MIRROR", subject: "dist:D", outcome: "healed" }]);
  });
});

it("whatever names a tenant that there is none is taken away once", async () => {
  const GHOST = "aa-ghost-of-rows";
  await tamper(
    tenant,
    ...["standings", "orders", "records", "edges"].map(
      (table) => `UPDATE ${table} SET tenant = '${GHOST}' WHERE tenant = ?1`,
    ),
    `INSERT INTO anchors VALUES ('${GHOST}', 'order:OLD', '2026-07-01', 1, 'x'), (substr(?1, 1, 0) || '${GHOST}', 'sku:S0:-', '2026-07-01', 1, 'x')`,
  );
  expect((await walkOver(line, undefined, [GHOST])).repaired).toBeGreaterThan(0);
  for (const table of ["standings", "orders", "records", "anchors"]) {
    expect(await select(`SELECT * FROM ${table} WHERE tenant = ?`, GHOST)).toEqual([]);
  }
  const { repaired } = await walkOver(line, undefined, [GHOST]);
  expect(repaired).toBe(0);
});
