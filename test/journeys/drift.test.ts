import { afterAll, beforeAll, expect, test } from "vitest";
import { member, pause } from "../../scripts/local/client.ts";
import { waitUntilIdle } from "../../scripts/local/idle.ts";
import type { Drift, DriftKind } from "../../tools/core/drift.ts";
import { type Mirroring, startMirroring } from "./support/mirroring.ts";

const HOUR_MS = 3_600_000;
const NAME = "drifting-far";
/** A hundred thousand lines in `npm run test:long`, with fifty more a second while runs compare them. */
const LONG = process.env["LONG"] === "1";
const LINES = LONG ? 100_000 : 2000;
const LINES_A_SECOND = LONG ? 50 : 15;
/** Longer than a line is on its way here; elsewhere a quarter of an hour. */
const GRACE_S = LONG ? 60 : 10;
const WAIT_MS = LONG ? 1_800_000 : 120_000;

let mirroring: Mirroring;
let gateway: Mirroring["gateway"];
let core: Mirroring["core"];

const idle = async (): Promise<void> => {
  if (!(await waitUntilIdle(gateway.client, [NAME], WAIT_MS))) throw new Error("Never idle");
};

/** Lines whose core held them again later: by then the mirror is ahead. */
let released: readonly string[] = [];

beforeAll(async () => {
  mirroring = await startMirroring(NAME, GRACE_S);
  ({ gateway, core } = mirroring);
  // Cron has nothing to do: runs are those that are asked for.
  await mirroring.haveRun(["window", "lines", "balances"], {
    namedMs: Date.now(),
    startedMs: Date.now() + HOUR_MS,
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
  await idle();
  const atMs = nowMs - HOUR_MS;
  const lines = core.lines().filter(({ reversals }) => reversals.length === 0);
  released = lines.slice(0, 15 / A_PART).map((line) => {
    core.put({ ...line, status: "available", updated_ms: atMs }, "waiting");
    return line.line_id;
  });
  await core.tell();
  await idle();
  await pause(GRACE_S * 1000);
}, 3_600_000);

afterAll(() => mirroring.stop());

const select: Mirroring["select"] = (sql) => mirroring.select(sql);

interface Report {
  readonly state: string;
  readonly error: unknown;
  readonly by_class: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** A run over the window, to its end. */
async function reconcile(): Promise<Report> {
  const startedMs = performance.now();
  const runs = `/v1/tenants/${NAME}/reconciliations`;
  const begun = await gateway.client.must(`POST ${runs}`, { kind: "window" });
  const path = `GET ${runs}/${String(member(begun, "run_id"))}`;
  const worker = await gateway.miniflare.getWorker();
  for (let calls = 1; calls <= 200; calls += 1) {
    await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    const run: Run = JSON.parse(JSON.stringify(await gateway.client.must(path)));
    if (run.state === "running") continue;
    const tookMs = Math.round(performance.now() - startedMs);
    // The figures of the long run.
    process.stderr.write(`${JSON.stringify({ lines: LINES, calls, tookMs, ...run.report })}\n`);
    return { ...run.report, state: run.state, error: run.error };
  }
  throw new Error("The run does not end");
}

interface Run {
  readonly state: string;
  readonly error: unknown;
  readonly report: Pick<Report, "by_class">;
}

/** Has the core sell on, to others, until it is told to stop; tells how many lines that were. */
function sellOn(): () => Promise<number> {
  const over = new AbortController();
  let sold = 0;
  const selling = (async () => {
    for (let second = 0; !over.signal.aborted && second < 900; second += 1) {
      const nowMs = Date.now();
      core.sell({
        lines: LINES_A_SECOND,
        distributors: 1,
        among: Array.from({ length: 40 }, (_, i) => `T${i}`),
        seed: 10_000 + second,
        // Most of them took effect long before they are told: only when they were told says that they are new.
        fromMs: nowMs - 60 * HOUR_MS,
        toMs: nowMs,
        currency: "USD",
        events: "waiting",
      });
      sold += LINES_A_SECOND;
      await core.tell();
      await pause(Math.max(0, nowMs + 1000 - Date.now()));
    }
  })();
  return async () => {
    over.abort();
    await selling;
    return sold;
  };
}

type Row = readonly [DriftKind, number, string, "healed" | null, string | null, Partial<Drift>?];

/** Otherwise a fifth of them: each is looked for in a bucket of its own, at five requests a second. */
const A_PART = LONG ? 1 : 5;

/** Two hundred differences of every class, and what the table of DOMAIN §8 makes of each. */
const TABLE: readonly Row[] = [
  ["add", 20 / A_PART, "MISSING_LOCAL", "healed", null],
  ["lose", 10 / A_PART, "MISSING_LOCAL", "healed", null],
  ["duplicate", 20 / A_PART, "MISSING_LOCAL", "healed", null],
  ["amount", 25 / A_PART, "AMOUNT", "healed", null],
  ["amount", 15 / A_PART, "AMOUNT", null, "above_limit", { byMinor: 10_001 }],
  ["release", 15 / A_PART, "STATUS", "healed", null],
  ["reverse", 15 / A_PART, "STATUS", "healed", null],
  ["hold", 15 / A_PART, "STATUS", null, "mirror_ahead"],
  ["time", 20 / A_PART, "TIMING", "healed", null, { byMs: -90 * 60_000 }],
  ["remove", 25 / A_PART, "EXTRA_LOCAL", null, "waits_a_day"],
  ["currency", 20 / A_PART, "CURRENCY", null, "never_automatic"],
];

const FRESH: ReadonlySet<DriftKind> = new Set(["add", "lose"]);

/** Makes the core differ, each line in one way; by line, what is to be found of it. */
function drift(): ReadonlyMap<string, Row> {
  const wanted = new Map<string, Row>();
  const used = new Set(released);
  for (const [at, row] of TABLE.entries()) {
    const [kind, count, , , , more = {}] = row;
    const free = core
      .lines()
      .filter(({ line_id, reversals }) => !used.has(line_id) && reversals.length === 0);
    // Spread over all of them, the same each time.
    const step = Math.floor(free.length / count);
    const picked = Array.from({ length: count }, (_, i) => free[i * step]?.line_id ?? "");
    const lineIds = kind === "hold" ? released : picked;
    const nowMs = Date.now();
    const drifted = core.drift({
      kind,
      count,
      seed: 100 + at,
      atMs: nowMs - HOUR_MS,
      fromMs: nowMs - 60 * HOUR_MS,
      toMs: nowMs - 3 * HOUR_MS,
      ...more,
      ...(FRESH.has(kind) ? {} : { lineIds }),
    });
    for (const id of [...lineIds, ...drifted]) used.add(id);
    for (const id of drifted) wanted.set(id, row);
  }
  return wanted;
}

const breaks = async () =>
  (
    await select(
      `SELECT class, reference, outcome, why FROM breaks WHERE tenant = ? AND run_id IS NOT NULL
       ORDER BY reference`,
    )
  ).map(({ reference, class: kind, outcome, why }) => [reference, kind, outcome, why]);

const byText = (one: readonly unknown[], other: readonly unknown[]): number =>
  String(one[0]) < String(other[0]) ? -1 : 1;

test("a window run finds every difference and no other, while lines keep arriving", async () => {
  const wanted = drift();
  expect(wanted.size).toBe(200 / A_PART);
  const stop = sellOn();
  const first = await reconcile();
  expect(first).toMatchObject({ state: "done" });
  const found = [...wanted].map(([id, [, , kind, , why]]) => [id, kind, null, why]);
  expect(await breaks()).toEqual(found.toSorted(byText));

  const second = await reconcile();
  const sold = await stop();
  await idle();
  expect(second).toMatchObject({ state: "done" });
  const ended = [...wanted].map(([id, [, , kind, outcome, why]]) => [id, kind, outcome, why]);
  expect(await breaks()).toEqual(ended.toSorted(byText));
  expect(core.state().lines).toBe(LINES + sold + (50 - 25) / A_PART);

  // What was healed is what the core has; what was left is found again, and is nothing new.
  await pause(GRACE_S * 1000);
  const third = await reconcile();
  expect(await breaks()).toEqual(ended.toSorted(byText));
  const left = TABLE.filter(([, , , outcome]) => outcome === null);
  const open = left.reduce((sum, [, count]) => sum + count, 0);
  expect(third).toMatchObject({
    state: "done",
    differing: open,
    in_flight: 0,
    open,
    healed: 0,
    expected: core.state().lines,
  });
  for (const of of Object.values(third.by_class)) expect(of).toMatchObject({ added: 0 });
}, 3_600_000);

test("more missing lines than a run may heal are shown, and none of them is healed", async () => {
  const before = await breaks();
  const nowMs = Date.now();
  const missing = core.drift({
    kind: "add",
    count: 51,
    seed: 951,
    atMs: nowMs - HOUR_MS,
    fromMs: nowMs - 4 * HOUR_MS,
    toMs: nowMs - 3 * HOUR_MS,
  });
  const wanted = missing.map((id) => [id, "MISSING_LOCAL", null, "run_limit"]);
  for (let run = 0; run < (LONG ? 2 : 1); run += 1) {
    await reconcile();
    await idle();
    expect(await breaks()).toEqual([...before, ...wanted].toSorted(byText));
  }
}, 3_600_000);
