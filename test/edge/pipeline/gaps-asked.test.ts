import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createParts } from "#src/compose/parts.ts";
import {
  GAP_ALERT_MS,
  GAP_ASK_MS_MAX,
  GAP_ASK_MS_MIN,
  GAP_HYDRATE_MS,
} from "#src/core/ordering/gap.ts";
import { isCores } from "#src/edge/control/cores.ts";
import { dueGaps, markAsked } from "#src/edge/d1/reconciliation/gaps.ts";
import { type Company, foundCompany, w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects } from "../support/line.ts";

const CORE = "https://core-of-gaps.example";

/** A company's core, as far as it is asked for streams. */
let core: { epoch: number; items: readonly { readonly seq: number }[]; asked: string[] };

// Alarms ignore a fake clock: it moves Date alone, and the alarm is run by hand.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  core = { epoch: 0, items: [], asked: [] };
  vi.stubGlobal("fetch", (address: string) => {
    const { origin, searchParams: asked } = new URL(address);
    if (origin !== CORE) throw new Error(`Cannot reach ${origin}`);
    core.asked.push(
      `${asked.get("stream")} ${asked.get("epoch")} ${asked.get("from")}-${asked.get("to")}`,
    );
    const items = core.items.filter(
      ({ seq }) => seq >= Number(asked.get("from")) && seq <= Number(asked.get("to")),
    );
    return Promise.resolve(Response.json({ as_of_seq: "1", epoch: core.epoch, items }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const select = async ({ tenant }: Company, sql: string) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all()).results;

const gapsOf = (company: Company) =>
  select(company, "SELECT epoch, from_seq, to_seq, stage FROM gaps WHERE tenant = ? ORDER BY 1, 2");

const outcomesOf = async (company: Company) => {
  const rows = await select(
    company,
    "SELECT sender_id, outcome FROM events WHERE tenant = ? AND repeated = 0 AND type <> 'distributor.enrolled'",
  );
  return Object.fromEntries(rows.map((row) => [row["sender_id"], row["outcome"]]));
};

/** Lets the object's alarm ring then: its message goes the way of every message. */
async function alarmAt({ tenant }: Company, nowMs: number): Promise<void> {
  vi.setSystemTime(nowMs);
  expect(await runDurableObjectAlarm(env.DISTRIBUTOR.getByName(`${tenant}/B`))).toBe(true);
}

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

/** A company whose distributor B was told this much. */
async function waitingFor(events: readonly object[], source?: string): Promise<Company> {
  const named = source === undefined ? {} : { source };
  const company = await foundCompany({ core: { url: CORE, auth: "secret", ...named } });
  // The streams of its only source are the core's, unless its settings name one of several.
  if (source === undefined) await company.api(`DELETE /v1/tenants/${company.tenant}/sources/bank`);
  await company.enrol("B");
  await company.post(events);
  await company.settled(events.map((event) => ("id" in event ? String(event.id) : "")));
  return company;
}

/** A company whose distributor B waits for his third event. */
async function waiting(): Promise<Company> {
  const [first, second, , fourth, fifth] = w2("B");
  return waitingFor([first ?? {}, second ?? {}, fourth ?? {}, fifth ?? {}]);
}

const APPLIED = Object.fromEntries([1, 2, 3, 4, 5].map((seq) => [`B-${seq}`, "applied"]));

test("a hole is asked of the core as soon as it is overdue, without any cron, and filled", async () => {
  const company = await waiting();
  core.items = w2("B");
  await alarmAt(company, Date.now() + GAP_HYDRATE_MS);
  await until(async () => {
    expect(await outcomesOf(company)).toEqual(APPLIED);
  });
  expect(core.asked).toEqual(["dist:B 0 3-3"]);
  expect(await gapsOf(company)).toEqual([{ epoch: 0, from_seq: 3, to_seq: 3, stage: "closed" }]);

  // The one that was late comes as well: a plain repeat.
  await company.post(w2("B")[2] ?? {});
  await until(async () => {
    const [{ n } = {}] = await select(
      company,
      "SELECT count(*) AS n FROM events WHERE tenant = ? AND sender_id = 'B-3'",
    );
    expect(n).toBe(2);
  });
  expect(await outcomesOf(company)).toEqual(APPLIED);
  await expectMirrorEqualsObjects(company.tenant);
});

test("somebody is told after a quarter of an hour, once, and the core is asked once more", async () => {
  const errors = vi.spyOn(console, "error").mockReturnValue();
  const company = await waiting();
  const startMs = Date.now();
  await alarmAt(company, startMs + GAP_HYDRATE_MS);
  await until(async () => {
    expect(core.asked).toHaveLength(1);
  });
  await alarmAt(company, startMs + GAP_ALERT_MS);
  await until(async () => {
    expect(core.asked).toHaveLength(2);
  });
  // An alarm that rings again, for whatever reason, says nothing new.
  await company.post({ ...w2("B")[4], id: "B-6", seq: 6 });
  await company.settled(["B-6"]);
  const told = errors.mock.calls.flat().filter((line) => String(line).includes("gap_open"));
  expect(told.map((line): unknown => JSON.parse(String(line)))).toEqual([
    expect.objectContaining({
      alert: true,
      event: "gap_open",
      tenant: company.tenant,
      subject: "dist:B",
      epoch: 0,
      from_seq: 3,
      to_seq: 3,
    }),
  ]);
  expect(await gapsOf(company)).toMatchObject([{ stage: "alert" }]);
});

test("what the core does not have it is asked for again after pauses that grow, and end", async () => {
  const company = await waiting();
  const startMs = Date.now();
  await alarmAt(company, startMs + GAP_HYDRATE_MS);
  await until(async () => {
    expect(core.asked).toHaveLength(1);
    expect(await gapsOf(company)).toMatchObject([{ stage: "hydrate" }]);
  });
  const { tenant } = company;
  const askedMs: number[] = [];
  for (let nowMs = startMs; nowMs < startMs + 6 * 3_600_000; nowMs += 60_000) {
    const [gap] = await dueGaps(env.MIRROR_0, [tenant], { nowMs, ofTenant: 10, limit: 10 });
    if (gap === undefined) continue;
    expect(gap).toMatchObject({ tenant, subject: "dist:B", fromSeq: 3, toSeq: 3 });
    askedMs.push(nowMs);
    await markAsked(env.MIRROR_0, gap, nowMs);
  }
  const pauses = askedMs.map((ms, i) => ms - (askedMs[i - 1] ?? startMs + GAP_HYDRATE_MS));
  expect(pauses.length).toBeLessThan(15);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(GAP_ASK_MS_MIN);
  expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
  expect(pauses.at(-1)).toBe(GAP_ASK_MS_MAX);
});

/** Releases of one distributor's lines, by seq. */
const many = (...seqs: readonly number[]) =>
  seqs.map((seq) => {
    const posted = { id: `B-${seq}`, seq, occurred_at: "2026-07-01T10:00:00.000Z" };
    return { ...w2("B")[0], ...posted, data: { ...w2("B")[0]?.data, line_id: `B-L${seq}` } };
  });

test("of a hole that shrinks, the core is asked again for what is missing still, and not before its time", async () => {
  const company = await waitingFor(many(1, 2, 10));
  const startMs = Date.now();
  await alarmAt(company, startMs + GAP_HYDRATE_MS);
  await until(async () => {
    expect(await gapsOf(company)).toMatchObject([{ from_seq: 3, to_seq: 9 }]);
    expect(core.asked).toEqual(["dist:B 0 3-9"]);
  });
  const due = (nowMs: number) =>
    dueGaps(env.MIRROR_0, [company.tenant], { nowMs, ofTenant: 10, limit: 10 });
  const [gap] = await due(startMs + GAP_ASK_MS_MAX);
  if (gap === undefined) throw new Error("Nothing is missing");
  const askedMs = startMs + 5 * 60_000;
  await markAsked(env.MIRROR_0, gap, askedMs);

  vi.setSystemTime(askedMs + 60_000);
  await company.post(many(6));
  await company.settled(["B-6"]);
  await company.post(many(5, 8));
  await company.settled(["B-5", "B-8"]);
  // What arrives before its end is a reason to ask neither now nor later than otherwise.
  expect(await due(startMs + 9 * 60_000)).toEqual([]);
  expect(await due(startMs + 10 * 60_000 + 1000)).toMatchObject([{ fromSeq: 3, toSeq: 4 }]);
  expect(core.asked).toEqual(["dist:B 0 3-9"]);
  await expectMirrorEqualsObjects(company.tenant);
});

test("somebody is told of what waits for a quarter of an hour, however events trickle in before it", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const beforeMs = Date.now();
  const company = await waitingFor(many(1, 2, 8));
  const startMs = Date.now();
  await alarmAt(company, startMs + GAP_HYDRATE_MS);
  for (const [n, seq] of [3, 4, 5].entries()) {
    vi.setSystemTime(startMs + (n + 1) * 14 * 60_000);
    await company.post(many(seq));
    await company.settled([`B-${seq}`]);
  }
  await alarmAt(company, Date.now());
  const rest = { epoch: 0, from_seq: 6, to_seq: 7, stage: "alert" };
  await until(async () => {
    expect(await gapsOf(company)).toContainEqual(rest);
    expect(core.asked).toContain("dist:B 0 6-7");
  });
  const [gap] = await select(
    company,
    "SELECT since_ms FROM gaps WHERE tenant = ? AND stage <> 'closed'",
  );
  expect(gap?.["since_ms"]).toBeGreaterThanOrEqual(beforeMs);
  expect(gap?.["since_ms"]).toBeLessThanOrEqual(startMs);
});

test("of several sources the one that the settings name is the core's, and no other", async () => {
  const company = await waitingFor(many(1, 2, 4), "core");
  core.items = many(1, 2, 3, 4);
  await alarmAt(company, Date.now() + GAP_HYDRATE_MS);
  await until(async () => {
    expect(await outcomesOf(company)).toEqual(
      Object.fromEntries([1, 2, 3, 4].map((seq) => [`B-${seq}`, "applied"])),
    );
  });
  const { control } = createParts(env);
  const isCoresNow = (source: string) => isCores(control, company.tenant, source);
  expect([await isCoresNow("core"), await isCoresNow("bank")]).toEqual([true, false]);
  // Where the settings name none, nobody can tell; of one source alone everybody can.
  const { tenant } = company;
  const body = { name: "Acme", mode: "mirror", currency: "USD", core: { url: CORE } };
  expect((await company.api(`PUT /v1/tenants/${tenant}`, body)).status).toBe(200);
  expect([await isCoresNow("core"), await isCoresNow("bank")]).toEqual([false, false]);
  await company.api(`DELETE /v1/tenants/${tenant}/sources/bank`);
  expect(await isCoresNow("core")).toBe(true);
});

test("a frozen subject is not asked for", async () => {
  const company = await waiting();
  await alarmAt(company, Date.now() + GAP_HYDRATE_MS);
  await until(async () => {
    expect(core.asked).toHaveLength(1);
  });
  const due = () =>
    dueGaps(env.MIRROR_0, [company.tenant], {
      nowMs: Date.now() + 3_600_000,
      ofTenant: 10,
      limit: 10,
    });
  expect(await due()).toHaveLength(1);
  await select(
    company,
    "UPDATE subjects SET frozen_ms = 1 WHERE tenant = ? AND subject = 'dist:B'",
  );
  expect(await due()).toEqual([]);
});

test("a hole of an epoch that is over is let go of, with an alert, and closes if it comes after all", async () => {
  const errors = vi.spyOn(console, "error").mockReturnValue();
  const company = await waiting();
  core.epoch = 1;
  // The core's new epoch is a stream of its own, and goes on meanwhile.
  const next = { ...w2("B")[2], id: "new-1", seq: 1, epoch: 1 };
  await company.post({ ...next, data: { ...next.data, line_id: "B-A2" } });
  expect((await company.settled(["new-1"])).get("new-1")).toBe("applied");

  await alarmAt(company, Date.now() + GAP_HYDRATE_MS);
  await until(async () => {
    expect(await gapsOf(company)).toEqual([{ epoch: 0, from_seq: 3, to_seq: 3, stage: "closed" }]);
  });
  expect(core.asked).toEqual(["dist:B 0 3-3"]);
  expect(
    await select(company, "SELECT sender_id, state, code FROM held WHERE tenant = ? ORDER BY 1"),
  ).toEqual([
    { sender_id: "B-4", state: "quarantined", code: "epoch_over" },
    { sender_id: "B-5", state: "quarantined", code: "epoch_over" },
  ]);
  const told = errors.mock.calls.flat().filter((line) => String(line).includes("gap_epoch_over"));
  expect(told).toHaveLength(1);
  await expectMirrorEqualsObjects(company.tenant);

  await company.post(w2("B")[2] ?? {});
  await until(async () => {
    expect(await outcomesOf(company)).toEqual({ ...APPLIED, "new-1": "applied" });
  });
  expect(await select(company, "SELECT * FROM held WHERE tenant = ?")).toEqual([]);
  await expectMirrorEqualsObjects(company.tenant);
});
