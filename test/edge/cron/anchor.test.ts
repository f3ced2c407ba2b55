import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { putRoster, type RosterHead, type RosterPart } from "#src/edge/archive/roster.ts";
import {
  ANCHOR_HEADS_MAX,
  anchorHeads,
  type AnchorPorts,
  type AnchorWalk,
  walkAt,
} from "#src/edge/cron/anchor.ts";
import { headsAfter, putAnchors } from "#src/edge/d1/anchors.ts";

const at = (day: string, time = "00:00:30.000") => Date.parse(`${day}T${time}Z`);
const done = (day: string): AnchorWalk => ({ day, pages: 1, isDone: true });

describe("walkAt()", () => {
  const walking: AnchorWalk = { day: "2026-07-01", cursor: "c", pages: 3, isDone: false };
  test.each([
    { name: "begins the first walk", last: undefined, begins: "2026-07-02" },
    { name: "begins a day's walk once", last: done("2026-07-01"), begins: "2026-07-02" },
    {
      name: "catches up with no day that was missed",
      last: done("2026-06-20"),
      begins: "2026-07-02",
    },
  ])("$name", ({ last, begins }) => {
    const fresh = { day: begins, pages: 0, isDone: false };
    expect(walkAt(last, at("2026-07-02"))).toEqual(fresh);
    expect(walkAt(last, at("2026-07-02", "23:59:59.999"))).toEqual(fresh);
  });

  test("goes on with a walk that midnight or an outage came into", () => {
    expect(walkAt(walking, at("2026-07-01"))).toBe(walking);
    expect(walkAt(walking, at("2026-07-04"))).toBe(walking);
  });

  test("has nothing to do once the day is done, nor where the clock was put back", () => {
    expect(walkAt(done("2026-07-02"), at("2026-07-02", "23:59:59.999"))).toBeUndefined();
    expect(walkAt(done("2026-07-02"), at("2026-07-01"))).toBeUndefined();
  });
});

interface Rig {
  readonly ports: AnchorPorts;
  readonly tenant: string;
  readonly put: string[];
  readonly saved: AnchorWalk[];
  clock: number;
  limit: number;
}

/** The real D1 and R2, of one company alone; the page size and the clock are the test's. */
function rigOf(faults: Partial<AnchorPorts> = {}): Rig {
  const tenant = `t${crypto.randomUUID()}`;
  const rig: Rig = {
    tenant,
    put: [],
    saved: [],
    clock: at("2026-07-01"),
    limit: 2,
    ports: {
      page: async (cursor) => {
        const from = cursor ?? JSON.stringify([tenant, ""]);
        const { items } = await headsAfter(env.MIRROR_0, from, rig.limit);
        const own = items.filter((head) => head.tenant === tenant);
        const last = own.at(-1);
        if (last === undefined || own.length < rig.limit) return { items: own };
        return { items: own, next: JSON.stringify([tenant, last.subject]) };
      },
      putRoster: async (part: RosterPart) => {
        rig.put.push(part.objectKey);
        await putRoster(env.ARCHIVE_0, part);
      },
      anchor: (day, heads) => putAnchors(env.MIRROR_0, day, heads),
      load: async () => rig.saved.at(-1),
      save: async (walk) => {
        rig.saved.push(walk);
      },
      log: () => {},
      nowMs: () => rig.clock,
      ...faults,
    },
  };
  return rig;
}

async function mirror({ tenant }: Pick<Rig, "tenant">, heads: Readonly<Record<string, number>>) {
  await env.MIRROR_0.batch(
    Object.entries(heads).map(([subject, position]) =>
      env.MIRROR_0.prepare(
        `INSERT INTO subjects (tenant, subject, position, head) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET position = excluded.position, head = excluded.head`,
      ).bind(tenant, subject, position, `${subject}#${position}`),
    ),
  );
}

async function anchorsOf({ tenant }: Rig): Promise<readonly string[]> {
  const { results } = await env.MIRROR_0.prepare(
    "SELECT day, subject, position, head FROM anchors WHERE tenant = ? ORDER BY day, subject",
  )
    .bind(tenant)
    .all<{ day: string; subject: string; position: number; head: string }>();
  return results.map(({ day, subject, position, head }) => `${day} ${subject} ${position} ${head}`);
}

async function rosterOf({ tenant }: Rig, day: string): Promise<readonly RosterHead[]> {
  const { objects } = await env.ARCHIVE_0.list({ prefix: `roster/tenant=${tenant}/date=${day}/` });
  const texts = await Promise.all(
    objects.map(async ({ key }) => (await env.ARCHIVE_0.get(key))?.text() ?? ""),
  );
  return texts
    .flatMap((text) => text.split("\n").filter((line) => line !== ""))
    .map((line): RosterHead => JSON.parse(line));
}

describe("anchorHeads()", () => {
  test("anchors what moved since its last anchor, and files every name each day", async () => {
    const rig = rigOf();
    await mirror(rig, { "dist:A": 3, "dist:B": 1, "lead:x": 7 });
    await anchorHeads(rig.ports);
    expect(await anchorsOf(rig)).toEqual([
      "2026-07-01 dist:A 3 dist:A#3",
      "2026-07-01 dist:B 1 dist:B#1",
      "2026-07-01 lead:x 7 lead:x#7",
    ]);
    // The day is done: nothing is read, put or anchored again.
    await mirror(rig, { "dist:B": 2 });
    await anchorHeads(rig.ports);
    expect(rig.saved).toHaveLength(2);

    rig.clock = at("2026-07-02");
    await anchorHeads(rig.ports);
    expect((await anchorsOf(rig)).slice(3)).toEqual(["2026-07-02 dist:B 2 dist:B#2"]);
    const roster = await rosterOf(rig, "2026-07-02");
    expect(roster.map(({ subject, position }) => [subject, position])).toEqual([
      ["dist:A", 3],
      ["dist:B", 2],
      ["lead:x", 7],
    ]);
    expect(roster[0]).toEqual({
      tenant: rig.tenant,
      subject: "dist:A",
      position: 3,
      head: "dist:A#3",
    });
  });

  test("keeps the names of frozen subjects", async () => {
    const rig = rigOf();
    await mirror(rig, { "dist:A": 3 });
    await env.MIRROR_0.prepare("UPDATE subjects SET frozen_ms = 1 WHERE tenant = ?")
      .bind(rig.tenant)
      .run();
    await anchorHeads(rig.ports);
    expect(await rosterOf(rig, "2026-07-01")).toMatchObject([{ subject: "dist:A" }]);
  });

  test("takes as many runs as it needs, and ends each at a page", async () => {
    const rig = rigOf();
    rig.limit = 1;
    const heads = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`dist:${100 + i}`, 1]));
    await mirror(rig, heads);
    await anchorHeads(rig.ports);
    expect(await anchorsOf(rig)).toHaveLength(10);
    expect(rig.saved.at(-1)).toMatchObject({ pages: 10, isDone: false });
    // Midnight comes between: the walk is still that of the day it began on.
    rig.clock = at("2026-07-02");
    await anchorHeads(rig.ports);
    await anchorHeads(rig.ports);
    expect(rig.saved.at(-1)).toEqual({ day: "2026-07-01", pages: 26, isDone: true });
    expect(await anchorsOf(rig)).toHaveLength(25);
    expect(await rosterOf(rig, "2026-07-01")).toHaveLength(25);
    await anchorHeads(rig.ports);
    expect(rig.saved.at(-1)).toMatchObject({ day: "2026-07-02", pages: 10 });
  });

  test.each<{ name: string; fault: (die: () => Promise<never>) => Partial<AnchorPorts> }>([
    { name: "before the roster", fault: (die) => ({ putRoster: die }) },
    { name: "before the anchors", fault: (die) => ({ anchor: die }) },
    { name: "before it is noted", fault: (die) => ({ save: die }) },
  ])("does a page again that died $name", async ({ fault }) => {
    const rig = rigOf();
    await mirror(rig, { "dist:A": 3, "dist:B": 1 });
    const die = () => Promise.reject(new Error("Dies"));
    await expect(anchorHeads({ ...rig.ports, ...fault(die) })).rejects.toThrow("Dies");
    await anchorHeads(rig.ports);
    expect(await anchorsOf(rig)).toHaveLength(2);
    expect(await rosterOf(rig, "2026-07-01")).toHaveLength(2);
  });

  test("parts a page by company", async () => {
    const [one, two] = [`a${crypto.randomUUID()}`, `b${crypto.randomUUID()}`];
    const heads = [one, two, one].map((tenant, i) => ({
      tenant,
      subject: `dist:${i}`,
      position: 1,
      head: "h",
    }));
    const rig = rigOf({ page: async () => ({ items: heads }) });
    await anchorHeads(rig.ports);
    expect(rig.put).toEqual([
      `roster/tenant=${one}/date=2026-07-01/part-0.ndjson`,
      `roster/tenant=${two}/date=2026-07-01/part-0.ndjson`,
    ]);
  });

  test("fits a page of the longest keys into one parameter of D1", async () => {
    const tenant = "t".repeat(64);
    const heads = Array.from({ length: ANCHOR_HEADS_MAX }, (_, i) => ({
      tenant,
      subject: `cdc:${String(i).padStart(508, "0")}`,
      position: Number.MAX_SAFE_INTEGER,
      head: "0".repeat(64),
    }));
    expect(JSON.stringify(heads).length).toBeLessThan(2_000_000);
    await putAnchors(env.MIRROR_0, "2026-07-01", heads);
  });
});
