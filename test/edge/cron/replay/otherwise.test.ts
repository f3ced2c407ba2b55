import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { consume } from "#src/compose/queues.ts";
import { replayPorts } from "#src/compose/replay.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { replayShardOnce } from "#src/edge/cron/replay/replay.ts";
import type { Message } from "#src/edge/message.ts";
import { ORIGIN } from "../../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line } from "../../support/line.ts";
import { fileRoster } from "../rebuild/busy.ts";
import { empty, rebuild } from "../rebuild/support.ts";
import { apiOf, begin, booksOf, discard, eventsOf, goOn, idOf, replay } from "./support.ts";

/* Between its arrival and its replay somebody changed how a delivery is read, or let go of it. */

const KEY = "key-0123456789-0123456789";
const HOUR_MS = 3_600_000;

const FIELDS = {
  order_id: "order",
  payment_id: "pay",
  currency: { value: "USD" },
  net_minor: "amount",
  tax_minor: { value: 0 },
  shipping_minor: { value: 0 },
  amount_minor: "amount",
  cv_x100: { value: 0 },
  pv_x100: { value: 0 },
  source_node: "who",
  order_kind: { value: "store" },
  occurred_at: "at",
};
/** Reads nothing of what the shop posts. */
const UNREADABLE = { net_minor: "nothing_of_that_name" };
/** Reads every payment as one of another order. */
const OTHERWISE = { order_id: "number" };

const shop = (fields: object = {}, options: object = {}) => ({
  sender: "custom",
  auth: { scheme: "custom", secrets: [KEY] },
  options: {
    recipe: { kind: "token", header: "x-api-key" },
    id: "id",
    rules: [
      { type: "payment.confirmed", when: { kind: "paid" }, fields: { ...FIELDS, ...fields } },
    ],
    ...options,
  },
});

async function put(line: Line, source: object): Promise<void> {
  expect((await apiOf(line)("PUT /sources/shop", source)).status).toBeLessThan(300);
}

/** Its message stands in the line's queue. */
async function post(line: Line, body: object): Promise<void> {
  const response = await line.fetch(
    new Request(`${ORIGIN}/in/${line.company.tenant}/shop`, {
      method: "POST",
      headers: { "x-api-key": KEY },
      body: JSON.stringify(body),
    }),
  );
  expect(response.status).toBeLessThan(300);
}

const paid = (n: number, more: object = {}) => ({
  id: `p${n}`,
  kind: "paid",
  order: `O${n}`,
  number: `N${n}`,
  pay: `P${n}`,
  amount: 10_000,
  who: "C",
  at: "2026-06-01T10:00:00Z",
  ...more,
});

async function shopLine(fields: object = {}, options: object = {}): Promise<Line> {
  const line = await layLine();
  await line.enrol("C");
  await put(line, shop(fields, options));
  return line;
}

const askTail = (line: Line, subject: string) =>
  line.run(undefined, [
    {
      id: "tail",
      body: { kind: "subject", tenant: line.company.tenant, subject },
      attempts: 1,
    },
  ]);

/** What was posted for orders, of whichever of a payment's readings. */
async function postedOf(line: Line): Promise<readonly string[]> {
  await askTail(line, "order:O1");
  await askTail(line, "order:N1");
  const { results } = await env.MIRROR_0.prepare(
    "SELECT DISTINCT subject FROM transfers WHERE tenant = ? ORDER BY subject",
  )
    .bind(line.company.tenant)
    .all<{ subject: string }>();
  return results.map(({ subject }) => subject).filter((subject) => subject.startsWith("order:"));
}

const stateOf = async (line: Line, senderId: string) => {
  const row = (await eventsOf(line)).find(({ sender_id }) => sender_id === senderId);
  return row?.state ?? row?.outcome;
};

/** Applied by its order, and dead all the same: D1 took none of it. */
async function deadThoughApplied(): Promise<Line> {
  const line = await shopLine();
  await post(line, paid(1));
  await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is out")) }));
  const bodies = line.queued.splice(0).map(({ body }) => body);
  const dead = bodies.map((body, i) => ({ id: `d${i}`, timestamp: new Date(), attempts: 1, body }));
  await consume(createMessageBatch<Message>("upline-local-events-0-dead", dead), line.parts);
  expect(await stateOf(line, "p1")).toBe("dead");
  return line;
}

async function retry(line: Line, senderId: string): Promise<void> {
  const retried = await apiOf(line)(`POST /held/${await idOf(line, senderId)}/retry`);
  expect(retried.status).toBe(202);
  await line.drain();
}

/** One minute of a replay: what it sends stands in the line's queue. */
async function sendOnly(line: Line, asked: object = {}): Promise<string> {
  const atMs = Date.now() + HOUR_MS;
  const replayId = await begin(line.company.tenant, asked, atMs);
  const ports = replayPorts({ ...line.parts, nowMs: () => atMs }, shardAt(line.parts.shards, 0));
  await replayShardOnce({
    ...ports,
    open: async () => (await ports.open(1000)).filter((run) => run.replayId === replayId),
    send: async (messages) => {
      for (const body of messages) await line.parts.shards[0]?.slow.send(body);
    },
    backlog: async () => 0,
  });
  expect(line.queued).not.toEqual([]);
  return replayId;
}

describe("a dead letter that its order had applied", () => {
  test.each(["replay", "retry"])(
    "is not applied by another order, read otherwise by now: %s",
    async (how) => {
      const line = await deadThoughApplied();
      await put(line, shop(OTHERWISE));
      if (how === "replay") await replay(line);
      else await retry(line, "p1");
      expect(await postedOf(line)).toEqual(["order:O1"]);
      expect(await stateOf(line, "p1")).toBe("applied");
      await expectMirrorEqualsObjects(line.company.tenant);
    },
  );

  test("is found by its order, read as before", async () => {
    const line = await deadThoughApplied();
    await replay(line);
    expect(await postedOf(line)).toEqual(["order:O1"]);
    expect(await stateOf(line, "p1")).toBe("applied");
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("waits while its order cannot be asked", async () => {
    const line = await deadThoughApplied();
    await put(line, shop(OTHERWISE));
    await sendOnly(line);
    const stalled = await line.run((ports) => ({
      subject: async (object, tenant, subject) => {
        if (subject === "order:O1") throw new Error("The object is out");
        return ports.subject(object, tenant, subject);
      },
    }));
    expect(stalled).toEqual({ acked: 1, retried: 1 });
    expect(await stateOf(line, "p1")).toBe("dead");
    await line.drain();
    expect(await postedOf(line)).toEqual(["order:O1"]);
  });
});

test("a dead letter that nobody applied is applied as it reads by now", async () => {
  const line = await shopLine();
  await post(line, paid(1));
  const bodies = line.queued.splice(0).map(({ body }) => body);
  const dead = bodies.map((body, i) => ({ id: `d${i}`, timestamp: new Date(), attempts: 1, body }));
  await consume(createMessageBatch<Message>("upline-local-events-0-dead", dead), line.parts);
  await put(line, shop(OTHERWISE));
  await replay(line);
  expect(await postedOf(line)).toEqual(["order:N1"]);
  await expectMirrorEqualsObjects(line.company.tenant);
});

describe("what a person discards while its replay waits", () => {
  test("stays discarded, and comes back by name", async () => {
    const line = await shopLine(UNREADABLE);
    await post(line, paid(1));
    await line.drain();
    await put(line, shop());
    const replayId = await sendOnly(line);
    const queued = line.queued.splice(0);
    await discard(line, "p1");
    line.queued.push(...queued);
    await line.drain();
    await goOn(line, replayId);
    expect(await postedOf(line)).toEqual([]);
    expect(await stateOf(line, "p1")).toBe("quarantined");

    const { report } = await replay(line, { ids: [await idOf(line, "p1")] });
    expect(report).toMatchObject({ before: { discarded: 1 }, after: { applied: 1 } });
    expect(await postedOf(line)).toEqual(["order:O1"]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("after D1 was lost", () => {
  async function lost(): Promise<Line> {
    const line = await shopLine();
    const yesterday = new Date(Date.now() - 24 * HOUR_MS).toISOString().slice(0, 10);
    await fileRoster(line, yesterday);
    await post(line, paid(1));
    await line.drain();
    await empty(line.company.tenant);
    return line;
  }

  test("what a mended mapping reads otherwise is not applied again", async () => {
    const line = await lost();
    await put(line, shop(OTHERWISE));
    expect((await rebuild(line)).state).toBe("done");
    const { report } = await replay(line);
    expect(report.skipped).toMatchObject({ reads_otherwise: { events: 1 } });
    expect(await postedOf(line)).toEqual(["order:O1"]);
  });

  test("what reads as it did is played", async () => {
    const line = await lost();
    await apiOf(line)("POST /sources/shop/pause");
    const { report } = await replay(line);
    expect(report.skipped).not.toHaveProperty("reads_otherwise");
    expect(report.events.lost).toBeGreaterThan(0);
    expect(await postedOf(line)).toEqual(["order:O1"]);
  });

  test("nothing is played while the last rebuild is a failed one", async () => {
    const line = await lost();
    const { tenant } = line.company;
    const insert = (id: string, state: string) =>
      env.MIRROR_0.prepare(
        `INSERT INTO reconciliation_runs
          (tenant, run_id, kind, state, cause, started_ms, lease_ms, cursor, report)
         VALUES (?, ?, 'rebuild', ?, 'test', 1, 0, '{}', '{}')`,
      )
        .bind(tenant, id, state)
        .run();
    await insert("rebuild_1", "failed");
    const atMs = Date.now() + HOUR_MS;
    const replayId = await begin(tenant, {}, atMs);
    const phases: string[] = [];
    const { sent } = await goOn(line, replayId, {
      atMs,
      between: async (n) => {
        const row = await env.MIRROR_0.prepare("SELECT cursor FROM replays WHERE tenant = ?")
          .bind(tenant)
          .first<{ cursor: string }>();
        if (n < 2) phases.push(JSON.parse(row?.cursor ?? "{}").phase);
        if (n === 1) await insert("rebuild_2", "done");
      },
    });
    expect(phases).toEqual(["events", "events"]);
    expect(sent).not.toEqual([]);
  });
});

test("a delivery that reads in another order keeps what it had kept", async () => {
  const line = await shopLine({ net_minor: "net" }, { list: "events" });
  const [a, b] = [paid(1), paid(2, { net: 10_000 })];
  await post(line, { events: [a, b], mended: [b, a] });
  await line.drain();
  expect([await stateOf(line, "p1"), await stateOf(line, "p2")]).toEqual([
    "quarantined",
    "applied",
  ]);
  await put(line, shop({}, { list: "mended" }));
  const { report } = await replay(line);
  expect(report.after).toEqual(report.before);
  expect([await stateOf(line, "p1"), await stateOf(line, "p2")]).toEqual([
    "quarantined",
    "applied",
  ]);
  const { held = [] } = await booksOf(line.company.tenant);
  expect(held.map((row) => JSON.parse(row))).toMatchObject([
    { event_id: await idOf(line, "p1"), state: "quarantined", code: "unmapped" },
  ]);
});

test("what turns out to be told before waits for nobody", async () => {
  const line = await shopLine(UNREADABLE);
  await post(line, paid(1));
  await line.drain();
  await put(line, shop());
  // Its payment is another order's by now: it and its second telling are for a person.
  await post(line, paid(9, { order: "N1", pay: "P1" }));
  await line.drain();
  await post(line, paid(1));
  await line.drain();
  await replay(line);
  await replay(line);
  const told = (await eventsOf(line)).filter(({ sender_id }) => sender_id === "p1");
  expect(new Set(told.map(({ outcome, state }) => `${outcome} ${state}`))).toEqual(
    new Set(["duplicate null", "quarantined quarantined"]),
  );
});

test("what is named twice is looked for once", async () => {
  const line = await shopLine();
  const id = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
  const { report } = await replay(line, { ids: [id, id] });
  expect(report.skipped).toMatchObject({ not_found: { events: 1 } });
});

test("a count beside the live queue counts the same events before and after", async () => {
  const line = await shopLine();
  await post(line, paid(1));
  await line.drain();
  for (const n of [2, 3, 4]) await post(line, paid(n));
  const live = line.queued.splice(0);
  const atMs = Date.now() + 1;
  const replayId = await begin(line.company.tenant, {}, atMs);
  const { report } = await goOn(line, replayId, {
    atMs,
    between: async (n) => {
      if (n > 0) return;
      line.queued.push(...live);
      await line.drain();
    },
  });
  expect(report.before).toEqual({ applied: 2 });
  expect(report.after).toEqual(report.before);
});

test("a step that is cut off time and again ends its replay", async () => {
  const line = await shopLine();
  const { tenant } = line.company;
  let atMs = Date.now() + HOUR_MS;
  const replayId = await begin(tenant, {}, atMs);
  const stateNow = async () =>
    (
      await env.MIRROR_0.prepare("SELECT state FROM replays WHERE tenant = ? AND replay_id = ?")
        .bind(tenant, replayId)
        .first<{ state: string }>()
    )?.state;
  for (let minute = 0; minute < 40 && (await stateNow()) === "running"; minute += 1) {
    const now = atMs;
    const ports = replayPorts({ ...line.parts, nowMs: () => now }, shardAt(line.parts.shards, 0));
    await new Promise<void>((isCut, reject) => {
      const call = replayShardOnce({
        ...ports,
        open: async () => (await ports.open(1000)).filter((run) => run.tenant === tenant),
        // Neither an answer nor an error: the invocation is killed.
        isServed: () => new Promise(() => isCut()),
      });
      call.then(isCut, reject);
    });
    atMs += 3 * 60_000;
  }
  expect(await stateNow()).toBe("failed");
});
