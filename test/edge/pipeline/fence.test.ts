import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { mirror } from "#src/edge/d1/mirror.ts";
import type { MirrorTail } from "#src/edge/mirror.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, lineOf, outcomesOf } from "../support/line.ts";

const NOTHING = { events: [], revived: [] };

/** A tail of empty entries whose hashes nobody checks but the fence. */
const tailOf = (subject: string, base: MirrorTail["base"], rows: number): MirrorTail => ({
  tenant: "fence",
  subject,
  base,
  rows: Array.from({ length: rows }, (_, i) => ({
    position: base.position + i + 1,
    hash: `${subject}-${base.position + i + 1}`,
    entry: JSON.stringify({ recorded_ms: 1, effects: {} }),
  })),
});

const positionOf = (subject: string) =>
  env.MIRROR_0.prepare("SELECT position FROM subjects WHERE tenant = 'fence' AND subject = ?")
    .bind(subject)
    .first<number>("position");

test("takes no tail whose hash at D1's position is another", async () => {
  await mirror(env.MIRROR_0, [tailOf("dist:1", { position: 0, head: "" }, 2)], NOTHING);
  const forked = tailOf("dist:1", { position: 2, head: "another" }, 3);
  const { positions, errors } = await mirror(env.MIRROR_0, [forked], NOTHING);
  expect({ positions, errors }).toMatchObject({ positions: [{ position: 2 }], errors: [] });
  expect(await positionOf("dist:1")).toBe(2);
});

test("takes nothing for a subject that was frozen meanwhile", async () => {
  await mirror(env.MIRROR_0, [tailOf("dist:2", { position: 0, head: "" }, 1)], NOTHING);
  await env.MIRROR_0.exec("UPDATE subjects SET frozen_ms = 1 WHERE subject = 'dist:2'");
  await mirror(env.MIRROR_0, [tailOf("dist:2", { position: 1, head: "dist:2-1" }, 1)], NOTHING);
  expect(await positionOf("dist:2")).toBe(1);
});

test("writes a tail of more rows than one batch takes, in order", async () => {
  const long = tailOf("dist:3", { position: 0, head: "" }, 2000);
  const { errors } = await mirror(env.MIRROR_0, [long], NOTHING);
  expect(errors).toEqual([]);
  expect(await positionOf("dist:3")).toBe(2000);
});

test("a repeat is not acknowledged before its own row is written", async () => {
  const line = await lineOf("B", "C");
  const [first] = w2("B");
  await line.post(first ?? {});
  await line.run();
  await env.MIRROR_0.exec(
    "CREATE TRIGGER refuse_repeats BEFORE INSERT ON events WHEN NEW.outcome = 'duplicate' BEGIN SELECT RAISE(ABORT, 'refused'); END",
  );
  await line.post(first ?? {}, w2("C")[0] ?? {});
  expect(await line.run()).toEqual({ acked: 1, retried: 1 });
  await env.MIRROR_0.exec("DROP TRIGGER refuse_repeats");
  await line.drain();
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("a dozen subjects that D1 refuses do not starve the others", async () => {
  const line = await layLine();
  await env.MIRROR_0.exec(
    "CREATE TRIGGER refuse_poison BEFORE INSERT ON lines WHEN NEW.line_id LIKE 'poison%' BEGIN SELECT RAISE(ABORT, 'refused'); END",
  );
  const poison = Array.from({ length: 12 }, (_, i) => `poison${i}`);
  const good = Array.from({ length: 20 }, (_, i) => `good${i}`);
  await line.enrol(...poison, ...good);
  await line.post(...[...poison, ...good].map((id) => w2(id)[0] ?? {}));
  expect(await line.run()).toEqual({ acked: 20, retried: 12 });
  await env.MIRROR_0.exec("DROP TRIGGER refuse_poison");
  await line.drain();
  expect(new Set(Object.values(await outcomesOf(line.company.tenant)))).toEqual(
    new Set(["applied"]),
  );
});

test("asks a D1 that is out once, and not for every half", async () => {
  let batches = 0;
  const db = new Proxy(env.MIRROR_0, {
    get: (target, name) => {
      if (name === "batch") {
        return () => {
          batches += 1;
          return Promise.reject(new Error("D1 DB is overloaded. Requests queued for too long."));
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const line = await layLine({ MIRROR_0: db });
  await line.post(...Array.from({ length: 30 }, (_, i) => w2(`out${i}`)[0] ?? {}));
  expect(await line.run()).toEqual({ acked: 0, retried: 30 });
  expect(batches).toBe(1);
});

test("a message that only asks for a subject waits until D1 covers its log", async () => {
  const line = await lineOf("B");
  await line.post(w2("B")[0] ?? {});
  await line.run(() => ({ mirror: () => Promise.reject(new Error("The consumer dies")) }));
  line.queued.length = 0;
  const ask = { kind: "subject", tenant: line.company.tenant, subject: "dist:B" } as const;
  line.queued.push({ id: "ask", body: ask, attempts: 1 });
  const out = () => ({
    mirror: async () => ({ positions: [], unwritten: new Set<string>(), errors: ["out"] }),
  });
  expect(await line.run(out)).toEqual({ acked: 0, retried: 1 });
  await line.drain();
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("a log of many pages is mirrored whole", async () => {
  const line = await lineOf("B");
  const events = Array.from({ length: 1200 }, (_, i) => ({
    ...w2("B")[2],
    id: `B-${i + 1}`,
    seq: i + 1,
    data: { ...w2("B")[2]?.data, line_id: `A${i + 1}`, amount_minor: 1 },
  }));
  for (let at = 0; at < events.length; at += 400) await line.post(events.slice(at, at + 400));
  await line.run(() => ({ mirror: () => Promise.reject(new Error("The consumer dies")) }));
  await line.drain();
  expect(Object.keys(await outcomesOf(line.company.tenant))).toHaveLength(1200);
  await expectMirrorEqualsObjects(line.company.tenant);
});
