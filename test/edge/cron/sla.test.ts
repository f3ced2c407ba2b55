import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { SLA_KEPT_MS, type SlaPorts, type SlaWalk, watchSla } from "#src/edge/cron/sla.ts";
import { loadJob, saveJob } from "#src/edge/d1/positions.ts";
import {
  foldHours,
  keepStandings,
  lookAtTenants,
  minutesOf,
  pruneSla,
  timedTenants,
  unfoldedHours,
} from "#src/edge/d1/sla-watch.ts";
import { readOpenMetrics } from "../../support/open-metrics.ts";
import { readRig, type Rig } from "../http/reads/rig.ts";

const db = env.MIRROR_0;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Half an hour into an hour. */
const NOW_MS = Date.UTC(2026, 7, 1, 12, 30);

const JOB = "sla:test";

let rig: Rig;
let lines: object[];

beforeEach(async () => {
  await db.exec("DELETE FROM sla_minutes");
  await forgetWalk();
  rig = await readRig();
  lines = [];
});

/** As of a shard that was never looked at. */
const forgetWalk = () => db.prepare("DELETE FROM jobs WHERE job = ?").bind(JOB).run();

const walked = () => loadJob<SlaWalk>(db, JOB);

const watch = (nowMs = NOW_MS, replace: Partial<SlaPorts> = {}) =>
  watchSla({
    page: (asked, limit) => timedTenants(db, asked, limit),
    look: (tenants, at) => lookAtTenants(db, tenants, at),
    keep: (standings) => keepStandings(db, standings, nowMs),
    unfolded: (tenants, beforeMs) => unfoldedHours(db, tenants, beforeMs),
    minutes: (hours) => minutesOf(db, hours),
    fold: (folded) => foldHours(db, folded),
    prune: (tenants, of) => pruneSla(db, tenants, of),
    load: walked,
    save: (walk) => saveJob(db, JOB, { state: walk, nowMs }),
    nowMs: () => nowMs,
    log: (level, event, fields) => lines.push({ level, event, ...fields }),
    ...replace,
  });

const put = (atMs: number, counts: object | string, tenant = rig.tenant) =>
  db
    .prepare("INSERT OR REPLACE INTO sla_minutes VALUES (?, ?, ?)")
    .bind(tenant, atMs, typeof counts === "string" ? counts : JSON.stringify(counts))
    .run();

const rows = async (tenant = rig.tenant) => {
  const { results } = await db
    .prepare("SELECT minute_ms, counts FROM sla_minutes WHERE tenant = ? ORDER BY 1")
    .bind(tenant)
    .all<{ minute_ms: number; counts: string }>();
  return results.map(({ minute_ms, counts }) => [minute_ms, JSON.parse(counts)]);
};

const LATE = { lines: 100, "within:5000": 10, "within:30000": 100 };

const alerts = async () => {
  const response = await rig.call("GET alerts?kind=slo_burning");
  return (await response.json<{ items: object[] }>()).items;
};

describe("an objective that burns", () => {
  test("is told of once, is an alert and a figure as long as it burns, and then told to be over", async () => {
    await put(NOW_MS, LATE);
    await watch();
    await watch(NOW_MS + MINUTE_MS);
    expect(lines).toEqual([
      {
        level: "error",
        event: "slo_burning",
        alert: true,
        tenant: rig.tenant,
        within_ms: 5000,
        rule: "page_1h",
        severity: "page",
        bad: 90,
        total: 100,
        burn_ppm: 18_000_000,
      },
    ]);
    expect(await alerts()).toEqual([
      {
        alert_id: "slo_burning:within_5000",
        kind: "slo_burning",
        severity: "page",
        subject: null,
        since: "2026-08-01T12:30:00.000Z",
        detail:
          "90 of 100 lines took longer than 5 s in 1 hour: 18.0 times what the objective allows",
        href: `/v1/tenants/${rig.tenant}/sla`,
      },
    ]);
    const token = await rig.key("operator");
    const response = await rig.call("GET ../../../metrics", { token });
    const families = readOpenMetrics(Buffer.from(await response.arrayBuffer()).toString());
    const figures = (name: string) =>
      families.get(name)?.samples.map(({ labels, value }) => [labels["within"], value]);
    expect(figures("upline_visible_lines")).toContainEqual([undefined, 100]);
    expect(figures("upline_visible_lines_in_time")).toContainEqual(["5s", 10]);
    expect(figures("upline_slo_burning")).toEqual([
      ["5s", 1],
      ["30s", 0],
    ]);
    lines = [];
    await watch(NOW_MS + 4 * DAY_MS);
    expect(lines).toMatchObject([{ level: "info", event: "slo_kept_again", within_ms: 5000 }]);
    expect(await alerts()).toEqual([]);
  });

  test("is kept before it is told of, and nothing is written where nothing changes", async () => {
    await put(NOW_MS, LATE);
    let kept = 0;
    const keep: SlaPorts["keep"] = async (standings) => {
      kept += 1;
      expect(lines).toEqual([]);
      await keepStandings(db, standings, NOW_MS);
    };
    await watch(NOW_MS, { keep });
    await watch(NOW_MS, { keep });
    expect([kept, lines.length]).toEqual([1, 1]);
  });

  test("is told anew of nobody who is spoilt, and leaves the others their turn", async () => {
    await put(NOW_MS, LATE);
    const other = await readRig();
    await put(NOW_MS, "{spoilt", other.tenant);
    for (const [tenant, state] of [
      [rig.tenant, "[]"],
      [other.tenant, "{spoilt"],
    ]) {
      await db.prepare("INSERT INTO jobs VALUES ('slo:' || ?, ?, 1)").bind(tenant, state).run();
    }
    await watch();
    expect(lines).toMatchObject([{ event: "slo_burning", tenant: rig.tenant }]);
  });

  test("is not kept of a tenant that has left meanwhile", async () => {
    await put(NOW_MS, LATE);
    await watch(NOW_MS, {
      keep: async (standings) => {
        await db.exec("DELETE FROM sla_minutes");
        await keepStandings(db, standings, NOW_MS);
      },
    });
    expect(await alerts()).toEqual([]);
  });
});

describe("hours that are over", () => {
  const hour = NOW_MS - 30 * MINUTE_MS - 7 * HOUR_MS;

  test("become one row, the sum of theirs; younger minutes stay", async () => {
    await put(hour, { lines: 1, "visible:3": 1 });
    await put(hour + MINUTE_MS, { lines: 2, "visible:3": 1, "visible:4": 1 });
    await put(hour + 59 * MINUTE_MS, { lines: 4 });
    await put(hour + HOUR_MS, { lines: 8 });
    await put(hour + HOUR_MS + MINUTE_MS, { lines: 16 });
    await watch();
    const folded = [
      [hour, { lines: 7, "visible:3": 2, "visible:4": 1 }],
      [hour + HOUR_MS, { lines: 8 }],
      [hour + HOUR_MS + MINUTE_MS, { lines: 16 }],
    ];
    expect(await rows()).toEqual(folded);
    await forgetWalk();
    await watch();
    expect(await rows()).toEqual(folded);
  });

  test("are made up for where nobody looked for long", async () => {
    for (const ago of [2, 1, 0]) await put(hour - ago * HOUR_MS + MINUTE_MS, { lines: 1 });
    await watch();
    expect(await rows()).toEqual([2, 1, 0].map((ago) => [hour - ago * HOUR_MS, { lines: 1 }]));
  });

  test("are looked for once an hour, of tenants too that had no lines since", async () => {
    await watch();
    await put(hour + MINUTE_MS, { lines: 1 });
    await watch(NOW_MS + 29 * MINUTE_MS);
    expect(await rows()).toEqual([[hour + MINUTE_MS, { lines: 1 }]]);
    await watch(NOW_MS + 30 * MINUTE_MS);
    expect(await rows()).toEqual([[hour, { lines: 1 }]]);
  });

  test("have no row of their full hour before", async () => {
    await put(hour + MINUTE_MS, { lines: 2 });
    await put(hour + 2 * MINUTE_MS, "{spoilt");
    await watch();
    expect(await rows()).toEqual([[hour, { lines: 2 }]]);
  });

  test("are the same where two runs are at it at once", async () => {
    await put(hour + MINUTE_MS, { lines: 2 });
    await put(hour + 2 * MINUTE_MS, { lines: 3 });
    await watch(NOW_MS, {
      fold: async (folded) => {
        await watch();
        await foldHours(db, folded);
      },
    });
    expect(await rows()).toEqual([[hour, { lines: 5 }]]);
  });

  test("come to nothing where their rows have been taken away meanwhile", async () => {
    await put(hour + MINUTE_MS, { lines: 2 });
    await watch(NOW_MS, {
      fold: async (folded) => {
        await db.exec("DELETE FROM sla_minutes");
        await foldHours(db, folded);
      },
    });
    expect(await rows()).toEqual([]);
  });
});

describe("what is older than 31 days", () => {
  test("is deleted, of every tenant, in slices", async () => {
    const other = await readRig();
    for (const { tenant } of [rig, other]) {
      await put(NOW_MS - SLA_KEPT_MS - HOUR_MS, { lines: 1 }, tenant);
      await put(NOW_MS - SLA_KEPT_MS - 1, { lines: 2 }, tenant);
      await put(NOW_MS - SLA_KEPT_MS, { lines: 4 }, tenant);
    }
    await watch();
    for (const { tenant } of [rig, other]) {
      expect(await rows(tenant)).toEqual([[NOW_MS - SLA_KEPT_MS, { lines: 4 }]]);
    }
    expect(await pruneSla(db, [rig.tenant, other.tenant], { beforeMs: NOW_MS, limit: 1 })).toBe(1);
    expect((await rows()).length + (await rows(other.tenant)).length).toBe(1);
  });

  test("stays as far back as anybody may ask: to the full hour", async () => {
    const first = NOW_MS - 31 * DAY_MS - 30 * MINUTE_MS;
    await put(first, { lines: 1 });
    await watch();
    expect(await rows()).toEqual([[first, { lines: 1 }]]);
  });
});

describe("who is looked at", () => {
  const GOOD = { lines: 100, "within:5000": 100, "within:30000": 100 };
  /** Whom a run looked at. */
  const lookedAt = async (nowMs: number): Promise<readonly string[]> => {
    const names: string[] = [];
    await watch(nowMs, {
      look: (tenants, at) => {
        names.push(...tenants);
        return lookAtTenants(db, tenants, at);
      },
    });
    return names;
  };

  test("is who had lines since, or had late ones in a window", async () => {
    const other = await readRig();
    const both = [rig.tenant, other.tenant].toSorted();
    await put(NOW_MS, GOOD);
    await put(NOW_MS, LATE, other.tenant);
    expect((await lookedAt(NOW_MS)).toSorted()).toEqual(both);
    // A batch that was begun in a minute can be over two minutes later.
    await watch(NOW_MS + 2 * MINUTE_MS);
    expect((await lookedAt(NOW_MS + 3 * MINUTE_MS)).toSorted()).toEqual(both);
    expect(await lookedAt(NOW_MS + 4 * MINUTE_MS)).toEqual([other.tenant]);
    await put(NOW_MS + 4 * MINUTE_MS, GOOD);
    expect((await lookedAt(NOW_MS + 5 * MINUTE_MS)).toSorted()).toEqual(both);
    // They are late until the last window has none of them.
    expect(await lookedAt(NOW_MS + 3 * DAY_MS)).toContain(other.tenant);
    expect(await lookedAt(NOW_MS + 3 * DAY_MS + MINUTE_MS)).toEqual([]);
  });

  test("is everybody when a day begins", async () => {
    await put(NOW_MS, GOOD);
    await watch(NOW_MS + HOUR_MS);
    const midnight = NOW_MS - (NOW_MS % DAY_MS) + DAY_MS;
    expect(await lookedAt(midnight - 1)).toEqual([]);
    expect(await lookedAt(midnight)).toEqual([rig.tenant]);
    expect(await lookedAt(midnight + MINUTE_MS)).toEqual([]);
  });
});

describe("a run whose time is over", () => {
  const slowly = (startMs: number): Partial<SlaPorts> => {
    let nowMs = startMs;
    return {
      nowMs: () => nowMs,
      page: async (asked) => {
        nowMs += 20_000;
        return timedTenants(db, asked, 1);
      },
    };
  };

  test("leaves the rest to the next, which knows since when it has to look", async () => {
    const tenants = [rig.tenant, (await readRig()).tenant].toSorted();
    for (const tenant of tenants) await put(NOW_MS, LATE, tenant);
    await watch(NOW_MS, slowly(NOW_MS));
    expect(lines).toMatchObject([{ event: "slo_burning", tenant: tenants[0] }]);
    expect(await walked()).toEqual({ sinceMs: 0, begunMs: NOW_MS, after: tenants[0] });
    await watch(NOW_MS + MINUTE_MS, slowly(NOW_MS + MINUTE_MS));
    expect(lines).toMatchObject([{ tenant: tenants[0] }, { tenant: tenants[1] }]);
    await watch(NOW_MS + 2 * MINUTE_MS, slowly(NOW_MS + 2 * MINUTE_MS));
    expect(await walked()).toEqual({ sinceMs: 0, begunMs: NOW_MS });
    await watch(NOW_MS + 3 * MINUTE_MS);
    expect(await walked()).toEqual({ sinceMs: NOW_MS, begunMs: NOW_MS + 3 * MINUTE_MS });
    expect(lines).toHaveLength(2);
  });
});

test("tenants are found by name, a page at a time, with whether they had lines since", async () => {
  for (const tenant of ["a", "b", "c"]) {
    await put(1, {}, tenant);
    await put(tenant === "b" ? 3 : 2, {}, tenant);
  }
  const found = async (after: string) =>
    (await timedTenants(db, { after, sinceMs: 3 }, 2)).map(({ tenant, hasNews }) => [
      tenant,
      hasNews,
    ]);
  expect(await found("")).toEqual([
    ["a", false],
    ["b", true],
  ]);
  expect(await found("b")).toEqual([["c", false]]);
  expect(await found("c")).toEqual([]);
});

test("burn rates are of counts that are numbers, whatever a row was spoilt to", async () => {
  const spoilt = ["{spoilt", "[1]", "5", "null", '"x"', '{"lines":"abc"}', '{"lines":{"a":1}}'];
  for (const [i, counts] of spoilt.entries()) await put(NOW_MS - i * MINUTE_MS, counts);
  await put(NOW_MS - 10 * MINUTE_MS, LATE);
  const found = await lookAtTenants(db, [rig.tenant], { nowMs: NOW_MS, dayMs: NOW_MS - DAY_MS });
  const good = { 5000: 10, 30000: 100 };
  expect(found.get(rig.tenant)?.day).toEqual({ since_ms: NOW_MS - DAY_MS, lines: 100, good });
});
