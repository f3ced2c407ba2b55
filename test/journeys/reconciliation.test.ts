import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { DriftKind } from "../../tools/core/drift.ts";
import type { Fault, FaultKind } from "../../tools/core/faults.ts";
import { type Mirroring, startMirroring } from "./support/mirroring.ts";

const HOUR_MS = 3_600_000;
const NAME = "drifting";
/** Enough for every class; how it goes with a hundred thousand is drift.test.ts. */
const LINES = 600;
const A_CLASS = 5;

let mirroring: Mirroring;
let gateway: Mirroring["gateway"];
let core: Mirroring["core"];
let tenant: Mirroring["tenant"];
let database: Mirroring["database"];

beforeAll(async () => {
  // A line may have changed a moment ago: nothing else is on its way here.
  mirroring = await startMirroring(NAME, 0);
  ({ gateway, core, tenant, database } = mirroring);
  const nowMs = Date.now();
  // Runs over all lines and balances have been, for a while: here windows are looked at.
  await mirroring.haveRun(["lines", "balances"], {
    namedMs: nowMs - 24 * HOUR_MS,
    startedMs: nowMs,
  });
  core.sell({
    lines: LINES,
    distributors: Math.max(40, LINES / 100),
    seed: 7,
    fromMs: nowMs - 70 * HOUR_MS,
    toMs: nowMs - 2 * HOUR_MS,
    currency: "USD",
    events: "waiting",
  });
  await core.tell();
  await tenant.idle();
}, 3_600_000);

afterAll(() => mirroring.stop());

const select: Mirroring["select"] = (sql) => mirroring.select(sql);

/** One run over the window, by cron, to its end; and what it sent is mirrored. */
async function reconcile() {
  await database
    .prepare("UPDATE reconciliation_runs SET started_ms = 0 WHERE tenant = ?")
    .bind(NAME)
    .run();
  await database
    .prepare(
      "UPDATE reconciliation_runs SET started_ms = ?2 WHERE tenant = ?1 AND kind IN ('lines', 'balances')",
    )
    .bind(NAME, Date.now())
    .run();
  const worker = await gateway.miniflare.getWorker();
  const last =
    "SELECT state, report FROM reconciliation_runs WHERE tenant = ? ORDER BY run_id DESC LIMIT 1";
  for (let call = 0; call < 200; call += 1) {
    await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    const [run] = await select(last);
    if (run !== undefined && run["state"] !== "running") {
      await tenant.idle();
      return { state: run["state"], ...JSON.parse(String(run["report"])) };
    }
  }
  throw new Error("The run does not end");
}

const breaks = () =>
  select(
    "SELECT class, reference, outcome, action, why FROM breaks WHERE tenant = ? AND run_id IS NOT NULL",
  );

/** What the table of DOMAIN §8 makes of each drift. */
const TABLE: readonly (readonly [DriftKind, string, "healed" | null])[] = [
  ["add", "MISSING_LOCAL", "healed"],
  ["lose", "MISSING_LOCAL", "healed"],
  ["amount", "AMOUNT", "healed"],
  ["release", "STATUS", "healed"],
  ["reverse", "STATUS", "healed"],
  ["time", "TIMING", "healed"],
  ["duplicate", "MISSING_LOCAL", "healed"],
  ["remove", "EXTRA_LOCAL", null],
  ["currency", "CURRENCY", null],
];

test("a run finds nothing where nothing drifted", async () => {
  const report = await reconcile();
  expect(report).toMatchObject({
    state: "done",
    expected: LINES,
    covered: LINES,
    differing: 0,
    open: 0,
  });
  expect(report.requests).toBeLessThan(5);
  expect(await breaks()).toEqual([]);
}, 600_000);

test("every class of drift is found, healed where the table allows it, and left where not", async () => {
  const wanted = new Map<string, (readonly [string, string | null])[]>();
  let seed = 100;
  for (const [kind, name, outcome] of TABLE) {
    seed += 1;
    const free = core
      .lines()
      .filter(({ line_id }) => !wanted.has(line_id) && !line_id.endsWith("-2"));
    const fits = free.filter(
      ({ status, reversals }) =>
        reversals.length === 0 && (kind !== "release" || status === "held"),
    );
    const isNew = kind === "add" || kind === "lose";
    const lineIds = fits.slice(0, A_CLASS).map(({ line_id }) => line_id);
    const drifted = core.drift({
      kind,
      count: A_CLASS,
      seed,
      byMs: -90 * 60_000,
      fromMs: Date.now() - 60 * HOUR_MS,
      toMs: Date.now() - 3 * HOUR_MS,
      ...(isNew ? {} : { lineIds }),
    });
    expect(drifted).toHaveLength(A_CLASS);
    for (const id of drifted) wanted.set(id, [...(wanted.get(id) ?? []), [name, outcome]]);
    // A copy is another line; what it was made of stays as it is, and is taken for nothing else.
    for (const id of lineIds) if (!wanted.has(id)) wanted.set(id, []);
  }

  const first = await reconcile();
  expect(first).toMatchObject({ state: "done" });
  const second = await reconcile();
  expect(second).toMatchObject({ state: "done" });
  const found = await breaks();
  const told = Map.groupBy(found, (one) => String(one["reference"]));
  for (const [id, classes] of wanted) {
    const of = (told.get(id) ?? []).map((one) => [one["class"], one["outcome"]]);
    expect([id, of]).toEqual([id, classes]);
  }
  expect(found).toHaveLength([...wanted.values()].flat().length);

  const third = await reconcile();
  expect(await breaks()).toEqual(found);
  expect(third.by_class).toMatchObject({
    EXTRA_LOCAL: { found: A_CLASS, added: 0 },
    CURRENCY: { found: A_CLASS, added: 0 },
  });
  expect(Object.keys(third.by_class)).toEqual(["EXTRA_LOCAL", "CURRENCY"]);
}, 3_600_000);

test("a hole in a stream is asked of the core, exactly, and what waits behind it follows", async () => {
  const [distributor = ""] = [...new Set(core.lines().map((line) => line.distributor_id))];
  const fresh = {
    distributors: 1,
    among: [distributor],
    currency: "USD",
    fromMs: Date.now() - HOUR_MS,
    toMs: Date.now(),
  };
  const lost = core.sell({ ...fresh, lines: 3, seed: 901, events: "withheld" });
  const behind = core.sell({ ...fresh, lines: 2, seed: 902, events: "waiting" });
  await core.tell();
  const linesOf = async (ids: readonly string[]) => {
    const found = await select(
      `SELECT line_id FROM lines WHERE tenant = ? AND line_id IN (${ids.map((id) => `'${id}'`).join(",")})`,
    );
    return found.length;
  };
  expect(await linesOf([...lost, ...behind])).toBe(0);

  // No cron is waited for: a quarter of a minute later the object says what it lacks.
  await vi.waitFor(
    async () => {
      expect(await linesOf([...lost, ...behind])).toBe(5);
    },
    { timeout: 90_000, interval: 500 },
  );
  const [gap] = await select(
    "SELECT stage FROM gaps WHERE tenant = ? ORDER BY since_ms DESC LIMIT 1",
  );
  expect(gap?.["stage"]).toBe("closed");
}, 120_000);

/** The fault, how the run ends, and the reason that its report gives. */
const LIES: readonly (readonly [FaultKind, Partial<Fault>, "done" | "failed", string?])[] = [
  ["malformed", {}, "failed", "malformed"],
  ["wrong_shape", {}, "failed", "malformed"],
  ["not_json", {}, "failed", "malformed"],
  ["not_asked", {}, "failed", "not_asked"],
  ["redirect", { location: "http://127.0.0.1:1/" }, "failed", "moved"],
  ["snapshot_changed", {}, "failed", "stale"],
  ["status", { status: 403 }, "failed", "status"],
  // These take as long as some calls may: a minute or two.
  ...(process.env["LONG"] === "1"
    ? ([
        ["endless_new", { path: "/ledger" }, "failed", "not_told"],
        ["wrong_digest", {}, "failed", "digest_contradicted"],
      ] as const)
    : []),
  ["malformed", { times: 2, after: 1 }, "done"],
  ["status", { status: 500, times: 3 }, "done"],
];

test("a core that lies or fails ends the run with a reason, breaks nothing, and is gone on with", async () => {
  // Something to list: else its digests alone would be asked for.
  const [drifted = ""] = core.drift({ kind: "currency", count: 1, seed: 950 });
  const before = await reconcile();
  expect(before).toMatchObject({ state: "done" });
  const known = await breaks();
  expect(known.map(({ reference }) => reference)).toContain(drifted);
  for (const [kind, fault, ended, error] of LIES) {
    core.faults.set([{ kind, ...fault }]);
    const report = await reconcile();
    expect([kind, report.state]).toEqual([kind, ended]);
    expect([kind, report.error?.kind]).toEqual([kind, error]);
    expect([kind, await breaks()]).toEqual([kind, known]);
    core.faults.set([]);
  }
  expect(await reconcile()).toMatchObject({ state: "done", differing: before.differing });
  expect(await breaks()).toEqual(known);
}, 900_000);

test("a hole that the core has forgotten, restored from a backup, holds nothing up", async () => {
  const fresh = {
    distributors: 1,
    among: ["restored"],
    currency: "USD",
    fromMs: Date.now() - HOUR_MS,
    toMs: Date.now(),
  };
  const told = core.sell({ ...fresh, lines: 2, seed: 911, events: "waiting" });
  const backup = core.state().as_of_seq;
  core.sell({ ...fresh, lines: 2, seed: 912, events: "withheld" });
  const behind = core.sell({ ...fresh, lines: 1, seed: 913, events: "waiting" });
  await core.tell();
  core.restore(backup);
  const again = core.sell({ ...fresh, lines: 2, seed: 914, events: "waiting" });
  await core.tell();
  const held = () =>
    select("SELECT state, code FROM held WHERE tenant = ? AND key = 'dist:restored'");
  await vi.waitFor(
    async () => {
      const of = await held();
      expect(of.length).toBeGreaterThan(0);
      expect(of.every(({ code }) => code === "epoch_over")).toBe(true);
    },
    { timeout: 90_000, interval: 500 },
  );
  const lines = await select(
    "SELECT line_id FROM lines WHERE tenant = ? AND distributor_id = 'restored' ORDER BY 1",
  );
  expect(lines.map((line) => line["line_id"])).toEqual([...told, ...again].toSorted());
  expect(lines.map((line) => line["line_id"])).not.toContain(behind[0]);
}, 120_000);
