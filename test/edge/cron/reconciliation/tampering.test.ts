import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { ObjectsPorts } from "#src/edge/cron/reconciliation/objects.ts";
import { largeReads } from "#src/edge/d1/reconciliation/large-rows.ts";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { tamper, walkInRuns, walkOver } from "./walk.ts";

const db = env.MIRROR_0;
let line: Line;
let tenant: string;

beforeEach(async () => {
  line = await lineOf("B");
  ({ tenant } = line.company);
  await line.post(...w2("B"));
  await line.drain();
});

const select = async (sql: string, of = tenant) => (await db.prepare(sql).bind(of).all()).results;

const dump = async (of = tenant) => ({
  transfers: await select("SELECT * FROM transfers WHERE tenant = ?", of),
  lines: await select("SELECT * FROM lines WHERE tenant = ?", of),
  subjects: await select("SELECT * FROM subjects WHERE tenant = ?", of),
  days: await select("SELECT * FROM account_days WHERE tenant = ? AND amount_minor <> 0", of),
});

const breaks = () =>
  select("SELECT class, subject, detail, outcome FROM breaks WHERE tenant = ? ORDER BY found_ms");

const walk = (over?: (ports: ObjectsPorts) => ObjectsPorts, ...others: readonly string[]) =>
  walkOver(line, over, others);

/** Found, told, undone, and found once. */
async function expectUndone(
  before: Awaited<ReturnType<typeof dump>>,
  ...others: readonly string[]
) {
  await walk(undefined, ...others);
  expect(await dump()).toEqual(before);
  await expectMirrorEqualsObjects(tenant);
  const told = await breaks();
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((one) => one["class"] === "MIRROR" && one["outcome"] === "healed")).toBe(true);
  expect(await walk(undefined, ...others)).toMatchObject({
    repaired: 0,
    frozen: 0,
    unsettled: [],
    unlooked: [],
  });
  expect(await breaks()).toEqual(told);
}

const SUBJECT = "WHERE tenant = ?1 AND subject = 'dist:B'";

describe("what a row of a subject says of itself is found and undone", () => {
  it.each([
    [
      "frozen, its balances changed",
      `UPDATE subjects SET frozen_ms = 1, view = replace(view, '"-', '"-9') ${SUBJECT}`,
    ],
    ["frozen", `UPDATE subjects SET frozen_ms = 1 ${SUBJECT}`],
    ["the position of its summary", `UPDATE subjects SET view_position = 999 ${SUBJECT}`],
    ["no position of its summary", `UPDATE subjects SET view_position = NULL ${SUBJECT}`],
    ["the time of its summary", `UPDATE subjects SET as_of_ms = 1 ${SUBJECT}`],
    ["its masked name", `UPDATE subjects SET display_name = 'Somebody else' ${SUBJECT}`],
    [
      "a row of balances for nobody",
      `INSERT INTO subjects (tenant, subject, position, head, view_position, view)
       SELECT tenant, 'dist:NOBODY', 0, '', 0, view FROM subjects ${SUBJECT}`,
    ],
    [
      "a row of nobody that says that it was mirrored",
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?1, 'dist:NOBODY', 3, 'abc')",
    ],
    [
      "what a line counts by is gone",
      "UPDATE lines SET digest = NULL WHERE tenant = ?1 AND distributor_id = 'B'",
    ],
  ])("%s", async (_, sql) => {
    const before = await dump();
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    expect(await dump()).not.toEqual(before);
    await expectUndone(before);
  });

  it("a position that was set back, and what comes next is mirrored", async () => {
    const before = await dump();
    const [hash] = await inLog((sql) =>
      sql.exec<{ hash: string }>("SELECT hash FROM log WHERE position = 1").toArray(),
    );
    await tamper(tenant, `UPDATE subjects SET position = 1, head = '${hash?.hash}' ${SUBJECT}`);
    await expectUndone(before);
    await line.post(correction("next", 6));
    await line.drain();
    await expectMirrorEqualsObjects(tenant);
  });

  it("a row of nobody that the sweep was first to freeze", async () => {
    const before = await dump();
    await tamper(
      tenant,
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?1, 'dist:NOBODY', 3, 'abc')",
    );
    line.queued.push({
      id: "swept",
      body: { kind: "subject", tenant, subject: "dist:NOBODY" },
      attempts: 1,
    });
    await line.run();
    line.queued.length = 0;
    expect(await breaks()).toMatchObject([{ class: "CHAIN", subject: "dist:NOBODY" }]);
    await walk();
    expect(await dump()).toEqual(before);
    expect(await breaks()).toMatchObject([
      { class: "CHAIN", outcome: "gone" },
      { class: "MIRROR", outcome: "healed" },
    ]);
  });

  it("an object that is gone is frozen, and nothing of it taken away", async () => {
    const before = await dump();
    await runInDurableObject(stub(), (instance: SubjectObject) => instance.purge());
    await walk();
    expect(await dump()).toEqual(before);
  });
});

const stub = () => env.DISTRIBUTOR.getByName(`${tenant}/B`);
const inLog = <Value>(work: (sql: SqlStorage) => Value): Promise<Value> =>
  runInDurableObject(stub(), (_instance: SubjectObject, { storage }: DurableObjectState) =>
    work(storage.sql),
  );

const correction = (id: string, seq: number) => ({
  id: `${id}-${seq}`,
  type: "adjustment.posted",
  version: 1,
  key: "dist:B",
  seq,
  occurred_at: "2026-07-09T10:00:00.000Z",
  data: {
    distributor_id: "B",
    line_id: `Z-${seq}`,
    currency: "USD",
    amount_minor: 5,
    reason_code: "test",
    effective_at: "2026-07-09T10:00:00.000Z",
    approved_by: "cfo",
  },
});

describe("rows of a tenant that there is none", () => {
  const GHOST = "aa-ghost";
  const OF_B = "WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2";

  it.each([
    ["a transfer is given to it", `UPDATE transfers SET tenant = '${GHOST}' ${OF_B}`],
    [
      "a line is given to it",
      `UPDATE lines SET tenant = '${GHOST}' WHERE tenant = ?1 AND distributor_id = 'B'`,
    ],
    [
      "a summary is given to it, and a total changed",
      `INSERT INTO subjects (tenant, subject, position, head, view)
       SELECT '${GHOST}', subject, position, head, view FROM subjects ${SUBJECT}`,
      "UPDATE account_days SET amount_minor = amount_minor + 5 WHERE tenant = ?1 AND account = 'exp:commission'",
    ],
    [
      "totals are given to it",
      `UPDATE account_days SET tenant = '${GHOST}' WHERE tenant = ?1 AND account = 'exp:commission'`,
    ],
  ])("%s", async (_, ...statements) => {
    const before = await dump();
    expect(await tamper(tenant, ...statements)).toBeGreaterThan(0);
    await expectUndone(before, GHOST);
    expect(await dump(GHOST)).toEqual({ transfers: [], lines: [], subjects: [], days: [] });
  });
});

it("a tenant that the control tables have lost keeps what the mirror has of it", async () => {
  const before = await dump();
  const rename = "UPDATE tenants SET tenant = ?2 WHERE tenant = ?1";
  await db.prepare(rename).bind(tenant, `${tenant}-lost`).run();
  await walk();
  expect(await dump()).toEqual(before);
  await db.prepare(rename).bind(`${tenant}-lost`, tenant).run();
  expect(await walk()).toMatchObject({ repaired: 0, frozen: 0 });
});

it("a subject that cannot be looked at keeps sums of its rows from being made anew, and no other's", async () => {
  const other = await lineOf("C");
  await other.post(...w2("C"));
  await other.drain();
  const theirs = other.company.tenant;
  const wrong =
    "UPDATE account_days SET amount_minor = amount_minor + 5 WHERE tenant = ?1 AND account = 'exp:commission'";
  const [mine, before] = [await dump(), await dump(theirs)];
  await tamper(tenant, wrong);
  await tamper(theirs, wrong);
  const failing = (ports: ObjectsPorts): ObjectsPorts => ({
    ...ports,
    check: (place, upTo) =>
      place.tenant === tenant && place.subject === "dist:B"
        ? Promise.reject(new Error("out"))
        : ports.check(place, upTo),
  });
  expect(await walk(failing, theirs)).toMatchObject({
    failed: 1,
    unlooked: [{ tenant, subject: "dist:B" }],
  });
  expect(await dump(theirs)).toEqual(before);
  expect((await dump()).days).not.toEqual(mine.days);
  await walk();
  expect(await dump()).toEqual(mine);
});

describe("a subject with more rows than are read at once", () => {
  /** Two rows at a time, and anybody with more than three is large. */
  const small = (ports: ObjectsPorts): ObjectsPorts => ({
    ...ports,
    ...largeReads(db, 2),
    rowsOfOneMax: 3,
  });
  const FORGED = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20)
    INSERT INTO transfers SELECT tenant, subject, position, 100 + i, rule, debit, credit, amount_minor,
      currency, reference, event_id, effective_ms, recorded_ms FROM transfers, c
    WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2`;
  const FORGED_LINES = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20)
    INSERT INTO lines SELECT tenant, distributor_id, 'X' || i, order_id, component, level, depth, rate_ppm,
      amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest
    FROM lines, c WHERE tenant = ?1 AND distributor_id = 'B' AND line_id = 'B-L1'`;

  it("is equal where it is", async () => {
    const before = await dump();
    expect(await walk(small)).toMatchObject({ repaired: 0, frozen: 0, failed: 0, unsettled: [] });
    expect(await dump()).toEqual(before);
    expect(await breaks()).toEqual([]);
  });

  it.each([
    ["many transfers of one row are forged", FORGED],
    [
      "transfers behind its position are forged, and some deleted",
      FORGED.replace("position, 100 + i", "position + 50 + i, 0"),
      "DELETE FROM transfers WHERE tenant = ?1 AND subject = 'dist:B' AND position > 2 AND position < 50",
    ],
    [
      "all transfers are deleted",
      "DELETE FROM transfers WHERE tenant = ?1 AND subject = 'dist:B'",
      FORGED_LINES,
    ],
    [
      "its lines are changed, deleted and forged",
      FORGED_LINES,
      "DELETE FROM lines WHERE tenant = ?1 AND line_id = 'B-L1'",
    ],
    [
      "a line's digest and its row's summary are changed",
      FORGED,
      "UPDATE lines SET digest = NULL, amount_minor = amount_minor + 1 WHERE tenant = ?1",
      `UPDATE subjects SET frozen_ms = 1, view = replace(view, '"-', '"-9') ${SUBJECT}`,
    ],
    ["its row is deleted", FORGED, `DELETE FROM subjects ${SUBJECT}`],
  ])("%s", async (_, ...statements) => {
    const before = await dump();
    await tamper(tenant, ...statements);
    expect(await walk(small)).toMatchObject({ frozen: 0, failed: 0, unsettled: [] });
    expect(await dump()).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
    const told = await breaks();
    expect(told.length).toBeGreaterThan(0);
    expect(await walk(small)).toMatchObject({ repaired: 0, frozen: 0 });
    expect(await breaks()).toEqual(told);
  });

  it("goes on where it was, a run a step, and with events in between", async () => {
    const before = await dump();
    await tamper(tenant, FORGED, FORGED_LINES);
    let [seq, reads] = [6, 0];
    const runs = await walkInRuns(line, (ports) => ({
      ...small(ports),
      transfersAfter: async (...asked) => {
        reads += 1;
        if (reads % 4 === 0) {
          await line.post(correction("between", seq));
          await line.drain();
          seq += 1;
        }
        return largeReads(db, 2).transfersAfter(...asked);
      },
    }));
    expect(runs).toBeGreaterThan(20);
    expect(seq).toBeGreaterThan(6);
    await walk(small);
    expect(await dump()).not.toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it("is frozen by its chain", async () => {
    await tamper(tenant, FORGED);
    await inLog((sql) => {
      sql.exec("DROP TRIGGER log_no_update");
      sql.exec(
        "UPDATE log SET hash = iif(hash LIKE 'a%', 'b', 'a') || substr(hash, 2) WHERE position = 2",
      );
    });
    expect(await walk(small)).toMatchObject({
      frozen: 1,
      unlooked: [{ tenant, subject: "dist:B" }],
    });
    expect(await breaks()).toMatchObject([{ class: "CHAIN", subject: "dist:B", outcome: null }]);
  });
});

describe("digests of transfers", () => {
  const OF_ONE = `WHERE (tenant, kind, hour_ms, shard, currency) IN (SELECT tenant, kind, hour_ms, shard,
    currency FROM digests WHERE tenant = ?1 AND kind = 'transfer' LIMIT 1)`;

  it.each([
    ["a number is changed", `UPDATE digests SET items = items + 1 ${OF_ONE}`],
    ["an amount is changed", `UPDATE digests SET amount_minor = amount_minor + 1 ${OF_ONE}`],
    ["a sum is changed", `UPDATE digests SET s0 = s0 + 1 ${OF_ONE}`],
    ["one is another shard's", `UPDATE digests SET shard = (shard + 1) % 64 ${OF_ONE}`],
    ["one is of another time", `UPDATE digests SET hour_ms = -7200000 ${OF_ONE}`],
    ["all are deleted", "DELETE FROM digests WHERE tenant = ?1 AND kind = 'transfer'"],
  ])("%s: made anew of the transfers", async (_, sql) => {
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    await expectUndone(await dump());
    expect(await breaks()).toMatchObject([{ subject: "digests:transfer" }]);
  });
});

describe("a row that another appends to an object's log", () => {
  const forge = (hash: string) =>
    inLog((sql) =>
      sql.exec(
        `INSERT INTO log SELECT (SELECT max(position) + 1 FROM log), '${hash}', entry FROM log WHERE position = 2`,
      ),
    );
  const frozenMs = async () =>
    (await select(`SELECT frozen_ms FROM subjects WHERE tenant = ? AND subject = 'dist:B'`))[0]?.[
      "frozen_ms"
    ];

  it("freezes it before anything of that is mirrored, and nothing is settled any more", async () => {
    const before = await dump();
    await forge("deadbeef");
    await line.post(correction("next", 6));
    await line.run();
    expect(await frozenMs()).not.toBeNull();
    const { subjects: _subjects, ...rows } = await dump();
    expect(before).toMatchObject(rows);
    expect(await breaks()).toMatchObject([
      { class: "CHAIN", subject: "dist:B", detail: expect.stringContaining("Row 7 of its log") },
    ]);
    const [held] = await select("SELECT sender_id, state, code FROM held WHERE tenant = ?");
    expect(held).toEqual({ sender_id: "next-6", state: "dead", code: "subject_frozen" });
    expect(await inLog((sql) => sql.exec("SELECT count(*) AS n FROM log").one()["n"])).toBe(7);
  });

  it("is found by the walk while the object is in memory", async () => {
    await forge("deadbeef");
    expect(await walk()).toMatchObject({ frozen: 1 });
    expect(await breaks()).toMatchObject([{ class: "CHAIN", subject: "dist:B" }]);
  });

  it("is found by the walk and the consumer once the object has been asleep", async () => {
    await forge("deadbeef");
    await evictDurableObject(stub());
    const before = await dump();
    await line.post(correction("next", 6));
    await line.run();
    expect(await frozenMs()).not.toBeNull();
    expect((await dump()).transfers).toEqual(before.transfers);
  });

  it("leaves what the mirror does not have yet alone where its chain holds", async () => {
    await line.post(correction("next", 6));
    await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is out")) })).catch(() => 0);
    await line.drain();
    expect(await frozenMs()).toBeNull();
    await expectMirrorEqualsObjects(tenant);
  });

  it("is told of where it was mirrored all the same: how much of it the mirror shows", async () => {
    await forge("deadbeef");
    await tamper(
      tenant,
      `INSERT INTO transfers SELECT tenant, subject, 7, n, rule, debit, credit, amount_minor, currency,
         reference, event_id, effective_ms, recorded_ms FROM transfers
       WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2`,
      `UPDATE subjects SET position = 7, head = 'deadbeef' ${SUBJECT}`,
    );
    expect(await walk()).toMatchObject({ frozen: 1, unlooked: [{ tenant, subject: "dist:B" }] });
    expect(await breaks()).toMatchObject([
      { class: "CHAIN", detail: expect.stringMatching(/rows 7 to 7 is not proven, transfers: 1$/) },
    ]);
  });
});
