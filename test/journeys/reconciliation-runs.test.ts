import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mirroring, startMirroring } from "./support/mirroring.ts";

const HOUR_MS = 3_600_000;
const NAME = "compared";
const LINES = 400;

let mirroring: Mirroring;
let gateway: Mirroring["gateway"];
let core: Mirroring["core"];
let tenant: Mirroring["tenant"];
let database: Mirroring["database"];

beforeAll(async () => {
  mirroring = await startMirroring(NAME, 0);
  ({ gateway, core, tenant, database } = mirroring);
  sell(LINES, 7);
  await core.tell();
  await tenant.idle();
}, 300_000);

afterAll(() => mirroring.stop());

const sell = (lines: number, seed: number): readonly string[] =>
  core.sell({
    lines,
    distributors: 30,
    seed,
    // Held, all of them: what is released would be told, but for what was taken back whole.
    fromMs: Date.now() - 300 * HOUR_MS,
    toMs: Date.now() - 2 * HOUR_MS,
    currency: "USD",
    events: "waiting",
  });

const select: Mirroring["select"] = (sql) => mirroring.select(sql);

const runs = () =>
  select(
    `SELECT run_id, kind, cause, state, report FROM reconciliation_runs WHERE tenant = ? ORDER BY run_id`,
  );

/** Minutes of cron until nothing is running and nothing more begins. */
async function minutes(): Promise<void> {
  const worker = await gateway.miniflare.getWorker();
  for (let call = 0; call < 100; call += 1) {
    const before = await runs();
    await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    const after = await runs();
    const isOver = before.every((run) => run["state"] !== "running");
    if (isOver && before.length === after.length) {
      await tenant.idle();
      return;
    }
  }
  throw new Error("Runs begin on and on");
}

/** What began since so many runs, and how it ended. */
const begunSince = async (count: number) =>
  (await runs())
    .slice(count)
    .map(({ kind, cause, state: end }) => [kind, cause, end].map(String).join(" "));

/** A run that a person starts, to its end. */
async function start(kind: string) {
  const { length } = await runs();
  await gateway.client.must(`POST /v1/tenants/${NAME}/reconciliations`, { kind });
  await minutes();
  const [run] = (await runs()).slice(length);
  return { state: run?.["state"], ...JSON.parse(String(run?.["report"])) };
}

const breaks = async () =>
  (
    await select(
      "SELECT class, distributor_id, outcome, why FROM breaks WHERE tenant = ? AND run_id IS NOT NULL ORDER BY found_ms",
    )
  ).map((row) => Object.values(row).map(String).join(" "));

test("a new tenant is compared over a window, then all lines, then all balances", async () => {
  await minutes();
  expect(await begunSince(0)).toEqual([
    "window cron done",
    "lines cron done",
    "balances cron done",
  ]);
  const [, lines, balances] = (await runs()).map((run) => JSON.parse(String(run["report"])));
  expect(lines).toMatchObject({ expected: LINES, covered: LINES, differing: 0 });
  expect(balances).toMatchObject({ requests: 1, differing: 0, compared: 0 });
  expect(balances.covered).toBe(balances.expected);
  expect(balances.expected).toBeGreaterThan(20);
  expect(await breaks()).toEqual([]);
}, 300_000);

test("balances that lines do not explain are computed again, then a person's", async () => {
  const [lineId = ""] = core.drift({ kind: "balance", count: 1, seed: 3, byMinor: 250 });
  const distributor = core.line(lineId)?.distributor_id;
  expect(await start("balances")).toMatchObject({ state: "done", differing: 1, open: 1 });
  expect(await breaks()).toEqual([`BALANCE_ONLY ${distributor} null still_there`]);
  // Money that only the core had an adjustment of, and now both have.
  core.drift({ kind: "balance", count: 1, seed: 3, byMinor: -250, lineIds: [lineId] });
  expect(await start("balances")).toMatchObject({ state: "done", differing: 0, open: 0 });
  expect(await breaks()).toEqual([`BALANCE_ONLY ${distributor} gone still_there`]);
}, 300_000);

test("a mirror whose summary was changed is healed from the object", async () => {
  const [row] = await select(
    `SELECT subject, view FROM subjects WHERE tenant = ? AND subject LIKE 'dist:%' AND view LIKE '%held%' ORDER BY subject LIMIT 1`,
  );
  const view = JSON.parse(String(row?.["view"]));
  const subject = String(row?.["subject"]);
  const account = `${subject}:held`;
  const changed = { ...view, balances: { ...view.balances, [account]: { USD: "-1" } } };
  await database
    .prepare("UPDATE subjects SET view = ?3 WHERE tenant = ?1 AND subject = ?2")
    .bind(NAME, subject, JSON.stringify(changed))
    .run();
  // The walk over objects would find it too; here it is looked at by the core's balances first.
  const report = await start("balances");
  expect(report).toMatchObject({ state: "done", open: 0 });
  const [after] = await select(
    `SELECT view FROM subjects WHERE tenant = ? AND subject = '${subject}'`,
  );
  expect(JSON.parse(String(after?.["view"])).balances).toEqual(view.balances);
}, 300_000);

test("lines that differ are healed as lines, without a break of balances beside", async () => {
  const before = (await breaks()).length;
  const drifted = core.drift({ kind: "amount", count: 3, seed: 5, byMinor: 11 });
  const run = await start("balances");
  expect(run).toMatchObject({ state: "done", by_class: { AMOUNT: { found: 3, healed: 3 } } });
  expect(Object.keys(run.by_class)).toEqual(["AMOUNT"]);
  expect(await start("balances")).toMatchObject({ differing: 0 });
  const told = (await breaks()).slice(before);
  expect(told).toHaveLength(drifted.length);
  expect(told.every((one) => one.startsWith("AMOUNT "))).toBe(true);
}, 300_000);

const closed = (period: string, rev: string) => ({
  id: `close-${period}-${rev}`,
  type: "period.closed",
  version: 1,
  occurred_at: new Date().toISOString(),
  rev,
  data: {
    period_id: period,
    run_id: `run-${period}`,
    totals: {},
    lines: 0,
    digest: "0".repeat(32),
  },
});

test("periods that were closed are looked at once, all together, and again where told anew", async () => {
  const { length } = await runs();
  await tenant.post([closed("2026-07", "1"), closed("2026-08", "1"), closed("2026-09", "1")]);
  await tenant.idle();
  await minutes();
  await minutes();
  const begun = await begunSince(length);
  expect(begun).toEqual([expect.stringMatching(/^lines period:2026-0[789] done$/)]);
  const [run] = (await runs()).slice(length);
  const shown = await tenant.get(`reconciliations/${String(run?.["run_id"])}`);
  expect(shown).toMatchObject({ from: "2026-06-30T00:00:00.000Z" });
  await tenant.post(closed("2026-08", "2"));
  await tenant.idle();
  await minutes();
  expect((await begunSince(length)).slice(1)).toEqual(["lines period:2026-08 done"]);
}, 300_000);

test("a core that was restored is looked at whole, by itself", async () => {
  const asOf = core.state().as_of_seq;
  const lost = sell(5, 99);
  await core.tell();
  await tenant.idle();
  core.restore(asOf);
  const gone = lost.filter((id) => core.line(id) === undefined);
  expect([gone.length, core.state().lines]).toEqual([lost.length, LINES]);
  const { length } = await runs();
  // Whatever asks it first finds it in a later epoch.
  await start("window");
  expect(await begunSince(length)).toEqual([
    "window admin_token done",
    "lines epoch:1 done",
    "balances epoch:1 done",
  ]);
  const found = await select(
    "SELECT reference FROM breaks WHERE tenant = ? AND class = 'EXTRA_LOCAL' AND resolved_ms IS NULL",
  );
  expect(new Set(found.map(({ reference }) => reference))).toEqual(new Set(gone));
  await minutes();
  expect(await begunSince(length)).toHaveLength(3);
}, 300_000);

test("a core without digests and buckets is listed, page by page, to the same end", async () => {
  const known = await breaks();
  core.faults.set([{ kind: "without_digests" }, { kind: "without_buckets" }]);
  for (const kind of ["lines", "window"]) {
    const report = await start(kind);
    expect(report).toMatchObject({ state: "done" });
    expect(report.covered).toBe(report.expected);
  }
  expect(await breaks()).toEqual(known);
  const [changed] = core.drift({ kind: "currency", count: 1, seed: 21 });
  expect(await start("lines")).toMatchObject({ by_class: { CURRENCY: { added: 1 } } });
  const [last] = (await breaks()).slice(known.length);
  expect(last).toBe(`CURRENCY ${core.line(changed ?? "")?.distributor_id} null never_automatic`);
  expect(await start("balances")).toMatchObject({
    state: "failed",
    error: { kind: "unsupported" },
  });
  core.faults.set([]);
}, 300_000);
