import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { COUNT_AFTER_MS, countQuotas, type EventQuotaPorts } from "#src/edge/cron/event-quotas.ts";
import { countEvents, loadCounts, saveCounts } from "#src/edge/d1/counted-events.ts";
import { eventIdsFrom, type QuotaMark } from "#src/edge/event-count.ts";
import { eventId } from "#src/edge/event-id.ts";

const DAY = Date.UTC(2026, 10, 22);
const mirror = env.MIRROR_0;

/** A shard of the tenants that a test names, over the real mirror. */
function rig(quotas: Readonly<Record<string, number | undefined>>) {
  const names = Object.keys(quotas).toSorted();
  const state = { nowMs: DAY, asked: 0, rows: 0, marks: [] as [string, QuotaMark][], isOut: false };
  const ports: EventQuotaPorts = {
    page: async (after) =>
      names
        .filter((name) => name > after)
        .slice(0, 2)
        .map((tenant) => {
          const eventsPerDay = quotas[tenant];
          return { tenant, ...(eventsPerDay === undefined ? {} : { eventsPerDay }) };
        }),
    load: (tenants) => loadCounts(mirror, tenants),
    count: async (asked) => {
      const counted = await countEvents(mirror, asked);
      state.rows += counted.reduce((sum, { rows }) => sum + rows, 0);
      return counted;
    },
    save: (counts) => saveCounts(mirror, counts, state.nowMs),
    mark: async (tenant, mark) => {
      if (state.isOut) throw new Error("KV is out");
      state.marks.push([tenant, mark]);
    },
    nowMs: () => state.nowMs,
    log: () => {},
  };
  return { state, run: () => countQuotas(ports), quotas };
}

async function arrive(tenant: string, atMs: number, outcome = "applied"): Promise<void> {
  await mirror
    .prepare(
      `INSERT INTO events (tenant, event_id, source, sender_id, outcome, received_ms, recorded_ms, repeated)
       VALUES (?, ?, 'core', ?, ?, ?, ?, 0)`,
    )
    .bind(tenant, eventId(atMs), crypto.randomUUID(), outcome, atMs, atMs)
    .run();
}

const name = () => `t${crypto.randomUUID()}`;
const countOf = async (tenant: string) => (await loadCounts(mirror, [tenant])).get(tenant);

test("ids of a moment are told by what they begin with", () => {
  const from = eventIdsFrom(DAY);
  expect(eventId(DAY) > from).toBe(true);
  expect(eventId(DAY + 1) > eventIdsFrom(DAY + 1)).toBe(true);
  expect(eventId(DAY) < eventIdsFrom(DAY + 1)).toBe(true);
  expect(eventId(DAY - 1) < from).toBe(true);
});

test("each event is counted once, two minutes after it came", async () => {
  const [one, two, three] = [name(), name(), name()];
  const { state, run } = rig({ [one]: undefined, [two]: undefined, [three]: undefined });
  await arrive(one, DAY - 1);
  await arrive(one, DAY);
  await arrive(one, DAY + 1000);
  await arrive(one, DAY + 1000, "rejected");
  await arrive(two, DAY + 1000);
  await arrive(one, DAY + 60_000);
  state.nowMs = DAY + COUNT_AFTER_MS + 60_000;
  await run();
  expect([(await countOf(one))?.events, (await countOf(two))?.events]).toEqual([2, 1]);
  expect(await countOf(three)).toBeUndefined();
  expect(state.rows).toBe(4);

  state.nowMs += 60_000;
  await run();
  expect([(await countOf(one))?.events, state.rows]).toEqual([3, 5]);
  await run();
  expect([(await countOf(one))?.events, state.rows]).toEqual([3, 5]);
  expect(state.marks).toEqual([]);
});

test("a quota is told when it is reached, once a day, and again when it was raised and reached", async () => {
  const tenant = name();
  const { state, run, quotas } = rig({ [tenant]: 2 });
  await arrive(tenant, DAY + 1);
  state.nowMs = DAY + COUNT_AFTER_MS + 60_000;
  await run();
  expect(state.marks).toEqual([]);

  await arrive(tenant, state.nowMs);
  state.nowMs += COUNT_AFTER_MS + 1;
  state.isOut = true;
  await expect(run()).rejects.toThrow("KV is out");
  state.isOut = false;
  const untilMs = DAY + 86_400_000;
  for (let i = 0; i < 3; i += 1) await run();
  expect(state.marks).toEqual([[tenant, { untilMs, events: 2 }]]);

  Object.assign(quotas, { [tenant]: 3 });
  await run();
  await arrive(tenant, state.nowMs);
  state.nowMs += COUNT_AFTER_MS + 1;
  await run();
  expect(state.marks.slice(1)).toEqual([[tenant, { untilMs, events: 3 }]]);
});

test("a new day begins with nothing, and the old one is counted to its end", async () => {
  const tenant = name();
  const { state, run } = rig({ [tenant]: 1 });
  const next = DAY + 86_400_000;
  await arrive(tenant, next - 1);
  await arrive(tenant, next);
  state.nowMs = next + COUNT_AFTER_MS - 1;
  await run();
  expect(await countOf(tenant)).toBeUndefined();
  state.nowMs = next + COUNT_AFTER_MS + 1;
  await run();
  expect(await countOf(tenant)).toMatchObject({ day: "2026-11-23", events: 1 });
  expect(state.marks).toEqual([[tenant, { untilMs: next + 86_400_000, events: 1 }]]);
});

test("what came before midnight is counted behind it, whenever cron comes, and binds nobody", async () => {
  const tenant = name();
  const { state, run } = rig({ [tenant]: 3 });
  const next = DAY + 86_400_000;
  await arrive(tenant, next - 600_000);
  state.nowMs = next - 300_000;
  await run();
  await arrive(tenant, next - 100_000);
  await arrive(tenant, next - 1);
  await arrive(tenant, next);
  state.nowMs = next + 3_600_000;
  await run();
  expect(await countOf(tenant)).toMatchObject({
    day: "2026-11-22",
    events: 3,
    outcomes: { applied: 3 },
    countedUntilMs: next,
  });
  await run();
  expect(await countOf(tenant)).toMatchObject({ day: "2026-11-23", events: 1 });
  expect(state.marks).toEqual([]);
});

test("a day after which nothing came is over too", async () => {
  const tenant = name();
  const { state, run } = rig({ [tenant]: undefined });
  const next = DAY + 86_400_000;
  await arrive(tenant, DAY);
  state.nowMs = DAY + 3_600_000;
  await run();
  await arrive(tenant, next + 86_400_000);
  state.nowMs = next + 86_400_000 + 3_600_000;
  await run();
  expect(await countOf(tenant)).toMatchObject({ day: "2026-11-22", countedUntilMs: next });
  await run();
  expect(await countOf(tenant)).toMatchObject({ day: "2026-11-24", events: 1 });
});
