import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { objectsJob } from "#src/compose/reconciliation.ts";
import { sweepJob } from "#src/compose/cron.ts";
import { ROLES } from "#src/edge/control/directory.ts";
import { saveCounts } from "#src/edge/d1/counted-events.ts";
import { openBreak } from "#src/edge/d1/open-break.ts";
import { freezeSubject, saveJob } from "#src/edge/d1/positions.ts";
import { FIGURE_ROWS_MAX } from "#src/edge/d1/reads/metrics.ts";
import { NEVER_MS } from "#src/pollers/schedule.ts";
import { BOOKMARK_PATTERN } from "#src/edge/http/bookmarks.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { readOpenMetrics } from "../../support/open-metrics.ts";
import { asDocumented } from "../support/contract.ts";
import { entry, logged, posted, type Rig, readRig } from "./reads/rig.ts";

const db = env.MIRROR_0;
const HOUR_MS = 3_600_000;
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/** As Prometheus 3 asks. */
const PROMETHEUS =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

const parts = createParts(env);
const api = createApi(parts, readRoutes(readPorts(parts)));

interface Asked {
  readonly token?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ token = env.ADMIN_TOKEN, query = "", headers = {} }: Asked = {}) {
  const url = `https://gateway.example/metrics${query}`;
  const init = { headers: { Authorization: `Bearer ${token}`, ...headers } };
  return asDocumented({ method: "GET", url }, await api.fetch(new Request(url, init)));
}

async function read(asked: Asked = {}) {
  const response = await ask(asked);
  expect(response.status).toBe(200);
  // workerd warns of text() where the type does not begin with `text/`.
  return readOpenMetrics(Buffer.from(await response.arrayBuffer()).toString());
}

type Read = Awaited<ReturnType<typeof read>>;

/** The values of a family for a tenant, its other labels before them. */
const linesOf = (families: Read, name: string, tenant: string) =>
  (families.get(name)?.samples ?? [])
    .filter(({ labels }) => labels["tenant"] === tenant)
    .map(({ labels: { tenant: _tenant, ...rest }, value }) =>
      [...Object.values(rest), value].join(" "),
    );

let rig: Rig;
let other: Rig;
const NOW_MS = Date.now();

const putBreak = (breakId: string, foundMs: number) =>
  openBreak(db, {
    tenant: rig.tenant,
    breakId,
    class: "MANIFEST",
    subject: "order:O1",
    reference: "O1",
    detail: "d",
    foundMs,
  });

const putRun = (runId: string, kind: string, state: string, report: object) =>
  db
    .prepare(
      `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
         lease_ms, cursor, report) VALUES (?, ?, ?, ?, 'cron', ?, ?, 0, '{}', ?)`,
    )
    .bind(
      rig.tenant,
      runId,
      kind,
      state,
      NOW_MS - 9000,
      state === "running" ? null : NOW_MS - 5000,
      JSON.stringify(report),
    )
    .run();

const putGap = (stage: string, fromSeq: number) =>
  db
    .prepare(
      `INSERT INTO gaps (tenant, subject, source, epoch, from_seq, to_seq, since_ms, stage, at_ms)
       VALUES (?1, 'dist:d1', 'core', 0, ?2, ?2, ?3, ?4, 0)`,
    )
    .bind(rig.tenant, fromSeq, NOW_MS - 60_000, stage)
    .run();

const putDeliveries = () =>
  db
    .prepare(
      `INSERT INTO deliveries (tenant, delivery_id, destination, destination_ms, subscription, type, subject, state,
         body, step, due_ms, attempts, created_ms, ended_ms)
       VALUES (?1, 'd1', 'crm', 0, 'all', 't', 's', 'pending', '{}', 0, 9, '[]', ?2, NULL),
         (?1, 'd2', 'shop', 0, 'all', 't', 's', 'pending', '{}', 0, 5, '[]', ?2 + 5, NULL),
         (?1, 'd3', 'crm', 0, 'all', 't', 's', 'dead', '{}', 9, NULL, '[]', 1, 2),
         (?1, 'd4', 'crm', 0, 'all', 't', 's', 'delivered', '{}', 9, NULL, '[]', 1, 2)`,
    )
    .bind(rig.tenant, NOW_MS - 7000)
    .run();

const putPoll = (source: string, stream: string, failures: number, report: object, nextMs = 0) =>
  db
    .prepare(
      `INSERT INTO polls (tenant, source, stream, next_ms, lease_ms, cursor, failures, report)
       VALUES (?, ?, ?, ?, 0, '{}', ?, ?)`,
    )
    .bind(rig.tenant, source, stream, nextMs, failures, JSON.stringify(report))
    .run();

beforeAll(async () => {
  rig = await readRig();
  other = await readRig();
  await putDeliveries();
  await rig.mirror("dist:d1", [
    posted("d1", "L1", 100),
    entry({ event: logged(), outcome: "parked", code: "c", reason: "r" }),
  ]);
  await rig.loose({
    outcome: "dead",
    code: "attempts_exhausted",
    held: { state: "dead", reason: "r", message: "{}" },
  });
  await putBreak("A", NOW_MS - HOUR_MS);
  await putBreak("B", NOW_MS - 30 * HOUR_MS);
  await putBreak("C", NOW_MS - 80 * HOUR_MS);
  await freezeSubject(db, { tenant: rig.tenant, subject: "dist:d1", detail: "d", nowMs: NOW_MS });
  // Told to be frozen, but nothing of it is mirrored: there is no object to be frozen.
  await freezeSubject(db, { tenant: rig.tenant, subject: "dist:d2", detail: "d", nowMs: NOW_MS });
  await putGap("alert", 7);
  await putGap("closed", 9);
  const ended = (ago: number) => ({ last: { ended_ms: NOW_MS - ago } });
  await putPoll("crm", "@source", 0, {});
  await putPoll("crm", "deals", 0, ended(5000));
  await putPoll("crm", "leads", 3, { ...ended(90_000), error: { since_ms: NOW_MS - 60_000 } });
  await putPoll("crm", "looked-up", 0, ended(900_000_000), NEVER_MS);
  await putPoll("new", "all", 0, {});
  await putRun("recon_1", "window", "failed", { compared: 1 });
  await putRun("recon_2", "window", "done", { expected: 10, covered: 10, compared: 4, bytes: 77 });
  await putRun("recon_3", "window", "running", { compared: 900 });
  await putRun("recon_0", "lines", "failed", {});
  const day = new Date(NOW_MS).toISOString().slice(0, 10);
  const counted = {
    day,
    events: 5,
    outcomes: { applied: 5, rejected: 2 },
    after: "",
    countedUntilMs: 0,
  };
  await saveCounts(db, new Map([[rig.tenant, counted]]), NOW_MS);
  const lag = { tenant: rig.tenant, subject: "dist:d9", position: 4 };
  const shard = { index: 0 };
  await saveJob(db, sweepJob(shard), { state: { lagging: [lag] }, nowMs: NOW_MS });
  const begun = { startedMs: NOW_MS - 1000, subjects: 3, repaired: 0, frozen: 0 };
  const last = {
    startedMs: NOW_MS - 9000,
    endedMs: NOW_MS - 1000,
    subjects: 8,
    repaired: 1,
    frozen: 0,
  };
  await saveJob(db, objectsJob(shard), { state: { ...begun, last }, nowMs: NOW_MS });
});

describe("GET /metrics with a tenant's key", () => {
  test("tells what is kept of the tenant", async () => {
    const families = await read({ token: await rig.key("operator") });
    const of = (name: string) => linesOf(families, name, rig.tenant);
    expect(of("upline_held_events")).toEqual([
      "parked 1",
      "buffered 0",
      "quarantined 0",
      "conflict 0",
      "dead 1",
    ]);
    expect(of("upline_breaks_open").toSorted()).toEqual([
      "CHAIN page 2",
      "MANIFEST info 1",
      "MANIFEST page 1",
      "MANIFEST ticket 1",
    ]);
    expect(of("upline_frozen_objects")).toEqual(["1"]);
    expect(of("upline_gaps_open")).toEqual(["hydrate 0", "alert 1"]);
    expect(of("upline_unmirrored_objects")).toEqual(["1"]);
    expect(of("upline_events").filter((line) => line.startsWith("applied"))).toEqual([
      "applied 5",
      `applied ${Date.parse(new Date(NOW_MS).toISOString().slice(0, 10)) / 1000}`,
    ]);
    expect(
      of("upline_reconciliation_state")
        .filter((line) => line.endsWith(" 1"))
        .toSorted(),
    ).toEqual(["lines failed 1", "window running 1"]);
    expect(of("upline_reconciliation_items")).toContain("window compared 4");
    expect(of("upline_reconciliation_received_bytes").toSorted()).toEqual(["lines 0", "window 77"]);
    expect(of("upline_quota_used")).toEqual(["events_per_day 5", "sources 0"]);
    expect(of("upline_quota_limit")).toEqual(["sources 200"]);
    expect(of("upline_figures_cut")).toEqual([]);
    expect(of("upline_deliveries")).toEqual(["pending 2", "dead 1"]);
    expect(of("upline_poll_failing").toSorted()).toEqual(["crm 1", "new 0"]);
    const [pollAge, failingAge] = ["upline_poll_age_seconds", "upline_poll_failing_age_seconds"]
      .map((name) => of(name).map((line) => line.split(" ")))
      .map(([found = []]) => Number(found[1]));
    expect(pollAge).toBeGreaterThanOrEqual(90);
    expect(pollAge).toBeLessThan(9000);
    expect(failingAge).toBeGreaterThanOrEqual(60);
    expect(Number(of("upline_breaks_oldest_age_seconds"))).toBeGreaterThan(80 * 3600 - 1);
    expect(Number(of("upline_held_oldest_age_seconds")[0]?.split(" ")[1])).toBeGreaterThan(0);
  });

  test("tells nothing of any other tenant", async () => {
    const response = await ask({ token: await other.key("auditor") });
    const text = await response.text();
    const tenants = [...text.matchAll(/tenant="([^"]*)"/g)].map(([, name]) => name);
    expect(new Set(tenants)).toEqual(new Set([other.tenant]));
    expect(text).not.toContain("upline_object_check_objects");
    expect(text).not.toContain("upline_tenants");
    expect(text).toContain('upline_object_check_age_seconds{shard="0"}');
    expect(text).toContain('upline_queue_messages{shard="0",queue="slow"}');
  });

  test("takes no parameters, as there is nothing to choose", async () => {
    const token = await rig.key("operator");
    for (const query of ["?after=a", "?limit=1", `?tenant=${other.tenant}`]) {
      expect((await ask({ token, query })).status).toBe(400);
    }
  });

  test.each(ROLES)("is for whom docs/access.md says: %s", async (role) => {
    const token = await rig.key(role, role === "distributor" ? "d1" : undefined);
    const isRight = ["operator", "auditor", "admin"].includes(role);
    expect((await ask({ token })).status).toBe(isRight ? 200 : 403);
  });

  test("is for a key that is narrowed to it, and for none that is narrowed to something else", async () => {
    const make = async (scopes: readonly string[]) => {
      const url = `https://gateway.example/v1/tenants/${rig.tenant}/keys`;
      const headers = {
        Authorization: `Bearer ${env.ADMIN_TOKEN}`,
        "Content-Type": "application/json",
      };
      const body = JSON.stringify({ role: "operator", scopes });
      const made = await api.fetch(new Request(url, { method: "POST", headers, body }));
      return (await made.json<{ key: string }>()).key;
    };
    expect((await ask({ token: await make(["metrics:read"]) })).status).toBe(200);
    expect((await ask({ token: await make(["pipeline:read"]) })).status).toBe(403);
  });
});

describe("GET /metrics with ADMIN_TOKEN", () => {
  test("tells of all tenants, a page at a time, and of the shards", async () => {
    const before = rig.tenant.slice(0, -1);
    const families = await read({ query: `?after=${before}&limit=1` });
    const tenants = new Set(
      [...families.values()].flatMap(({ samples }) =>
        samples.flatMap(({ labels }) => labels["tenant"] ?? []),
      ),
    );
    expect(tenants).toEqual(new Set([rig.tenant]));
    const only = (name: string) => families.get(name)?.samples[0]?.value ?? -1;
    expect(only("upline_tenants")).toBeGreaterThan(1);
    expect(only("upline_tenants_omitted")).toBeLessThan(only("upline_tenants"));
    expect(linesOf(families, "upline_frozen_objects", rig.tenant)).toEqual(["1"]);
    const checked = families.get("upline_object_check_objects")?.samples;
    expect(
      checked?.map(({ labels, value }) => `${labels["walk"]} ${labels["result"]} ${value}`),
    ).toEqual([
      "current checked 3",
      "current differing 0",
      "current frozen 0",
      "last checked 8",
      "last differing 1",
      "last frozen 0",
    ]);
    expect(families.get("upline_build")?.samples[0]?.labels["environment"]).toBe("local");
  });

  test("leaves out who is behind the last one, and says how many", async () => {
    const all = await read();
    const named = new Set(
      all.get("upline_frozen_objects")?.samples.map(({ labels }) => labels["tenant"]),
    );
    const [shown, of, omitted] = [
      named.size,
      all.get("upline_tenants")?.samples[0]?.value,
      all.get("upline_tenants_omitted")?.samples[0]?.value,
    ];
    expect(shown).toBeLessThanOrEqual(100);
    // Tenants of a shard that this deployment does not have are counted, and have no figures.
    const elsewhere = await db
      .prepare("SELECT count(*) AS n FROM tenants WHERE shard <> 0")
      .first<number>("n");
    const untold = (of ?? NaN) - shown - (omitted ?? NaN);
    expect(untold).toBeGreaterThanOrEqual(0);
    expect(untold).toBeLessThanOrEqual(elsewhere ?? 0);
    const last = await read({ query: "?after=zzzz" });
    expect(last.get("upline_tenants_omitted")?.samples[0]?.value).toBe(0);
    expect(last.has("upline_frozen_objects")).toBe(false);
  });

  test.each(["?after=NO", "?limit=0", "?limit=101", "?limit=x", "?tenant=a", "?limit=1&limit=2"])(
    "refuses %s",
    async (query) => {
      const response = await ask({ query });
      expect([response.status, await response.json()]).toEqual([
        400,
        expect.objectContaining({ code: "parameter_invalid" }),
      ]);
    },
  );

  test("opens no other route without its tenant", async () => {
    const url = "https://gateway.example/v1/tenants/*/pipeline";
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
    expect((await api.fetch(new Request(url, { headers }))).status).toBe(404);
  });
});

describe("GET /metrics", () => {
  test("is not for strangers, other methods and other formats", async () => {
    const strangers = await api.fetch(new Request("https://gateway.example/metrics"));
    expect(strangers.status).toBe(401);
    expect((await ask({ token: "upl_00000000_0000000000000000000000000000000000" })).status).toBe(
      401,
    );
    expect((await ask({ headers: { Accept: "application/json" } })).status).toBe(406);
    const written = await api.fetch(
      new Request("https://gateway.example/metrics", { method: "POST" }),
    );
    expect([written.status, written.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });

  test.each([
    [{}, OPEN_METRICS],
    [{ Accept: PROMETHEUS }, OPEN_METRICS],
    [{ Accept: "text/plain;version=0.0.4" }, "text/plain; version=0.0.4; charset=utf-8"],
    [{ Accept: "text/html,*/*;q=0.8" }, OPEN_METRICS],
  ])("answers %j with %s", async (headers, type) => {
    const response = await ask({ headers, query: "?limit=1" });
    expect([response.headers.get("Content-Type"), response.headers.get("Vary")]).toEqual([
      type,
      "Accept",
    ]);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const text = await response.text();
    expect(text.endsWith("# EOF\n")).toBe(type === OPEN_METRICS);
    expect(text).toContain("upline_build_info{");
  });

  test("takes a bookmark and gives one, and refuses one that is none of ours", async () => {
    for (const token of [env.ADMIN_TOKEN, await rig.key("operator")]) {
      const first = (await ask({ token })).headers.get("D1-Bookmark") ?? "";
      expect(first).toMatch(new RegExp(BOOKMARK_PATTERN));
      const second = await ask({ token, headers: { "D1-Bookmark": first } });
      expect(second.status).toBe(200);
      expect((second.headers.get("D1-Bookmark") ?? "") >= first).toBe(true);
      expect((await ask({ token, headers: { "D1-Bookmark": "x" } })).status).toBe(400);
    }
  });

  test("counts no further than it looks, and says so", async () => {
    const crowded = await readRig();
    const rows = JSON.stringify(Array.from({ length: FIGURE_ROWS_MAX + 10 }, (_, i) => `e${i}`));
    await db
      .prepare(
        `INSERT INTO held (tenant, event_id, state, source, sender_id, code, reason, since_ms)
         SELECT ?1, value, 'parked', 'core', value, 'c', 'r', 0 FROM json_each(?2)`,
      )
      .bind(crowded.tenant, rows)
      .run();
    const families = await read({ token: await crowded.key("operator") });
    expect(linesOf(families, "upline_held_events", crowded.tenant)[0]).toBe(
      `parked ${FIGURE_ROWS_MAX}`,
    );
    expect(linesOf(families, "upline_figures_cut", crowded.tenant)).toEqual(["held 1"]);
  });
});

describe("GET /metrics where something is out", () => {
  /** Answers from bindings of which some members are others. */
  async function readWith(binding: "ARCHIVE_0" | "EVENTS_0", members: object) {
    const spoilt = new Proxy(env[binding], {
      get(target, name) {
        if (Object.hasOwn(members, name)) return Reflect.get(members, name);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const of = createParts({ ...env, [binding]: spoilt });
    const url = "https://gateway.example/metrics";
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
    const answer = await createApi(of, readRoutes(readPorts(of))).fetch(
      new Request(url, { headers }),
    );
    return readOpenMetrics(Buffer.from(await answer.arrayBuffer()).toString());
  }
  const queuesIn = (families: Read) =>
    families.get("upline_queue_messages")?.samples.map(({ labels }) => labels["queue"]);

  test("a queue that fails, or does not answer, is left out alone", async () => {
    const failing = { metrics: () => Promise.reject(new Error("Out")) };
    expect(queuesIn(await readWith("EVENTS_0", failing))).toEqual(["slow", "dead"]);
    const hanging = { metrics: () => new Promise(() => undefined) };
    expect(queuesIn(await readWith("EVENTS_0", hanging))).toEqual(["slow", "dead"]);
  });

  test("a bucket that fails is left out alone", async () => {
    const families = await readWith("ARCHIVE_0", { list: () => Promise.reject(new Error("Out")) });
    expect(families.has("upline_spilled")).toBe(false);
    expect(queuesIn(families)).toEqual(["events", "slow", "dead"]);
  });

  test("rows that are no JSON tell nothing, and hide nothing else", async () => {
    await putRun("recon_9", "window", "failed", {});
    await db.batch([
      db
        .prepare(
          "UPDATE reconciliation_runs SET report = 'x' WHERE tenant = ? AND run_id = 'recon_9'",
        )
        .bind(rig.tenant),
      db
        .prepare("UPDATE jobs SET state = 'x' WHERE job IN (?, ?)")
        .bind(`usage:${rig.tenant}`, sweepJob({ index: 0 })),
    ]);
    const families = await read({ token: await rig.key("operator") });
    // What else lies in this storage reads it too.
    await saveJob(db, sweepJob({ index: 0 }), { state: { lagging: [] }, nowMs: NOW_MS });
    expect(linesOf(families, "upline_held_events", rig.tenant)).not.toEqual([]);
  });
});
