import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { addPage, NO_REPLAY_REPORT } from "#src/core/operation/replay-report.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { asDocumented } from "../support/contract.ts";

const NOW_MS = Date.parse("2026-07-10T12:00:00.000Z");
const EVENT = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";

const parts = { ...createParts(env), nowMs: () => NOW_MS };
const api = createApi(parts, readRoutes(readPorts(parts)));

let tenant: string;

interface Asking {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(call: string, body?: object, { token, headers: more = {} }: Asking = {}) {
  const [method = "GET", path = ""] = call.split(" ");
  const headers = new Headers({ Authorization: `Bearer ${token ?? env.ADMIN_TOKEN}`, ...more });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const url = `https://gateway.example/v1/tenants/${tenant}${path}`;
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return asDocumented({ method, url }, await api.fetch(new Request(url, init)));
}

type Shown = Readonly<Record<string, unknown>> & { readonly replay_id: string };

const SPAN = { from: "2026-07-10T06:00:00Z", to: "2026-07-10T10:00:00Z" };

const start = async (body: object = {}): Promise<Shown> =>
  (await ask("POST /replays", { ...SPAN, ...body })).json<Shown>();

const end = (replayId: string, report: object) =>
  env.MIRROR_0.prepare(
    `UPDATE replays SET state = 'done', report = ?3, ended_ms = started_ms + 1500
     WHERE tenant = ?1 AND replay_id = ?2`,
  )
    .bind(tenant, replayId, JSON.stringify(report))
    .run();

beforeEach(async () => {
  tenant = `t${crypto.randomUUID()}`;
  const body = { name: "Acme", mode: "mirror", currency: "USD" };
  if ((await ask("PUT ", body)).status !== 201) throw new Error("There is no company");
});

test("a replay is started, audited and shown as far as it is", async () => {
  const body = {
    ...SPAN,
    source: "shop",
    subject: "order:O1",
    ids: [EVENT],
    dry_run: true,
    reason: " The mapping was mended ",
  };
  const response = await ask("POST /replays", body);
  expect(response.status).toBe(202);
  const started = await response.json<Shown>();
  expect(started).toEqual({
    replay_id: expect.stringMatching(/^replay_[0-9a-f-]{36}$/),
    state: "running",
    phase: "events",
    dry_run: true,
    from: "2026-07-10T06:00:00.000Z",
    to: "2026-07-10T10:00:00.000Z",
    source: "shop",
    subject: "order:O1",
    ids: [EVENT],
    reason: "The mapping was mended",
    cause: "admin_token",
    started_at: "2026-07-10T12:00:00.000Z",
    ended_at: null,
    report: {
      deliveries: 0,
      events: { found: 0, sent: 0, skipped: 0, lost: 0 },
      bytes: 0,
      before: {},
      after: null,
      counted_at: null,
      sources: {},
      types: {},
      decided_anew: { events: 0, examples: [] },
      skipped: [],
    },
    error: null,
  });
  expect(await (await ask(`GET /replays/${started.replay_id}`)).json()).toEqual(started);
  const audit = await env.MIRROR_0.prepare(
    "SELECT actor, detail FROM audit WHERE tenant = ? AND action = 'replay.start'",
  )
    .bind(tenant)
    .first<{ actor: string; detail: string }>();
  expect(audit?.actor).toBe("admin_token");
  expect(JSON.parse(audit?.detail ?? "")).toMatchObject({ source: "shop", ids: [EVENT] });

  const example = { event_id: EVENT, source: "shop", delivery_id: "dlv_1" };
  const played = [
    {
      event: { ...example, type: null },
      standing: "discarded",
      isDecidedAnew: true,
      skipped: "discarded",
    },
  ] as const;
  const report = addPage(NO_REPLAY_REPORT, { played, deliveries: 0, bytes: 0 });
  await end(started.replay_id, { ...report, after: { quarantined: 1 }, counted_ms: NOW_MS });
  expect(await (await ask(`GET /replays/${started.replay_id}`)).json()).toMatchObject({
    state: "done",
    phase: "done",
    ended_at: "2026-07-10T12:00:01.500Z",
    report: {
      before: { discarded: 1 },
      after: { quarantined: 1 },
      counted_at: "2026-07-10T12:00:00.000Z",
      skipped: [
        {
          reason: "discarded",
          detail: expect.stringContaining("`ids`"),
          events: 1,
          examples: [example],
        },
      ],
    },
  });
});

test("by no more than a span, which a clock a little ahead of ours may end", async () => {
  expect(await start({ to: "2026-07-10T12:00:59Z" })).toMatchObject({
    dry_run: false,
    from: "2026-07-10T06:00:00.000Z",
    to: "2026-07-10T12:00:00.000Z",
    source: null,
    subject: null,
    ids: null,
    reason: null,
  });
});

test("a tenant has one at a time", async () => {
  const first = await start();
  const second = await ask("POST /replays", SPAN);
  expect(second.status).toBe(409);
  expect(await second.json()).toMatchObject({
    code: "conflict",
    detail: `Replay "${first.replay_id}", started at 2026-07-10T12:00:00.000Z, is on its way: a tenant has one at a time`,
  });
  await end(first.replay_id, {});
  const third = await start();
  const listed = await (
    await ask("GET /replays?limit=1")
  ).json<{ items: Shown[]; next_cursor: string }>();
  // Both began at one instant here: their order is by chance.
  const [newer = "", older = ""] = [first.replay_id, third.replay_id].toSorted().toReversed();
  expect(listed.items.map((one) => one.replay_id)).toEqual([newer]);
  const rest = await (await ask(`GET /replays?limit=1&cursor=${listed.next_cursor}`)).json();
  expect(rest).toMatchObject({ items: [{ replay_id: older }], next_cursor: null });
});

test("and another tenant's is not found", async () => {
  const { replay_id } = await start();
  const [own, body] = [tenant, { name: "Other", mode: "mirror", currency: "USD" }];
  tenant = `t${crypto.randomUUID()}`;
  expect((await ask("PUT ", body)).status).toBe(201);
  expect((await ask(`GET /replays/${replay_id}`)).status).toBe(404);
  expect(await (await ask("GET /replays")).json()).toEqual({ items: [], next_cursor: null });
  // Nor does it stand in the other's way.
  expect((await ask("POST /replays", SPAN)).status).toBe(202);
  expect(own).not.toBe(tenant);
});

test("asked for again under its key, it is the same one", async () => {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const [first, again] = [
    await ask("POST /replays", SPAN, { headers }),
    await ask("POST /replays", SPAN, { headers }),
  ];
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
});

describe("is refused", () => {
  test.each<{ name: string; body: object; said: object }>([
    {
      name: "without a beginning",
      body: { to: SPAN.to },
      said: { path: "from", rule: "required" },
    },
    { name: "without an end", body: { from: SPAN.from }, said: { path: "to", rule: "required" } },
    {
      name: "backwards",
      body: { from: SPAN.to, to: SPAN.from },
      said: { path: "from", rule: "range" },
    },
    {
      name: "for no time",
      body: { from: SPAN.to, to: SPAN.to },
      said: { path: "from", rule: "range" },
    },
    {
      name: "of the future",
      body: { ...SPAN, to: "2026-07-10T12:01:01Z" },
      said: { path: "to", rule: "range" },
    },
    {
      name: "from now on",
      body: { from: "2026-07-10T12:00:00Z", to: "2026-07-10T12:00:30Z" },
      said: { path: "from", rule: "range" },
    },
    {
      name: "of more than a month",
      body: { from: "2026-06-09T11:59:59.999Z", to: "2026-07-10T12:00:00Z" },
      said: { path: "to", rule: "range", message: "Must be at most 31 days after `from`" },
    },
    {
      name: "with no instant",
      body: { ...SPAN, from: "today" },
      said: { path: "from", rule: "format" },
    },
    { name: "with a number for one", body: { ...SPAN, to: 1 }, said: { path: "to", rule: "type" } },
    {
      name: "with no source's name",
      body: { ...SPAN, source: "No Source" },
      said: { path: "source", rule: "format" },
    },
    {
      name: "with what is ours",
      body: { ...SPAN, source: "upline:recon" },
      said: { path: "source", rule: "format" },
    },
    {
      name: "with no subject",
      body: { ...SPAN, subject: "1001" },
      said: { path: "subject", rule: "format" },
    },
    {
      name: "with a subject of several lines",
      body: { ...SPAN, subject: "dist:1\n2" },
      said: { path: "subject", rule: "format" },
    },
    { name: "with no ids", body: { ...SPAN, ids: [] }, said: { path: "ids", rule: "length" } },
    {
      name: "with too many",
      body: { ...SPAN, ids: Array<string>(101).fill(EVENT) },
      said: { path: "ids", rule: "length" },
    },
    {
      name: "with a sender's id",
      body: { ...SPAN, ids: [EVENT, "evt_1NG8Du2eZvKYlo2CUI79vXWy"] },
      said: { path: "ids[1]", rule: "format" },
    },
    {
      name: "with a word for dry",
      body: { ...SPAN, dry_run: "yes" },
      said: { path: "dry_run", rule: "type" },
    },
    {
      name: "with a misspelt field",
      body: { ...SPAN, dryrun: true },
      said: { path: "dryrun", rule: "unknown_field" },
    },
    { name: "with an empty reason", body: { ...SPAN, reason: " " }, said: { path: "reason" } },
  ])("$name", async ({ body, said }) => {
    const response = await ask("POST /replays", body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "invalid", errors: [said] });
    expect(await (await ask("GET /replays")).json()).toMatchObject({ items: [] });
  });
});

test.each([
  { role: "operator", starts: 202, reads: 200 },
  { role: "auditor", starts: 403, reads: 200 },
  { role: "finance", starts: 403, reads: 403 },
  { role: "support", starts: 403, reads: 403 },
])("$role: $starts to start one, $reads to read it", async ({ role, starts, reads }) => {
  const { key: token } = await (await ask("POST /keys", { role })).json<{ key: string }>();
  const { status } = await ask("POST /replays", SPAN, { token });
  expect(status).toBe(starts);
  expect((await ask("GET /replays", undefined, { token })).status).toBe(reads);
});
