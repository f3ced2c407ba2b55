import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { noteTold, openBreaksAfter } from "#src/edge/d1/reconciliation/aging.ts";
import { breakId as idOf, nthBreakId } from "#src/core/reconciliation/break-id.ts";
import { sha256Bytes } from "#src/edge/d1/digest-rows.ts";
import { knownBreaks, openBreaks } from "#src/edge/d1/reconciliation/breaks.ts";
import { mirrorAlerts } from "#src/edge/d1/reads/alerts.ts";
import { breakReads, SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/breaks.ts";
import { controlAlerts } from "#src/edge/control/alerts.ts";
import { readFigures } from "#src/edge/d1/reads/metrics.ts";
import { payablesAfter } from "#src/edge/d1/runs/proposals.ts";
import { type Asked, planOf, watched } from "./support.ts";

/*
 * Breaks are kept for good: of a tenant's thousands some are open. Whoever asks for those reads the
 * index of open breaks, and no row of the others.
 */

const tenant = `t${crypto.randomUUID()}`;
const reader = { tenant, shard: 0 };
const CLOSED = 2000;

beforeAll(async () => {
  const put = env.MIRROR_0.prepare(
    `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, resolved_ms,
       outcome, run_id, distributor_id, action, core)
     SELECT ?1, value ->> 'id', 'AMOUNT', 'dist:B', 'L1', 'd', 0, value ->> 'ended',
       iif(value ->> 'ended' IS NULL, NULL, 'healed'), 'r', 'B', 'none', '{"effective_ms":5}'
     FROM json_each(?2)`,
  );
  const rows = Array.from({ length: CLOSED }, (_, i) => ({ id: `A${i}`, ended: 1 }));
  const open = ["A500", "A7", "B1"].map((id) => ({ id: `${id}~`, ended: null }));
  await put.bind(tenant, JSON.stringify([...rows, ...open])).run();
});

/** D1's answer to a batch, each of its statements explained. */
async function plansOfBatch(ask: (session: D1DatabaseSession) => Promise<unknown>) {
  const session = env.MIRROR_0.withSession("first-primary");
  const plans: string[] = [];
  const asked = new Map<D1PreparedStatement, Asked>();
  await ask({
    getBookmark: () => session.getBookmark(),
    prepare: (sql) => {
      const plain = session.prepare(sql);
      plain.bind = (...values: unknown[]) => {
        const bound = session.prepare(sql).bind(...values);
        asked.set(bound, { sql, values, rowsRead: 0, rows: 0, chars: 0 });
        return bound;
      };
      return plain;
    },
    batch: async (statements) => {
      for (const statement of statements) {
        const one = asked.get(statement);
        if (one !== undefined) plans.push((await planOf(one)).join("\n"));
      }
      return session.batch(statements);
    },
  });
  return plans;
}

describe("what monitoring asks", () => {
  test.each<{ name: string; ask: (session: D1DatabaseSession) => Promise<unknown> }>([
    {
      name: "figures",
      ask: (session) =>
        readFigures(session, { tenants: [tenant], sweep: "sweep:0", jobs: [], nowMs: 0 }),
    },
    {
      name: "alerts",
      ask: (session) =>
        mirrorAlerts(session, {
          tenant,
          after: () => "",
          limit: 51,
          nowMs: 0,
          polled: ["crm"],
          destinations: [{ destination: "crm", createdMs: 0, pausedMs: null, pausedFor: null }],
        }),
    },
    {
      name: "alerts of the control tables",
      ask: (session) =>
        controlAlerts(session, {
          tenant,
          pausedAfter: "",
          polledAfter: "",
          failedAfter: "",
          isOutbound: true,
          limit: 51,
        }),
    },
  ])("$name read by keys, and open breaks by their index", async ({ ask }) => {
    const plans = await plansOfBatch(ask);
    expect(plans.length).toBeGreaterThan(2);
    const all = plans.join("\n");
    // No table of ours is walked through from its beginning; `b` is so many open breaks at most.
    expect(all).not.toMatch(
      /SCAN (?:breaks|held|gaps|polls|events|subjects|s|p|reconciliation_runs|r|records|jobs|sources|runs|tenants|deliveries|destinations)\b(?! VIRTUAL)/,
    );
    const ofBreaks = all.split("\n").filter((step) => /SEARCH breaks /.test(step));
    expect(ofBreaks.filter((step) => !/INDEX breaks_open|break_id[>=]/.test(step))).toEqual([]);
  });
});

/** What was asked, one plan a statement. */
async function plansOf(asked: readonly Asked[]) {
  return Promise.all(
    asked.map(async (one) => ({ plan: (await planOf(one)).join("\n"), rowsRead: one.rowsRead })),
  );
}

const list = (db: D1Database, search: object) =>
  breakReads(() => db).list(reader, search, { limit: 50 });

describe("a question for open breaks reads their index", () => {
  test.each<{ name: string; ask: (db: D1Database) => Promise<unknown> }>([
    { name: "the list", ask: (db) => list(db, { state: "open" }) },
    { name: "the list of a class", ask: (db) => list(db, { state: "open", class: "AMOUNT" }) },
    {
      name: "the payouts of a run",
      ask: (db) => payablesAfter(db, { tenant, currency: "USD" }, { cursor: undefined, limit: 50 }),
    },
    { name: "their age", ask: (db) => openBreaksAfter(db, { tenant, breakId: "" }, 3) },
    {
      name: "a run that closes what it did not find",
      ask: (db) => openBreaks(db, tenant, { fromMs: 6, toMs: 9, after: undefined, limit: 10 }),
    },
  ])("$name", async ({ ask }) => {
    const { db, asked } = watched();
    await ask(db);
    const [first] = await plansOf(asked);
    expect(first?.plan).toMatch(/USING INDEX breaks_open/);
    expect(first?.plan).not.toMatch(/SCAN breaks|breaks USING PRIMARY KEY/);
    expect(first?.rowsRead).toBeLessThan(20);
  });

  test("what is known of a line is found by its ids, however many breaks there were", async () => {
    const { db, asked } = watched();
    const asker = { tenant, source: "upline:recon", sha256: sha256Bytes };
    const name = { distributor_id: "B", line_id: "L1" };
    const id = idOf({ class: "AMOUNT", ...name, core: "-", local: "-" }, sha256Bytes);
    const put = `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms,
      run_id, distributor_id, resolved_ms, outcome)
      VALUES (?1, ?2, 'AMOUNT', 'dist:B', 'L1', '', 0, 'r', 'B', 1, 'healed')`;
    for (const nth of [1, 2]) {
      await env.MIRROR_0.prepare(put).bind(tenant, nthBreakId(id, nth)).run();
    }
    const known = await knownBreaks(db, asker, [name]);
    expect([...known.keys()]).toEqual([id, `${id}~2`]);
    const [first] = await plansOf(asked);
    expect(first?.plan).toMatch(/SEARCH b USING .*break_id>\? AND break_id<\?/);
    expect(first?.plan).not.toMatch(/SCAN [be]\b/);
    expect(first?.rowsRead).toBeLessThan(20);
    await env.MIRROR_0.prepare("DELETE FROM breaks WHERE tenant = ?1 AND break_id GLOB 'AMOUNT:*'")
      .bind(tenant)
      .run();
  });

  test("what is told is noted by its key", async () => {
    const { db, asked } = watched();
    const [found] = await openBreaksAfter(db, { tenant, breakId: "" }, 1);
    if (found === undefined) throw new Error("None is open");
    expect(await noteTold(db, [{ ...found, now: "page" }])).toEqual([{ tenant, breakId: "A500~" }]);
    const [, note] = await plansOf(asked);
    expect(note?.plan).toMatch(/SEARCH breaks USING (INDEX breaks_open|PRIMARY KEY) .*break_id=\?/);
    expect(note?.rowsRead).toBeLessThan(10);
  });

  test("finds them all, and those alone", async () => {
    const found = await list(env.MIRROR_0, { state: "open" });
    expect(found.value.rows.map(({ breakId }) => breakId)).toEqual(["A500~", "A7~", "B1~"]);
    const closed = await list(env.MIRROR_0, { state: "closed" });
    expect(closed.value.rows).toHaveLength(50);
    expect(closed.value.rows.every(({ resolvedMs }) => resolvedMs !== null)).toBe(true);
    expect(CLOSED).toBeLessThan(SEARCHED_ROWS_MAX);
  });
});
