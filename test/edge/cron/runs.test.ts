import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { compareCloses, IN_FLIGHT_MS } from "#src/edge/cron/close.ts";
import { releaseDue, VOID_AFTER_MS, voidPending } from "#src/edge/cron/due.ts";
import { doRuns, LEASE_MS, takeFirstSteps } from "#src/edge/cron/runs.ts";
import type { RunsPorts } from "#src/edge/cron/runs/ports.ts";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { ORIGIN } from "../support/company.ts";
import { runStore } from "#src/edge/d1/runs/store.ts";
import type { RunKind } from "#src/core/runs/run.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";
import { planBody } from "../support/plans.ts";
import { comparePorts, duePorts, runsPorts } from "./ports.ts";

const AUGUST = Date.parse("2026-08-01T00:00:00Z");
const MINUTE = 60_000;
const PLAN = {
  plan_id: "main",
  version: 1,
  ...planBody({
    ranks: [{ code: "Member" }, { code: "Silver", min_gv_x100: 30_000, grace_periods: 1 }],
    components: [
      { kind: "binary", code: "pair", pair_ppm: 100_000, after: "carry_forward" },
      {
        kind: "unilevel",
        code: "level",
        tree: "sponsor",
        max_level: 2,
        pool_ppm: 1_000_000,
        rates_ppm: { Member: [50_000, 50_000], Silver: [50_000, 50_000] },
        compression: "none",
      },
    ],
    payout: { minimum_minor: 1000, fee_minor: 100 },
  }),
};

interface Rig extends Line {
  readonly tenant: string;
  clock: number;
  /** A minute of cron, with faults; then everything that it sent is done. */
  readonly minute: (faults?: Partial<RunsPorts>) => Promise<void>;
  /** As many minutes as it takes until no run is on its way. */
  readonly finish: () => Promise<void>;
  readonly start: (kind: RunKind, period?: string) => Promise<void>;
}

async function rigOf(plan: object = PLAN, mode = "gateway_final"): Promise<Rig> {
  const line = await layLine({}, { mode });
  const { tenant } = line.company;
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, 'main', 1, 0, ?, ?)")
    .bind(tenant, JSON.stringify(plan), AUGUST + 365 * 86_400_000)
    .run();
  const place = { parts: line.parts, tenant, nowMs: () => rig.clock };
  const minute: Rig["minute"] = async (faults = {}) => {
    rig.clock += MINUTE;
    await doRuns({ ...runsPorts(place), ...faults });
    await line.drain();
  };
  const rig: Rig = {
    ...line,
    tenant,
    clock: AUGUST + 60 * MINUTE,
    minute,
    async finish() {
      for (let i = 0; i < 20; i += 1) {
        await minute();
        const states = await select("SELECT state FROM runs WHERE tenant = ?", tenant);
        if (states.every(({ state }) => state !== "running")) return;
      }
      throw new Error("The runs do not end");
    },
    async start(kind, period = "2026-07") {
      const name = { kind, plan_id: "main", period_id: period };
      await runStore(line.parts.control).start(tenant, name, rig.clock);
    },
  };
  return rig;
}

type Row = Record<string, string | number | null>;
const select = async (sql: string, ...values: string[]): Promise<readonly Row[]> =>
  (
    await env.MIRROR_0.prepare(sql)
      .bind(...values)
      .all<Row>()
  ).results;

const enrolled = (id: string, sponsor: string | null, more: object = {}) => ({
  id: `enrol-${id}`,
  type: "distributor.enrolled",
  version: 1,
  occurred_at: "2026-06-01T00:00:00.000Z",
  data: {
    distributor_id: id,
    ...(sponsor === null ? {} : { sponsor_id: sponsor, placement_id: sponsor }),
    ...more,
    status: "active",
    joined_at: "2026-06-01T00:00:00.000Z",
    country: "US",
    pii: { name: `${id} Example` },
  },
});

const paid = (id: string, node: string, cv: number, at = "2026-07-10T12:00:00.000Z") => ({
  id: `pay-${id}`,
  type: "payment.confirmed",
  version: 1,
  occurred_at: at,
  key: `order:${id}`,
  data: {
    payment_id: `P-${id}`,
    order_id: id,
    currency: "USD",
    amount_minor: cv,
    net_minor: cv,
    cv_x100: cv,
    pv_x100: cv,
    source_node: node,
    order_kind: "store",
  },
});

/** W7's tree: 200 on the left, 500 on the right. */
async function sell(rig: Rig): Promise<void> {
  await rig.post([
    enrolled("A", null),
    enrolled("L", "A", { leg: "L" }),
    enrolled("R", "A", { leg: "R" }),
  ]);
  await rig.drain();
  await rig.post([paid("O1", "L", 20_000), paid("O2", "R", 50_000)]);
  await rig.drain();
}

const linesOf = async ({ tenant }: Rig) =>
  Object.fromEntries(
    (
      await select(
        `SELECT line_id, distributor_id, amount_minor, period_id, state FROM lines
         WHERE tenant = ? AND amount_minor > 0 ORDER BY line_id`,
        tenant,
      )
    ).map((row) => [row["line_id"], `${row["amount_minor"]} ${row["period_id"]} ${row["state"]}`]),
  );
const ranksOf = async ({ tenant }: Rig) =>
  (
    await select(
      `SELECT distributor_id AS id, value ->> 'pay_rank' AS rank, effective_ms AS at FROM standings
       WHERE tenant = ? AND kind = 'rank' ORDER BY 1, length(rev), rev`,
      tenant,
    )
  ).map(({ id, rank, at }) => `${id} ${rank} ${at === AUGUST ? "August" : at}`);
const runOf = async ({ tenant, parts }: Rig, runId: string) => {
  const run = await runStore(parts.control).get(tenant, runId);
  return run && { state: run.state, attempt: run.attempt, progress: JSON.parse(run.progress) };
};

describe("a run of ranks", () => {
  test("ranks everybody from the end of the period on, once, however often it is done", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("ranks");
    await rig.finish();
    const ranks = ["A Silver August", "L Member August", "R Silver August"];
    expect(await ranksOf(rig)).toEqual(ranks);
    expect(await runOf(rig, "ranks:main:2026-07")).toMatchObject({ state: "done", attempt: 1 });

    await rig.start("ranks");
    await rig.finish();
    expect(await ranksOf(rig)).toEqual(ranks);
    expect(await runOf(rig, "ranks:main:2026-07")).toMatchObject({ state: "done", attempt: 2 });
    await expectMirrorEqualsObjects(rig.tenant);
  });

  test("goes on where it was killed, and tells nobody twice", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("ranks");
    let sent = 0;
    const { sendAll } = runsPorts({ parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock });
    const killed: Partial<RunsPorts> = {
      sendAll: async (messages) => {
        sent += 1;
        await sendAll(messages);
        throw new Error("The isolate is gone");
      },
    };
    await rig.minute(killed);
    await rig.minute({ save: () => Promise.reject(new Error("gone")) }).catch(() => undefined);
    expect(sent).toBe(1);
    rig.clock += LEASE_MS;
    await rig.finish();
    expect(await ranksOf(rig)).toEqual(["A Silver August", "L Member August", "R Silver August"]);
    const outcomes = Object.values(await outcomesOf(rig.tenant));
    expect(outcomes.every((outcome) => outcome === "applied")).toBe(true);
  });

  test("follows what a later attempt finds, by difference", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("ranks");
    await rig.finish();
    await rig.post([paid("O3", "L", 10_000, "2026-07-31T23:59:59.000Z")]);
    await rig.drain();
    await rig.start("ranks");
    await rig.finish();
    expect(await ranksOf(rig)).toEqual([
      "A Silver August",
      "L Member August",
      "L Silver August",
      "R Silver August",
    ]);
  });

  test("is nobody else's while somebody is at it", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("ranks");
    let inside = 0;
    const base = runsPorts({ parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock });
    const counted: RunsPorts = {
      ...base,
      people: async (asked) => {
        inside += 1;
        if (inside === 1) await doRuns(counted);
        return base.people(asked);
      },
    };
    rig.clock += MINUTE;
    await doRuns(counted);
    expect(inside).toBe(1);
    await rig.drain();
    await rig.finish();
    expect(await ranksOf(rig)).toHaveLength(3);
  });
});

describe("a run that somebody asks for", () => {
  const asked = async (rig: Rig, kind: RunKind) => {
    await rig.start(kind);
    const run = await runStore(rig.parts.control).get(rig.tenant, `${kind}:main:2026-07`);
    if (run === undefined) throw new Error("It is not there");
    return run;
  };
  const portsOf = (rig: Rig) =>
    runsPorts({ parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock });

  test("takes its first steps without cron: payouts are done, ranks are told", async () => {
    const rig = await rigOf({ ...PLAN, holdback_days: 0 });
    await sell(rig);
    await takeFirstSteps(await asked(rig, "payouts"), portsOf(rig));
    expect(await runOf(rig, "payouts:main:2026-07")).toMatchObject({
      state: "done",
      progress: { proposals: 1 },
    });
    await takeFirstSteps(await asked(rig, "ranks"), portsOf(rig));
    await rig.drain();
    expect(await ranksOf(rig)).toEqual(["A Silver August", "L Member August", "R Silver August"]);
    await rig.finish();
    expect(await runOf(rig, "ranks:main:2026-07")).toMatchObject({ state: "done", attempt: 1 });
  });

  test("is taken by one, however many ask, and is cron's from then on", async () => {
    const rig = await rigOf();
    await sell(rig);
    const run = await asked(rig, "ranks");
    let sent = 0;
    const ports: RunsPorts = {
      ...portsOf(rig),
      people: async (of) => {
        sent += 1;
        await takeFirstSteps(run, ports);
        await doRuns(ports);
        return portsOf(rig).people(of);
      },
    };
    await takeFirstSteps(run, ports);
    await takeFirstSteps(await asked(rig, "ranks"), ports);
    expect(sent).toBe(1);
    expect(await runOf(rig, "ranks:main:2026-07")).toMatchObject({
      state: "running",
      progress: { waiting: 3, looks: 0, lease_ms: 0 },
    });
  });
});

describe("a close", () => {
  const PAIR = "close:main:2026-07:pair:A";

  test("pays the pairs, closes the period, and changes nothing when it is done again", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("close");
    await rig.finish();
    const lines = await linesOf(rig);
    expect(lines).toEqual({
      "O1:level:1:A": "1000 2026-07 held",
      "O2:level:1:A": "2500 2026-07 held",
      [PAIR]: "2000 2026-07 held",
    });
    const [period] = await select(
      "SELECT value FROM records WHERE tenant = ? AND kind = 'period' AND id = '2026-07'",
      rig.tenant,
    );
    expect(JSON.parse(String(period?.["value"]))).toMatchObject({
      run_id: "close:main:2026-07",
      totals: { USD: 5500 },
      lines: 3,
    });
    await rig.start("close");
    await rig.finish();
    expect(await linesOf(rig)).toEqual(lines);
    expect(await runOf(rig, "close:main:2026-07")).toMatchObject({ state: "done", attempt: 2 });
    await expectMirrorEqualsObjects(rig.tenant);
  });

  test("W7: carries what was not matched into the next period", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("close");
    await rig.finish();
    await rig.post([
      paid("O3", "L", 40_000, "2026-08-10T00:00:00.000Z"),
      paid("O4", "R", 10_000, "2026-08-11T00:00:00.000Z"),
    ]);
    await rig.drain();
    rig.clock = Date.parse("2026-09-01T01:00:00Z");
    await rig.start("close", "2026-08");
    await rig.finish();
    expect(await linesOf(rig)).toMatchObject({
      [PAIR]: "2000 2026-07 held",
      "close:main:2026-08:pair:A": "4000 2026-08 held",
    });
  });

  test("waits for what is on its way, and lets nothing new into the period", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("close");
    // Confirmed in July, and told when the close had begun: it counts in the next open period.
    await rig.post([paid("O9", "L", 30_000, "2026-07-31T12:00:00.000Z")]);
    await rig.drain();
    expect(await linesOf(rig)).toMatchObject({ "O9:level:1:A": "1500 2026-08 held" });
    await rig.finish();
    expect(await linesOf(rig)).toMatchObject({ [PAIR]: "2000 2026-07 held" });

    await rig.post([paid("O10", "L", 10_000, "2026-07-31T13:00:00.000Z")]);
    await rig.drain();
    expect(await linesOf(rig)).toMatchObject({ "O10:level:1:A": "500 2026-08 held" });
  });

  test("ends the same when every step of it is cut off once", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("close");
    for (let i = 0; i < 8; i += 1) {
      await rig
        .minute({ save: () => Promise.reject(new Error("The isolate is gone")) })
        .catch(() => undefined);
      rig.clock += LEASE_MS;
      await rig.minute();
      rig.clock += LEASE_MS;
    }
    expect(await runOf(rig, "close:main:2026-07")).toMatchObject({ state: "done", attempt: 1 });
    expect(await linesOf(rig)).toMatchObject({ [PAIR]: "2000 2026-07 held" });
    await expectMirrorEqualsObjects(rig.tenant);
  });

  test("applies the caps to lines of orders and of its own, to the unit", async () => {
    const caps = { per_distributor_minor: 2751, mode: "pro_rata" };
    const rig = await rigOf({ ...PLAN, caps });
    await sell(rig);
    await rig.start("close");
    await rig.finish();
    expect(await linesOf(rig)).toEqual({
      "O1:level:1:A": "500 2026-07 held",
      "O2:level:1:A": "1251 2026-07 held",
      [PAIR]: "1000 2026-07 held",
    });
    const [order] = await select(
      "SELECT manifest FROM orders WHERE tenant = ? AND order_id = 'O2'",
      rig.tenant,
    );
    expect(order?.["manifest"]).toBe('[["USD","1251","0"]]');
    await expectMirrorEqualsObjects(rig.tenant);
  });
});

const refunded = (order: string, amount_minor: number) => ({
  id: `refund-${order}-${amount_minor}`,
  type: "refund.completed",
  version: 1,
  occurred_at: "2026-07-20T12:00:00.000Z",
  key: `order:${order}`,
  data: {
    refund_id: `R-${order}-${amount_minor}`,
    payment_id: `P-${order}`,
    currency: "USD",
    amount_minor,
    net_minor: amount_minor,
  },
});

const leftOf = async ({ tenant }: Rig) =>
  (
    await select(
      "SELECT line_id, amount_minor, reversed_minor FROM lines WHERE tenant = ? ORDER BY 1",
      tenant,
    )
  ).map((row) => `${row["line_id"]} ${row["amount_minor"]}-${row["reversed_minor"]}`);

describe("caps on lines that were returned in part", () => {
  const [, level] = PLAN.components;

  test("leave a person the cap to the unit, and a further return takes its share of that", async () => {
    const caps = { per_distributor_minor: 500, mode: "pro_rata" };
    const rig = await rigOf({ ...PLAN, components: [level], caps });
    await rig.post([enrolled("A", null), enrolled("L", "A")]);
    await rig.drain();
    const sale = paid("O1", "L", 9000);
    await rig.post([{ ...sale, data: { ...sale.data, cv_x100: 20_000 } }, refunded("O1", 3000)]);
    await rig.drain();
    expect(await leftOf(rig)).toEqual(["O1:level:1:A 1000-333"]);
    await rig.start("close");
    await rig.finish();
    expect(await leftOf(rig)).toEqual(["O1:level:1:A 750-250"]);
    await rig.post([refunded("O1", 1000)]);
    await rig.drain();
    expect(await leftOf(rig)).toEqual(["O1:level:1:A 750-333"]);
    await rig.post([refunded("O1", 5000)]);
    await rig.drain();
    expect(await leftOf(rig)).toEqual(["O1:level:1:A 750-750"]);
    await expectMirrorEqualsObjects(rig.tenant);
  });

  test("leave the company its cap to the unit", async () => {
    // The CV that is left is 4 x 100.00, less a tenth of one: 3.37 % of 390.00 are 13.14.
    const caps = { company_ppm_of_cv_value: 33_700, mode: "pro_rata" };
    const rig = await rigOf({ ...PLAN, components: [level], caps });
    await rig.post([enrolled("A", null), enrolled("L", "A"), enrolled("R", "L")]);
    await rig.drain();
    const sales = ["L", "R", "L", "R"].map((node, i) => paid(`O${i}`, node, 10_000));
    await rig.post([...sales, refunded("O1", 1000)]);
    await rig.drain();
    await rig.start("close");
    await rig.finish();
    const [sum] = await select(
      "SELECT sum(amount_minor - reversed_minor) AS paid FROM lines WHERE tenant = ?",
      rig.tenant,
    );
    expect(sum).toEqual({ paid: 1314 });
    await expectMirrorEqualsObjects(rig.tenant);
  });
});

test("a close says why it fails where a period has more lines than caps can weigh", async () => {
  const rig = await rigOf({ ...PLAN, caps: { per_distributor_minor: 1, mode: "pro_rata" } });
  await sell(rig);
  await rig.start("close");
  await rig.minute();
  const lines = await linesOf(rig);
  const { lines: read } = runsPorts({ ...rig, nowMs: () => rig.clock });
  const many: Partial<RunsPorts> = {
    lines: async (asked) => {
      const [line] = (await read(asked, undefined)).items;
      if (line === undefined) throw new Error("There is no line");
      return { items: Array.from({ length: 20_001 }, () => line), next: "on" };
    },
  };
  for (let i = 0; i < 5; i += 1) await rig.minute(many);
  const run = await runOf(rig, "close:main:2026-07");
  expect(run).toMatchObject({ state: "failed" });
  expect(run?.progress.reason).toMatch(
    /more than 200000 lines, too many to .* caps of plan "main"/,
  );
  expect(await linesOf(rig)).toMatchObject(lines);
  expect(await select("SELECT 1 FROM records WHERE tenant = ?", rig.tenant)).toEqual([]);

  // As many as there are: it can be done again, and ends.
  await rig.start("close");
  await rig.finish();
  expect(await runOf(rig, "close:main:2026-07")).toMatchObject({ state: "done", attempt: 2 });
});

test("the schedule starts ranks, close and payouts by itself, audited", async () => {
  const rig = await rigOf();
  await env.MIRROR_0.prepare("UPDATE plans SET created_ms = ? WHERE tenant = ?")
    .bind(AUGUST - 1, rig.tenant)
    .run();
  await sell(rig);
  for (let i = 0; i < 20; i += 1) await rig.minute();
  const runs = await select(
    "SELECT run_id, state, attempt FROM runs WHERE tenant = ? ORDER BY run_id",
    rig.tenant,
  );
  expect(runs).toEqual([
    { run_id: "close:main:2026-07", state: "done", attempt: 1 },
    { run_id: "payouts:main:2026-07", state: "done", attempt: 1 },
    { run_id: "ranks:main:2026-07", state: "done", attempt: 1 },
  ]);
  const trail = await select(
    "SELECT actor, action, target FROM audit WHERE tenant = ? AND action = 'run.start' ORDER BY audit_id",
    rig.tenant,
  );
  expect(trail.map(({ target }) => target)).toEqual([
    "ranks:main:2026-07",
    "close:main:2026-07",
    "payouts:main:2026-07",
  ]);
});

test("the schedule closes older periods with sales first, and is held up by no other", async () => {
  const rig = await rigOf();
  const saved = Date.parse("2026-07-20T00:00:00Z");
  await env.MIRROR_0.prepare("UPDATE plans SET created_ms = ? WHERE tenant = ?")
    .bind(saved, rig.tenant)
    .run();
  await rig.post([enrolled("A", null), enrolled("L", "A", { leg: "L" })]);
  await rig.drain();
  const [april, june] = ["2026-04-10T12:00:00.000Z", "2026-06-10T12:00:00.000Z"];
  await rig.post([
    paid("O1", "L", 20_000, april),
    paid("O2", "L", 20_000, june),
    paid("O3", "L", 20_000),
  ]);
  await rig.drain();
  for (let i = 0; i < 40; i += 1) await rig.minute();
  const runs = await select(
    "SELECT run_id, state FROM runs WHERE tenant = ? AND kind = 'close' ORDER BY started_ms",
    rig.tenant,
  );
  expect(runs).toEqual([
    { run_id: "close:main:2026-04", state: "done" },
    { run_id: "close:main:2026-06", state: "done" },
    { run_id: "close:main:2026-07", state: "done" },
  ]);
  expect(await runOf(rig, "payouts:main:2026-07")).toMatchObject({ state: "done" });
});

test("payouts are proposed of what is payable, and not of what is in doubt", async () => {
  const rig = await rigOf({ ...PLAN, holdback_days: 0 });
  await sell(rig);
  await rig.post([enrolled("LL", "L", { leg: "L" })]);
  await rig.drain();
  await rig.post([paid("O5", "LL", 40_000)]);
  await rig.drain();
  await env.MIRROR_0.prepare(
    "INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms) VALUES (?, 'AMOUNT:x', 'AMOUNT', 'dist:L', 'x', 'd', 0)",
  )
    .bind(rig.tenant)
    .run();
  const proposed = () =>
    select(
      `SELECT distributor_id, gross_minor, fee_minor, net_minor FROM payout_proposals
       WHERE tenant = ?`,
      rig.tenant,
    );
  await rig.start("payouts");
  await rig.finish();
  const expected = [{ distributor_id: "A", gross_minor: 5500, fee_minor: 100, net_minor: 5400 }];
  expect(await proposed()).toEqual(expected);
  const { progress } = (await runOf(rig, "payouts:main:2026-07")) ?? {};
  expect(progress).toMatchObject({
    proposals: 1,
    left_out: [{ distributor_id: "L", reason: "break_open" }],
  });
  await rig.start("payouts");
  await rig.finish();
  expect(await proposed()).toEqual(expected);
});

describe("payouts in several currencies", () => {
  const payout = { minimum_minor: 1000, fee_minor: 15, withholding_ppm: 101_000 };
  const adjusted = (id: string, seq: number, currency: string, amount_minor: number) => ({
    id: `adjusted-${id}-${seq}`,
    type: "adjustment.posted",
    version: 1,
    occurred_at: "2026-07-10T00:00:00.000Z",
    key: `dist:${id}`,
    seq,
    data: {
      line_id: `${id}-${seq}`,
      distributor_id: id,
      currency,
      amount_minor,
      reason_code: "bonus",
      effective_at: "2026-07-10",
      approved_by: "cfo",
    },
  });

  test("are proposed of what is left after clawbacks, each in its own decimals", async () => {
    const rig = await rigOf({ ...PLAN, currency: "JPY", payout });
    const { tenant, parts } = rig;
    const kuwaiti = { ...PLAN, plan_id: "kuwaiti", currency: "KWD", payout };
    await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, 'kuwaiti', 1, 0, ?, ?)")
      .bind(tenant, JSON.stringify(kuwaiti), AUGUST + 365 * 86_400_000)
      .run();
    await rig.post([enrolled("A", null), enrolled("=B", "A"), enrolled("C", "A")]);
    await rig.drain();
    await rig.post([
      // More was earned than is left: the clawback is taken off first.
      adjusted("A", 1, "JPY", 9000),
      adjusted("A", 2, "JPY", -3995),
      adjusted("A", 3, "KWD", 12_345_678),
      adjusted("=B", 1, "JPY", 999),
      adjusted("=B", 2, "KWD", 1000),
      adjusted("C", 1, "KWD", -5000),
      adjusted("C", 2, "JPY", 2 ** 45),
    ]);
    await rig.drain();
    const api = createApi(parts, readRoutes(readPorts(parts)));
    const read = async (plan: string, accept: string) => {
      const path = `runs/payouts:${plan}:2026-07/proposals`;
      const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, Accept: accept };
      const url = `${ORIGIN}/v1/tenants/${tenant}/${path}`;
      return (await api.fetch(new Request(url, { headers }))).text();
    };
    const propose = async () => {
      for (const plan_id of ["main", "kuwaiti"]) {
        const name = { kind: "payouts", plan_id, period_id: "2026-07" } as const;
        await runStore(parts.control).start(tenant, name, rig.clock);
      }
      await rig.finish();
      const answers = ["main", "kuwaiti"].flatMap((plan) =>
        ["application/json", "text/csv"].map((accept) => read(plan, accept)),
      );
      return Promise.all(answers);
    };
    const [yen = "", yenFile = "", dinars = "", dinarFile = ""] = await propose();
    const money = (currency: string, amount_minor: number, amount: string) => ({
      amount_minor,
      currency,
      amount,
    });
    expect(JSON.parse(yen)).toEqual({
      items: [
        {
          distributor_id: "A",
          gross: money("JPY", 5005, "5005"),
          fee: money("JPY", 15, "15"),
          withholding: money("JPY", 506, "506"),
          net: money("JPY", 4484, "4484"),
        },
        {
          distributor_id: "C",
          gross: money("JPY", 2 ** 45, "35184372088832"),
          fee: money("JPY", 15, "15"),
          withholding: money("JPY", 3_553_621_580_972, "3553621580972"),
          net: money("JPY", 31_630_750_507_845, "31630750507845"),
        },
      ],
      next_cursor: null,
    });
    expect(JSON.parse(dinars)).toMatchObject({
      items: [
        { distributor_id: "=B", net: money("KWD", 884, "0.884") },
        {
          distributor_id: "A",
          gross: { amount: "12345.678" },
          withholding: { amount: "1246.913" },
        },
      ],
    });
    const header = "run_id,distributor_id,currency,gross,fee,withholding,net,net_minor";
    expect(yenFile.split("\r\n")).toEqual([
      header,
      "payouts:main:2026-07,A,JPY,5005,15,506,4484,4484",
      "payouts:main:2026-07,C,JPY,35184372088832,15,3553621580972,31630750507845,31630750507845",
      "",
    ]);
    expect(dinarFile.split("\r\n")).toEqual([
      header,
      "payouts:kuwaiti:2026-07,'=B,KWD,1.000,0.015,0.101,0.884,884",
      "payouts:kuwaiti:2026-07,A,KWD,12345.678,0.015,1246.913,11098.750,11098750",
      "",
    ]);
    // Done again they say the same; nobody's balance has moved.
    expect(await propose()).toEqual([yen, yenFile, dinars, dinarFile]);
    await expectMirrorEqualsObjects(tenant);
  });
});

describe("lines whose time has come", () => {
  test("are released when their holdback is over, once", async () => {
    const rig = await rigOf();
    await sell(rig);
    const place = { parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock };
    rig.clock = Date.parse("2026-07-24T11:59:59.999Z");
    await releaseDue(duePorts(place, "due"));
    expect(rig.queued).toEqual([]);
    rig.clock += 1;
    await releaseDue(duePorts(place, "due"));
    expect(rig.queued).toHaveLength(1);
    await releaseDue(duePorts(place, "due"));
    await rig.drain();
    expect(Object.values(await linesOf(rig))).toEqual([
      "1000 2026-07 available",
      "2500 2026-07 available",
    ]);
    await releaseDue(duePorts(place, "due"));
    expect(rig.queued).toEqual([]);
    await expectMirrorEqualsObjects(rig.tenant);
  });

  test("provisional ones are void 72 h after their period was closed", async () => {
    const rig = await rigOf(PLAN, "mirror");
    await sell(rig);
    const closed = {
      id: "closed",
      type: "period.closed",
      version: 1,
      occurred_at: "2026-08-02T00:00:00.000Z",
      rev: 1,
      data: { period_id: "2026-07", run_id: "r", totals: {}, lines: 0, digest: "x" },
    };
    await rig.post([closed]);
    await rig.drain();
    const place = { parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock };
    rig.clock = Date.parse(closed.occurred_at) + VOID_AFTER_MS - 1;
    await voidPending(duePorts(place, "void"));
    expect(rig.queued).toEqual([]);
    rig.clock += 1;
    await voidPending(duePorts(place, "void"));
    await voidPending(duePorts(place, "void"));
    await rig.drain();
    expect(Object.values(await linesOf(rig))).toEqual(["1000 2026-07 void", "2500 2026-07 void"]);
    await voidPending(duePorts(place, "void"));
    expect(rig.queued).toEqual([]);
    await expectMirrorEqualsObjects(rig.tenant);
  });
});

describe("the core's close", () => {
  const posted = (seq: number, amount: number) => ({
    id: `posted-${seq}`,
    type: "commission.posted",
    version: 1,
    occurred_at: "2026-07-10T00:00:00.000Z",
    key: "dist:A",
    seq,
    data: {
      line_id: `L${seq}`,
      distributor_id: "A",
      component: "bonus",
      currency: "USD",
      amount_minor: amount,
      period_id: "2026-07",
      run_id: "r",
    },
  });
  const closed = (rev: number, totals: object, lines: number) => ({
    id: `closed-${rev}`,
    type: "period.closed",
    version: 1,
    occurred_at: "2026-08-02T00:00:00.000Z",
    rev,
    data: { period_id: "2026-07", run_id: "r", totals, lines, digest: "none" },
  });
  const breaksOf = async (tenant: string) =>
    (await select("SELECT break_id FROM breaks WHERE tenant = ? ORDER BY 1", tenant)).map(
      (row) => row["break_id"],
    );

  test("is compared after the grace, once a telling", async () => {
    const rig = await rigOf(PLAN, "mirror");
    await rig.post(
      [enrolled("A", null), posted(1, 400), posted(2, 600)],
      [closed(1, { USD: 900 }, 3)],
    );
    await rig.drain();
    const place = { parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock };
    rig.clock = Date.now() - MINUTE;
    await compareCloses(comparePorts(place));
    expect(await breaksOf(rig.tenant)).toEqual([]);
    rig.clock = Date.now() + IN_FLIGHT_MS + MINUTE;
    await compareCloses(comparePorts(place));
    const first = ["PERIOD_LINES:2026-07:0.1", "PERIOD_TOTALS:2026-07:0.1"];
    expect(await breaksOf(rig.tenant)).toEqual(first);

    await rig.post([closed(2, { USD: 1000 }, 2)]);
    await rig.drain();
    rig.clock = Date.now() + IN_FLIGHT_MS + MINUTE;
    await compareCloses(comparePorts(place));
    await compareCloses(comparePorts(place));
    expect(await breaksOf(rig.tenant)).toEqual(["PERIOD_DIGEST:2026-07:0.2", ...first]);
  });

  test("is held against the gateway's lines where the gateway is final", async () => {
    const rig = await rigOf();
    await sell(rig);
    await rig.start("close");
    await rig.finish();
    const place = { parts: rig.parts, tenant: rig.tenant, nowMs: () => rig.clock };
    const compare = async () => {
      rig.clock = Date.now() + IN_FLIGHT_MS + MINUTE;
      await compareCloses(comparePorts(place));
      return breaksOf(rig.tenant);
    };
    // The gateway's own telling is of these very lines, whatever returns take of them later.
    await env.MIRROR_0.prepare(
      "UPDATE lines SET reversed_minor = 1 WHERE tenant = ? AND line_id = 'O1:level:1:A'",
    )
      .bind(rig.tenant)
      .run();
    expect(await compare()).toEqual([]);
    await env.MIRROR_0.prepare("UPDATE lines SET reversed_minor = 0 WHERE tenant = ?")
      .bind(rig.tenant)
      .run();
    const value = async (): Promise<{ digest: string; totals: object; lines: number }> =>
      JSON.parse(
        String(
          (
            await select(
              "SELECT value FROM records WHERE tenant = ? AND kind = 'period'",
              rig.tenant,
            )
          )[0]?.["value"],
        ),
      );
    const { digest, totals, lines } = await value();
    const same = closed(1, totals, lines);
    await rig.post([{ ...same, data: { ...same.data, digest } }]);
    await rig.drain();
    expect(await compare()).toEqual([]);
    await rig.post([closed(2, { USD: 5501 }, 3)]);
    await rig.drain();
    expect(await value()).toMatchObject({ totals: { USD: 5501 } });
    expect(await compare()).toEqual(["PERIOD_TOTALS:2026-07:0.2"]);
    expect(await linesOf(rig)).toMatchObject({ "close:main:2026-07:pair:A": "2000 2026-07 held" });
  });
});
