import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { objectsPorts } from "#src/compose/reconciliation.ts";
import { shardAt } from "#src/edge/bindings.ts";
import {
  checkObjects,
  type ObjectsPorts,
  type ObjectsWalk,
} from "#src/edge/cron/reconciliation/objects.ts";
import { fixDays, fixLineDigests } from "#src/edge/d1/rebuild/totals.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { type Kept, tamper, walkInRuns, walkOver } from "./walk.ts";

const db = env.MIRROR_0;
const MOST = "9223372036854775807";
const LEAST = "-9223372036854775808";

let line: Line;
let tenant: string;
let other: Line;

beforeEach(async () => {
  line = await lineOf("B", "C");
  ({ tenant } = line.company);
  await line.post(...w2("B"), ...w2("C"));
  await line.drain();
  other = await lineOf("D");
  await other.post(...w2("D"));
  await other.drain();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const select = async (sql: string, of = tenant) => (await db.prepare(sql).bind(of).all()).results;

const days = (of = tenant) =>
  select(
    `SELECT account, currency, day, known_day, CAST(amount_minor AS TEXT) AS amount
     FROM account_days WHERE tenant = ? AND amount_minor <> 0`,
    of,
  );

const digests = () =>
  select("SELECT * FROM digests WHERE tenant = ? AND kind = 'line' AND items <> 0");

const breaks = () => select("SELECT class, subject, detail, outcome FROM breaks WHERE tenant = ?");

const amountOf = (of: string) =>
  select("SELECT amount_minor FROM lines WHERE tenant = ? ORDER BY line_id", of);

/** What is logged from now on, but for what is mere news. */
function logging(): readonly string[] {
  const events: string[] = [];
  const keep = (text: string) => {
    const { level, event } = JSON.parse(text);
    if (level !== "info") events.push(event);
  };
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
  return events;
}

/** One walk over both companies, and what it logged. */
async function walked(over?: (ports: ObjectsPorts) => ObjectsPorts) {
  const logged = logging();
  const walk = await walkOver(line, over, [other.company.tenant]);
  vi.restoreAllMocks();
  return { walk, logged };
}

const TOTAL_OF_B = "WHERE tenant = ?1 AND account = 'dist:B:available'";

describe("a total of one account", () => {
  it.each([
    ["the largest that its table holds", `UPDATE account_days SET amount_minor = ${MOST}`],
    ["the smallest that its table holds", `UPDATE account_days SET amount_minor = ${LEAST}`],
    ["none of any day", "UPDATE OR REPLACE account_days SET day = 'rubbish'"],
    ["of another day", "UPDATE OR REPLACE account_days SET day = '1969-12-31'"],
    ["of a day that no calendar has", "UPDATE OR REPLACE account_days SET day = '2026-02-30'"],
    ["known at another day", "UPDATE OR REPLACE account_days SET known_day = ''"],
    [
      "of an account that is no text",
      "UPDATE OR REPLACE account_days SET account = CAST(x'ff' AS TEXT)",
    ],
  ])("is made anew, and nobody else waits for it: %s", async (_, sql) => {
    const before = await days();
    const [theirs, totals] = [other.company.tenant, await days(other.company.tenant)];
    const amounts = await amountOf(theirs);
    await tamper(tenant, `${sql} ${TOTAL_OF_B}`);
    await tamper(
      theirs,
      "UPDATE lines SET amount_minor = 999999 WHERE tenant = ?1",
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account = 'dist:D:held'",
    );
    await walked();
    expect(await days()).toEqual(before);
    expect(await days(theirs)).toEqual(totals);
    expect(await amountOf(theirs)).toEqual(amounts);
    const { walk, logged } = await walked();
    expect(walk).toMatchObject({ repaired: 0, sums: { found: 0 } });
    expect(logged).toEqual([]);
  });

  it("is found by each walk, however short the one before was ago", async () => {
    const kept: Kept = {};
    await walkOver(line, undefined, [], kept);
    const before = await days();
    for (const amount of [1, 2, 3]) {
      await tamper(tenant, `UPDATE account_days SET amount_minor = ${amount} ${TOTAL_OF_B}`);
      await walkOver(line, undefined, [], kept);
      expect(await days()).toEqual(before);
      const told = "SELECT detail FROM audit WHERE tenant = ? AND action = 'mirror.repaired'";
      expect(await select(told)).toHaveLength(amount);
    }
  });

  it("stays as it is where its true value does not fit, is told of, and stops no other", async () => {
    // What a company moves between its own accounts in one day.
    await tamper(
      tenant,
      `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1025)
       INSERT INTO transfers SELECT tenant, subject, position, 100 + i, rule, 'x:debit', 'x:credit',
         9007199254740991, currency, reference, event_id, effective_ms, recorded_ms FROM transfers, c
       WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2`,
    );
    const before = await days();
    await tamper(tenant, `UPDATE account_days SET amount_minor = 1 ${TOTAL_OF_B}`);
    // The transfers are nobody's concern here.
    const { logged, walk } = await walked((ports) => ({
      ...ports,
      rows: () => Promise.resolve([]),
    }));
    expect(logged).toContain("totals_too_large");
    expect(walk.sums?.found).toBeGreaterThan(0);
    expect(await days()).toEqual(before);
  });
});

describe("a step that fails every time", () => {
  const fails = () => Promise.reject(new Error("D1 DB exceeded its CPU time limit and was reset"));

  it.each([
    ["rows are not read", "sumRows", "sums_not_checked"],
    ["totals are not repaired", "repairTotals", "sums_not_checked"],
    ["days are not counted", "daysFrom", "sums_not_checked"],
    ["no tenant is named", "tenantAfter", "sums_not_checked"],
    ["rebuilds are not known", "rebuilding", "sums_not_checked"],
    ["digests of transfers are not repaired", "repairDigests", "digests_not_checked"],
  ] as const)("is told of, and the walk goes on to the next: %s", async (_, port, event) => {
    const amounts = await amountOf(tenant);
    await tamper(tenant, `UPDATE account_days SET amount_minor = 1 ${TOTAL_OF_B}`);
    const failing = (ports: ObjectsPorts): ObjectsPorts => ({ ...ports, [port]: fails });
    const { walk, logged } = await walked(failing);
    expect(walk.sums?.isOver).toBe(true);
    await tamper(tenant, "UPDATE lines SET amount_minor = 999999 WHERE tenant = ?1");
    expect((await walked(failing)).walk.sums?.isOver).toBe(true);
    expect(logged).toContain(event);
    expect(await amountOf(tenant)).toEqual(amounts);
  });

  it("a subject that D1 cannot read: the others of its page are looked at", async () => {
    const amounts = await amountOf(tenant);
    await tamper(
      tenant,
      "UPDATE lines SET amount_minor = 999999 WHERE tenant = ?1 AND distributor_id = 'C'",
    );
    const { walk } = await walked((ports) => ({
      ...ports,
      rows: (places, rowsMax) =>
        places.some(({ tenant: of, subject }) => of === tenant && subject === "dist:B")
          ? fails()
          : ports.rows(places, rowsMax),
    }));
    expect(walk).toMatchObject({ failed: 1, unlooked: [{ tenant, subject: "dist:B" }] });
    expect(await amountOf(tenant)).toEqual(amounts);
  });
});

test("what is mirrored while sums are compared is no difference", async () => {
  let round = 0;
  const { walk } = await walked((ports) => ({
    ...ports,
    sumRows: async (asked, after) => {
      const page = await ports.sumRows(asked, after);
      if (asked.side === "parts" && asked.tenant === tenant) {
        round += 1;
        await line.enrol(`E${round}`);
        await line.post(...w2(`E${round}`));
        await line.drain();
      }
      return page;
    },
  }));
  expect(round).toBe(2);
  expect(walk).toMatchObject({ repaired: 0, sums: { found: 0 } });
  expect(await breaks()).toEqual([]);
  await expectMirrorEqualsObjects(tenant);
});

test("sums are compared over many runs, a step each", async () => {
  const before = await days();
  await tamper(tenant, `UPDATE account_days SET amount_minor = ${MOST} ${TOTAL_OF_B}`);
  await walkInRuns(line, (ports) => ports);
  expect(await days()).toEqual(before);
});

test("a rebuild makes totals and digests of lines anew, whatever stands there", async () => {
  const before = { days: await days(), digests: await digests() };
  await tamper(
    tenant,
    `UPDATE account_days SET amount_minor = ${MOST} WHERE tenant = ?1`,
    `UPDATE digests SET amount_minor = ${MOST}, s0 = ${LEAST}, items = ${MOST}
     WHERE tenant = ?1 AND kind = 'line'`,
  );
  const run = { tenant, runId: "r" };
  expect(await fixDays(db, run)).toBeGreaterThan(0);
  expect(await fixLineDigests(db, run)).toBeGreaterThan(0);
  expect({ days: await days(), digests: await digests() }).toEqual(before);
  expect(await fixDays(db, run)).toBe(0);
  expect(await fixLineDigests(db, run)).toBe(0);
});

test("digests of lines are made anew, whatever stands there", async () => {
  const before = await digests();
  await tamper(
    tenant,
    `UPDATE digests SET amount_minor = ${MOST}, s0 = ${LEAST}, items = ${MOST}
     WHERE tenant = ?1 AND kind = 'line'`,
  );
  expect((await walked()).logged).toEqual(["digests_repaired"]);
  expect(await digests()).toEqual(before);
});

test("the walk that a former version kept goes on", async () => {
  const before = await days();
  await tamper(tenant, `UPDATE account_days SET amount_minor = 1 ${TOTAL_OF_B}`);
  const ports = objectsPorts(line.parts, shardAt(line.parts.shards, 0));
  const saved: ObjectsWalk[] = [];
  const kept = {
    startedMs: 1,
    subjects: 0,
    repaired: 0,
    frozen: 0,
    totals: { endedMs: Date.now(), tookMs: 100_000 },
    sums: {
      startedMs: 1,
      isResting: false,
      isOver: false,
      found: 0,
      at: { tenant: "", fromMs: 5 },
    },
  };
  await checkObjects({
    ...ports,
    tenantAfter: (after) => Promise.resolve(after < tenant ? tenant : undefined),
    load: () => Promise.resolve(kept),
    save: (walk) => {
      saved.push(walk);
      return Promise.resolve();
    },
  });
  expect(await days()).toEqual(before);
  expect(saved.at(-1)?.last).toBeDefined();
});
