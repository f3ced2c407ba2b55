import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { gapPorts, reconcilePorts } from "#src/compose/reconcile.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { NO_REPORT } from "#src/core/reconciliation/report.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { fillGaps, fillNamed } from "#src/edge/cron/reconciliation/gaps.ts";
import { reconcile } from "#src/edge/cron/reconciliation/reconcile.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";
import type { Message } from "#src/edge/message.ts";
import { breaking, type Crash } from "../../support/breaking.ts";
import { answering, type Books } from "../../support/core.ts";
import { expectMirrorEqualsObjects, layLine, type Line } from "../../support/line.ts";
import { coreLine, HOUR_MS, MINUTE_MS, NOW_MS, POSTED_MS, onFakeDates } from "./against-core.ts";

const CORE = "https://core-of-crashes.example";
/** Every step of the usual run; of the daily one some, and every one in `npm run test:long`. */
const isLong = process.env["LONG"] === "1";

let books: Books;

onFakeDates();

const posted = ({ line_id, distributor_id, order_id, effective_ms }: CoreLine, seq: number) => ({
  id: `posted-${line_id}`,
  type: "commission.posted",
  version: 1,
  occurred_at: formatInstant(effective_ms),
  key: `dist:${distributor_id}`,
  seq,
  data: {
    line_id,
    distributor_id,
    order_id,
    component: "unilevel",
    level: 1,
    currency: "USD",
    amount_minor: 400,
    period_id: "2026-11",
    run_id: "r1",
  },
});

const MIRRORED = ["B-1", "B-2", "B-3", "B-4", "B-5", "B-6", "B-7", "C-1"];

/** Every class that lines are compared by, and what agrees. */
const DRIFTED: readonly CoreLine[] = [
  coreLine("B-1"),
  coreLine("B-2", { amount_minor: 450 }),
  coreLine("B-3", { reversals: [{ line_id: "B-3-R", amount_minor: 100 }] }),
  coreLine("B-4", { status: "available" }),
  coreLine("B-5", { effective_ms: POSTED_MS + 2 * HOUR_MS }),
  coreLine("B-6", { currency: "EUR" }),
  coreLine("B-8"),
  coreLine("C-1"),
];

/** A company whose mirror has drifted from its core. */
async function drifted(count: (name: string) => void): Promise<Line> {
  vi.setSystemTime(NOW_MS - 6 * HOUR_MS);
  books = { epoch: 0, lines: DRIFTED, events: [], asked: [] };
  vi.stubGlobal("fetch", answering(CORE, books));
  const queued: Message[] = [];
  const SLOW_0: Cloudflare.Env["SLOW_0"] = {
    ...env.SLOW_0,
    send: async (body: Message) => {
      count("send");
      queued.push(body);
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  };
  const line = await layLine({ SLOW_0 }, { core: { url: CORE, auth: "secret" } });
  await line.enrol("B", "C");
  await line.post(...MIRRORED.map((id, i) => posted(coreLine(id), id === "C-1" ? 1 : i + 1)));
  await line.drain();
  vi.setSystemTime(NOW_MS);
  const drain = async () => {
    for (const body of queued.splice(0))
      line.queued.push({ id: crypto.randomUUID(), body, attempts: 1 });
    await line.drain();
  };
  return { ...line, drain };
}

/** One run to its end, and what it sent. */
async function runOnce(
  line: Line,
  kind: "window" | "balances",
  { over }: ReturnType<typeof breaking>,
) {
  const { tenant } = line.company;
  const shard = shardAt(line.parts.shards, 0);
  const { run: started } = await startRun(
    shard.mirror,
    { tenant, kind, cause: "test" },
    line.parts.nowMs(),
  );
  const own = { tenants: () => Promise.resolve([tenant]), start: () => Promise.resolve() };
  for (let call = 0; call < 5; call += 1) {
    await reconcile({ ...own, ...over({ ...reconcilePorts(line.parts, shard), ...own }) }).catch(
      () => undefined,
    );
    const [row] = await select(
      tenant,
      "SELECT state FROM reconciliation_runs WHERE tenant = ? AND run_id = ?",
      started.runId,
    );
    if (row?.["state"] !== "running") {
      await line.drain();
      return;
    }
    // Beyond the lease of whoever died.
    vi.setSystemTime(Date.now() + 3 * MINUTE_MS);
  }
  throw new Error("The run does not end");
}

const select = async (tenant: string, sql: string, ...values: readonly string[]) =>
  (
    await env.MIRROR_0.prepare(sql)
      .bind(tenant, ...values)
      .all()
  ).results;

async function stateOf({ company: { tenant } }: Line) {
  const of = (sql: string) => select(tenant, sql);
  const reports = await of(
    "SELECT kind, state, report FROM reconciliation_runs WHERE tenant = ? ORDER BY run_id",
  );
  return {
    breaks: await of(
      `SELECT break_id, class, subject, reference, detail, outcome, distributor_id, currency,
         amount_minor, core, mirror, action, why FROM breaks WHERE tenant = ? ORDER BY break_id`,
    ),
    reports: reports.map(({ report, ...row }) => {
      const {
        requests: _r,
        bytes: _b,
        oldest_open_ms: _o,
        error: _e,
        ...rest
      } = JSON.parse(String(report));
      return { ...row, ...rest };
    }),
    lines: (await of("SELECT * FROM lines WHERE tenant = ? ORDER BY line_id")).map(
      ({ tenant: _t, ...row }) => row,
    ),
    transfers: await of(
      `SELECT subject, rule, debit, credit, amount_minor, currency, reference, effective_ms
       FROM transfers WHERE tenant = ? ORDER BY 1, 2, 3, 4, 5, 7, 8`,
    ),
    balances: await of(
      `SELECT account, currency, day, SUM(amount_minor) AS amount FROM account_days
       WHERE tenant = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    ),
    left: await of("SELECT * FROM differences WHERE tenant = ?"),
    held: await of("SELECT code, reason FROM held WHERE tenant = ?"),
  };
}

/** What becomes of a company whose first run dies at that step: after it and a second run. */
async function lived(kind: "window" | "balances", crash?: Crash) {
  const broken = breaking(crash);
  const setup = { isOver: false };
  const line = await drifted((name) => {
    if (!setup.isOver) broken.count(name);
  });
  await runOnce(line, kind, broken);
  setup.isOver = true;
  vi.setSystemTime(NOW_MS + HOUR_MS);
  await runOnce(line, kind, breaking());
  await expectMirrorEqualsObjects(line.company.tenant);
  return { state: await stateOf(line), calls: broken.calls };
}

test("a run that another call has taken over is left to that one", async () => {
  const line = await drifted(() => undefined);
  const { tenant } = line.company;
  const shard = shardAt(line.parts.shards, 0);
  const { run: started } = await startRun(
    shard.mirror,
    { tenant, kind: "window", cause: "test" },
    NOW_MS,
  );
  const [slow, quick] = [0, 1].map(() => reconcilePorts(line.parts, shard));
  const [run] = (await slow?.open([tenant], 1)) ?? [];
  if (run === undefined || slow === undefined || quick === undefined) throw new Error("No run");
  expect(await slow.lease(run, NOW_MS + 1000)).toBe(true);
  expect(await quick.lease(run, NOW_MS + 1000)).toBe(false);

  // D1 stalls, and the lease is over.
  vi.setSystemTime(NOW_MS + 2000);
  expect(await quick.lease(run, NOW_MS + 9000)).toBe(true);
  await quick.putDifferences(run, [
    { distributor_id: "B", line_id: "B-1", core: null, local: null },
  ]);
  const kept = { cursor: { begun: 1 }, report: NO_REPORT, leaseMs: 0 };
  await expect(slow.save(run, kept)).rejects.toThrow("taken over");
  const end = { state: "done", report: NO_REPORT, nowMs: NOW_MS } as const;
  await expect(slow.end(run, end)).rejects.toThrow("taken over");
  const stands = "SELECT state, lease_ms FROM reconciliation_runs WHERE tenant = ? AND run_id = ?";
  expect(await select(tenant, stands, started.runId)).toEqual([
    { state: "running", lease_ms: NOW_MS + 9000 },
  ]);
  expect(await select(tenant, "SELECT line_id FROM differences WHERE tenant = ?")).toHaveLength(1);

  await quick.save(run, { ...kept, leaseMs: NOW_MS + 9000 });
  await quick.end(run, end);
  expect(await select(tenant, stands, started.runId)).toEqual([{ state: "done", lease_ms: 0 }]);
});

describe("a run that dies at any of its steps, and is run again, ends the same", () => {
  test.each([
    {
      kind: "window",
      every: 1,
      calls: ["core.digests", "core.lines", "core.named", "putBreaks", "heal", "send", "end"],
      breaks: {
        "AMOUNT B-2": "healed",
        "CURRENCY B-6": null,
        "EXTRA_LOCAL B-7": null,
        "MISSING_LOCAL B-8": "healed",
        "STATUS B-3": "healed",
        "STATUS B-4": "healed",
        "TIMING B-5": "healed",
      },
    },
    {
      // It posts what its lines say, and closes nothing: the next window finds it gone.
      kind: "balances",
      every: 4,
      calls: ["core.balanceDigests", "core.balances", "putBreaks", "heal", "send", "end"],
      breaks: {
        "AMOUNT B-2": null,
        "CURRENCY B-6": null,
        "EXTRA_LOCAL B-7": null,
        "MISSING_LOCAL B-8": null,
        "STATUS B-3": null,
        "STATUS B-4": null,
        "TIMING B-5": null,
      },
    },
  ] as const)(
    "$kind",
    async ({ kind, every, calls: wanted, breaks }) => {
      const undisturbed = await lived(kind);
      expect(undisturbed.calls).toEqual(expect.arrayContaining([...wanted]));
      const told = undisturbed.state.breaks.map((one) => [
        `${String(one["class"])} ${String(one["reference"])}`,
        one["outcome"],
      ]);
      expect(Object.fromEntries(told)).toEqual(breaks);
      for (const [at, name] of undisturbed.calls.entries()) {
        if (!isLong && at % every !== 0) continue;
        const { state, calls } = await lived(kind, { at });
        expect.soft({ at, name: calls[at], state }).toEqual({ at, name, state: undisturbed.state });
      }
    },
    300_000,
  );
});

/** What becomes of a hole whose filling dies at that step, and that is asked for again. */
async function filled(crash?: Crash) {
  const broken = breaking(crash);
  const setup = { isOver: true };
  const line = await drifted((name) => {
    if (!setup.isOver) broken.count(name);
  });
  const { tenant } = line.company;
  await line.company.api(`DELETE /v1/tenants/${tenant}/sources/bank`);
  const events = [8, 9, 10, 11].map((seq) => posted(coreLine(`B-1${seq}`), seq));
  books.events = events;
  await line.post(events[3] ?? {});
  await line.drain();
  const gap = { tenant, subject: "dist:B", source: "core", epoch: 0, fromSeq: 8, toSeq: 10 };
  const open = `INSERT INTO gaps VALUES (?, 'dist:B', 'core', 0, 8, 10, ${NOW_MS - 15_000}, 'hydrate', ${NOW_MS})`;
  await select(tenant, open);
  setup.isOver = false;
  const ports = gapPorts(line.parts, shardAt(line.parts.shards, 0));
  await fillNamed([gap], broken.over(ports));
  setup.isOver = true;
  await line.drain();
  vi.setSystemTime(NOW_MS + HOUR_MS);
  await fillGaps(ports);
  await line.drain();
  await expectMirrorEqualsObjects(tenant);
  const { lines, transfers, balances, held } = await stateOf(line);
  return { calls: broken.calls, state: { lines, transfers, balances, held } };
}

test("the filling of a hole that dies at any of its steps, and is done again, ends the same", async () => {
  const undisturbed = await filled();
  expect(undisturbed.calls).toEqual(
    expect.arrayContaining(["tenants", "core.events", "fill", "send", "asked"]),
  );
  expect(undisturbed.state.held).toEqual([]);
  expect(undisturbed.state.lines.map((row) => row["line_id"])).toEqual(
    expect.arrayContaining(["B-18", "B-19", "B-110", "B-111"]),
  );
  for (const [at, name] of undisturbed.calls.entries()) {
    const { state, calls } = await filled({ at });
    expect.soft({ at, name: calls[at], state }).toEqual({ at, name, state: undisturbed.state });
  }
}, 300_000);
