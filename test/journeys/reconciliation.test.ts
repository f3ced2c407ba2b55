import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ReferenceCore, startCore } from "../../tools/core/core.ts";
import type { DriftKind } from "../../tools/core/drift.ts";
import type { Fault, FaultKind } from "../../tools/core/faults.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { openTenant, SECRET, SOURCE, type TestTenant } from "./support/tenant.ts";

const HOUR_MS = 3_600_000;
const NAME = "drifting";
/** A hundred thousand in the long run, as long as it takes; else enough for every class. */
const LINES = process.env["LONG"] === "1" ? 100_000 : 1500;
const A_CLASS = process.env["LONG"] === "1" ? 20 : 5;

const state = makeStateDir();
let gateway: LocalGateway;
let core: ReferenceCore;
let tenant: TestTenant;
let database: Awaited<ReturnType<LocalGateway["miniflare"]["getD1Database"]>>;

beforeAll(async () => {
  // A line may have changed a moment ago: nothing else is on its way here.
  gateway = await startLocal(state.stateDir, { RECONCILIATION_GRACE_S: "0" });
  database = await gateway.miniflare.getD1Database("MIRROR_0");
  tenant = await openTenant(gateway.client, NAME);
  core = await startCore({
    gateway: { url: `${gateway.url}/in/${NAME}/${SOURCE}`, secret: SECRET },
  });
  await gateway.client.must(`PUT /v1/tenants/${NAME}`, {
    name: "Acme",
    mode: "mirror",
    currency: "USD",
    core: { url: core.url, auth: core.auth },
  });
  const nowMs = Date.now();
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

afterAll(async () => {
  await gateway.stop();
  await core.close();
  state.remove();
});

const select = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
  const { results = [] } = await database.prepare(sql).bind(NAME).run();
  return results.map((row) => ({ ...Object(row) }));
};

/** One run over the window, by cron, to its end; and what it sent is mirrored. */
async function reconcile() {
  await database
    .prepare("UPDATE reconciliation_runs SET started_ms = 0 WHERE tenant = ?")
    .bind(NAME)
    .run();
  await database
    .prepare("UPDATE reconciliation_runs SET started_ms = ?2 WHERE tenant = ?1 AND kind = 'lines'")
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

  const worker = await gateway.miniflare.getWorker();
  await vi.waitFor(
    async () => {
      await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
      expect(await linesOf([...lost, ...behind])).toBe(5);
    },
    { timeout: 90_000, interval: 1000 },
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
  ["without_digests", {}, "failed", "unsupported"],
  ["snapshot_changed", {}, "failed", "stale"],
  ["status", { status: 403 }, "failed", "status"],
  // These take as long as some calls may: a minute or two.
  ...(process.env["LONG"] === "1"
    ? ([
        ["endless_new", { path: "/ledger" }, "failed", "no_progress"],
        ["wrong_digest", {}, "done"],
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
