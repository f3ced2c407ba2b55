import { afterEach, describe, expect, test } from "vitest";
import { type CoreOptions, type ReferenceCore, startCore } from "../../tools/core/core.ts";
import type { DriftKind } from "../../tools/core/drift.ts";
import { TwinMirror, type TwinOptions } from "../support/twin-mirror.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse("2026-11-22T12:34:56Z");

const open: ReferenceCore[] = [];
afterEach(async () => {
  for (const core of open.splice(0)) await core.close();
});

interface Sold {
  readonly lines?: number;
  readonly hours?: number;
  readonly options?: Partial<TwinOptions>;
  /** What the core does not offer. */
  readonly without?: CoreOptions["without"];
}

/** A core, and a mirror of the same lines. */
async function rig({ lines = 300, hours = 60, options = {}, without = [] }: Sold = {}) {
  const core = await startCore({ nowMs: () => NOW_MS, without });
  const mirror = await startCore({ nowMs: () => NOW_MS });
  open.push(core, mirror);
  for (const one of [core, mirror]) {
    one.sell({
      lines,
      distributors: 40,
      seed: 11,
      fromMs: NOW_MS - (hours + 3) * HOUR_MS,
      toMs: NOW_MS - 3 * HOUR_MS,
      currency: "USD",
      events: "told",
    });
  }
  // A moment later: what changes while a run is on its way is in flight.
  const nowMs = () => NOW_MS + 1000;
  return { core, mirror, twin: new TwinMirror(core, mirror, { nowMs, ...options }) };
}

const CLASSES: readonly (readonly [DriftKind, string])[] = [
  ["add", "MISSING_LOCAL"],
  ["amount", "AMOUNT"],
  ["currency", "CURRENCY"],
  ["release", "STATUS"],
  ["reverse", "STATUS"],
  ["time", "TIMING"],
  ["remove", "EXTRA_LOCAL"],
];

/** Three of each; tells what has to be found. */
function driftAll(core: ReferenceCore): readonly string[] {
  const taken = new Set<string>();
  const wanted: string[] = [];
  for (const [kind, name] of CLASSES) {
    const free = core
      .lines()
      .filter(
        ({ line_id, reversals, status }) =>
          !taken.has(line_id) && reversals.length === 0 && status === "held",
      );
    const lineIds = free.slice(0, 3).map(({ line_id }) => line_id);
    const ids = core.drift({
      kind,
      count: 3,
      seed: 5,
      byMs: -90 * 60_000,
      fromMs: NOW_MS - 20 * HOUR_MS,
      toMs: NOW_MS - 5 * HOUR_MS,
      ...(kind !== "add" && { lineIds }),
    });
    for (const id of ids) {
      taken.add(id);
      wanted.push(`${name} ${id}`);
    }
  }
  return wanted.toSorted();
}

const POORER: readonly (readonly [string, NonNullable<CoreOptions["without"]>])[] = [
  ["digests", []],
  ["no digests, but buckets", ["digests"]],
  ["no digests and no buckets", ["digests", "buckets"]],
  ["digests, but no buckets", ["buckets"]],
];

describe.each(POORER)("a core with %s", (_name, without) => {
  test.each(["window", "lines"])("shows all that differs to a run over %s", async (kind) => {
    const { core, twin } = await rig({ without });
    const before = await twin.run(kind);
    expect(before).toMatchObject({ state: "done", expected: 300, covered: 300, differing: 0 });
    const wanted = driftAll(core);
    const { lines } = core.state();
    const after = await twin.run(kind);
    expect(after).toMatchObject({ state: "done", expected: lines });
    expect(twin.open()).toEqual(wanted);
  });
});

describe("an hour in which all lines are posted at once", () => {
  /** Ten lines that the mirror has otherwise. */
  async function crowded(without: CoreOptions["without"] = []) {
    const { core, mirror, twin } = await rig({ lines: 0, without });
    const atMs = NOW_MS - 20 * HOUR_MS;
    const lines = { lines: 12_000, distributors: 5, seed: 4, fromMs: atMs, toMs: atMs };
    for (const one of [core, mirror]) one.sell({ ...lines, currency: "USD", events: "none" });
    const ids = core.drift({ kind: "amount", count: 10, seed: 2 });
    return { core, twin, wanted: ids.map((id) => `AMOUNT ${id}`).toSorted() };
  }

  test("costs by what differs, where the core cuts parts up further", async () => {
    const { twin, wanted } = await crowded();
    const run = await twin.run("window");
    expect(run).toMatchObject({ state: "done", differing: 10, expected: 12_000, covered: 12_000 });
    expect(twin.open()).toEqual(wanted);
    expect(run.bytes).toBeLessThan(80_000);
    expect(run.requests).toBeLessThan(30);
  });

  test("is found all the same where it does not", async () => {
    const { twin, wanted } = await crowded(["within"]);
    const run = await twin.run("window");
    expect(run).toMatchObject({ state: "done", differing: 10, expected: 12_000, covered: 12_000 });
    expect(twin.open()).toEqual(wanted);
    expect(run.bytes).toBeGreaterThan(300_000);
  });
});

const POOR = ["digests", "buckets"] as const;

test("more lines than one call may ask for are looked up in the next ones", async () => {
  const options = { requests: 2 };
  const { core, twin } = await rig({ lines: 320, hours: 4, options, without: POOR });
  core.drift({ kind: "remove", count: 310, seed: 3 });
  const run = await twin.run("window");
  expect(run).toMatchObject({ state: "done", differing: 310, open: 310 });
  expect(twin.open()).toHaveLength(310);
  // How far it is, and not what was found.
  expect(run.cursorBytes).toBeLessThan(30_000);
}, 120_000);

describe("a listing without digests", () => {
  test("goes on in the next call where the budget ends, page by page", async () => {
    const whole = { lines: 3500, hours: 300 };
    const { core, twin } = await rig({ ...whole, options: { requests: 1 }, without: POOR });
    const wanted = driftAll(core);
    const run = await twin.run("lines");
    expect(run).toMatchObject({ state: "done", expected: core.state().lines });
    expect(run.calls).toBeGreaterThan(3);
    expect(twin.open()).toEqual(wanted);
    // What is kept between calls is the counts of buckets, not lines.
    expect(run.cursorBytes).toBeLessThan(30_000);
  });

  test("asks for lines by id only where the mirror has some beyond the core's", async () => {
    const { core, twin } = await rig({ lines: 1500, without: POOR });
    const alike = await twin.run("lines");
    core.drift({ kind: "amount", count: 5, seed: 3 });
    const changed = await twin.run("lines");
    expect(changed.requests).toBe(alike.requests);
    core.drift({ kind: "remove", count: 1, seed: 3 });
    const lost = await twin.run("lines");
    // The lines of its bucket, a hundred a question, and that one again.
    expect(lost.requests).toBeGreaterThan(alike.requests);
    expect(lost.requests).toBeLessThan(alike.requests + 6);
    expect(twin.open().filter((one) => one.startsWith("EXTRA_LOCAL"))).toHaveLength(1);
  });

  test("begins anew where its cursor is not known any more", async () => {
    const { core, twin } = await rig({ lines: 2500, options: { requests: 1 }, without: POOR });
    core.faults.set([{ kind: "cursor_refused", after: 1, times: 1 }]);
    const run = await twin.run("lines");
    expect(run).toMatchObject({ state: "done", expected: 2500, covered: 2500, differing: 0 });
  });

  test("ends where a core does not even tell what changed", async () => {
    const { core, twin } = await rig();
    core.faults.set([{ kind: "status", status: 404 }]);
    const run = await twin.run("window");
    expect(run).toMatchObject({ state: "failed", calls: 1, error: { kind: "unsupported" } });
  });
});

describe("balances", () => {
  const credited = (core: ReferenceCore, byMinor = 100, count = 1): readonly string[] =>
    core
      .drift({ kind: "balance", count, seed: 9, byMinor })
      .map((id) => core.line(id)?.distributor_id ?? "");

  test("cost one question where all agree", async () => {
    const { twin } = await rig();
    expect(await twin.run("balances")).toMatchObject({
      state: "done",
      requests: 1,
      differing: 0,
      compared: 0,
    });
  });

  test.each(POORER)("are found to differ by a core with %s", async (_name, without) => {
    const { core, twin } = await rig({ without: without.filter((part) => part !== "digests") });
    const [distributor = ""] = credited(core);
    // What offers no digests of lines offers balances all the same here.
    if (without.includes("digests")) {
      core.faults.set([{ kind: "without_digests", path: "/recon/digests" }]);
    }
    const first = await twin.run("balances");
    expect(first).toMatchObject({ state: "done", differing: 1, open: 1 });
    expect(twin.open()).toEqual([`BALANCE_ONLY ${distributor}`]);
    expect(twin.recomputed).toEqual([distributor]);
    const [found] = twin.breaks.values();
    expect(found).toMatchObject({ action: "none", why: "still_there", is_new: true });
    expect(found?.detail).toMatch(/^(?:held|available): the core has \d+ USD, the mirror \d+$/);

    // The same difference, though lines have come meanwhile, is the same break.
    const more = { lines: 50, seed: 77, currency: "USD", events: "told" } as const;
    const when = { fromMs: NOW_MS - 9 * HOUR_MS, toMs: NOW_MS - 8 * HOUR_MS };
    core.sell({ ...more, ...when, distributors: 40 });
    await twin.run("balances");
    expect([...twin.breaks.values()].filter(({ class: of }) => of === "BALANCE_ONLY")).toHaveLength(
      1,
    );
    core.drift({ kind: "balance", count: 1, seed: 9, byMinor: -100, lineIds: lineOf(core, found) });
    await twin.run("balances");
    expect(twin.open().filter((one) => one.startsWith("BALANCE_ONLY"))).toEqual([]);
  });

  /** A line in the bucket that differs. */
  function lineOf(
    core: ReferenceCore,
    found: { readonly distributor_id: string; readonly detail: string } | undefined,
  ): readonly string[] {
    const line = core
      .lines()
      .find(
        (one) =>
          one.distributor_id === found?.distributor_id && found.detail.startsWith(one.status),
      );
    return line === undefined ? [] : [line.line_id];
  }

  test("that lines explain are questions of those lines, and nothing beside", async () => {
    const { core, twin } = await rig();
    const wanted = driftAll(core);
    const run = await twin.run("balances");
    expect(run).toMatchObject({ state: "done" });
    // What moved in time alone makes no balance differ, and the run looks at other shards.
    const found = twin.open();
    expect(found.filter((one) => one.startsWith("BALANCE_ONLY"))).toEqual([]);
    const changing = wanted.filter((one) => !one.startsWith("TIMING"));
    expect(found.filter((one) => !one.startsWith("TIMING"))).toEqual(changing);
  });

  test("are told of beyond what lines explain", async () => {
    const { core, twin } = await rig();
    const [distributor = ""] = credited(core, 55);
    const line = core.lines().find((one) => one.distributor_id === distributor);
    const [changed] = core.drift({
      kind: "amount",
      count: 1,
      seed: 1,
      byMinor: 7,
      lineIds: [line?.line_id ?? ""],
    });
    await twin.run("balances");
    expect(twin.open()).toEqual([`AMOUNT ${changed}`, `BALANCE_ONLY ${distributor}`]);
  });

  test("that changed just now are in flight, and keep their breaks", async () => {
    const { core, mirror, twin } = await rig({ options: { graceMs: 15 * 60_000 } });
    const [distributor = ""] = credited(core);
    await twin.run("balances");
    expect(twin.open()).toEqual([`BALANCE_ONLY ${distributor}`]);
    const [line] = mirror.lines().filter((one) => one.distributor_id === distributor);
    if (line === undefined) throw new Error("No line");
    mirror.put({ ...line, line_id: "new", effective_ms: NOW_MS, updated_ms: NOW_MS });
    const run = await twin.run("balances");
    expect(run).toMatchObject({ state: "done", in_flight: 1, open: 0 });
    expect(twin.open()).toEqual([`BALANCE_ONLY ${distributor}`]);
  });

  test("of whoever is busy are compared all the same, by the lines that changed", async () => {
    const { core, mirror, twin } = await rig({ options: { graceMs: 15 * 60_000 } });
    const [line, other] = mirror.lines();
    if (line === undefined || other === undefined) throw new Error("No lines");
    // Posted here a moment after the core's state was taken, and taken back in part.
    mirror.put({ ...line, line_id: "new", effective_ms: NOW_MS, updated_ms: NOW_MS });
    const reversals = [{ line_id: "R", amount_minor: 1 }];
    mirror.put({ ...other, reversals, updated_ms: NOW_MS });
    expect(await twin.run("balances")).toMatchObject({ differing: 0, in_flight: 0 });
    expect(core.line("new")).toBeUndefined();
  });

  test("of somebody whom only one side knows", async () => {
    const { core, mirror, twin } = await rig();
    for (const [side, id] of [
      [core, "only-core"],
      [mirror, "only-mirror"],
    ] as const) {
      side.credit({ distributorId: id, bucket: "in_transit", currency: "EUR" }, 5);
    }
    await twin.run("balances");
    expect(twin.open()).toEqual(["BALANCE_ONLY only-core", "BALANCE_ONLY only-mirror"]);
  });

  test("leave out what is the gateway's alone", async () => {
    const { twin, mirror } = await rig();
    const id = mirror.lines()[0]?.distributor_id ?? "";
    mirror.credit({ distributorId: id, bucket: "available", currency: "USD" }, 70);
    twin.own.set(id, { gateway: { available: { USD: "70" } } });
    expect(await twin.run("balances")).toMatchObject({ differing: 0, requests: 1 });
  });

  test.each([
    { without: [], differing: 1 },
    { without: ["payouts" as const], differing: 0 },
  ])("of a core without $without", async ({ without, differing }) => {
    const { mirror, twin } = await rig({ without });
    const id = mirror.lines()[0]?.distributor_id ?? "";
    // Paid out here: 100, of which 80 are under way.
    mirror.credit({ distributorId: id, bucket: "available", currency: "USD" }, -100);
    mirror.credit({ distributorId: id, bucket: "in_transit", currency: "USD" }, 80);
    twin.own.set(id, {
      balances: { "rev:payout_fee": { USD: "-5" }, "tax:withholding": { USD: "-15" } },
    });
    expect(await twin.run("balances")).toMatchObject({ state: "done", differing });
  });

  test("go on in the next call", async () => {
    const { core, twin } = await rig({ options: { requests: 1 } });
    const wanted = credited(core, 100, 12).map((id) => `BALANCE_ONLY ${id}`);
    const run = await twin.run("balances");
    expect(run.calls).toBeGreaterThan(1);
    expect(twin.open()).toEqual([...new Set(wanted)].toSorted());
  });

  test("are not offered by every core", async () => {
    const { twin } = await rig({ without: POOR });
    const run = await twin.run("balances", { cause: "epoch:3" });
    expect(run).toMatchObject({ state: "failed", calls: 1, error: { kind: "unsupported" } });
    // Nobody waits for it any more.
    expect(twin.fulfilled).toEqual([{ cause: "epoch:3", closes: [] }]);
  });
});

describe("a core that was restored", () => {
  test("is in a later epoch, which is told; an earlier one is not believed", async () => {
    const { core, twin } = await rig();
    await twin.run("window");
    expect(twin.state).toMatchObject({ epoch: 0 });
    core.restore(core.state().as_of_seq - 100);
    expect(await twin.run("window")).toMatchObject({ state: "done" });
    expect(twin.state).toMatchObject({ epoch: 1, due: "lines" });
    twin.state = { epoch: 2 };
    const run = await twin.run("window");
    expect(run).toMatchObject({ state: "failed", error: { kind: "epoch_fell" } });
    expect(run.error?.detail).toBe(
      "The core answers in epoch 1, and was in 2 before. If that is right, start a run with accept_epoch 1",
    );
  });

  test("while a run is on its way: it begins anew, and asks as of no change of before", async () => {
    const { core, twin } = await rig({ lines: 2500, options: { requests: 2 }, without: POOR });
    let asked = 0;
    const { take } = core.faults;
    Object.assign(core.faults, {
      take: (path: string, params: URLSearchParams) => {
        asked += 1;
        if (asked === 3) core.restore(core.state().as_of_seq);
        return take(path, params);
      },
    });
    const run = await twin.run("lines");
    expect(run).toMatchObject({ state: "done", expected: 2500, differing: 0 });
    expect(twin.state).toMatchObject({ epoch: 1 });
  });
});
