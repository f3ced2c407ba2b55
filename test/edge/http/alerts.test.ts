import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Permission } from "#src/core/access.ts";
import { saveCounts } from "#src/edge/d1/counted-events.ts";
import { openBreak } from "#src/edge/d1/open-break.ts";
import { freezeSubject } from "#src/edge/d1/positions.ts";
import { SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/alerts.ts";
import { cursorAt, nameOfList } from "#src/edge/http/cursor.ts";
import { listed, posted, type Rig, readRig, walk } from "./reads/rig.ts";

const db = env.MIRROR_0;
const HOUR_MS = 3_600_000;
/** As the rig's clock stands. */
const NOW_MS = Date.UTC(2026, 7, 1, 12);

let rig: Rig;
beforeEach(async () => {
  rig = await readRig();
});

const run = (sql: string, ...values: readonly (string | number | null)[]) =>
  db
    .prepare(sql)
    .bind(rig.tenant, ...values)
    .run();

const putBreak = (
  breakId: string,
  more: { class?: string; hours?: number; reference?: string } = {},
) =>
  openBreak(db, {
    tenant: rig.tenant,
    breakId,
    class: more.class ?? "MANIFEST",
    subject: more.class === "LOW_STOCK" ? "stock:SKU:W" : "dist:d1",
    reference: more.reference ?? "O1",
    detail: "The core has 500 USD",
    foundMs: NOW_MS - (more.hours ?? 30) * HOUR_MS,
  });

const endBreak = (breakId: string) =>
  run("UPDATE breaks SET resolved_ms = 1 WHERE tenant = ?1 AND break_id = ?2", breakId);

const putGap = (fromSeq: number, stage = "alert", source = "core") =>
  run(
    `INSERT INTO gaps (tenant, subject, source, epoch, from_seq, to_seq, since_ms, stage, at_ms)
     VALUES (?1, 'dist:d1', ?2, 0, ?3, ?3, ?4, ?5, 0)`,
    source,
    fromSeq,
    NOW_MS - HOUR_MS,
    stage,
  );

const putHeld = (state: string, source: string, eventId: string) =>
  run(
    `INSERT INTO held (tenant, event_id, state, source, sender_id, code, reason, since_ms)
     VALUES (?1, ?2, ?3, ?4, ?2, 'c', 'r', ?5)`,
    eventId,
    state,
    source,
    NOW_MS - HOUR_MS,
  );

const putRun = (runId: string, kind: string, state: string, error?: string) =>
  run(
    `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
       lease_ms, cursor, report) VALUES (?1, ?2, ?3, ?4, 'cron', ?5, ?5, 0, '{}', ?6)`,
    runId,
    kind,
    state,
    NOW_MS - HOUR_MS,
    JSON.stringify(error === undefined ? {} : { error: { kind: error, detail: "It is out" } }),
  );

const putReplay = (replayId: string, state: string) =>
  run(
    `INSERT INTO replays (tenant, replay_id, state, actor, started_ms, ended_ms, lease_ms, asked,
       cursor, report) VALUES (?1, ?2, ?3, 'key:k', ?4, ?4, 0, ?5, '{"phase":"events"}', ?6)`,
    replayId,
    state,
    NOW_MS - HOUR_MS,
    JSON.stringify({ fromMs: 0, toMs: 1, isDry: false }),
    JSON.stringify(state === "failed" ? { error: "A step failed: D1 is out" } : {}),
  );

const mirrors = () =>
  run("UPDATE tenants SET core_url = 'https://core.example', core_auth = 'x' WHERE tenant = ?1");

const putSource = (source: string, pausedMs: number | null) =>
  run(
    `INSERT INTO sources (tenant, source, sender, scheme, secrets, options, paused_ms, created_ms,
       updated_ms) VALUES (?1, ?2, 'standard', 's', '[]', '{}', ?3, 0, 0)`,
    source,
    pausedMs,
  );

const POLL = {
  kind: "http",
  auth: { kind: "token", token: "…0001" },
  streams: [{ name: "orders", url: "https://x.example/o", id: "id" }],
};

const putPolled = async (source: string) => {
  await putSource(source, null);
  await run(
    "UPDATE sources SET options = ?3 WHERE tenant = ?1 AND source = ?2",
    source,
    JSON.stringify({ poll: POLL }),
  );
};

const putPoll = (
  source: string,
  failures: number,
  { hours = 0, stream = "orders", kind = "unauthorized" } = {},
) =>
  run(
    `INSERT OR REPLACE INTO polls (tenant, source, stream, next_ms, lease_ms, cursor, failures, report)
     VALUES (?1, ?2, ?3, 0, 0, '{}', ?4, ?5)`,
    source,
    stream,
    failures,
    JSON.stringify({
      error:
        failures === 0
          ? null
          : { at_ms: NOW_MS, since_ms: NOW_MS - hours * HOUR_MS, kind, detail: "It said 700" },
    }),
  );

const putPeriodRun = (state: string) =>
  run(
    `INSERT OR REPLACE INTO runs (tenant, run_id, kind, plan_id, period_id, state, attempt, progress,
       started_ms, ended_ms)
     VALUES (?1, 'close:main:2026-07', 'close', 'main', '2026-07', ?2, 1, '{"reason":"Too many"}', 0, 9)`,
    state,
  );

const alerts = async (query = "") => (await listed(rig.call(`GET alerts${query}`))).items;
const told = async (query = "") =>
  (await alerts(query)).map(({ alert_id: id, severity }) => [severity, id].join(" "));

interface Case {
  readonly name: string;
  readonly begin: () => Promise<unknown>;
  readonly alert: string;
  readonly end: () => Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    name: "a break that is a day old",
    begin: () => putBreak("A"),
    alert: "ticket break:A",
    end: () => endBreak("A"),
  },
  {
    name: "a break that is three days old",
    begin: () => putBreak("A", { hours: 73 }),
    alert: "page break:A",
    end: () => endBreak("A"),
  },
  {
    name: "a debt",
    begin: async () => {
      await rig.mirror("dist:d1", [posted("d1", "L1", 100)]);
      await run(
        `UPDATE subjects SET view = '{"balances":{"dist:d1:available":{"USD":"700"}}}'
         WHERE tenant = ?1`,
      );
      await putBreak("NEGATIVE_BALANCE:d1:USD", {
        class: "NEGATIVE_BALANCE",
        hours: 0,
        reference: "d1",
      });
    },
    alert: "ticket negative_balance:NEGATIVE_BALANCE:d1:USD",
    end: () => run(`UPDATE subjects SET view = '{"balances":{}}' WHERE tenant = ?1`),
  },
  {
    name: "an article that is low",
    begin: async () => {
      await run(
        `INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
         VALUES (?1, 'inventory', 'SKU:W', 0, '1', 0, 0, '{"on_hand":1,"low_stock_at":5}')`,
      );
      await putBreak("LOW_STOCK:SKU:W:0.1", { class: "LOW_STOCK", hours: 0, reference: "SKU:W" });
    },
    alert: "ticket low_stock:LOW_STOCK:SKU:W:0.1",
    end: () => run(`UPDATE records SET value = '{"on_hand":9,"low_stock_at":5}' WHERE tenant = ?1`),
  },
  {
    name: "an object that is frozen",
    begin: async () => {
      await rig.mirror("dist:d1", [posted("d1", "L1", 100)]);
      await freezeSubject(db, { tenant: rig.tenant, subject: "dist:d1", detail: "d", nowMs: 7 });
      // Off the list of breaks, and frozen still.
      await endBreak("CHAIN:dist:d1");
    },
    alert: "page frozen:dist:d1",
    end: () => run("UPDATE subjects SET frozen_ms = NULL WHERE tenant = ?1"),
  },
  {
    name: "a gap that nobody has filled in time",
    begin: () => putGap(7),
    alert: 'page gap:["dist:d1","core",0,7]',
    end: () => run("UPDATE gaps SET stage = 'closed' WHERE tenant = ?1"),
  },
  ...(["dead", "quarantined", "conflict"] as const).map((state) => ({
    name: `an event that is ${state}`,
    begin: () => putHeld(state, "shop", `evt_${state}`),
    alert: `${state === "dead" ? "page" : "ticket"} ${state}:shop`,
    end: () => run("DELETE FROM held WHERE tenant = ?1"),
  })),
  {
    name: "a limit of a run",
    begin: async () => {
      await putBreak("M", { class: "MISSING_LOCAL", hours: 0 });
      await run("UPDATE breaks SET why = 'run_limit' WHERE tenant = ?1");
    },
    alert: "page limit_reached:MISSING_LOCAL",
    end: () => endBreak("M"),
  },
  {
    name: "a core that gives no answer",
    begin: async () => {
      await mirrors();
      await putRun("recon_1", "window", "failed", "unreachable");
    },
    alert: "ticket core_unreachable:core",
    end: () => putRun("recon_2", "lines", "done"),
  },
  {
    name: "a reconciliation that failed",
    begin: async () => {
      await mirrors();
      await putRun("recon_0", "lines", "failed", "malformed");
    },
    alert: "ticket reconciliation_failed:lines",
    end: () => putRun("recon_2", "lines", "done"),
  },
  {
    // Of one table with runs against the core, which this tenant has none of.
    name: "a rebuild that failed",
    begin: () =>
      run(
        `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
           lease_ms, cursor, report)
         VALUES (?1, 'rebuild_0', 'rebuild', 'failed', 'key', ?2, ?2, 0, ?3, ?4)`,
        NOW_MS - HOUR_MS,
        JSON.stringify({ asked: { reason: "a test", thaw: [] }, phase: "subjects" }),
        JSON.stringify({ error: "A step failed: D1 is out" }),
      ),
    alert: "ticket rebuild_failed:mirror",
    end: () => putRun("rebuild_1", "rebuild", "done"),
  },
  {
    name: "a replay that failed",
    begin: () => putReplay("replay_0", "failed"),
    alert: "ticket replay_failed:archive",
    end: () => putReplay("replay_1", "done"),
  },
  {
    name: "a period's run that failed",
    begin: () => putPeriodRun("failed"),
    alert: "ticket run_failed:close:main:2026-07",
    end: () => putPeriodRun("done"),
  },
  {
    name: "a source that cannot be polled for the fifth time",
    begin: async () => {
      await putPolled("crm");
      await putPoll("crm", 5);
    },
    alert: "ticket poll_failing:crm",
    end: () => putPoll("crm", 0),
  },
  {
    name: "a source that could not be polled for three days",
    begin: async () => {
      await putPolled("crm");
      await putPoll("crm", 1, { hours: 73 });
    },
    alert: "page poll_failing:crm",
    end: () => run("UPDATE sources SET paused_ms = 5 WHERE tenant = ?1"),
  },
  {
    name: "a source whose looking up fails",
    begin: async () => {
      await putPolled("crm");
      await putPoll("crm", 2, { hours: 1, stream: "@source", kind: "failed" });
    },
    alert: "ticket poll_failing:crm",
    end: () => run("UPDATE sources SET options = '{}' WHERE tenant = ?1"),
  },
  {
    name: "a source that is paused",
    begin: () => putSource("shop", 5),
    alert: "info source_paused:shop",
    end: () => run("UPDATE sources SET paused_ms = NULL WHERE tenant = ?1"),
  },
  {
    name: "a source that is paused and holds",
    begin: async () => {
      await putSource("shop", 5);
      await env.ARCHIVE_0.put(`paused/${rig.tenant}/shop/1.json`, "{}");
    },
    alert: "ticket source_paused:shop",
    end: () => run("DELETE FROM sources WHERE tenant = ?1"),
  },
  {
    name: "a quota that is reached",
    begin: async () => {
      await run(`UPDATE tenants SET quotas = '{"events_per_day":10}' WHERE tenant = ?1`);
      const counted = { day: "2026-08-01", events: 10, after: "", countedUntilMs: 0 };
      await saveCounts(db, new Map([[rig.tenant, counted]]), NOW_MS);
    },
    alert: "ticket quota_reached:events_per_day",
    end: () => run(`UPDATE tenants SET quotas = '{"events_per_day":11}' WHERE tenant = ?1`),
  },
];

describe("an alert is there as long as its cause:", () => {
  test.each(CASES)("$name", async ({ begin, alert, end }) => {
    await begin();
    const all = await told();
    expect(all).toContain(alert);
    const [severity = "", kind = ""] = alert.split(/ |:/);
    expect(await told(`?kind=${kind}`)).toContain(alert);
    expect(await told(`?severity=${severity}`)).toContain(alert);
    await end();
    expect(await told()).not.toContain(alert);
  });
});

describe("what is no alert", () => {
  test("rests, or is young, or is somebody else's", async () => {
    await putBreak("young", { hours: 1 });
    await putGap(7, "hydrate");
    await putHeld("parked", "shop", "evt_1");
    await putSource("shop", null);
    await putPolled("crm");
    await putPoll("crm", 4);
    await putPoll("gone", 9);
    // There is no core any more: what runs of before met says nothing.
    await putRun("recon_1", "window", "failed", "unreachable");
    await run(`UPDATE tenants SET quotas = '{"events_per_day":10}' WHERE tenant = ?1`);
    const counted = { day: "2026-07-31", events: 99, after: "", countedUntilMs: 0 };
    await saveCounts(db, new Map([[rig.tenant, counted]]), NOW_MS);
    expect(await told()).toEqual([]);
    const other = await readRig();
    await openBreak(db, {
      tenant: other.tenant,
      breakId: "theirs",
      class: "MANIFEST",
      subject: "dist:d1",
      reference: "O1",
      detail: "d",
      foundMs: 0,
    });
    expect(await told()).toEqual([]);
  });
});

/** All of them at once, several of a kind. */
async function crowd(): Promise<void> {
  for (const { begin } of CASES.filter(({ name }) => !/three|and holds|looking up/.test(name)))
    await begin();
  await putGap(9);
  await putGap(10);
  await putGap(2, "alert", "shop");
  for (const id of ["B", "C:1", "C~"]) await putBreak(id, { hours: 80 });
  for (const source of ["a", "b"]) await putSource(source, 5);
  for (const source of ["p", "q"]) {
    await putPolled(source);
    await putPoll(source, 7);
  }
  for (const source of ["a", "b"]) await putHeld("dead", source, `evt_${source}`);
}

describe("the list", () => {
  test("is in one order, the same whatever the page's length, each alert once", async () => {
    await crowd();
    const all = await alerts("?limit=200");
    expect(all.length).toBeGreaterThan(22);
    const ids = all.map(({ alert_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const limit of [1, 2, 3, 7]) {
      expect([limit, (await walk(rig, "alerts", limit)).map(({ alert_id: id }) => id)]).toEqual([
        limit,
        ids,
      ]);
    }
    const pages = await walk(rig, "alerts?severity=page", 2);
    expect(pages).toEqual(all.filter(({ severity }) => severity === "page"));
    const gaps = await walk(rig, "alerts?kind=gap", 1);
    // By number, not as text.
    expect(gaps.map(({ alert_id: id }) => id)).toEqual(
      ["core,7", "core,9", "core,10", "shop,2"].map((at) => {
        const [source, n] = at.split(",");
        return `gap:["dist:d1","${source}",0,${n}]`;
      }),
    );
  });

  test("shows ids and counts, no amounts, and leads to what it tells of", async () => {
    await crowd();
    const all = await alerts("?limit=200");
    expect(JSON.stringify(all.map(({ detail }) => detail))).not.toMatch(/500|700/);
    expect(all.find(({ alert_id: id }) => id === "break:C:1")).toEqual({
      alert_id: "break:C:1",
      kind: "break",
      severity: "page",
      subject: "dist:d1",
      since: new Date(NOW_MS - 80 * HOUR_MS).toISOString(),
      detail: "MANIFEST of O1",
      href: `/v1/tenants/${rig.tenant}/breaks/C%3A1`,
    });
    // Rows of this test have no core, no archive and no real secrets: what they name is there all the same.
    for (const { alert_id: id, href } of all) {
      if (/^(?:source_paused|poll_failing):/.test(String(id))) continue;
      const path = String(href).slice(`/v1/tenants/${rig.tenant}/`.length);
      expect([id, (await rig.call(`GET ${path}`)).status]).toEqual([id, 200]);
    }
  });

  test("is the same to whoever has it already, until something changes", async () => {
    await putBreak("A");
    const first = await rig.call("GET alerts");
    const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
    expect((await rig.call("GET alerts", { headers })).status).toBe(304);
    await putBreak("B");
    expect((await rig.call("GET alerts", { headers })).status).toBe(200);
  });

  test("goes on where it stopped among thousands that are no alerts", async () => {
    const ids = Array.from(
      { length: SEARCHED_ROWS_MAX + 5 },
      (_, i) => `A${String(i).padStart(6, "0")}`,
    );
    await run(
      `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
       SELECT ?1, value, 'MANIFEST', 'order:O1', 'O1', 'd', ?2 FROM json_each(?3)`,
      NOW_MS,
      JSON.stringify(ids),
    );
    await putBreak("B", { hours: 80 });
    await putHeld("dead", "shop", "evt_1");
    const first = await listed(rig.call("GET alerts"));
    expect([first.items, first.next_cursor]).toEqual([[], expect.any(String)]);
    const rest = await listed(rig.call(`GET alerts?cursor=${first.next_cursor}`));
    expect(rest.items.map(({ alert_id: id }) => id)).toEqual(["break:B", "dead:shop"]);
    expect(rest.next_cursor).toBeNull();
  });

  test.each(["?kind=x", "?severity=urgent", "?limit=0", "?state=open", "?cursor=x"])(
    "refuses %s",
    async (query) => {
      expect((await rig.call(`GET alerts${query}`)).status).toBe(400);
    },
  );

  test("takes a place that nobody gave for what it is, and fails at none", async () => {
    await crowd();
    const url = `https://gateway.example/v1/tenants/${rig.tenant}/alerts`;
    const list = nameOfList(url, {});
    for (const after of [
      { kind: "gap", key: "no key" },
      { kind: "gap", key: '["a"]' },
      { kind: "break", key: "\u{10FFFF}" },
      { kind: "frozen", key: "'" },
    ]) {
      const response = await rig.call(`GET alerts?cursor=${cursorAt({ list }, after)}`);
      expect([after, response.status]).toEqual([after, 200]);
    }
    const wrong = cursorAt({ list }, { kind: "nothing", key: "" });
    expect((await rig.call(`GET alerts?cursor=${wrong}`)).status).toBe(400);
  });

  test.each([
    ["finance", 200],
    ["operator", 200],
    ["auditor", 200],
    ["admin", 200],
    ["support", 403],
    ["distributor", 403],
  ])("is %s's: %i", async (role, status) => {
    const token = await rig.key(role, role === "distributor" ? "d1" : undefined);
    const permission: Permission = "alert:read";
    expect([permission, (await rig.call("GET alerts", { token })).status]).toEqual([
      permission,
      status,
    ]);
  });
});
