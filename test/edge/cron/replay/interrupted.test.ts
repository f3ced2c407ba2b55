import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { replayPorts } from "#src/compose/replay.ts";
import { shardAt } from "#src/edge/bindings.ts";
import type { ReplayPorts } from "#src/edge/cron/replay/ports.ts";
import { BACKLOG_MAX, replayShardOnce } from "#src/edge/cron/replay/replay.ts";
import { SETTLE_MS } from "#src/edge/cron/replay/steps.ts";
import { startRebuild } from "#src/edge/d1/rebuild/runs.ts";
import type { Message } from "#src/edge/message.ts";
import { ORIGIN, w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, lineOf } from "../../support/line.ts";
import { apiOf, begin, booksOf, endOf, eventsOf, goOn, replay } from "./support.ts";

const KEY = "key-0123456789-0123456789";
const HOUR_MS = 3_600_000;

const source = (pieces: string) => ({
  sender: "custom",
  auth: { scheme: "custom", secrets: [KEY] },
  options: {
    recipe: { kind: "token", header: "x-api-key" },
    id: "id",
    rules: [
      {
        type: "inventory.adjusted",
        when: { kind: "stock" },
        fields: { sku: "sku", on_hand: pieces, reason: { value: "count" } },
      },
    ],
  },
});

/** One that waits for a mapping that is mended by now, and one of which nobody knows any more. */
async function mended(): Promise<Line> {
  const line = await layLine();
  await apiOf(line)("PUT /sources/shop", source("nothing_of_that_name"));
  await apiOf(line)("PUT /sources/depot", source("pieces"));
  const post = async (name: string, id: string) => {
    const body = JSON.stringify({ id, kind: "stock", sku: `S${id}`, pieces: 5 });
    const url = `${ORIGIN}/in/${line.company.tenant}/${name}`;
    const headers = { "x-api-key": KEY };
    await line.fetch(new Request(url, { method: "POST", headers, body }));
  };
  await post("shop", "1");
  await line.drain();
  await post("depot", "2");
  await line.run(() => ({ subject: () => Promise.reject(new Error("Its object is out")) }));
  line.queued.length = 0;
  await apiOf(line)("PUT /sources/shop", source("pieces"));
  return line;
}

const isHealed = async (line: Line): Promise<void> => {
  const { tenant } = line.company;
  expect(
    (await eventsOf(line)).map(({ sender_id, outcome, state }) => ({ sender_id, outcome, state })),
  ).toEqual([
    { sender_id: "1", outcome: "applied", state: null },
    { sender_id: "2", outcome: "applied", state: null },
  ]);
  await expectMirrorEqualsObjects(tenant);
};

/** Dies behind the n-th thing that it asks of the world, once: before the next one, that is. */
function dyingAt(n: number) {
  let asked = 0;
  let isDead = false;
  const faults = (ports: ReplayPorts): ReplayPorts => {
    // A new process in the next minute.
    isDead = false;
    return new Proxy(ports, {
      get: (target, name: keyof ReplayPorts) => {
        const port = target[name];
        if (name === "nowMs" || name === "log" || name === "isSender") return port;
        return async (...given: readonly unknown[]) => {
          if (isDead) throw new Error("It is dead");
          asked += 1;
          const isHere = asked === n;
          if (isHere) isDead = true;
          const answer: unknown = await Reflect.apply(port, target, given);
          if (isHere) throw new Error("It died");
          return answer;
        };
      },
    });
  };
  return { faults, reached: () => asked };
}

test("a replay that dies anywhere goes on, and ends the same", async () => {
  const whole = dyingAt(0);
  const first = await mended();
  expect(await replay(first, {}, { faults: whole.faults })).toMatchObject({
    state: "done",
    report: { events: { lost: 1 }, after: { applied: 2 } },
  });
  await isHealed(first);
  const steps = whole.reached();
  expect(steps).toBeGreaterThan(20);
  for (let n = 1; n <= steps; n += 1) {
    const line = await mended();
    const { state, report } = await replay(line, {}, { faults: dyingAt(n).faults });
    expect([n, state, report.after, report.error]).toEqual([n, "done", { applied: 2 }, undefined]);
    await isHealed(line);
  }
}, 240_000);

test("what is tried in vain time and again ends as failed, and says why", async () => {
  const line = await lineOf("B");
  const faults = () => ({ events: () => Promise.reject(new Error("D1 is out")) });
  const { state, report, replayId } = await replay(line, {}, { faults });
  expect([state, report.error]).toEqual(["failed", "A step failed: Error: D1 is out"]);
  const alerts = await apiOf(line)("GET /alerts?kind=replay_failed");
  expect(await alerts.json()).toMatchObject({
    items: [
      {
        alert_id: "replay_failed:archive",
        href: `/v1/tenants/${line.company.tenant}/replays/${replayId}`,
      },
    ],
  });
  await replay(line, { isDry: true });
  const still = await (await apiOf(line)("GET /alerts?kind=replay_failed")).json();
  expect(still).toMatchObject({ items: [{ kind: "replay_failed" }] });
  await replay(line, {}, { atMs: Date.now() + 2 * HOUR_MS });
  const gone = await (await apiOf(line)("GET /alerts?kind=replay_failed")).json();
  expect(gone).toMatchObject({ items: [] });
});

describe("a replay", () => {
  /** Of a company that has its replay begun, with a clock of its own. */
  async function rig() {
    const line = await lineOf("B");
    await line.post(w2("B"));
    await line.drain();
    const { tenant } = line.company;
    const startedMs = Date.now() + HOUR_MS;
    const replayId = await begin(tenant, {}, startedMs);
    const clock = { nowMs: startedMs };
    const parts = { ...line.parts, nowMs: () => clock.nowMs };
    const portsOf = (more: Partial<ReplayPorts> = {}): ReplayPorts => {
      const ports = replayPorts(parts, shardAt(parts.shards, 0));
      return {
        ...ports,
        open: async () => (await ports.open(1000)).filter((run) => run.tenant === tenant),
        send: async () => {},
        backlog: async () => 0,
        ...more,
      };
    };
    return { line, tenant, replayId, clock, portsOf };
  }

  test("is at work once, however often the job is called", async () => {
    const { tenant, replayId, portsOf } = await rig();
    const sent: Message[] = [];
    const send = async (messages: readonly Message[]) => void sent.push(...messages);
    await Promise.all([1, 2, 3].map(() => replayShardOnce(portsOf({ send }))));
    expect(sent).toHaveLength(2);
    expect((await endOf(tenant, replayId)).report).toMatchObject({ events: { sent: 6 } });
  });

  test("keeps nothing once another call has taken it over", async () => {
    const { tenant, replayId, clock, portsOf } = await rig();
    const overtaken = portsOf({
      send: async () => {
        clock.nowMs += 10 * 60_000;
        await replayShardOnce(portsOf());
      },
    });
    await expect(replayShardOnce(overtaken)).rejects.toThrow("another call has taken over");
    expect((await endOf(tenant, replayId)).report).toMatchObject({ events: { sent: 6 } });
  });

  test("adds nothing to a queue that is long, and waits until it has been worked off", async () => {
    const { tenant, replayId, clock, portsOf } = await rig();
    const sent: Message[] = [];
    const backlog = { messages: BACKLOG_MAX + 1 };
    const minute = async () => {
      await replayShardOnce(
        portsOf({
          send: async (messages) => void sent.push(...messages),
          backlog: async () => backlog.messages,
        }),
      );
      clock.nowMs += SETTLE_MS;
      return [sent.length, (await endOf(tenant, replayId)).state];
    };
    expect(await minute()).toEqual([0, "running"]);
    expect(await minute()).toEqual([0, "running"]);
    backlog.messages = BACKLOG_MAX;
    expect(await minute()).toEqual([2, "running"]);
    expect(await minute()).toEqual([2, "running"]);
    backlog.messages = 0;
    expect(await minute()).toEqual([2, "done"]);
  });

  test("does no more in a minute than its allowance, and goes on in the next", async () => {
    const { tenant, replayId, clock, portsOf } = await rig();
    let pages = 0;
    const real = portsOf();
    // The same page as often as it is asked for.
    const events: ReplayPorts["events"] = async (of) => {
      pages += 1;
      const { events: found } = await real.events(of, undefined);
      return { events: found, next: found.at(-1)?.eventId ?? "" };
    };
    await replayShardOnce(portsOf({ events }));
    const first = pages;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(200);
    clock.nowMs += 60_000;
    await replayShardOnce(portsOf({ events }));
    expect(pages).toBeGreaterThan(first);
    expect((await endOf(tenant, replayId)).report.events.sent).toBe(6 * pages);
  });

  test("waits while the mirror is rebuilt: half an index would tell of losses", async () => {
    const { line, tenant, replayId, portsOf } = await rig();
    const asked = { reason: "test", thaw: [] };
    const { run } = await startRebuild(env.MIRROR_0, { tenant, cause: "test", asked }, Date.now());
    await replayShardOnce(portsOf());
    expect((await endOf(tenant, replayId)).report).toEqual({});
    await env.MIRROR_0.prepare(
      "UPDATE reconciliation_runs SET state = 'done' WHERE tenant = ? AND run_id = ?",
    )
      .bind(tenant, run.runId)
      .run();
    expect((await goOn(line, replayId)).state).toBe("done");
  });

  test("is one of several, and none of them waits for ever", async () => {
    const lines = [await lineOf("B"), await lineOf("B"), await lineOf("B")];
    const before = await Promise.all(lines.map(({ company }) => booksOf(company.tenant)));
    const ended = await Promise.all(lines.map((line) => replay(line)));
    expect(ended.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(await Promise.all(lines.map(({ company }) => booksOf(company.tenant)))).toEqual(before);
  });
});
