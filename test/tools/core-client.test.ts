import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { DigestsAsked, LinesAsked } from "#src/core/reconciliation/asked.ts";
import { bucketOf, LEVELS } from "#src/core/reconciliation/buckets.ts";
import {
  type At,
  type CoreAnswer,
  type CoreClient,
  coreClient,
} from "#src/edge/core-client/client.ts";
import { sayFailure } from "#src/edge/core-client/failure.ts";
import { readPlace } from "#src/edge/core-client/place.ts";
import type { SendLimits, SendPorts } from "#src/edge/core-client/send.ts";
import { type CoreOptions, type ReferenceCore, startCore } from "../../tools/core/core.ts";
import type { Fault } from "../../tools/core/faults.ts";

const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(data).digest());

const NOW = Date.parse("2026-11-22T12:00:00Z");
const HOUR = 3_600_000;
const MONTHS = { fromMs: Date.parse("2026-10-01"), toMs: Date.parse("2026-12-01") };
const DAYS: DigestsAsked = { level: "day", range: MONTHS };
const ALL: LinesAsked = { by: "updated", sinceMs: MONTHS.fromMs };

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

interface Rig {
  readonly core: ReferenceCore;
  readonly client: CoreClient;
  /** What was waited, milliseconds. */
  readonly waited: number[];
}

async function rig(
  lines: number,
  {
    limits = {},
    ports = {},
    options = {},
  }: {
    limits?: Partial<SendLimits>;
    ports?: Partial<SendPorts>;
    options?: CoreOptions;
  } = {},
): Promise<Rig> {
  const core = await startCore({ nowMs: () => NOW, ...options });
  open.push(() => core.close());
  core.sell({
    lines,
    distributors: 30,
    seed: 5,
    fromMs: NOW - 300 * HOUR,
    toMs: NOW,
    currency: "USD",
    events: "told",
  });
  const waited: number[] = [];
  let nowMs = NOW;
  const client = coreClient(
    { url: core.url, auth: core.auth },
    { requests: 500, bytes: 50_000_000, requestMs: 5000, ...limits },
    {
      fetch,
      nowMs: () => nowMs,
      wait: async (ms) => {
        waited.push(ms);
        nowMs += ms;
      },
      random: () => 0.5,
      ...ports,
    },
  );
  return { core, client, waited };
}

type Ask<Item> = (at: At) => Promise<CoreAnswer<Item>>;

/** The whole of a listing, or why it ended. Each place goes through JSON, as a job keeps it. */
async function whole<Item>(ask: Ask<Item>, at: At = {}) {
  const items: Item[] = [];
  let place = at.place;
  for (let pages = 1; ; pages += 1) {
    const answer = await ask({ ...at, place });
    if (answer.kind !== "page") return { items, pages, end: answer };
    items.push(...answer.items);
    if (answer.next === undefined) return { items, pages, end: undefined };
    place = readPlace(JSON.parse(JSON.stringify(answer.next)));
    expect(place).toEqual(answer.next);
  }
}

describe("a client of a core that is well", () => {
  test("reads digests, balances, lines and events, and counts what it took", async () => {
    const { core, client } = await rig(700);
    for (const level of LEVELS.filter((one) => one !== "part")) {
      const asked: DigestsAsked = level === "balances" ? { level } : { level, range: MONTHS };
      const { items, end } = await whole((at) => client.digests({ ...asked, totals: true }, at));
      expect(end).toBeUndefined();
      expect(items.length).toBeGreaterThan(20);
    }
    const { items: lines, pages } = await whole((at) => client.lines(ALL, at), { limit: 50 });
    expect([new Set(lines.map(({ line_id }) => line_id)).size, pages]).toEqual([700, 14]);
    const rows = await whole((at) => client.balances({}, at), { limit: 7 });
    expect(rows.items).toHaveLength(30);
    const events = await client.events({ stream: "dist:D3", epoch: 0, from: 2, to: 4 });
    expect(events.kind === "page" && events.items.map(({ seq }) => seq)).toEqual([2, 3, 4]);

    const { requests, bytes } = core.state();
    expect(client.spent()).toEqual({ requests, bytes });
    expect(client.left()).toEqual({ requests: 500 - requests, bytes: 50_000_000 - bytes });
  });

  test("reads lines of a bucket of each level, and by their ids", async () => {
    const { core, client } = await rig(500);
    const [line] = core.lines();
    if (line === undefined) throw new Error("It sold 500");
    for (const level of ["month", "day", "hour", "part"] as const) {
      const bucket = bucketOf(line, level, sha256);
      const { items, end } = await whole((at) => client.lines({ by: "bucket", bucket }, at));
      expect(end).toBeUndefined();
      expect(items.map(({ line_id }) => line_id)).toContain(line.line_id);
    }
    const one = await client.lines({ by: "ids", lineIds: [line.line_id, "L-none"] });
    expect(one).toMatchObject({ kind: "page", items: [line] });
  });

  test("stays with the state that it began with, while the core goes on", async () => {
    const { core, client } = await rig(300);
    const first = await client.lines(ALL, { limit: 100 });
    if (first.kind !== "page") throw new Error(sayFailure(first));
    const { snapshot } = first;
    core.drift({ kind: "remove", count: 50, seed: 1 });
    core.drift({ kind: "add", count: 50, seed: 2 });
    const rest = await whole((at) => client.lines(ALL, at), { limit: 100, place: first.next });
    expect([rest.end, first.items.length + rest.items.length]).toEqual([undefined, 300]);
    const months = { level: "month", range: MONTHS } as const;
    const digests = await client.digests(months, { snapshot });
    expect(digests).toMatchObject({ kind: "page", snapshot });
    const lines = digests.kind === "page" ? digests.items.map((row) => row.lines) : [];
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  test("sends a credential with a scheme as it is", async () => {
    const { client } = await rig(1, { options: { auth: "Basic dXNlcjpwYXNz" } });
    expect(await client.balances({})).toMatchObject({ kind: "page" });
  });
});

const failing: readonly {
  readonly fault: Fault;
  readonly end: object;
  readonly requests?: number;
}[] = [
  { fault: { kind: "wrong_shape" }, end: { kind: "malformed", errors: [{ path: "as_of_seq" }] } },
  { fault: { kind: "malformed" }, end: { kind: "malformed", errors: [{ rule: "json" }] } },
  { fault: { kind: "not_json" }, end: { kind: "malformed", errors: [{ rule: "media_type" }] } },
  { fault: { kind: "not_asked" }, end: { kind: "not_asked" } },
  { fault: { kind: "endless" }, end: { kind: "cursor_repeated", pages: 2 }, requests: 2 },
  { fault: { kind: "endless_empty" }, end: { kind: "endless", pages: 20 }, requests: 20 },
  { fault: { kind: "cursor_repeated" }, end: { kind: "cursor_repeated" }, requests: 2 },
  { fault: { kind: "cursor_changed" }, end: { kind: "cursor_repeated" }, requests: 2 },
  { fault: { kind: "cursor_refused" }, end: { kind: "status", status: 400 }, requests: 2 },
  { fault: { kind: "snapshot_changed", after: 1 }, end: { kind: "snapshot_changed" }, requests: 2 },
  { fault: { kind: "epoch_changed", after: 1 }, end: { kind: "snapshot_changed" }, requests: 2 },
  { fault: { kind: "huge" }, end: { kind: "too_large", bytesMax: 1_000_000 } },
  { fault: { kind: "redirect" }, end: { kind: "moved", status: 302 } },
  { fault: { kind: "status", status: 403 }, end: { kind: "status", status: 403 } },
  { fault: { kind: "status", status: 404 }, end: { kind: "unsupported", status: 404 } },
  { fault: { kind: "status", status: 501 }, end: { kind: "unsupported", status: 501 } },
  { fault: { kind: "status", status: 204 }, end: { kind: "status", status: 204 } },
  { fault: { kind: "status" }, end: { kind: "status", status: 500 }, requests: 4 },
  { fault: { kind: "status", status: 429 }, end: { kind: "status", status: 429 }, requests: 4 },
  { fault: { kind: "down" }, end: { kind: "unreachable" }, requests: 4 },
];

describe("a client of a core that is not well", () => {
  test.each(failing)("ends with $end of $fault", async ({ fault, end, requests = 1 }) => {
    const { core, client } = await rig(300);
    core.faults.set([fault]);
    const listed = await whole((at) => client.lines(ALL, at), { limit: 100 });
    expect(listed.end).toMatchObject(end);
    expect(client.spent().requests).toBe(requests);
    if (listed.end === undefined) throw new Error("It ends for a reason");
    const said = sayFailure(listed.end);
    expect(said).toMatch(/^The core/);
    expect(said).not.toContain(core.auth);
    core.faults.set([]);
    expect((await whole((at) => client.lines(ALL, at))).end).toBeUndefined();
  });

  test.each([
    { kind: "slow", ms: 60_000 },
    { kind: "drip", ms: 20 },
  ] as const)("gives up on $kind answers, body and all", async (fault) => {
    const { core, client } = await rig(300, { limits: { requestMs: 100 } });
    core.faults.set([fault]);
    expect(await client.lines(ALL)).toEqual({ kind: "timeout", afterMs: 100 });
    expect(client.spent().requests).toBe(4);
  });

  test("has no digests of one without them, and goes by lines", async () => {
    const { core, client } = await rig(50);
    core.faults.set([{ kind: "without_digests" }, { kind: "without_buckets" }]);
    expect(await client.digests(DAYS)).toEqual({ kind: "unsupported", status: 404 });
    const bucket = bucketOf(
      { line_id: "L", distributor_id: "D1", effective_ms: NOW },
      "day",
      sha256,
    );
    expect(await client.lines({ by: "bucket", bucket })).toMatchObject({ kind: "unsupported" });
    expect((await whole((at) => client.lines(ALL, at))).items).toHaveLength(50);
  });

  test("tells a wrong digest as it is: it is for others to find out", async () => {
    const { core, client } = await rig(50);
    const before = await client.digests(DAYS);
    core.faults.set([{ kind: "wrong_digest" }]);
    const after = await client.digests(DAYS);
    expect(after).toMatchObject({ kind: "page" });
    expect(after).not.toEqual(before);
  });

  test("is told by the core that the state is gone", async () => {
    const { core, client } = await rig(50);
    const [line] = core.lines();
    core.put({ ...Object(line), line_id: "later" });
    const snapshot = { asOfSeq: String(core.state().as_of_seq), epoch: 0 };
    core.restore(core.state().as_of_seq - 1);
    const gone = await client.lines(ALL, { snapshot });
    expect(gone).toEqual({ kind: "snapshot_changed", asked: snapshot });
    const older = { asOfSeq: "60", epoch: 0 };
    expect(await client.lines(ALL, { snapshot: older })).toEqual({
      kind: "snapshot_changed",
      asked: older,
      got: { asOfSeq: "60", epoch: 1 },
    });
  });

  test("never ends by itself where a core invents lines, but with its budget", async () => {
    const { core, client } = await rig(300, { limits: { requests: 60 } });
    core.faults.set([{ kind: "endless_new" }]);
    const listed = await whole((at) => client.lines(ALL, at), { limit: 10 });
    expect(listed.end).toEqual({ kind: "budget", what: "requests" });
    expect(listed.pages).toBe(61);
  });

  test("says when nobody is there", async () => {
    const { core, client } = await rig(1);
    await core.close();
    open.length = 0;
    expect(await client.lines(ALL)).toMatchObject({
      kind: "unreachable",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("sends no credential that no header can hold, and does not say it", async () => {
    const { client } = await rig(1);
    const odd = coreClient(
      { url: "http://127.0.0.1:1", auth: "se\ncret" },
      { requests: 5, bytes: 5 },
      { fetch, nowMs: () => NOW, wait: async () => {}, random: () => 0 },
    );
    const answer = await odd.lines(ALL);
    expect(answer).toMatchObject({ kind: "unreachable" });
    expect(JSON.stringify(answer)).not.toContain("cret");
    expect([odd.spent().requests, client.spent().requests]).toEqual([0, 0]);
  });
});

describe("trying again", () => {
  test("goes on after two failures, waiting twice as long", async () => {
    const { core, client, waited } = await rig(10);
    core.faults.set([{ kind: "status", times: 2 }]);
    expect(await client.balances({})).toMatchObject({ kind: "page" });
    expect(waited).toEqual([250, 500]);
  });

  test.each([
    { retry_after_s: 3, waits: 3000 },
    { retry_after_s: 0, waits: undefined },
    { retry_after_s: 86_400, waits: 30_000 },
  ])("waits as long as the core asks for, $retry_after_s s, within bounds", async (one) => {
    const { core, client, waited } = await rig(10);
    const { retry_after_s, waits } = one;
    core.faults.set([{ kind: "status", status: 503, retry_after_s, times: 1 }]);
    expect(await client.balances({})).toMatchObject({ kind: "page" });
    expect(waited[0]).toBe(waits);
  });
});

describe("a budget", () => {
  test("of requests stops before the one that is too many, and the listing goes on later", async () => {
    const { core, client } = await rig(300, { limits: { requests: 2 } });
    const first = await client.lines(ALL, { limit: 100 });
    if (first.kind !== "page") throw new Error(sayFailure(first));
    const second = await client.lines(ALL, { limit: 100, place: first.next });
    if (second.kind !== "page") throw new Error(sayFailure(second));
    const at = { limit: 100, place: second.next };
    expect(await client.lines(ALL, at)).toEqual({ kind: "budget", what: "requests" });
    expect(client.left()).toMatchObject({ requests: 0 });
    const later = coreClient(
      { url: core.url, auth: core.auth },
      { requests: 2, bytes: 1_000_000 },
      { fetch, nowMs: () => NOW, wait: async () => {}, random: () => 0 },
    );
    const third = await later.lines(ALL, at);
    expect(third).toMatchObject({ kind: "page" });
    expect(third.kind === "page" && [third.items.length, third.next]).toEqual([100, undefined]);
  });

  test("of bytes stops behind the page that used it up", async () => {
    const { client } = await rig(300, { limits: { bytes: 1000 } });
    expect(await client.lines(ALL, { limit: 100 })).toMatchObject({ kind: "page" });
    expect(await client.lines(ALL)).toEqual({ kind: "budget", what: "bytes" });
    expect(client.left().bytes).toBe(0);
  });

  test("of time is looked at before a wait, too", async () => {
    const { core, client, waited } = await rig(10, { limits: { untilMs: NOW + 1000 } });
    core.faults.set([{ kind: "status", status: 503, retry_after_s: 20 }]);
    expect(await client.balances({})).toEqual({ kind: "budget", what: "time" });
    expect([waited, client.spent().requests]).toEqual([[], 1]);
  });

  test("counts attempts, and ends among them", async () => {
    const { core, client } = await rig(10, { limits: { requests: 2 } });
    core.faults.set([{ kind: "status" }]);
    expect(await client.balances({})).toEqual({ kind: "budget", what: "requests" });
    expect(core.state().requests).toBe(2);
  });
});

test("asks ten times at once, then five times a second", async () => {
  const { client, waited } = await rig(1);
  for (let asked = 0; asked < 15; asked += 1) await client.balances({});
  expect(waited).toEqual([200, 200, 200, 200, 200]);
});
