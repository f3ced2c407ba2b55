import { describe, expect, test } from "vitest";
import { corePort } from "#src/compose/core-port.ts";
import { urlOf, idBatches } from "#src/edge/core-client/address.ts";
import { coreClient } from "#src/edge/core-client/client.ts";
import { nextPlace, PAGES_MAX, type Place, readPlace } from "#src/edge/core-client/place.ts";
import { tokenBucket } from "#src/edge/core-client/rate.ts";
import { PAGE_BYTES_MAX } from "#src/edge/core-client/request.ts";
import { pauseMs, RETRY_AFTER_MS_MAX } from "#src/edge/core-client/retry.ts";

const HEAD = { as_of_seq: "7", epoch: 0 };

/** A core that answers what it is given, in the runtime's own requests and responses. */
function clientOf(answer: (request: Request) => Response | Promise<Response>, requestMs = 5000) {
  const seen: Request[] = [];
  const client = coreClient(
    { url: "https://core.example/base/?tenant=9", auth: "t0ken" },
    { requests: 4, bytes: 10_000_000, requestMs },
    {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        seen.push(request);
        return answer(request);
      },
      nowMs: () => 0,
      wait: async () => {},
      random: () => 0,
    },
  );
  return { client, seen };
}

const json = (body: BodyInit, type = "application/json"): Response =>
  new Response(body, { headers: { "Content-Type": type } });

const bytesWithoutEnd = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(64 * 1024).fill(32));
    },
  });

const bytesThatStop = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"as_of_seq":'));
    },
    pull: () => new Promise(() => {}),
  });

describe("a client in the runtime", () => {
  test("asks with its credential, and follows nobody", async () => {
    const { client, seen } = clientOf(() => json(JSON.stringify({ ...HEAD, items: [] })));
    const at = { snapshot: { asOfSeq: "7", epoch: 0 }, limit: 5 };
    expect(await client.lines({ by: "ids", lineIds: ["a&b", "ü"] }, at)).toMatchObject({
      kind: "page",
      items: [],
    });
    const [request] = seen;
    expect(request?.url).toBe(
      "https://core.example/base/ledger?tenant=9&line_id=a%26b&line_id=%C3%BC&as_of_seq=7&limit=5",
    );
    expect(request?.headers.get("Authorization")).toBe("Bearer t0ken");
    expect(request?.redirect).toBe("manual");
  });

  test("reads no body further than a page may have", async () => {
    const { client } = clientOf(() => json(bytesWithoutEnd()));
    expect(await client.balances({})).toEqual({ kind: "too_large", bytesMax: PAGE_BYTES_MAX });
    expect(client.spent().bytes).toBeLessThan(PAGE_BYTES_MAX + 128 * 1024);
  });

  test("waits no longer for a body, nor for a fetch that hears no signal", async () => {
    const slow = clientOf(() => json(bytesThatStop()), 20);
    expect(await slow.client.balances({})).toEqual({ kind: "timeout", afterMs: 20 });
    const deaf = clientOf(() => new Promise(() => {}), 20);
    expect(await deaf.client.balances({})).toEqual({ kind: "timeout", afterMs: 20 });
    expect(deaf.client.spent()).toEqual({ requests: 4, bytes: 0 });
  });

  test.each([
    { body: "", type: "application/json", rule: "json" },
    { body: "{}x", type: "application/json", rule: "json" },
    { body: "{}", type: "text/plain", rule: "media_type" },
    { body: "{}", type: "application/json-seq", rule: "media_type" },
    {
      body: '{"as_of_seq":"7","epoch":0}',
      type: "application/vnd.core+json; charset=utf-8",
      rule: "required",
    },
    { body: new Uint8Array([0x22, 0xff, 0x22]), type: "application/json", rule: "encoding" },
    { body: "null", type: "application/json", rule: "type" },
  ])("takes $body as $type for $rule", async ({ body, type, rule }) => {
    const { client } = clientOf(() => json(body, type));
    expect(await client.balances({})).toMatchObject({ kind: "malformed", errors: [{ rule }] });
    expect(client.spent().requests).toBe(1);
  });

  test("says what a connection broke of, without the credential", async () => {
    const { client } = clientOf(() => {
      throw new Error("Network connection lost, header Bearer t0ken");
    });
    const answer = await client.balances({});
    expect(answer).toEqual({
      kind: "unreachable",
      detail: "Network connection lost, header Bearer …",
    });
  });

  test.each([
    { status: 302, kind: "moved" },
    { status: 304, kind: "status" },
    { status: 401, kind: "status" },
    { status: 404, kind: "unsupported" },
    { status: 405, kind: "unsupported" },
    { status: 409, kind: "status" },
    { status: 501, kind: "unsupported" },
  ])("takes a status of $status for $kind", async ({ status, kind }) => {
    const { client } = clientOf(() => new Response(null, { status }));
    expect(await client.balances({})).toEqual({ kind, status });
    expect(client.spent().requests).toBe(1);
  });
});

describe("urlOf()", () => {
  test.each([
    { base: "https://core.example", url: "https://core.example/ledger?a=1" },
    { base: "https://core.example/", url: "https://core.example/ledger?a=1" },
    { base: "https://core.example/x//#y", url: "https://core.example/x/ledger?a=1" },
    { base: "https://core.example/x?k=v", url: "https://core.example/x/ledger?k=v&a=1" },
  ])("puts a path behind $base", ({ base, url }) => {
    expect(urlOf(base, "ledger", [["a", "1"]])).toBe(url);
  });
});

test("ids are cut up by their number and by their length", () => {
  const short = Array.from({ length: 250 }, (_, at) => `L${at}`);
  expect(idBatches(short).map((batch) => batch.length)).toEqual([100, 100, 50]);
  const long = Array.from({ length: 9 }, () => "é".repeat(128));
  const batches = idBatches(long);
  expect(batches.flat()).toEqual(long);
  const lengths = batches.map(
    (batch) =>
      urlOf(
        "https://core.example",
        "ledger",
        batch.map((one) => ["line_id", one]),
      ).length,
  );
  expect(Math.max(...lengths)).toBeLessThan(8000);
  expect(batches.length).toBeLessThan(9);
  expect(idBatches([])).toEqual([]);
});

test("a run asks for as many ids at once as an address holds", async () => {
  const { client, seen } = clientOf(() => json(JSON.stringify({ ...HEAD, items: [] })));
  const ids = Array.from({ length: 60 }, (_, i) => String(i).padStart(128, "l"));
  const told = await corePort(client).named(ids, undefined);
  expect(told).toEqual({ kind: "all", items: [], snapshot: { asOfSeq: "7", epoch: 0 } });
  expect(Math.max(...seen.map(({ url }) => url.length))).toBeLessThan(8000);
  expect(seen.flatMap(({ url }) => new URL(url).searchParams.getAll("line_id"))).toEqual(ids);
  // All of them are as of one state.
  const states = seen.map(({ url }) => new URL(url).searchParams.get("as_of_seq"));
  expect(states).toEqual([null, ...states.slice(1).map(() => "7")]);
  expect(states.length).toBeGreaterThan(1);
});

describe("a token bucket", () => {
  test("lets a burst go at once, and makes everybody behind it wait in line", () => {
    const bucket = tokenBucket({ perSecond: 5, burst: 3 });
    const at = [0, 0, 0, 0, 0, 100, 10_000].map((nowMs) => bucket.reserve(nowMs));
    expect(at).toEqual([0, 0, 0, 200, 400, 500, 0]);
  });

  test("never fills beyond its burst, and bears a clock that goes back", () => {
    const bucket = tokenBucket({ perSecond: 5, burst: 2 });
    bucket.reserve(1_000_000);
    const later = [9_000_000, 9_000_000, 9_000_000, 5].map((nowMs) => bucket.reserve(nowMs));
    expect(later).toEqual([0, 0, 200, 400]);
  });
});

describe("a pause", () => {
  const now = { nowMs: Date.parse("2026-11-19T13:00:00Z"), random: 0.5 };

  test.each([
    { attempt: 1, header: null, ms: 250 },
    { attempt: 2, header: undefined, ms: 500 },
    { attempt: 3, header: "soon", ms: 1000 },
    { attempt: 1, header: "-3", ms: 250 },
    { attempt: 3, header: "7", ms: 7000 },
    { attempt: 1, header: "99999", ms: RETRY_AFTER_MS_MAX },
    { attempt: 1, header: "Thu, 19 Nov 2026 13:00:05 GMT", ms: 5000 },
    { attempt: 1, header: "Thu, 19 Nov 2026 12:00:00 GMT", ms: 0 },
    { attempt: 1, header: "2026-11-19", ms: 250 },
  ])("before attempt $attempt with $header is $ms ms", ({ attempt, header, ms }) => {
    expect(pauseMs(attempt, header, now)).toBe(ms);
  });
});

describe("a place in a listing", () => {
  const snapshot = { asOfSeq: "7", epoch: 0 };
  const named = { nameOf: (item: string) => item, isSorted: false };

  /** Pages that begin with these items, under these cursors, until it is told apart from a listing. */
  function pagesUntilFound(pageAt: (page: number) => { cursor: string; first: string }): number {
    let place: Place | undefined;
    for (let page = 1; page < PAGES_MAX; page += 1) {
      const { cursor, first } = pageAt(page);
      const step = nextPlace({ snapshot, items: [first], nextCursor: cursor }, place, named);
      if (step.kind !== "next") return page;
      place = readPlace(JSON.parse(JSON.stringify(step.place)));
    }
    return Infinity;
  }

  test.each([
    { lead: 0, circle: 1 },
    { lead: 0, circle: 2 },
    { lead: 3, circle: 5 },
    { lead: 10, circle: 1 },
    { lead: 7, circle: 100 },
    { lead: 200, circle: 33 },
  ])("that goes in a circle of $circle after $lead pages is found", ({ lead, circle }) => {
    const where = (page: number) => (page <= lead ? page : lead + ((page - lead - 1) % circle) + 1);
    const bound = 3 * (lead + circle) + 2;
    const byCursor = pagesUntilFound((page) => ({ cursor: `c${where(page)}`, first: `i${page}` }));
    const byItem = pagesUntilFound((page) => ({ cursor: `c${page}`, first: `i${where(page)}` }));
    expect(byCursor).toBeLessThanOrEqual(bound);
    expect(byItem).toBeLessThanOrEqual(bound);
  });

  test("that is told twice in a row is found at once", () => {
    const cursorOf = (page: number) => `c${Math.min(page, 6)}`;
    expect(pagesUntilFound((page) => ({ cursor: cursorOf(page), first: `i${page}` }))).toBe(7);
  });

  test("ends at the most pages that a listing may have", () => {
    const place = { cursor: "c", snapshot, pages: PAGES_MAX - 1, emptyPages: 0, last: null };
    const anchor = { cursor: "a", first: "x", pages: 1 };
    const step = nextPlace(
      { snapshot, items: ["y"], nextCursor: "d" },
      { ...place, anchor },
      named,
    );
    expect(step).toEqual({ kind: "endless", pages: PAGES_MAX });
  });

  test("that is none begins anew", () => {
    for (const kept of [null, undefined, "c", {}, { cursor: "c", snapshot }]) {
      expect(readPlace(kept)).toBeUndefined();
    }
  });
});
