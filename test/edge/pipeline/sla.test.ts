import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { BUCKETS, bucketOf } from "#src/core/sla/sketch.ts";
import { mergeCounts } from "#src/core/sla/counts.ts";
import { hold } from "#src/edge/archive/paused.ts";
import { bucketSql } from "#src/edge/d1/count-lines.ts";
import type { Message } from "#src/edge/message.ts";
import { again } from "#src/edge/queue/loose-rows.ts";
import { enrolled, linked, paid } from "../../support/naive/told.ts";
import { PLAN, SALE_OF_C } from "../../core/order/support.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, lineOf } from "../support/line.ts";

const UPLINE = ["E1", "E2", "E3", "E4", "E5"];
const PEOPLE = [
  ...UPLINE.map((id, i) => enrolled(id, i < 4 ? { sponsor_id: UPLINE[i + 1] ?? "" } : {})),
  linked("C", "E1"),
];
const PAYMENT = paid("P1", SALE_OF_C, { occurred_at: "2026-05-22T05:00:00.000Z" });

/** A company whose plan pays five levels. */
async function selling(): Promise<Line> {
  const line = await layLine();
  const [component] = PLAN.components;
  const rates = { M: UPLINE.map(() => 50_000) };
  const levels = { ...component, max_level: 5, rates_ppm: rates };
  const plan = { ...PLAN, ranks: [{ code: "M" }], components: [levels] };
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
    .bind(
      line.company.tenant,
      plan.plan_id,
      1,
      Date.parse(plan.effective_from),
      JSON.stringify(plan),
      0,
    )
    .run();
  return line;
}

/** What was counted of a tenant: buckets as how many are in all those of their stage. */
async function counted({ company: { tenant } }: Line): Promise<Readonly<Record<string, number>>> {
  const { results } = await env.MIRROR_0.prepare("SELECT counts FROM sla_minutes WHERE tenant = ?")
    .bind(tenant)
    .all<{ counts: string }>();
  const counts = mergeCounts(results.map((row): Record<string, number> => JSON.parse(row.counts)));
  const sums: Record<string, number> = {};
  for (const [key, n] of Object.entries(counts)) {
    const [stage = ""] = key.split(":");
    const name = /^(?:within|waited)/.test(key) ? key : stage;
    sums[name] = (sums[name] ?? 0) + n;
  }
  return sums;
}

const live = (lines: number) => ({
  lines,
  "within:5000": lines,
  "within:30000": lines,
  producer: lines,
  queue: lines,
  mirror: lines,
  visible: lines,
});
const straight = (lines: number) => ({ ...live(lines), apply: lines });
const waited = (lines: number) => {
  const { queue: _queue, ...rest } = live(lines);
  return { ...rest, waited: lines, "waited:5000": lines, "waited:30000": lines };
};

const subjectMessage = ({ company: { tenant } }: Line, subject: string) => [
  { id: "s", body: { kind: "subject", tenant, subject } satisfies Message, attempts: 1 },
];

describe("the lines of a payment", () => {
  test("count once, however often it is delivered", async () => {
    const line = await selling();
    await line.post(PEOPLE);
    await line.drain();
    expect(await counted(line)).toEqual({});
    await line.post([PAYMENT]);
    const messages = [...line.queued];
    await line.run();
    expect(await counted(line)).toEqual(straight(5));
    await line.run(undefined, messages);
    await line.post([PAYMENT]);
    await line.drain();
    expect(await counted(line)).toEqual(straight(5));
  });

  test("count once where the consumer dies behind the mirror's batch", async () => {
    const line = await selling();
    await line.post(PEOPLE);
    await line.drain();
    await line.post([PAYMENT]);
    await line.run(({ mirror }) => ({
      mirror: async (...args) => {
        await mirror(...args);
        throw new Error("The consumer dies");
      },
    }));
    expect(line.queued).toHaveLength(1);
    await line.drain();
    expect(await counted(line)).toEqual(straight(5));
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("count once where two consumers mirror the same tails", async () => {
    const line = await selling();
    await line.post(PEOPLE);
    await line.drain();
    await line.post([PAYMENT]);
    await line.run(({ mirror }) => ({
      mirror: async (...args) => {
        await mirror(...args);
        return mirror(...args);
      },
    }));
    expect(await counted(line)).toEqual(straight(5));
  });

  test("are marked where it waited for somebody whom nobody knew", async () => {
    const line = await selling();
    await line.post([PAYMENT]);
    await line.drain();
    expect(await counted(line)).toEqual({});
    await line.post(PEOPLE);
    await line.drain();
    expect(await counted(line)).toEqual(waited(5));
  });
});

describe("the lines of a core", () => {
  test("count for each event that changes them", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    await line.drain();
    expect(await counted(line)).toEqual(straight(2));
  });

  test("are marked where they waited for a gap, or for an enrolment", async () => {
    const line = await lineOf("B");
    const [first, second] = w2("B");
    await line.post(second ?? {});
    await line.run();
    await line.post(first ?? {});
    await line.run();
    expect(await counted(line)).toEqual({ ...waited(1), ...straight(2), apply: 1, queue: 1 });

    const parked = await layLine();
    await parked.post(...w2("B"));
    await parked.drain();
    await parked.enrol("B");
    expect(await counted(parked)).toEqual(waited(2));
  });

  test("count where only the sweep has them mirrored", async () => {
    const line = await lineOf("B");
    await line.post(w2("B")[0] ?? {});
    await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is out")) }));
    line.queued.length = 0;
    await line.run(undefined, subjectMessage(line, "dist:B"));
    await line.run(undefined, subjectMessage(line, "dist:B"));
    // What was applied before the batch was begun says nothing of how long that took.
    expect(await counted(line)).toMatchObject({ lines: 1, queue: 1, mirror: 1, visible: 1 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("lines that nobody waits for", () => {
  test("are told apart: by the slow queue, sent again by a person, held for a paused source", async () => {
    const line = await lineOf("B");
    const [first, second] = w2("B");
    await line.post(first ?? {});
    await line.run(() => ({ isSlow: true }));
    expect(await counted(line)).toEqual({ aside: 1 });

    await line.post(second ?? {});
    const [message] = line.queued.splice(0);
    if (message?.body.kind !== "delivery") throw new Error("No delivery was queued");
    const { body } = message;
    const asked = again(body, { index: 0, eventId: body.eventIds[0] ?? "" });
    await line.run(undefined, [{ ...message, body: asked }]);
    expect(await counted(line)).toEqual({ aside: 2 });

    await hold(env.ARCHIVE_0, { ...body, deliveryId: "dlv_held" });
    const held = await env.ARCHIVE_0.get(`paused/${line.company.tenant}/core/dlv_held.json`);
    expect(await held?.json()).toMatchObject({ kind: "delivery", passage: "aside" });
  });

  test("stay so when they have waited besides", async () => {
    const line = await lineOf("B");
    const [first, second] = w2("B");
    await line.post(second ?? {});
    await line.run(() => ({ isSlow: true }));
    await line.post(first ?? {});
    await line.run();
    expect(await counted(line)).toEqual({ ...straight(1), aside: 1 });
  });

  test("do not count at all where a mirror is filled that has lost them", async () => {
    const line = await lineOf("B");
    await line.post(w2("B")[0] ?? {});
    await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is out")) }));
    line.queued.length = 0;
    await line.run(() => ({ isSlow: true }), subjectMessage(line, "dist:B"));
    expect(await counted(line)).toEqual({});
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("live lines in a tail that somebody asks for by the slow queue", () => {
  test.each([
    { what: "redrive", asked: { redrive: ["evt_kept"] } },
    { what: "discard", asked: { discard: ["evt_kept"] } },
    { what: "moves", asked: { moves: [{ kind: "due", line_id: "none" }] } },
  ] as const)("count as what they are: $what", async ({ asked }) => {
    const line = await lineOf("B");
    await line.post(w2("B")[0] ?? {});
    await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is slow")) }));
    const messages = line.queued.splice(0);
    const [ask] = subjectMessage(line, "dist:B");
    if (ask === undefined) throw new Error("There is no message");
    await line.run(() => ({ isSlow: true }), [{ ...ask, body: { ...ask.body, ...asked } }]);
    await line.run(undefined, messages);
    expect(await counted(line)).toMatchObject({ lines: 1, queue: 1, mirror: 1, visible: 1 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("count not where a mirror is filled besides that has lost them", async () => {
    const line = await lineOf("B");
    await line.post(w2("B")[0] ?? {});
    await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is slow")) }));
    line.queued.length = 0;
    const [fill] = subjectMessage(line, "dist:B");
    if (fill === undefined) throw new Error("There is no message");
    const ask = { ...fill, id: "a", body: { ...fill.body, redrive: ["evt_kept"] } };
    await line.run(() => ({ isSlow: true }), [fill, ask]);
    expect(await counted(line)).toEqual({});
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("counting", () => {
  test("keeps no line from being written, whatever becomes of it", async () => {
    const line = await lineOf("B");
    await env.MIRROR_0.exec(
      "CREATE TRIGGER refuse_counts BEFORE INSERT ON sla_minutes BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
    await line.post(w2("B")[0] ?? {});
    expect(await line.run()).toEqual({ acked: 1, retried: 0 });
    await env.MIRROR_0.exec("DROP TRIGGER refuse_counts");
    expect(await counted(line)).toEqual({});
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("begins anew where a row was spoilt", async () => {
    const line = await lineOf("B");
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    // The next minute may have begun by then.
    for (const at of [minute, minute + 60_000]) {
      await env.MIRROR_0.prepare("INSERT INTO sla_minutes VALUES (?, ?, '{spoilt')")
        .bind(line.company.tenant, at)
        .run();
    }
    await line.post(w2("B")[0] ?? {});
    expect(await line.run()).toEqual({ acked: 1, retried: 0 });
    await env.MIRROR_0.prepare("DELETE FROM sla_minutes WHERE counts = '{spoilt'").run();
    expect(await counted(line)).toEqual(straight(1));
  });

  test("adds to what a minute has", async () => {
    const line = await lineOf("B", "C");
    await line.post(w2("B")[0] ?? {});
    await line.run();
    await line.post(w2("C")[0] ?? {});
    await line.run();
    expect(await counted(line)).toEqual(straight(2));
  });

  test("finds in SQL the buckets that the core finds, on both sides of every bound", async () => {
    const bounds = Array.from({ length: BUCKETS + 1 }, (_, i) => Math.floor((21 / 19) ** i));
    const times = [-9, 0, 1, 2, 3, 1e9, ...bounds, ...bounds.map((ms) => ms + 1)];
    const { results } = await env.MIRROR_0.prepare(
      `SELECT ${bucketSql("value")} AS bucket FROM json_each(?) ORDER BY key`,
    )
      .bind(JSON.stringify(times))
      .all<{ bucket: number }>();
    expect(results.map(({ bucket }) => bucket)).toEqual(times.map(bucketOf));
  });
});
