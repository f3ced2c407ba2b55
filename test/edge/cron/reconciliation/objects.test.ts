import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { objectsJob } from "#src/compose/reconciliation.ts";
import type { ObjectsPorts } from "#src/edge/cron/reconciliation/objects.ts";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { w2 } from "../../support/company.ts";
import { breaking, type Crash } from "../../support/breaking.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { tamper, walkOver } from "./walk.ts";

const db = env.MIRROR_0;
let line: Line;
let tenant: string;

beforeEach(async () => {
  line = await lineOf("B");
  ({ tenant } = line.company);
  await line.enrol("C");
  await line.post(...w2("B"), ...w2("C"));
  await line.drain();
  await expectMirrorEqualsObjects(tenant);
});

afterAll(() =>
  db
    .prepare("DELETE FROM jobs WHERE job = ?")
    .bind(objectsJob({ index: 0 }))
    .run(),
);

/** One walk over this company alone: other tests' objects lie before and behind it. */
const walk = (over?: (ports: ObjectsPorts) => ObjectsPorts) => walkOver(line, over);

const select = async (sql: string) => (await db.prepare(sql).bind(tenant).all()).results;

const everything = async () => ({
  transfers: await select("SELECT * FROM transfers WHERE tenant = ?"),
  lines: await select("SELECT * FROM lines WHERE tenant = ?"),
  // Made anew, a summary has its members in another order.
  subjects: (await select("SELECT * FROM subjects WHERE tenant = ?")).map((row) => ({
    ...row,
    view: JSON.parse(String(row["view"])),
  })),
  days: await select("SELECT * FROM account_days WHERE tenant = ? AND amount_minor <> 0"),
});

const breaks = () =>
  select("SELECT class, subject, detail, outcome FROM breaks WHERE tenant = ? ORDER BY found_ms");

const TAMPERINGS: readonly (readonly [string, string])[] = [
  [
    "a transfer is deleted",
    "DELETE FROM transfers WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer's amount is changed",
    "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer's account is changed",
    "UPDATE transfers SET credit = 'dist:Z:held' WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer's reference is changed",
    "UPDATE transfers SET reference = 'X' WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer's time is changed",
    "UPDATE transfers SET effective_ms = effective_ms - 86400000 WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer is given to another subject",
    "UPDATE transfers SET subject = 'dist:C', position = 99 WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer is given to a subject that nobody knows",
    "UPDATE transfers SET subject = 'dist:BB' WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  [
    "a transfer is inserted",
    "INSERT INTO transfers SELECT tenant, subject, position, n + 9, rule, debit, credit, amount_minor, currency, reference, event_id, effective_ms, recorded_ms FROM transfers WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  ],
  ["a line is deleted", "DELETE FROM lines WHERE tenant = ?1 AND distributor_id = 'B'"],
  [
    "a line's amount is changed",
    "UPDATE lines SET amount_minor = amount_minor * 2 WHERE tenant = ?1 AND distributor_id = 'B'",
  ],
  [
    "a line's state is changed",
    "UPDATE lines SET state = 'void' WHERE tenant = ?1 AND distributor_id = 'B'",
  ],
  [
    "a line's digest is changed",
    "UPDATE lines SET digest = replace(digest, '[', '[1') WHERE tenant = ?1 AND distributor_id = 'B'",
  ],
  [
    "a line is inserted",
    "INSERT INTO lines SELECT tenant, distributor_id, 'XX', order_id, component, level, depth, rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest FROM lines WHERE tenant = ?1 AND distributor_id = 'B'",
  ],
  [
    "a line is inserted for somebody nobody knows",
    "INSERT INTO lines SELECT tenant, 'BB', 'XX', order_id, component, level, depth, rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest FROM lines WHERE tenant = ?1 AND distributor_id = 'B'",
  ],
  [
    "a summary is changed",
    "UPDATE subjects SET view = replace(view, '\"-', '\"-9') WHERE tenant = ?1 AND subject = 'dist:B'",
  ],
  ["a subject's row is deleted", "DELETE FROM subjects WHERE tenant = ?1 AND subject = 'dist:B'"],
  [
    "an account's total is changed",
    "UPDATE account_days SET amount_minor = amount_minor + 5 WHERE tenant = ?1 AND account = 'exp:commission'",
  ],
  [
    "an account's total is deleted",
    "DELETE FROM account_days WHERE tenant = ?1 AND account = 'dist:B:available'",
  ],
  [
    "an account's total is inserted",
    "INSERT INTO account_days VALUES (?1, 'rev:product', 'USD', '2026-01-01', '2026-01-01', 7)",
  ],
];

describe("whoever changes the mirror by hand is found in one walk, and undone", () => {
  it.each(TAMPERINGS)("%s", async (_, sql) => {
    const before = await everything();
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    expect(await everything()).not.toEqual(before);

    await walk();
    // Lost with its row, a name comes back with the next event.
    expect(await everything()).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
    const told = await breaks();
    expect(told.length).toBeGreaterThan(0);
    expect(told.every((one) => one["class"] === "MIRROR" && one["outcome"] === "healed")).toBe(
      true,
    );
    const [audited] = await select(
      "SELECT count(*) AS n FROM audit WHERE tenant = ? AND action = 'mirror.repaired'",
    );
    expect(audited?.["n"]).toBe(told.length);

    // Found once: the walk behind it finds nothing new.
    expect(await walk()).toMatchObject({ repaired: 0, frozen: 0 });
    expect(await breaks()).toEqual(told);
  });
});

describe("whoever changes an object is found", () => {
  const stub = () => env.DISTRIBUTOR.getByName(`${tenant}/B`);
  const alter = (...statements: readonly string[]) =>
    runInDurableObject(stub(), (_instance: SubjectObject, state: DurableObjectState) => {
      for (const statement of statements) state.storage.sql.exec(statement);
    });

  it.each([
    ["an entry", "UPDATE log SET entry = replace(entry, '400', '900') WHERE position = 2"],
    [
      "a hash",
      "UPDATE log SET hash = iif(hash LIKE 'a%', 'b', 'a') || substr(hash, 2) WHERE position = 2",
    ],
    ["a row that is gone", "DELETE FROM log WHERE position = 2"],
    [
      "two rows that change places",
      "UPDATE log SET position = CASE position WHEN 2 THEN -3 ELSE -2 END WHERE position IN (2, 3)",
      "UPDATE log SET position = -position WHERE position < 0",
    ],
  ])("by its chain, and frozen with an alert: %s", async (_, ...statements) => {
    await alter("DROP TRIGGER log_no_update", "DROP TRIGGER log_no_delete", ...statements);
    expect(await walk()).toMatchObject({ frozen: 1 });
    expect(await breaks()).toMatchObject([{ class: "CHAIN", subject: "dist:B", outcome: null }]);
    const [row] = await select(
      "SELECT frozen_ms FROM subjects WHERE tenant = ? AND subject = 'dist:B'",
    );
    expect(row?.["frozen_ms"]).not.toBeNull();
    // It stays as it is, and the others are looked at.
    expect(await walk()).toMatchObject({ frozen: 0, repaired: 0 });
  });

  it("by its log, where its own summary says otherwise", async () => {
    const before = await everything();
    await alter(`UPDATE own SET value = replace(value, '"-', '"-9') WHERE name = 'view'`);
    expect(await walk()).toMatchObject({ repaired: 1, frozen: 0 });
    expect(await everything()).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
    // What the object says of itself, and what the mirror had of that.
    expect(await breaks()).toMatchObject([
      { class: "MIRROR", detail: "Written anew from its log: its object's summary" },
      { class: "MIRROR", detail: "Written anew from its log: summary" },
    ]);
  });
});

const EVERYWHERE: readonly string[] = [
  "DELETE FROM transfers WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2",
  "UPDATE lines SET amount_minor = amount_minor + 1 WHERE tenant = ?1 AND distributor_id = 'C'",
  "DELETE FROM subjects WHERE tenant = ?1 AND subject = 'dist:C'",
  "UPDATE account_days SET amount_minor = amount_minor + 5 WHERE tenant = ?1 AND account = 'exp:commission'",
];

/** What becomes of a mirror that was tampered with, where its first check dies at that step. */
async function checked(crash?: Crash) {
  line = await lineOf("B", "C");
  ({ tenant } = line.company);
  await line.post(...w2("B"), ...w2("C"));
  await line.drain();
  await tamper(tenant, ...EVERYWHERE);
  await runInDurableObject(
    env.DISTRIBUTOR.getByName(`${tenant}/B`),
    (_instance: SubjectObject, { storage }: DurableObjectState) => {
      storage.sql.exec(`UPDATE own SET value = replace(value, '"-', '"-9') WHERE name = 'view'`);
    },
  );
  const broken = breaking(crash);
  await walk(broken.over).catch(() => undefined);
  await walk();
  await expectMirrorEqualsObjects(tenant);
  const told = await select(
    "SELECT break_id, class, subject, detail, outcome FROM breaks WHERE tenant = ? ORDER BY 1",
  );
  return { calls: broken.calls, told };
}

it("dies at any of its steps, and a second walk ends the same", async () => {
  const undisturbed = await checked();
  expect(undisturbed.calls).toEqual(
    expect.arrayContaining(["lostRow", "report", "remakeView", "repair", "repairTotals"]),
  );
  expect(undisturbed.told.length).toBeGreaterThan(4);
  for (const [at, name] of undisturbed.calls.entries()) {
    const { told } = await checked({ at });
    expect.soft({ at, name, told }).toEqual({ at, name, told: undisturbed.told });
  }
}, 120_000);

it("finds nothing while events keep arriving", async () => {
  for (let round = 0; round < 5; round += 1) {
    const names = [`D${round}`, `E${round}`];
    await line.enrol(...names);
    await line.post(...names.flatMap((name) => w2(name)));
    const [walked] = await Promise.all([walk(), line.drain()]);
    expect(walked).toMatchObject({ repaired: 0, frozen: 0 });
  }
  expect(await breaks()).toEqual([]);
  await expectMirrorEqualsObjects(tenant);
});

it("counts lines of before there were digests, and tells nobody", async () => {
  const before = await everything();
  await db.prepare("UPDATE lines SET digest = NULL WHERE tenant = ?").bind(tenant).run();
  await db.prepare("DELETE FROM digests WHERE tenant = ? AND kind = 'line'").bind(tenant).run();
  expect(await walk()).toMatchObject({ repaired: 0, frozen: 0 });
  expect(await everything()).toEqual(before);
  await expectMirrorEqualsObjects(tenant);
  expect(await breaks()).toEqual([]);
});

it("counts a line once that came back while its row was missing", async () => {
  await db
    .prepare("DELETE FROM lines WHERE tenant = ? AND distributor_id = 'B'")
    .bind(tenant)
    .run();
  const reversed = {
    line_id: "B-L1-R",
    reverses_line_id: "B-L1",
    currency: "USD",
    amount_minor: 100,
  };
  const next = { id: "B-6", type: "commission.reversed", version: 1, key: "dist:B", seq: 6 };
  await line.post({ ...next, occurred_at: "2026-07-09T10:00:00.000Z", data: reversed });
  await line.drain();
  await walk();
  await expectMirrorEqualsObjects(tenant);
});
