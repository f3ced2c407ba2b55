import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { RebuildName, RebuildPorts } from "#src/edge/cron/rebuild/ports.ts";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { enrolled, moved, paid, placed } from "../../../support/naive/told.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { busyLine, fileRoster } from "./busy.ts";
import { backUp, dump, empty, NOTHING_WRONG, rebuild, restore, tamper, told } from "./support.ts";

const db = env.MIRROR_0;
describe("a mirror that is lost", () => {
  it("comes back from the names of the roster", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    await fileRoster(line, "2026-11-20");
    const before = await dump(tenant);
    // Since then nobody was mirrored: the rosters of those days name nobody.
    await env.ARCHIVE_0.put(`roster/tenant=${tenant}/date=2026-11-21/part-0.ndjson`, "");
    await env.ARCHIVE_0.put(`roster/tenant=${tenant}/date=2026-11-22/part-0.ndjson`, "");
    await empty(tenant);
    const { report } = await rebuild(line);
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it("and from the archive, for those that no roster names yet", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    await fileRoster(line, new Date().toISOString().slice(0, 10));
    await line.post([enrolled("LATE"), ...w2("LATE")]);
    await line.drain();
    const before = await dump(tenant);
    await empty(tenant);
    expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
  });

  it("and from the archive alone", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    const before = await dump(tenant);
    await empty(tenant);
    expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
  });

  it.each([
    { name: "since the newest roster", asked: {} },
    { name: "since an hour ago", asked: { archiveFromMs: Date.now() - 3_600_000 } },
  ])("is brought up to date from an older backup, by deliveries $name", async ({ asked }) => {
    const line = await busyLine();
    const { tenant } = line.company;
    await fileRoster(line, "2026-11-20");
    const backup = await backUp(tenant);
    await line.post([enrolled("G"), ...w2("G")], [enrolled("H", { sponsor_id: "G" })]);
    await line.post({ ...w2("F")[0], data: { ...w2("F")[0]?.data }, seq: 2, id: "F-2" });
    await line.drain();
    const before = await dump(tenant);
    await restore(tenant, backup);
    expect(await dump(tenant)).not.toEqual(before);
    expect((await rebuild(line, { asked })).report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });
});

const stubOf = ({ company: { tenant } }: Line) => env.DISTRIBUTOR.getByName(`${tenant}/B`);

const frozen = async (tenant: string) =>
  (
    await db
      .prepare("SELECT subject FROM subjects WHERE tenant = ? AND frozen_ms IS NOT NULL")
      .bind(tenant)
      .all<{ subject: string }>()
  ).results.map(({ subject }) => subject);

describe("an object and its mirror that do not tell the same", () => {
  it("the mirror gives up a head that its object never had", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    const before = await dump(tenant);
    const head = "UPDATE subjects SET head = 'another', position = 3 WHERE tenant = ? AND";
    await tamper(
      told(tenant, `${head} subject = 'dist:B'`),
      told(tenant, `${head} subject = 'order:O1'`),
    );
    const { report } = await rebuild(line);
    expect(report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 2 } });
    const after = await dump(tenant);
    const healed = (after["breaks"] ?? []).filter((row) => row.includes('"class":"MIRROR"'));
    expect(healed).toHaveLength(2);
    expect({
      ...after,
      breaks: (after["breaks"] ?? []).filter((row) => !healed.includes(row)),
    }).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it("an object that has lost rows is frozen, told of, and set free by a person alone", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    await runInDurableObject(stubOf(line), (_object: SubjectObject, state) => {
      state.storage.sql.exec("DROP TRIGGER log_no_delete");
      state.storage.sql.exec("DELETE FROM log WHERE position > 4");
    });
    // What it knew by heart it forgets.
    await evictDurableObject(stubOf(line));
    const before = await dump(tenant);
    const first = await rebuild(line);
    expect(first.report).toMatchObject({ frozen: ["dist:B"], results: { frozen: 1 }, failed: [] });
    expect(await frozen(tenant)).toEqual(["dist:B"]);
    const after = await dump(tenant);
    expect({ ...after, subjects: [], breaks: [] }).toEqual({ ...before, subjects: [], breaks: [] });

    // It stays so.
    expect((await rebuild(line)).report).toMatchObject({ frozen: ["dist:B"] });
    expect(await frozen(tenant)).toEqual(["dist:B"]);

    const thawed = await rebuild(line, { asked: { thaw: ["dist:B"] } });
    expect(thawed.report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 1 } });
    expect(await frozen(tenant)).toEqual([]);
    const chain = await db
      .prepare("SELECT outcome, resolution FROM breaks WHERE tenant = ? AND class = 'CHAIN'")
      .bind(tenant)
      .first<{ outcome: string; resolution: string }>();
    expect(chain?.outcome).toBe("resolved");
    expect(JSON.parse(chain?.resolution ?? "")).toMatchObject({ by: "test", reason: "test" });
    const position = await db
      .prepare("SELECT position FROM subjects WHERE tenant = ? AND subject = 'dist:B'")
      .bind(tenant)
      .first("position");
    expect(position).toBe(4);
  });

  it("what was mirrored of rows that another wrote goes, once its log is restored and set free", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    const before = await dump(tenant);
    const forge = (...statements: readonly string[]) =>
      runInDurableObject(stubOf(line), (_object: SubjectObject, state) => {
        for (const sql of statements) state.storage.sql.exec(sql);
      });
    await forge(
      `INSERT INTO log SELECT (SELECT max(position) + 1 FROM log), 'deadbeef', entry FROM log
       WHERE position = (SELECT min(position) FROM log WHERE entry ->> '$.effects.transfers' IS NOT NULL)`,
    );
    const at = "(SELECT position + 1 FROM subjects WHERE tenant = ?1 AND subject = 'dist:B')";
    const total = "amount_minor = amount_minor + 7 WHERE tenant = ?1 AND account LIKE 'dist:B:%'";
    await tamper(
      told(
        tenant,
        `INSERT INTO transfers SELECT tenant, subject, ${at}, n, rule, debit, credit, amount_minor,
           currency, reference, event_id, effective_ms, recorded_ms FROM transfers
         WHERE tenant = ?1 AND subject = 'dist:B'
         ORDER BY position, n LIMIT 1`,
      ),
      told(tenant, `UPDATE account_days SET ${total}`),
      told(
        tenant,
        "UPDATE digests SET items = items + 1, s0 = s0 + 9 WHERE tenant = ?1 AND kind = 'transfer'",
      ),
      told(
        tenant,
        "UPDATE subjects SET position = position + 1, head = 'deadbeef' WHERE tenant = ?1 AND subject = 'dist:B'",
      ),
    );
    await evictDurableObject(stubOf(line));
    expect((await rebuild(line)).report).toMatchObject({ frozen: ["dist:B"] });
    // Nobody is set free whose log does not hold.
    const asked = { thaw: ["dist:B"] };
    expect((await rebuild(line, { asked })).report).toMatchObject({ frozen: ["dist:B"] });

    await forge(
      "DROP TRIGGER log_no_delete",
      "DELETE FROM log WHERE hash = 'deadbeef'",
      `CREATE TRIGGER log_no_delete BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'The log is append-only'); END`,
    );
    await evictDurableObject(stubOf(line));
    const { report } = await rebuild(line, { asked });
    expect(report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 1 } });
    const after = await dump(tenant);
    expect({ ...after, breaks: [] }).toEqual({ ...before, breaks: [] });
    await expectMirrorEqualsObjects(tenant);
  });

  it("an object that is gone, and that the roster knows, is told of", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    await fileRoster(line, "2026-11-20");
    await stubOf(line).purge();
    await empty(tenant);
    expect((await rebuild(line)).report).toMatchObject({ not_found: ["dist:B"] });
  });
});

/** More than the steps of a rebuild: events come between any two. */
const TRAFFIC = Array.from({ length: 8 }, (_, i) => `T${i}`);

/** Somebody joins, earns and moves, somebody buys, and something is told twice. */
async function goOn(line: Line, n: number): Promise<void> {
  const name = TRAFFIC[n];
  if (name === undefined) return;
  const sponsor = TRAFFIC[n - 1] ?? "B";
  const at = { occurred_at: "2026-07-11T00:00:00.000Z" };
  await line.post(
    [enrolled(name, { sponsor_id: sponsor }), ...w2(name)],
    [
      placed(`OT${n}`, { ...SALE, source_node: sponsor }, at),
      paid(
        `PT${n}`,
        { order_id: `OT${n}`, amount_minor: 27_500, currency: "USD", fee_minor: 1 },
        at,
      ),
    ],
    [
      moved(
        "E",
        { tree: "sponsor", parent_id: n % 2 === 0 ? "B" : "C", effective_at: "2026-06-02" },
        { seq: n + 2 },
      ),
    ],
  );
}

const SALE = {
  buyer_kind: "distributor",
  order_kind: "store",
  currency: "USD",
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  amount_minor: 27_500,
  cv_x100: 20_000,
  pv_x100: 20_000,
} as const;

const SUMS = `SELECT account, currency, SUM(amount_minor) AS amount FROM account_days
  WHERE tenant = ? GROUP BY 1, 2 HAVING SUM(amount_minor) <> 0 ORDER BY 1, 2`;
const LINES = `SELECT line_id, distributor_id, level, depth, rate_ppm, amount_minor, reversed_minor, currency,
  state FROM lines WHERE tenant = ? AND state <> 'superseded' AND amount_minor <> 0 ORDER BY 1`;
const PEOPLE =
  "SELECT distributor_id, distributors FROM frontlines WHERE tenant = ? AND distributors > 0 ORDER BY 1";
const VOLUMES = `SELECT distributor_id, period_id, pv_x100, cv_x100, gv_x100 FROM volumes WHERE tenant = ?
  AND (pv_x100 <> 0 OR cv_x100 <> 0 OR gv_x100 <> 0) ORDER BY 1, 2`;

/** Balances, lines, frontlines and volumes: what any two mirrors of the same events have alike. */
const booksOf = async (tenant: string) =>
  Promise.all(
    [SUMS, LINES, PEOPLE, VOLUMES].map(
      async (sql) => (await db.prepare(sql).bind(tenant).all()).results,
    ),
  );

describe("while events keep coming in between the steps", () => {
  let wanted: Awaited<ReturnType<typeof booksOf>>;
  beforeAll(async () => {
    const untouched = await busyLine();
    for (const n of TRAFFIC.keys()) {
      await goOn(untouched, n);
      await untouched.drain();
    }
    wanted = await booksOf(untouched.company.tenant);
  });

  it.each<{ name: string; harm: (tenant: string) => Promise<unknown> }>([
    { name: "a mirror that is right stays so", harm: () => Promise.resolve() },
    { name: "a mirror that is lost comes back", harm: empty },
    {
      name: "rows that were changed are put right",
      harm: (tenant) =>
        tamper(
          told(tenant, "UPDATE lines SET amount_minor = 1 WHERE tenant = ?"),
          told(tenant, "UPDATE volumes SET gv_x100 = gv_x100 + 7 WHERE tenant = ?"),
          told(tenant, "DELETE FROM digests WHERE tenant = ?"),
          told(tenant, "DELETE FROM transfers WHERE tenant = ? AND subject = 'dist:B'"),
          told(tenant, "DELETE FROM account_days WHERE tenant = ?"),
          told(
            tenant,
            "DELETE FROM subjects WHERE tenant = ? AND subject IN ('dist:C', 'order:O1')",
          ),
        ),
    },
  ])("$name", { timeout: 120_000 }, async ({ harm }) => {
    const line = await busyLine();
    const { tenant } = line.company;
    await fileRoster(line, "2026-11-20");
    await harm(tenant);
    const { report } = await rebuild(line, { between: (n) => goOn(line, n) });
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(line.dead).toEqual([]);
    expect(await booksOf(tenant)).toEqual(wanted);
    await expectMirrorEqualsObjects(tenant);
    // And nothing is left to be found.
    const again = await rebuild(line);
    expect(again.report).toMatchObject({ ...NOTHING_WRONG, rows: {} });
    expect(Object.keys(again.report.rows)).toEqual([]);
  });
});

const reversal = (n: number) => ({
  id: `B-${5 + n}`,
  type: "commission.reversed",
  version: 1,
  occurred_at: "2026-07-09T10:00:00.000Z",
  key: "dist:B",
  seq: 5 + n,
  data: {
    line_id: `B-L1-R${n}`,
    reverses_line_id: "B-L1",
    currency: "USD",
    amount_minor: 10,
  },
});

it("leaves whoever moves between its look and its writing as he is by then", async () => {
  const line = await busyLine();
  const { tenant } = line.company;
  await tamper(told(tenant, "UPDATE lines SET amount_minor = 1 WHERE tenant = ?"));
  await tamper(
    told(tenant, "UPDATE subjects SET view = '{}' WHERE tenant = ? AND view IS NOT NULL"),
  );
  let writes = 0;
  const { report } = await rebuild(line, {
    faults: (ports) => ({
      write: async (run, asked) => {
        writes += asked.some(({ subject }) => subject === "dist:B") ? 1 : 0;
        if (writes > 0 && writes < 4) {
          await line.post(reversal(writes));
          await line.drain();
        }
        return ports.write(run, asked);
      },
    }),
  });
  expect(writes).toBeGreaterThan(3);
  expect(report).toMatchObject(NOTHING_WRONG);
  await expectMirrorEqualsObjects(tenant);
  expect((await rebuild(line)).report.rows).toEqual({});
});

it("ends the same wherever it is cut off", { timeout: 120_000 }, async () => {
  const line = await busyLine();
  const { tenant } = line.company;
  await fileRoster(line, "2026-11-20");
  const before = await dump(tenant);
  const harms = [
    () => empty(tenant),
    () =>
      tamper(
        told(tenant, "UPDATE lines SET amount_minor = 1 WHERE tenant = ?"),
        told(tenant, "UPDATE volumes SET gv_x100 = gv_x100 + 7 WHERE tenant = ?"),
        told(tenant, "DELETE FROM transfers WHERE tenant = ? AND subject = 'dist:B'"),
        told(tenant, "UPDATE aliases SET subject = 'order:ZZ' WHERE tenant = ?"),
        told(tenant, "DELETE FROM digests WHERE tenant = ?"),
      ),
  ];
  for (const harm of harms) {
    for (const when of ["before", "behind"] as const) {
      await harm();
      const failed = new Set<string>();
      const { report } = await rebuild(line, {
        faults: (ports) => onceFailing(ports, when, failed),
      });
      expect(report).toMatchObject(NOTHING_WRONG);
      expect(failed.size).toBeGreaterThan(15);
      expect(await dump(tenant)).toEqual(before);
    }
  }
});

/** Every port dies once, before it does something or behind it. */
function onceFailing(
  ports: RebuildPorts,
  when: "before" | "behind",
  failed: Set<string>,
): Partial<RebuildPorts> {
  const isDying = (name: string): boolean => {
    const isFirst = !failed.has(name);
    failed.add(name);
    return isFirst;
  };
  const dying =
    (name: string, call: (...given: never[]) => unknown) =>
    async (...given: never[]): Promise<unknown> => {
      const dies = isDying(name);
      if (dies && when === "before") throw new Error(`${name} dies`);
      const done = await call(...given);
      if (dies) throw new Error(`${name} died`);
      return done;
    };
  // `open` and `lease` come before a slice: their call fails as a whole, and comes again in a minute.
  const PLAIN = new Set([
    "layOut",
    "changesOf",
    "countsOf",
    "nothing",
    "sharesOfRows",
    "sha256",
    "nowMs",
    "log",
    "open",
    "lease",
  ]);
  const wrapped = Object.entries(ports).map(([name, port]: [string, unknown]) => [
    name,
    typeof port === "function" && !PLAIN.has(name)
      ? dying(name, (...given) => Reflect.apply(port, undefined, given))
      : port,
  ]);
  const totals = ports.totals.map((total) => ({
    ...total,
    fix: async (run: RebuildName) => {
      const dies = isDying(total.name);
      if (dies && when === "before") throw new Error(`${total.name} dies`);
      const fixed = await total.fix(run);
      if (dies) throw new Error(`${total.name} died`);
      return fixed;
    },
  }));
  return { ...Object.fromEntries(wrapped), totals };
}

it("leaves every other company as it is", async () => {
  const [line, other] = [await busyLine(), await busyLine()];
  const theirs = other.company.tenant;
  await tamper(
    told(theirs, "UPDATE lines SET amount_minor = 1 WHERE tenant = ?"),
    told(theirs, "UPDATE account_days SET amount_minor = amount_minor + 1 WHERE tenant = ?"),
    told(theirs, "DELETE FROM frontlines WHERE tenant = ?"),
  );
  const before = await dump(theirs);
  const { tenant } = line.company;
  await empty(tenant);
  await rebuild(line);
  expect(await dump(theirs)).toEqual(before);
});

it("looks at logs of thousands of rows, a page at a time", { timeout: 120_000 }, async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  const [posted] = w2("B");
  if (posted === undefined) throw new Error("There is no first event");
  const many = Array.from({ length: 2100 }, (_, i) => ({
    ...posted,
    id: `B-${i + 1}`,
    seq: i + 1,
    data: { ...posted.data, line_id: `L${i + 1}` },
  }));
  for (let i = 0; i < many.length; i += 700) await line.post(many.slice(i, i + 700));
  await line.drain();
  const before = await dump(tenant);
  expect(before["transfers"]).toHaveLength(2100);
  await tamper(
    told(tenant, "DELETE FROM lines WHERE tenant = ? AND length(line_id) % 2 = 0"),
    told(tenant, "DELETE FROM transfers WHERE tenant = ? AND position % 3 = 0"),
    told(tenant, "DELETE FROM digests WHERE tenant = ?"),
  );
  expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
  expect(await dump(tenant)).toEqual(before);
  await empty(tenant);
  expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
  expect(await dump(tenant)).toEqual(before);
});
