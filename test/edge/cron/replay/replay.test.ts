import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { createParts } from "#src/compose/parts.ts";
import { replayPorts } from "#src/compose/replay.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { replayShardOnce } from "#src/edge/cron/replay/replay.ts";
import { busyLine } from "../rebuild/busy.ts";
import { foundCompany, w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, lineOf } from "../../support/line.ts";
import {
  apiOf,
  archiveOf,
  begin,
  booksOf,
  discard,
  endOf,
  eventsOf,
  goOn,
  idOf,
  replay,
} from "./support.ts";

const stock = (id: string, sku: string, rev: number, on_hand: number) => ({
  id,
  type: "inventory.adjusted",
  version: 1,
  occurred_at: "2026-07-02T10:00:00.000Z",
  rev,
  data: { sku, on_hand, reason: "count", low_stock_at: 5 },
});

/** Of a line that nobody has posted: its object keeps it for a person. */
const released = (id: string, seq: number, line_id = "nobody's") => ({
  id,
  type: "commission.released",
  version: 1,
  occurred_at: "2026-07-02T10:00:00.000Z",
  key: "dist:B",
  seq,
  data: { line_id },
});

describe("all of it", () => {
  test("changes nothing: the same books, the same messages, the same archive", async () => {
    const line = await busyLine();
    const { tenant } = line.company;
    const before = await booksOf(tenant);
    const archived = await archiveOf(tenant);
    expect(before["messages"]?.length).toBeGreaterThan(0);

    const { state, report, sent } = await replay(line);
    expect(state).toBe("done");
    expect(report.events).toMatchObject({ found: before["events"]?.length, lost: 0 });
    expect(report.events.sent).toBeGreaterThan(20);
    expect(report.after).toEqual(report.before);
    expect(Object.values(report.before).reduce((sum, n) => sum + n, 0)).toBe(report.events.found);
    expect(sent.length).toBeGreaterThan(5);
    expect(await booksOf(tenant)).toEqual(before);
    expect(await archiveOf(tenant)).toEqual(archived);
    await expectMirrorEqualsObjects(tenant);
  });

  test("is played a delivery at a time, as it came, and says what it skipped", async () => {
    const line = await lineOf("B");
    await line.post(w2("B"));
    await line.post(w2("B").slice(0, 2));
    await line.drain();
    const { report, sent } = await replay(line);
    expect(report).toMatchObject({
      deliveries: 2,
      events: { found: 8, sent: 6, skipped: 2, lost: 0 },
      before: { applied: 6, duplicate: 2 },
      sources: { core: 6 },
      types: { "distributor.enrolled": 1, "commission.posted": 1 },
      decided_anew: { events: 0 },
      skipped: { repeats: { events: 2 } },
    });
    expect(sent).toMatchObject([
      { kind: "delivery", redrive: true, eventIds: [expect.any(String)] },
      { kind: "delivery", redrive: true, eventIds: { length: 5 } },
    ]);
    expect(sent.map((message) => "only" in message)).toEqual([false, false]);
    expect(report.bytes).toBe(JSON.stringify(sent).length - 3);
  });

  test("is read page by page, each event and each delivery counted once", async () => {
    const line = await lineOf("B");
    for (const n of [0, 1, 2]) {
      const some = Array.from({ length: 150 }, (_, i) => n * 150 + i + 1);
      await line.post(some.map((rev) => stock(`s${rev}`, "S1", rev, 500 - rev)));
      await line.drain();
    }
    const before = await booksOf(line.company.tenant);
    const { report, sent } = await replay(line, { subject: "sku:S1:-" });
    expect(report).toMatchObject({ deliveries: 3, events: { found: 450, sent: 450 } });
    expect(report.after).toEqual({ applied: 450 });
    const ids = sent.flatMap((message) => (message.kind === "delivery" ? message.eventIds : []));
    expect([ids.length, new Set(ids).size]).toEqual([450, 450]);
    // A page cuts the second delivery apart, and another one the third.
    expect(sent).toHaveLength(5);
    expect(await booksOf(line.company.tenant)).toEqual(before);
  });

  test("does not count as new events", async () => {
    const line = await lineOf("B");
    await line.post(w2("B"));
    await line.drain();
    const count = () =>
      env.MIRROR_0.prepare("SELECT count(*) AS n FROM events WHERE tenant = ?")
        .bind(line.company.tenant)
        .first<number>("n");
    const before = await count();
    await replay(line);
    await replay(line);
    expect(await count()).toBe(before);
  });
});

test("goes by the shard's own slow queue", async () => {
  const company = await foundCompany();
  const { tenant } = company;
  await company.post(released("R1", 1, "later"));
  await company.settled(["R1"]);
  await company.enrol("B");
  await company.post([stock("s1", "S1", 1, 50)]);
  await company.settled(["s1"]);
  const before = await booksOf(tenant);
  const startedMs = Date.now() + 3_600_000;
  const replayId = await begin(tenant, {}, startedMs);
  let nowMs = startedMs;
  const parts = { ...createParts(env), nowMs: () => nowMs };
  await vi.waitUntil(
    async () => {
      const ports = replayPorts(parts, shardAt(parts.shards, 0));
      const open = async () => (await ports.open(1000)).filter((run) => run.tenant === tenant);
      await replayShardOnce({ ...ports, open });
      nowMs += 60_000;
      return (await endOf(tenant, replayId)).state === "done";
    },
    { timeout: 20_000, interval: 100 },
  );
  const { report } = await endOf(tenant, replayId);
  expect(report).toMatchObject({ deliveries: 3, events: { found: 3, sent: 3 } });
  expect(report.after).toEqual(report.before);
  expect(await booksOf(tenant)).toEqual(before);
});

describe("what waited for a person", () => {
  /** Stock that no rule knew, a line that nobody had posted, and what went well. */
  async function stuck() {
    const line = await lineOf("B");
    await line.post([...w2("B").slice(0, 1), released("R2", 2, "later"), released("R3", 3)]);
    await line.drain();
    return line;
  }

  test("in an object is decided anew there, and stays where it still cannot be", async () => {
    const line = await stuck();
    const { tenant } = line.company;
    const before = await booksOf(tenant);
    const { report, sent } = await replay(line);
    expect(report).toMatchObject({
      before: { applied: 2, quarantined: 2 },
      decided_anew: { events: 2 },
    });
    expect(report.after).toEqual(report.before);
    const ids = [await idOf(line, "R2"), await idOf(line, "R3")].toSorted();
    expect(sent).toContainEqual({ kind: "subject", tenant, subject: "dist:B", redrive: ids });
    expect(await booksOf(tenant)).toEqual(before);
  });

  test("stays away once a person let go of it, and comes back only by its name", async () => {
    const line = await stuck();
    const { tenant } = line.company;
    const id = await discard(line, "R2");
    const before = await booksOf(tenant);
    const all = await replay(line);
    expect(all.report).toMatchObject({
      before: { applied: 2, quarantined: 1, discarded: 1 },
      skipped: { discarded: { events: 1, examples: [{ event_id: id }] } },
    });
    expect(all.report.after).toEqual(all.report.before);
    expect(await booksOf(tenant)).toEqual(before);

    const named = await replay(line, { ids: [id] });
    expect(named.report).toMatchObject({
      events: { found: 1, sent: 1 },
      after: { quarantined: 1 },
    });
    expect((await eventsOf(line)).find(({ event_id }) => event_id === id)).toMatchObject({
      outcome: "quarantined",
      state: "quarantined",
    });
    await expectMirrorEqualsObjects(tenant);
    // It waits again, and is no discarded one any more.
    expect((await replay(line)).report).toMatchObject({ before: { quarantined: 2 } });
  });
});

describe("a narrower question", () => {
  async function two() {
    const line = await lineOf("B", "C");
    await line.post([...w2("B"), ...w2("C")]);
    await line.company.post([stock("s1", "S1", 1, 50)], "bank");
    await line.company.settled(["s1"], "bank");
    await line.drain();
    return line;
  }

  test("of one subject sends those items of a delivery alone", async () => {
    const line = await two();
    const before = await booksOf(line.company.tenant);
    const { report, sent } = await replay(line, { subject: "dist:C" });
    expect(report).toMatchObject({ deliveries: 2, events: { found: 6, sent: 6 } });
    expect(sent).toMatchObject([
      { kind: "delivery", only: [1] },
      { kind: "delivery", only: [5, 6, 7, 8, 9], eventIds: { length: 5 } },
    ]);
    expect(await booksOf(line.company.tenant)).toEqual(before);
  });

  test("of one source sends that one's, and of one that never was nothing", async () => {
    const line = await two();
    expect((await replay(line, { source: "bank" })).report).toMatchObject({
      deliveries: 1,
      sources: { bank: 1 },
      types: { "inventory.adjusted": 1 },
    });
    const none = await replay(line, { source: "nobody" });
    expect([none.state, none.report]).toMatchObject([
      "done",
      { events: { found: 0, sent: 0, skipped: 0 }, after: {} },
    ]);
  });

  test("by ids sends these, and names those that are not there", async () => {
    const line = await two();
    const [b3, s1] = [await idOf(line, "B-3"), await idOf(line, "s1")];
    const nobody = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
    const { report, sent } = await replay(line, { ids: [b3, nobody, s1] });
    expect(report).toMatchObject({
      events: { found: 2, sent: 2, skipped: 1 },
      skipped: { not_found: { events: 1, examples: [{ event_id: nobody }] } },
    });
    expect(sent).toMatchObject([{ only: [2], eventIds: [b3] }, { eventIds: [s1] }]);
    const both = await replay(line, { ids: [b3, s1], source: "bank" });
    expect(both.report).toMatchObject({
      events: { sent: 1, skipped: 1 },
      skipped: { not_found: { examples: [{ event_id: b3 }] } },
    });
  });

  test("of a span sends what was received in it", async () => {
    const line = await two();
    const row = await env.MIRROR_0.prepare(
      "SELECT received_ms AS at FROM events WHERE tenant = ? AND sender_id = 's1'",
    )
      .bind(line.company.tenant)
      .first<{ at: number }>();
    const atMs = row?.at ?? 0;
    const of = (fromMs: number, toMs: number) =>
      replay(line, { fromMs, toMs, source: "bank" }).then(({ report }) => report.events.sent);
    expect(await of(atMs, atMs + 1)).toBe(1);
    expect(await of(atMs - 10, atMs)).toBe(0);
    expect(await of(atMs + 1, atMs + 10)).toBe(0);
  });

  test("reaches no other tenant, whatever it names", async () => {
    const line = await two();
    const other = await lineOf("B");
    await other.post(w2("B"));
    await other.drain();
    const theirs = [await idOf(line, "B-1"), await idOf(line, "s1")];
    const before = [await booksOf(line.company.tenant), await booksOf(other.company.tenant)];
    const { report, sent } = await replay(other, { ids: theirs });
    expect(report).toMatchObject({
      events: { found: 0, sent: 0 },
      skipped: { not_found: { events: 2 } },
    });
    expect(sent).toEqual([]);
    const all = await replay(other);
    expect(new Set(all.sent.map(({ tenant }) => tenant))).toEqual(new Set([other.company.tenant]));
    expect([await booksOf(line.company.tenant), await booksOf(other.company.tenant)]).toEqual(
      before,
    );
  });
});

test("a dry run sends nothing, and says the same as the real one after it", async () => {
  const line = await lineOf("B");
  await line.post([...w2("B").slice(0, 1), released("R2", 2), stock("s1", "S1", 1, 50)]);
  await line.post([stock("s1", "S1", 1, 50)]);
  await line.drain();
  const before = await booksOf(line.company.tenant);
  const dry = await replay(line, { isDry: true });
  expect([dry.state, dry.sent]).toEqual(["done", []]);
  expect(dry.report).toMatchObject({
    deliveries: 2,
    before: { applied: 3, quarantined: 1, duplicate: 1 },
    after: null,
    counted_ms: null,
    decided_anew: { events: 1, examples: [{ event_id: await idOf(line, "R2") }] },
  });
  expect(dry.report.bytes).toBeGreaterThan(500);
  expect(await booksOf(line.company.tenant)).toEqual(before);
  const real = await replay(line);
  expect({ ...real.report, after: null, counted_ms: null }).toEqual(dry.report);
});

describe("what cannot be played again is told with its reason, and harms nothing", () => {
  const reasons = ({ report }: Awaited<ReturnType<typeof replay>>) =>
    Object.fromEntries(Object.entries(report.skipped).map(([name, { events }]) => [name, events]));

  test("a source that was deleted, and one that has another sender by now", async () => {
    const line = await lineOf("B");
    await line.company.post([stock("s1", "S1", 1, 50)], "bank");
    await line.company.settled(["s1"], "bank");
    const api = apiOf(line);
    expect((await api("DELETE /sources/bank")).status).toBeLessThan(300);
    const before = await booksOf(line.company.tenant);
    expect(reasons(await replay(line))).toEqual({ source_gone: 1 });
    const auth = { scheme: "api-key", secrets: ["key-0123456789-0123456789"] };
    expect((await api("PUT /sources/bank", { sender: "streamsets", auth })).status).toBe(201);
    expect(reasons(await replay(line))).toEqual({ sender_changed: 1 });
    expect(await booksOf(line.company.tenant)).toEqual(before);
  });

  test("an archive that has lost a batch, and a body that has gone", async () => {
    const line = await lineOf("B");
    const note = "x".repeat(40_000);
    const many = ["s1", "s2", "s3"].map((id) => {
      const told = stock(id, id, 1, 50);
      return { ...told, data: { ...told.data, note } };
    });
    await line.post(many);
    await line.drain();
    const { tenant } = line.company;
    const before = await booksOf(tenant);
    const claimed = await replay(line);
    expect(claimed.report).toMatchObject({ events: { sent: 4, skipped: 0 } });
    expect(claimed.report.bytes).toBeGreaterThan(100_000);
    expect(claimed.sent).toContainEqual(
      expect.objectContaining({ body: { claim: expect.any(String), bytes: expect.any(Number) } }),
    );
    const [claim] = (await env.ARCHIVE_0.list({ prefix: `claims/${tenant}/` })).objects;
    await env.ARCHIVE_0.delete(claim?.key ?? "");
    expect(reasons(await replay(line))).toEqual({ body_gone: 3 });
    await env.ARCHIVE_0.delete([...(await archiveOf(tenant))]);
    expect(reasons(await replay(line))).toEqual({ not_archived: 4 });
    expect(await booksOf(tenant)).toEqual(before);
  });
});

describe("what the index has lost", () => {
  const refund = {
    id: "refund-unknown",
    type: "refund.completed",
    version: 1,
    occurred_at: "2026-07-02T10:00:00.000Z",
    data: { refund_id: "RX", payment_id: "PX", amount_minor: 100, currency: "USD" },
  };

  async function lost(isDiscarded = false) {
    const line = await lineOf("B");
    await line.post([refund, stock("s1", "S1", 1, 50)]);
    await line.drain();
    const { tenant } = line.company;
    const id = isDiscarded ? await discard(line, refund.id) : await idOf(line, refund.id);
    const before = await eventsOf(line);
    // D1 was restored to before: what no log tells is gone, and no rebuild brings it.
    await env.MIRROR_0.batch(
      ["events", "held"].map((table) =>
        env.MIRROR_0.prepare(`DELETE FROM ${table} WHERE tenant = ? AND event_id = ?`).bind(
          tenant,
          id,
        ),
      ),
    );
    return { line, id, before };
  }

  test("is found in the archive, and stands there again", async () => {
    const { line, id, before } = await lost();
    const dry = await replay(line, { isDry: true });
    expect(dry.report).toMatchObject({ events: { lost: 1, skipped: 0 }, before: { lost: 1 } });
    const found = async (asked: object) =>
      (await replay(line, { isDry: true, ...asked })).report.events.found;
    expect(await found({ subject: "order:O7" })).toBe(0);
    expect(await found({ source: "bank" })).toBe(0);
    expect(await found({ ids: [id] })).toBe(1);
    const { report, sent } = await replay(line);
    expect(report).toMatchObject({ deliveries: 2, before: { lost: 1, applied: 2 } });
    expect(report.after).toEqual({ parked: 1, applied: 2 });
    expect(sent).toContainEqual(expect.objectContaining({ eventIds: [id], only: [0] }));
    expect(await eventsOf(line)).toEqual(before);
    expect((await replay(line)).report.events.lost).toBe(0);
  });

  test("is not looked for among what has just come in", async () => {
    const { line } = await lost();
    const { report } = await replay(line, {}, { atMs: Date.now() + 60_000 });
    expect(report.events.lost).toBe(0);
  });

  test("stays away where a person had let go of it, but by its name", async () => {
    const { line, id } = await lost(true);
    const all = await replay(line);
    expect(all.report).toMatchObject({
      events: { lost: 1, sent: 2 },
      skipped: { discarded: { events: 1, examples: [{ event_id: id }] } },
    });
    await replay(line, { ids: [id] });
    expect((await eventsOf(line)).find(({ event_id }) => event_id === id)).toMatchObject({
      outcome: "parked",
      state: "parked",
    });
  });
});

test("a tenant that leaves ends its replay", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  const atMs = Date.now();
  const replayId = await begin(tenant, {}, atMs);
  const asked = await apiOf(line)(`DELETE ?confirm=${tenant}`);
  expect(asked.status).toBe(202);
  const { state, report, sent } = await goOn(line, replayId, { atMs });
  expect([state, report.error, sent]).toEqual(["failed", "The tenant is being deleted", []]);
});
