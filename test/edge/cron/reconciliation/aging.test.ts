import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { type AgingPorts, type AgingWalk, tellAging } from "#src/edge/cron/reconciliation/aging.ts";
import { openBreak } from "#src/edge/d1/open-break.ts";
import { freezeSubject } from "#src/edge/d1/positions.ts";
import { breakReads } from "#src/edge/d1/reads/breaks.ts";
import { noteTold, openBreaksAfter } from "#src/edge/d1/reconciliation/aging.ts";

const db = env.MIRROR_0;
const HOUR_MS = 3_600_000;
const FOUND_MS = Date.UTC(2026, 6, 1);

let tenant: string;
let lines: Record<string, unknown>[];

beforeEach(() => {
  tenant = `t${crypto.randomUUID()}`;
  lines = [];
});

const find = (breakId: string, more: { foundMs?: number; class?: string } = {}) =>
  openBreak(db, {
    tenant,
    breakId,
    class: "MANIFEST",
    subject: "order:O1",
    reference: "O1",
    detail: "One line is missing",
    foundMs: FOUND_MS,
    ...more,
  });

/** Of this tenant alone: other tests leave breaks in the same database. */
const ports = (hours: number, more: Partial<AgingPorts> = {}): AgingPorts => ({
  page: async (after, limit) => {
    const from = after.tenant === "" ? { tenant, breakId: "" } : after;
    const found = await openBreaksAfter(db, from, limit);
    return found.filter((one) => one.tenant === tenant);
  },
  note: (telling) => noteTold(db, telling),
  load: () => Promise.resolve(undefined),
  save: () => Promise.resolve(),
  nowMs: () => FOUND_MS + hours * HOUR_MS,
  log: (level, event, fields) => lines.push({ level, event, ...fields }),
  ...more,
});

const told = () => lines.map((line) => `${String(line["severity"])} ${String(line["break"])}`);

async function end(breakId: string, outcome: "resolved" | null, seen: "resolved" | null) {
  const at = (one: "resolved" | null) => ({
    resolvedMs: one === null ? null : FOUND_MS,
    outcome: one,
    resolution: null,
  });
  const name = { tenant, shard: 0, breakId };
  const ended = await breakReads(() => db).end(name, at(seen), at(outcome));
  expect(ended?.value).toMatchObject(at(outcome));
}

describe("tellAging()", () => {
  test("tells of a break once as a ticket and once as a page, however often it looks", async () => {
    await find("A");
    for (const hours of [1, 23, 24, 24, 25, 72, 73, 73, 500]) await tellAging(ports(hours));
    expect(lines).toEqual([
      {
        level: "warn",
        event: "break_aged",
        alert: true,
        tenant,
        break: "A",
        class: "MANIFEST",
        severity: "ticket",
        found_at: "2026-07-01T00:00:00.000Z",
      },
      expect.objectContaining({ level: "error", event: "break_aged", severity: "page" }),
    ]);
  });

  test("tells of what is urgent from the beginning as a page, and of that alone", async () => {
    await find("CHAIN:order:O1", { class: "CHAIN" });
    for (const hours of [0, 25, 100]) await tellAging(ports(hours));
    expect(told()).toEqual(["page CHAIN:order:O1"]);
  });

  test("tells nobody twice where two look at once, or one dies before it has told all", async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => find(`A${i}`)));
    await Promise.all([tellAging(ports(25)), tellAging(ports(25)), tellAging(ports(25))]);
    expect(new Set(told()).size).toBe(40);
    expect(lines).toHaveLength(40);
    lines = [];
    const dies = ports(80, { note: () => Promise.reject(new Error("D1 is out")) });
    await expect(tellAging(dies)).rejects.toThrow("D1 is out");
    expect(told()).toEqual([]);
    await tellAging(ports(80));
    expect(lines).toHaveLength(40);
  });

  test("passes over what was closed, and begins anew with what is open again", async () => {
    await Promise.all([find("A"), find("B"), find("C")]);
    await tellAging(ports(25));
    await end("A", "resolved", null);
    await end("B", "resolved", null);
    lines = [];
    await tellAging(ports(80));
    expect(told()).toEqual(["page C"]);
    // By a person: it is as old as it is. By what found it again: it is new.
    await end("A", null, "resolved");
    await find("B", { foundMs: FOUND_MS + 80 * HOUR_MS });
    lines = [];
    await tellAging(ports(81));
    await tellAging(ports(105));
    expect(told()).toEqual(["page A", "ticket B"]);
  });

  test("takes an object that is frozen again for new, but not one that still is", async () => {
    const freeze = (hours: number) =>
      freezeSubject(db, {
        tenant,
        subject: "dist:B",
        detail: "d",
        nowMs: FOUND_MS + hours * HOUR_MS,
      });
    await freeze(0);
    await tellAging(ports(1));
    await freeze(2);
    await tellAging(ports(3));
    expect(told()).toEqual(["page CHAIN:dist:B"]);
    await end("CHAIN:dist:B", "resolved", null);
    await freeze(4);
    await tellAging(ports(5));
    expect(told()).toEqual(["page CHAIN:dist:B", "page CHAIN:dist:B"]);
  });

  test("goes on in the next run where there are more than one looks at", async () => {
    const rows = Array.from({ length: 6000 }, (_, i) => `A${String(i).padStart(5, "0")}`);
    await db
      .prepare(
        `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
         SELECT ?1, value, 'MANIFEST', 'order:O1', 'O1', 'd', ?2 FROM json_each(?3)`,
      )
      .bind(tenant, FOUND_MS, JSON.stringify(rows))
      .run();
    const kept: AgingWalk[] = [];
    const more: Partial<AgingPorts> = {
      load: () => Promise.resolve(kept.at(-1)),
      save: (walk) => {
        kept.push(walk);
        return Promise.resolve();
      },
    };
    await tellAging(ports(25, more));
    expect([lines.length, kept]).toEqual([5000, [{ cursor: { tenant, breakId: "A04999" } }]]);
    await tellAging(ports(25, more));
    expect([lines.length, new Set(told()).size, kept.at(-1)]).toEqual([6000, 6000, {}]);
  });
});
