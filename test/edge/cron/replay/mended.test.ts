import { describe, expect, test } from "vitest";
import { createMessageBatch } from "cloudflare:test";
import { consume } from "#src/compose/queues.ts";
import type { Message } from "#src/edge/message.ts";
import { enrolment, ORIGIN, w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, lineOf } from "../../support/line.ts";
import { enrolled, moved } from "../../../support/naive/told.ts";
import { apiOf, archiveOf, booksOf, discard, eventsOf, idOf, replay } from "./support.ts";

/* What was wrong is put right, and its events are played again: those alone are healed. */

const KEY = "key-0123456789-0123456789";

const custom = (fields: object) => ({
  sender: "custom",
  auth: { scheme: "custom", secrets: [KEY] },
  options: {
    recipe: { kind: "token", header: "x-api-key" },
    id: "id",
    rules: [{ type: "inventory.adjusted", when: { kind: "stock" }, fields }],
  },
});

const mapped = (more: object = {}) =>
  custom({ sku: "sku", on_hand: "pieces", reason: { value: "count" }, ...more });

async function put(line: Line, source: object): Promise<void> {
  expect((await apiOf(line)("PUT /sources/shop", source)).status).toBeLessThan(300);
}

async function post(line: Line, body: object): Promise<void> {
  const response = await line.fetch(
    new Request(`${ORIGIN}/in/${line.company.tenant}/shop`, {
      method: "POST",
      headers: { "x-api-key": KEY },
      body: JSON.stringify(body),
    }),
  );
  expect(response.status).toBeLessThan(300);
  await line.drain();
}

const told = (id: string, sku: string, pieces: number) => ({ id, kind: "stock", sku, pieces });

/** A shop whose mapping named a member that its bodies do not have, until it was mended. */
async function outage() {
  const line = await layLine();
  await put(line, mapped());
  await post(line, told("1", "S1", 5));
  await put(line, mapped({ on_hand: "nothing_of_that_name" }));
  for (const n of [2, 3, 4]) await post(line, told(String(n), `S${n}`, n));
  return line;
}

const statesOf = async (line: Line) =>
  Object.fromEntries(
    (await eventsOf(line)).map(({ sender_id, outcome, state }) => [sender_id, state ?? outcome]),
  );

describe("a mapping", () => {
  test("that was mended heals what it had kept, and nothing else", async () => {
    const line = await outage();
    const { tenant } = line.company;
    expect(await statesOf(line)).toEqual({
      1: "applied",
      2: "quarantined",
      3: "quarantined",
      4: "quarantined",
    });
    await discard(line, "4");
    await put(line, mapped());
    const archived = await archiveOf(tenant);
    const applied = (await eventsOf(line))[0];
    const dry = await replay(line, { isDry: true, source: "shop" });
    expect(dry.report).toMatchObject({
      events: { found: 4, sent: 3, skipped: 1 },
      decided_anew: { events: 2 },
      before: { applied: 1, quarantined: 2, discarded: 1 },
    });
    const { report } = await replay(line, { source: "shop" });
    expect(report).toMatchObject({
      before: dry.report.before,
      after: { applied: 3, discarded: 1 },
    });
    expect(await statesOf(line)).toEqual({
      1: "applied",
      2: "applied",
      3: "applied",
      4: "quarantined",
    });
    expect((await eventsOf(line))[0]).toEqual(applied);
    expect(await archiveOf(tenant)).toEqual(archived);
    await expectMirrorEqualsObjects(tenant);
    const after = await booksOf(tenant);
    await replay(line);
    expect(await booksOf(tenant)).toEqual(after);

    const named = await replay(line, { ids: [await idOf(line, "4")] });
    expect(named.report).toMatchObject({ before: { discarded: 1 }, after: { applied: 1 } });
    expect((await statesOf(line))["4"]).toBe("applied");
  });

  test("that was mended while its source is paused does the same: a person asked for it", async () => {
    const line = await outage();
    await put(line, mapped());
    expect((await apiOf(line)("POST /sources/shop/pause")).status).toBeLessThan(300);
    expect((await replay(line)).report).toMatchObject({ after: { applied: 4 } });
  });

  test.each<{ name: string; now: object }>([
    { name: "another subject", now: { sku: "id" } },
    { name: "another amount", now: { on_hand: "id" } },
  ])("that reads what was applied as $name by now changes nothing", async ({ now }) => {
    const line = await layLine();
    await put(line, mapped());
    await post(line, told("1", "S1", 5));
    await post(line, told("1", "S1", 5));
    const before = await booksOf(line.company.tenant);
    await put(line, mapped(now));
    const { report } = await replay(line);
    expect(report.after).toEqual(report.before);
    expect(await booksOf(line.company.tenant)).toEqual(before);
  });

  test("that names its events otherwise by now applies none of them twice", async () => {
    const line = await layLine();
    await put(line, mapped());
    await post(line, told("1", "S1", 5));
    const before = await booksOf(line.company.tenant);
    const { options, ...rest } = mapped();
    await put(line, { ...rest, options: { ...options, id: "sku" } });
    await replay(line);
    expect(await booksOf(line.company.tenant)).toEqual(before);
  });

  test("that finds otherwise many events keeps what it had kept for a person", async () => {
    const line = await layLine();
    const { options, ...rest } = mapped();
    await put(line, { ...rest, options: { ...options, list: "event" } });
    await post(line, { events: [told("1", "S1", 5), told("2", "S2", 5)] });
    await put(line, { ...rest, options: { ...options, list: "events" } });
    const { report } = await replay(line);
    expect(report).toMatchObject({ before: { quarantined: 1 }, after: { quarantined: 1 } });
  });
});

test("what was impossible is applied once it is possible, by its object", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  await line.post([enrolled("B"), enrolled("C", { sponsor_id: "B" }), enrolled("D")]);
  await line.drain();
  const at = { tree: "sponsor", effective_at: "2026-06-01" } as const;
  await line.post([moved("B", { ...at, parent_id: "C" }, { seq: 1 })]);
  await line.drain();
  const stuck = (await eventsOf(line)).find(({ outcome }) => outcome === "quarantined");
  expect(stuck).toMatchObject({ code: "tree_cycle", state: "quarantined" });
  const id = stuck?.event_id ?? "";
  const below = enrolled("C", { sponsor_id: "D" }, { rev: 2 });
  await line.post([{ ...below, id: "enrol-C-mended" }]);
  await line.drain();
  expect((await eventsOf(line)).filter(({ state }) => state !== null)).toHaveLength(1);

  const { report, sent } = await replay(line);
  const subject = `tree:${tenant}`;
  expect(sent).toContainEqual({ kind: "subject", tenant, subject, redrive: [id] });
  expect(report).toMatchObject({ before: { applied: 4, quarantined: 1 }, after: { applied: 5 } });
  expect((await eventsOf(line)).filter(({ state }) => state !== null)).toEqual([]);
  await expectMirrorEqualsObjects(tenant);
});

test("what died is sent from where it is kept, as no index says where it is archived", async () => {
  const line = await lineOf("B");
  await line.post(w2("B"));
  const bodies = line.queued.splice(0).map(({ body }) => body);
  const dead = bodies.map((body, i) => ({ id: `d${i}`, timestamp: new Date(), attempts: 1, body }));
  await consume(createMessageBatch<Message>("upline-local-events-0-dead", dead), line.parts);
  expect(new Set((await eventsOf(line)).map(({ state }) => state))).toEqual(
    new Set([null, "dead"]),
  );
  const { report } = await replay(line);
  expect(report).toMatchObject({ before: { applied: 1, dead: 5 }, after: { applied: 6 } });
  expect((await eventsOf(line)).map(({ state }) => state)).toEqual(Array(6).fill(null));
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("where D1 cannot say what stands where, nothing is applied, and all of it later", async () => {
  const line = await lineOf("B");
  await line.post([enrolment("C")]);
  await line.drain();
  const before = await booksOf(line.company.tenant);
  const { sent } = await replay(line);
  line.queued.push(...sent.map((body, i) => ({ id: `again-${i}`, body, attempts: 1 })));
  const stalled = await line.run(() => ({
    indexedPlaces: () => Promise.reject(new Error("D1 is out")),
  }));
  expect(stalled).toEqual({ acked: 0, retried: 2 });
  await line.drain();
  expect(await booksOf(line.company.tenant)).toEqual(before);
});
