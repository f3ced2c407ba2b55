import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { healingEvents } from "#src/core/reconciliation/heal.ts";
import type { JudgedBreak } from "#src/core/reconciliation/judge.ts";
import { freezeSubject } from "#src/edge/d1/positions.ts";
import { putBreaks } from "#src/edge/d1/reconciliation/breaks.ts";
import { breakReads, SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/breaks.ts";
import { type ReadPorts, readRoutes } from "#src/edge/http/reads.ts";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { w2 } from "../support/company.ts";
import { asDocumented } from "../support/contract.ts";
import { expectMirrorEqualsObjects, layLine, type Line, lineOf } from "../support/line.ts";

const HOUR_MS = 3_600_000;
const LINE_MS = Date.parse("2026-07-01T10:00:00.000Z");
const RUN_ID = "recon_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";

let line: Line;
let tenant: string;

interface Asked {
  readonly token?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ports?: Partial<ReadPorts>;
}

/** Asks the gateway with the queue that the test holds in its hands. */
async function ask(call: string, { token = env.ADMIN_TOKEN, body, headers, ports }: Asked = {}) {
  const [method = "GET", path = ""] = call.split(" ");
  const api = createApi(line.parts, readRoutes({ ...readPorts(line.parts), ...ports }));
  const url = `https://gateway.example/v1/tenants/${tenant}/${path}`;
  const sent = new Headers({ Authorization: `Bearer ${token}`, ...headers });
  if (body !== undefined) sent.set("Content-Type", "application/json");
  const init = { method, headers: sent, ...(body && { body: JSON.stringify(body) }) };
  return asDocumented({ method, url }, await api.fetch(new Request(url, init)));
}

type Shown = Readonly<Record<string, unknown>>;
const listed = async (query: string) =>
  await (await ask(`GET breaks${query}`)).json<{ items: Shown[]; next_cursor: string | null }>();
const idsOf = async (query: string) => (await listed(query)).items.map(({ id }) => id);
const shown = async (id: string): Promise<Shown> =>
  (await ask(`GET breaks/${encodeURIComponent(id)}`)).json();
const resolve = (id: string, body: object, more: Asked = {}) =>
  ask(`POST breaks/${encodeURIComponent(id)}/resolve`, { body, ...more });

/** The status of an answer with what it says is wrong. */
async function saysOf(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer;
  const { detail, errors } = await response.json<{
    detail?: string;
    errors?: { path: string; rule: string }[];
  }>();
  return [response.status, detail, ...(errors ?? []).map(({ path, rule }) => `${path} ${rule}`)]
    .filter((part) => part !== undefined)
    .join(" ");
}

const select = async (sql: string, ...values: (string | number)[]) =>
  (
    await env.MIRROR_0.prepare(sql)
      .bind(tenant, ...values)
      .all()
  ).results;

const local = (line_id: string) => ({
  line_id,
  distributor_id: "B",
  order_id: "B-O1",
  component: "unilevel",
  level: 1,
  depth: null,
  rate_ppm: null,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held" as const,
  period_id: "2026-07",
  effective_ms: LINE_MS,
  origin: "core" as const,
});

const core = (line_id: string) => ({
  line_id,
  distributor_id: "B",
  order_id: null,
  component: "unilevel",
  level: null,
  paid_level: null,
  cv_x100: null,
  rate_ppm: null,
  currency: "USD",
  amount_minor: 500,
  reversals: [{ line_id: `${line_id}:r`, amount_minor: 20 }],
  status: "held" as const,
  period_id: "2026-07",
  run_id: "R1",
  effective_ms: LINE_MS,
  available_ms: null,
  updated_ms: LINE_MS,
});

const judged = (break_id: string, more: Partial<JudgedBreak> = {}): JudgedBreak => ({
  break_id,
  class: "AMOUNT",
  distributor_id: "B",
  line_id: "X",
  core: core("X"),
  local: local("X"),
  action: "none",
  why: "above_limit",
  opened_ms: Date.now() - HOUR_MS,
  is_new: true,
  detail: "The core has 500 USD; the mirror 400 USD",
  ...more,
});

const keep = (...breaks: readonly JudgedBreak[]) =>
  putBreaks(env.MIRROR_0, { tenant, runId: RUN_ID }, breaks);

const extra = (break_id: string, line_id: string) =>
  judged(break_id, {
    class: "EXTRA_LOCAL",
    line_id,
    core: null,
    local: local(line_id),
    action: "suspend",
    why: null,
    opened_ms: Date.now() - 30 * HOUR_MS,
  });

/** Another tenant in the state of the first: one line of 4.00 USD that is held. */
async function begin(): Promise<void> {
  line = await lineOf("B");
  ({ tenant } = line.company);
  await line.post(w2("B").slice(0, 1));
  await line.drain();
}

/** The line, put aside by the event that a run sends. */
async function putAside(id = "EXTRA_LOCAL:B:B-L1:0") {
  const found = extra(id, "B-L1");
  await keep(found);
  const { sendMade } = readPorts(line.parts);
  const known = await line.parts.directory.tenant(tenant);
  if (known === undefined) throw new Error("No tenant");
  const send = () =>
    sendMade(known, { name: RUN_ID, atMs: Date.now(), events: healingEvents(found) });
  return { id, send };
}

const balances = async () => {
  const rows = await select(
    "SELECT account, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1 HAVING amount <> 0",
  );
  return Object.fromEntries(rows.map((row) => [String(row["account"]), row["amount"]]));
};

const HELD = { "exp:commission": 400, "dist:B:held": -400 };
const ASIDE = { "exp:commission": 400, "suspense:recon": -400 };

const audited = async () =>
  (
    await select(
      "SELECT action, target, detail FROM audit WHERE tenant = ? AND action LIKE 'break.%'",
    )
  ).map((row) => ({ ...row, detail: JSON.parse(String(row["detail"])) }));

describe("GET …/breaks", () => {
  const odd = "AMOUNT:a/b%2F:?x=#ü:0011";
  beforeAll(async () => {
    await begin();
    await keep(
      judged("AMOUNT:B:X:1"),
      judged(odd, { distributor_id: "a/b%2F", line_id: "?x=#ü", why: "refused" }),
      judged("EXTRA_LOCAL:B:X:2", {
        class: "EXTRA_LOCAL",
        core: null,
        why: "waits_a_day",
        opened_ms: Date.now() - 25 * HOUR_MS,
      }),
      judged("MISSING_LOCAL:B:X:3", {
        class: "MISSING_LOCAL",
        local: null,
        action: "backfill",
        why: null,
        opened_ms: Date.now() - 73 * HOUR_MS,
      }),
    );
    await select(
      "UPDATE breaks SET resolved_ms = 5, outcome = 'healed' WHERE tenant = ? AND class = 'MISSING_LOCAL'",
    );
    await select(
      `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
       VALUES (?, 'BACKDATED:L1', 'BACKDATED', 'dist:C', 'L1', 'Is paid', 1)`,
    );
  });

  test("shows a break with both its sides", async () => {
    expect(await shown("AMOUNT:B:X:1")).toMatchObject({
      id: "AMOUNT:B:X:1",
      class: "AMOUNT",
      state: "open",
      // An hour old, but above the limit.
      severity: "page",
      subject: "dist:B",
      distributor_id: "B",
      line_id: "X",
      run_id: RUN_ID,
      amount: { amount_minor: 500, currency: "USD", amount: "5.00" },
      core: {
        amount: { amount_minor: 500 },
        reversed: { amount_minor: 20 },
        status: "held",
        effective_at: "2026-07-01T10:00:00.000Z",
      },
      mirror: { amount: { amount_minor: 400 }, reversed: { amount_minor: 0 }, order_id: "B-O1" },
      action: "none",
      why: "above_limit",
      resolved_at: null,
      resolution: null,
    });
    expect(await shown("EXTRA_LOCAL:B:X:2")).toMatchObject({ core: null, severity: "ticket" });
    expect(await shown("MISSING_LOCAL:B:X:3")).toMatchObject({
      state: "healed",
      severity: null,
      mirror: null,
      resolved_at: "1970-01-01T00:00:00.005Z",
    });
  });

  test("shows one that no run found, and one whose id an address does not take as it is", async () => {
    expect(await shown("BACKDATED:L1")).toMatchObject({
      distributor_id: "C",
      line_id: null,
      run_id: null,
      amount: null,
      action: null,
      severity: "page",
    });
    expect(await shown(odd)).toMatchObject({ id: odd, distributor_id: "a/b%2F" });
    expect((await ask("GET breaks/none")).status).toBe(404);
  });

  test.each([
    { query: "?state=open", ids: ["AMOUNT:B:X:1", odd, "BACKDATED:L1", "EXTRA_LOCAL:B:X:2"] },
    { query: "?state=closed", ids: ["MISSING_LOCAL:B:X:3"] },
    { query: "?class=AMOUNT", ids: ["AMOUNT:B:X:1", odd] },
    { query: "?distributor_id=C", ids: ["BACKDATED:L1"] },
    { query: `?distributor_id=${encodeURIComponent("a/b%2F")}`, ids: [odd] },
    { query: `?run_id=${RUN_ID}&class=EXTRA_LOCAL`, ids: ["EXTRA_LOCAL:B:X:2"] },
    { query: "?run_id=recon_x", ids: [] },
  ])("narrows the list by $query", async ({ query, ids }) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test("goes on page by page, each cursor under its own filters", async () => {
    const all = await idsOf("?state=all");
    expect(all).toEqual(await idsOf(""));
    const first = await listed("?state=open&limit=1");
    const { items } = await listed(`?state=open&cursor=${first.next_cursor}`);
    expect([...first.items, ...items].map(({ id }) => id)).toEqual(await idsOf("?state=open"));
    expect(await saysOf(ask(`GET breaks?cursor=${first.next_cursor}`))).toBe("400 cursor cursor");
    expect(await saysOf(ask("GET breaks?state=new"))).toBe("400 state enum");
  });

  test("stops looking for what is rare, and says where to go on", async () => {
    const other = `t${crypto.randomUUID()}`;
    await env.MIRROR_0.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
       SELECT ?1, printf('b%05d', i), iif(i = ?2, 'RARE', 'OTHER'), 's', 'r', 'd', 1 FROM n`,
    )
      .bind(other, SEARCHED_ROWS_MAX + 1)
      .run();
    const reads = breakReads(() => env.MIRROR_0);
    const search = (after?: string) =>
      reads.list(
        { tenant: other, shard: 0 },
        { class: "RARE" },
        { limit: 10, ...(after && { after }) },
      );
    const { value } = await search();
    expect(value).toEqual({ rows: [], searchedTo: "b05000" });
    expect((await search(value.searchedTo)).value.rows).toMatchObject([{ class: "RARE" }]);
  });
});

const WHY = { reason: "Ticket 4711" };
const KEY = { headers: { "Idempotency-Key": "k1" } };

describe("POST …/breaks/{id}/resolve", () => {
  beforeAll(begin);

  test("resolves, reopens and accepts, with a reason, audited", async () => {
    const id = "AMOUNT:B:X:1";
    await keep(judged(id));
    const resolved = await resolve(id, { action: "resolve", reason: "  Ticket 4711 " });
    expect(resolved.headers.get("D1-Bookmark")).toMatch(/^[\da-f-]{50,}$/);
    expect(await resolved.json()).toMatchObject({
      state: "resolved",
      severity: null,
      resolution: { action: "resolve", decision: null, reason: "Ticket 4711", by: "admin_token" },
    });
    expect(await shown(id)).toMatchObject({ state: "resolved" });
    expect(await saysOf(resolve(id, { action: "accept", ...WHY }))).toMatch(/^409 It is closed/);

    const reopened = await resolve(id, { action: "reopen", reason: "It is there again" });
    expect(await reopened.json()).toMatchObject({ state: "open", resolved_at: null });
    expect(await saysOf(resolve(id, { action: "reopen", ...WHY }))).toMatch(/^409 It is open/);
    const accepted = await resolve(id, { action: "accept", ...WHY });
    expect(await accepted.json()).toMatchObject({ state: "accepted", resolution: { ...WHY } });
    expect(await audited()).toEqual([
      {
        action: "break.resolve",
        target: `break:${id}`,
        detail: { class: "AMOUNT", decision: null, reason: "Ticket 4711" },
      },
      expect.objectContaining({ action: "break.reopen" }),
      expect.objectContaining({ action: "break.accept" }),
    ]);
    expect(line.queued).toEqual([]);
  });

  test("does a write with an Idempotency-Key once", async () => {
    const id = "AMOUNT:B:X:once";
    await keep(judged(id));
    const body = { action: "resolve", ...WHY };
    const first = await (await resolve(id, body, KEY)).json();
    const again = await resolve(id, body, KEY);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect([again.status, await again.json()]).toEqual([200, first]);
  });

  test.each([
    { body: { action: "close", ...WHY }, says: "422 action enum" },
    { body: { action: "resolve" }, says: "422 reason required" },
    { body: { action: "resolve", reason: "  " }, says: "422 reason length" },
    { body: { action: "resolve", reason: "x".repeat(501) }, says: "422 reason length" },
    { body: { action: "resolve", ...WHY, by: "me" }, says: "422 by unknown_field" },
    { body: { action: "resolve", ...WHY, decision: "pay" }, says: "422 decision enum" },
    { body: { action: "resolve", ...WHY, decision: "keep" }, says: "422 decision effect" },
    { body: { action: "accept", ...WHY, decision: "keep" }, says: "422 decision effect" },
  ])("refuses $body: $says", async ({ body, says }) => {
    const id = "AMOUNT:B:X:refused";
    await keep(judged(id));
    expect(await saysOf(resolve(id, body))).toBe(says);
    expect(await shown(id)).toMatchObject({ state: "open", resolution: null });
  });

  test("lets finance and nobody of another tenant or role do it", async () => {
    const id = "AMOUNT:B:X:roles";
    await keep(judged(id));
    const keyOf = async (role: string): Promise<string> => {
      const path = `POST /v1/tenants/${tenant}/keys`;
      return (await (await line.company.api(path, { role })).json<{ key: string }>()).key;
    };
    const body = { action: "resolve", ...WHY };
    for (const role of ["auditor", "operator", "support"]) {
      expect((await resolve(id, body, { token: await keyOf(role) })).status).toBe(403);
    }
    const token = await keyOf("finance");
    expect((await resolve(id, body, { token })).status).toBe(200);
    expect((await shown(id))["resolution"]).toMatchObject({ by: expect.stringMatching(/^key:/) });
    expect((await resolve("none", body)).status).toBe(404);
    const own = tenant;
    tenant = (await layLine()).company.tenant;
    expect((await resolve(id, body)).status).toBe(404);
    expect((await resolve(id, body, { token })).status).toBe(404);
    tenant = own;
  });

  test("reopens nothing that a run closed, and ends nothing that changed meanwhile", async () => {
    const id = "AMOUNT:B:X:run";
    await keep(judged(id));
    const sql =
      "UPDATE breaks SET resolved_ms = 1, outcome = 'gone' WHERE tenant = ? AND break_id = ?";
    const ports = readPorts(line.parts);
    const racing: Partial<ReadPorts> = {
      record: async () => {
        await select(sql, id);
      },
    };
    const body = { action: "resolve", ...WHY };
    expect(await saysOf(resolve(id, body, { ports: { ...ports, ...racing } }))).toMatch(
      /^409 It was changed meanwhile/,
    );
    expect(await shown(id)).toMatchObject({ state: "gone", resolution: null });
    expect(await saysOf(resolve(id, { action: "reopen", ...WHY }))).toMatch(/^409 No person/);
  });

  describe("of a chain", () => {
    const id = "CHAIN:dist:B";
    const frozenMs = async () =>
      (
        await select("SELECT frozen_ms AS ms FROM subjects WHERE tenant = ? AND subject = 'dist:B'")
      )[0]?.["ms"];
    const tamper = (...statements: readonly string[]) =>
      runInDurableObject(
        env.DISTRIBUTOR.getByName(`${tenant}/B`),
        (_instance: SubjectObject, state: DurableObjectState) => {
          for (const statement of statements) state.storage.sql.exec(statement);
        },
      );
    const act = (action: string, more: Asked = {}) => resolve(id, { action, ...WHY }, more);

    beforeEach(async () => {
      await begin();
      const detail = "Row 1 of its log is not what its chain says";
      await freezeSubject(env.MIRROR_0, { tenant, subject: "dist:B", detail, nowMs: 1 });
    });

    test("has the object go on where its log holds again", async () => {
      await line.post({ ...w2("B")[0], id: "late-1", seq: 9 });
      await line.run();
      expect(await frozenMs()).toBe(1);
      const response = await act("resolve");
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ state: "resolved", class: "CHAIN" });
      expect(await frozenMs()).toBeNull();
      const [deed] = await select(
        "SELECT action, actor FROM audit WHERE tenant = ? AND target = 'break:CHAIN:dist:B'",
      );
      expect(deed).toEqual({ action: "break.resolve", actor: "admin_token" });

      // What came meanwhile was kept, and is sent through by whoever asks for it.
      const [dead] = await select("SELECT event_id, code FROM held WHERE tenant = ?");
      expect(dead).toMatchObject({ code: "subject_frozen" });
      expect((await ask(`POST held/${String(dead?.["event_id"])}/retry`)).status).toBe(202);
      await line.drain();
      await expectMirrorEqualsObjects(tenant);
    });

    test.each([
      [
        "is broken",
        /^409 Its object stays frozen\. Row 1 of its log is not what its chain says: restore/,
        [
          "UPDATE log SET hash = iif(hash LIKE 'a%', 'b', 'a') || substr(hash, 2) WHERE position = 1",
        ],
      ],
      [
        "ends before the mirror",
        /^409 Its object stays frozen\. Its log ends at 0, and \d+ rows of it were mirrored/,
        ["DELETE FROM log"],
      ],
    ])("leaves it frozen where its log %s, and it can be accepted", async (_, told, statements) => {
      await tamper("DROP TRIGGER log_no_update", "DROP TRIGGER log_no_delete", ...statements);
      // An object that is begun anew reads its log again.
      await evictDurableObject(env.DISTRIBUTOR.getByName(`${tenant}/B`));
      expect(await saysOf(act("resolve"))).toMatch(told);
      expect(await frozenMs()).toBe(1);
      expect(await shown(id)).toMatchObject({ state: "open" });
      expect((await act("accept")).status).toBe(200);
      expect(await frozenMs()).toBe(1);
      expect((await act("reopen")).status).toBe(200);
    });

    test("leaves it frozen where the mirror knows another log", async () => {
      await select("UPDATE subjects SET head = 'x' WHERE tenant = ? AND subject = 'dist:B'");
      expect(await saysOf(act("resolve"))).toMatch(/has another hash than the mirror/);
      expect(await frozenMs()).toBe(1);
    });

    test("takes the role admin", async () => {
      const made = await ask("POST keys", { body: { role: "finance" } });
      const { key } = await made.json<{ key: string }>();
      expect(await saysOf(act("resolve", { token: key }))).toMatch(/^403 Only the role admin/);
      expect(await frozenMs()).toBe(1);
      expect((await act("accept", { token: key })).status).toBe(200);
    });
  });
});

describe("a line that the core does not have", () => {
  test.each([
    { decision: "keep", state: "accepted", after: HELD },
    { decision: "reverse", state: "resolved", after: {} },
  ])("is put aside, and $decision is posted", async ({ decision, state, after }) => {
    await begin();
    const { id, send } = await putAside();
    const body = { action: "resolve", decision, ...WHY };
    // The event that puts it aside is on its way.
    expect(await saysOf(resolve(id, body))).toMatch(/^409 Its line is being put aside/);
    await send();
    expect(await saysOf(resolve(id, { action: "accept", ...WHY }))).toMatch(
      /^409 Its line is being/,
    );
    await line.drain();
    expect(await balances()).toEqual(ASIDE);
    expect(await saysOf(resolve(id, { action: "resolve", ...WHY }))).toBe("422 decision required");
    expect(await saysOf(resolve(id, { action: "accept", ...WHY }))).toMatch(/^409 Its line lies/);

    expect(await (await resolve(id, body)).json()).toMatchObject({
      state,
      resolution: { decision, ...WHY },
    });
    await line.drain();
    expect(await balances()).toEqual(after);
    await expectMirrorEqualsObjects(tenant);
    expect(await saysOf(resolve(id, { action: "reopen", ...WHY }))).toMatch(/^409 A decision/);
  });

  test("is decided upon once, whatever fails on the way", async () => {
    await begin();
    const { id, send } = await putAside();
    await send();
    await line.drain();
    const body = { action: "resolve", decision: "keep", reason: "first" };
    const lost: Partial<ReadPorts> = {
      sendMade: () => Promise.reject(new Error("The queue is out")),
    };
    expect((await resolve(id, body, { ports: lost })).status).toBe(500);
    expect(await shown(id)).toMatchObject({ state: "open", resolution: { decision: "keep" } });
    expect(await saysOf(resolve(id, { ...body, decision: "reverse" }))).toMatch(/^409 Another/);

    // Sent, and not closed: what is made again are the same events.
    const { breaks, sendMade } = readPorts(line.parts);
    const unclosed: ReadPorts["breaks"] = {
      ...breaks,
      end: (name, seen, end) =>
        end.resolvedMs === null
          ? breaks.end(name, seen, end)
          : Promise.reject(new Error("D1 is out")),
    };
    expect((await resolve(id, body, { ports: { breaks: unclosed, sendMade } })).status).toBe(500);
    await line.drain();
    expect(await balances()).toEqual(HELD);

    const done = await resolve(id, { ...body, reason: "second" });
    expect(await done.json()).toMatchObject({ state: "accepted", resolution: { reason: "first" } });
    await line.drain();
    expect(await balances()).toEqual(HELD);
    const events = await select(
      "SELECT sender_id, outcome FROM events WHERE tenant = ? AND source = 'upline:recon' AND repeated = 0",
    );
    expect(events).toEqual([
      { sender_id: `recon:${id}`, outcome: "applied" },
      { sender_id: `recon:${id}:keep`, outcome: "applied" },
    ]);
    await expectMirrorEqualsObjects(tenant);
  });
});
