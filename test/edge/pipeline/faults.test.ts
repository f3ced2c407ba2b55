import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, lineOf, type Line, outcomesOf } from "../support/line.ts";

const applied = (...distributors: readonly string[]) =>
  Object.fromEntries(
    distributors.flatMap((id) => [1, 2, 3, 4, 5].map((seq) => [`${id}-${seq}`, "applied"])),
  );

async function expectWhole(line: Line, ...distributors: readonly string[]) {
  const { tenant } = line.company;
  expect(await outcomesOf(tenant)).toEqual(applied(...distributors));
  await expectMirrorEqualsObjects(tenant);
  const { results } = await env.MIRROR_0.prepare(
    "SELECT account, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1 HAVING amount <> 0 ORDER BY 1",
  )
    .bind(tenant)
    .all();
  const n = distributors.length;
  expect(results).toEqual([
    { account: "cash:bank", amount: -12_350 * n },
    { account: "exp:commission", amount: 12_500 * n },
    { account: "rev:payout_fee", amount: -150 * n },
  ]);
}

const dies = (what: string) => () => Promise.reject(new Error(`The consumer dies: ${what}`));

describe("after a fault, nothing is lost or doubled and the mirror equals its objects", () => {
  test("the consumer dies after the objects and before D1", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    expect(await line.run(() => ({ mirror: dies("before D1") }))).toEqual({ acked: 0, retried: 5 });
    expect(await outcomesOf(line.company.tenant)).toEqual({});
    await line.drain();
    await expectWhole(line, "B");
  });

  test("the consumer dies after D1 and before it acknowledges", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    const dying = await line.run((ports) => ({
      mirror: async (tails, loose) => {
        await ports.mirror(tails, loose);
        throw new Error("The consumer dies");
      },
    }));
    expect(dying).toEqual({ acked: 0, retried: 5 });
    await line.drain();
    await expectWhole(line, "B");
  });

  test("the consumer dies between two objects", async () => {
    const line = await lineOf("B", "C");
    await line.post(...w2("B"), ...w2("C"));
    let calls = 0;
    await line.run((ports) => ({
      subject: async (object, tenant, subject) => {
        calls += 1;
        if (calls > 1) throw new Error("The consumer dies");
        return ports.subject(object, tenant, subject);
      },
      mirror: dies("before D1"),
    }));
    await line.drain();
    await expectWhole(line, "B", "C");
  });

  test("D1 refuses the batch, then takes it", async () => {
    const line = await lineOf("B", "C");
    await line.post(...w2("B"), ...w2("C"));
    const run = await line.run(() => ({
      mirror: async () => ({
        positions: [],
        unwritten: new Set(),
        errors: ["D1_ERROR: overloaded"],
      }),
    }));
    expect(run).toEqual({ acked: 0, retried: 10 });
    await line.drain();
    await expectWhole(line, "B", "C");
  });

  test("D1 cannot even tell its positions", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    expect(await line.run(() => ({ positions: dies("positions") }))).toMatchObject({ acked: 0 });
    await line.drain();
    await expectWhole(line, "B");
  });

  test("D1 refuses one row: its subject waits, the others go on", async () => {
    const line = await lineOf("B", "X", "C");
    await env.MIRROR_0.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON lines WHEN NEW.line_id = 'X-L1' BEGIN SELECT RAISE(ABORT, 'refused row'); END",
    );
    await line.post(...w2("B"), ...w2("X"), ...w2("C"));
    const run = await line.run();
    expect(run).toEqual({ acked: 10, retried: 5 });
    expect(await outcomesOf(line.company.tenant)).toEqual(applied("B", "C"));
    await env.MIRROR_0.exec("DROP TRIGGER refuse");
    await line.drain();
    await expectWhole(line, "B", "C", "X");
  });

  test("R2 refuses the archive: the line follows later, nobody waits", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    const run = await line.run(() => ({ putArchive: dies("R2") }));
    expect(run).toEqual({ acked: 5, retried: 0 });
    await expectWhole(line, "B");
    expect(line.queued.map(({ body }) => body.kind)).toEqual(Array(5).fill("archive"));
    await line.drain();
    const { objects } = await env.ARCHIVE_0.list({ prefix: `raw/tenant=${line.company.tenant}/` });
    // And that of the enrolment.
    expect(objects).toHaveLength(5 + 1);
  });

  test("one subject of a batch of 100 is poison: only its message is tried again", async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `d${i}`);
    const line = await lineOf(...ids);
    await line.post(...ids.map((id) => w2(id)[0] ?? {}));
    const run = await line.run((ports) => ({
      subject: (object, tenant, subject) =>
        subject === "dist:d42" ? dies("poison")() : ports.subject(object, tenant, subject),
    }));
    expect(run).toEqual({ acked: 99, retried: 1 });
    await expectMirrorEqualsObjects(line.company.tenant);
    expect(Object.keys(await outcomesOf(line.company.tenant))).toHaveLength(99);
    await line.drain();
    expect(Object.keys(await outcomesOf(line.company.tenant))).toHaveLength(100);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("one event of a delivery of 100 is poison: it alone is sent again", async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `d${i}`);
    const line = await lineOf(...ids);
    await line.post(ids.map((id) => w2(id)[0] ?? {}));
    const run = await line.run((ports) => ({
      subject: (object, tenant, subject) =>
        subject === "dist:d42" ? dies("poison")() : ports.subject(object, tenant, subject),
    }));
    expect(run).toEqual({ acked: 1, retried: 0 });
    expect(line.queued.map(({ body }) => body)).toMatchObject([{ only: [42], attempt: 1 }]);
    await line.drain();
    expect(Object.keys(await outcomesOf(line.company.tenant))).toHaveLength(100);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("an event that stays poison ends among the dead, and can be sent again", async () => {
    const line = await lineOf("B", "P");
    await line.post([...w2("B"), w2("P")[0] ?? {}]);
    for (let i = 0; i < 25 && line.queued.length > 0; i += 1) {
      await line.run((ports) => ({
        subject: (object, tenant, subject) =>
          subject === "dist:P" ? dies("poison")() : ports.subject(object, tenant, subject),
      }));
    }
    expect(line.queued).toEqual([]);
    expect(line.dead).toMatchObject([{ kind: "delivery", only: [5] }]);
  });

  test("two consumers take the same batch at once", async () => {
    const line = await lineOf("B", "C");
    await line.post(...w2("B"), ...w2("C"));
    const messages = line.queued.splice(0);
    await Promise.all([
      line.run(undefined, messages),
      line.run(undefined, messages),
      line.run(undefined, messages.toReversed()),
    ]);
    await line.drain();
    await expectWhole(line, "B", "C");
  });

  test("neighbouring batches are consumed at once and in the wrong order", async () => {
    const line = await lineOf("B", "C");
    await line.post(...w2("B"), ...w2("C"));
    const all = line.queued.splice(0);
    const batches = [0, 1, 2, 3, 4].map((k) => all.filter((_, i) => i % 5 === k)).toReversed();
    await Promise.all(batches.map((batch) => line.run(undefined, batch)));
    await line.drain();
    await expectWhole(line, "B", "C");
  });

  test("an older reading of the log reaches D1 after a newer one", async () => {
    const line = await lineOf("B");
    await line.post(...w2("B"));
    const all = line.queued.splice(0);
    let letGo: () => void = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const slow = line.run(
      (ports) => ({
        mirror: async (tails, loose) => {
          await gate;
          return ports.mirror(tails, loose);
        },
      }),
      all.slice(0, 2),
    );
    await line.run(undefined, all.slice(2));
    letGo();
    expect(await slow).toEqual({ acked: 2, retried: 0 });
    await line.drain();
    await expectWhole(line, "B");
  });

  test("an event releases buffered ones, then the consumer dies", async () => {
    const line = await lineOf("B");
    const [first, ...later] = w2("B");
    await line.post(...later);
    await line.run();
    expect(await outcomesOf(line.company.tenant)).toEqual({
      "B-2": "buffered",
      "B-3": "buffered",
      "B-4": "buffered",
      "B-5": "buffered",
    });
    await line.post(first ?? {});
    await line.run(() => ({ mirror: dies("before D1") }));
    await expectMirrorBehind(line);
    await line.drain();
    await expectWhole(line, "B");
    const held = await env.MIRROR_0.prepare("SELECT count(*) AS n FROM held WHERE tenant = ?")
      .bind(line.company.tenant)
      .first("n");
    expect(held).toBe(0);
  });

  test("an object is evicted half-way", async () => {
    const line = await lineOf("B");
    const [first, second, ...later] = w2("B");
    await line.post(first ?? {}, second ?? {});
    await line.run();
    await evictDurableObject(env.DISTRIBUTOR.getByName(`${line.company.tenant}/B`));
    await line.post(...later);
    await line.run(() => ({ mirror: dies("before D1") }));
    await evictDurableObject(env.DISTRIBUTOR.getByName(`${line.company.tenant}/B`));
    await line.drain();
    await expectWhole(line, "B");
  });

  test("an object restored to an earlier state is frozen, its events kept, the others go on", async () => {
    const line = await lineOf("B", "C");
    const { tenant } = line.company;
    const events = w2("B");
    await line.post(...events.slice(0, 4), ...w2("C").slice(0, 4));
    await line.run();
    const stub = env.DISTRIBUTOR.getByName(`${tenant}/B`);
    await runInDurableObject(stub, (_: SubjectObject, { storage }) => {
      storage.sql.exec("DROP TRIGGER log_no_delete");
      storage.sql.exec("DELETE FROM log WHERE position > 2");
    });
    await evictDurableObject(stub);
    await line.post(events[4] ?? {}, w2("C")[4] ?? {});
    await line.run();
    await line.drain();
    const one = (sql: string) => env.MIRROR_0.prepare(sql).bind(tenant).all();
    expect((await one("SELECT class, subject FROM breaks WHERE tenant = ?")).results).toEqual([
      { class: "CHAIN", subject: "dist:B" },
    ]);
    expect((await one("SELECT sender_id, state, code FROM held WHERE tenant = ?")).results).toEqual(
      [{ sender_id: "B-5", state: "dead", code: "subject_frozen" }],
    );
    expect(await outcomesOf(tenant)).toMatchObject({
      "B-4": "applied",
      "B-5": "dead",
      "C-5": "applied",
    });
    // What was mirrored stays as it was, and nothing more is taken in.
    await line.post(events[4] ?? {});
    await line.drain();
    expect(await outcomesOf(tenant)).toMatchObject({ "B-5": "dead" });
  });
});

async function expectMirrorBehind(line: Line): Promise<void> {
  const at = await env.MIRROR_0.prepare("SELECT position FROM subjects WHERE tenant = ?")
    .bind(line.company.tenant)
    .first<number>("position");
  const { position } = await env.DISTRIBUTOR.getByName(`${line.company.tenant}/B`).head();
  expect(position).toBeGreaterThan(at ?? 0);
}
