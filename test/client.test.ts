import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createUpline, type Page, UplineProblem } from "../client/src/index.ts";
import { BEAT_MS } from "#src/edge/http/live-stream.ts";
import { follow, SILENCE_MS } from "../client/src/live.ts";
import { paginate } from "../client/src/pages.ts";
import { problemOf, retryAfterOf } from "../client/src/problem.ts";
import { isRepeatable, waitMs, withRetries } from "../client/src/retry.ts";
import { readEvents } from "../client/src/sse.ts";
import { runs } from "./support/runs.ts";

const URL_AT = "https://gateway.example/v1/tenants/acme";
const noPause = async (): Promise<void> => {};
const half = (): number => 0.5;

const busy = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ code: "rate_limited", title: "Too many requests", status }, { status, headers });

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Answers one after the other, the last one again and again; keeps what was asked. */
function answering(...answers: readonly (() => Response)[]) {
  const asked: Request[] = [];
  const send = async (request: Request): Promise<Response> => {
    asked.push(request);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer === undefined) throw new Error("Nothing to answer");
    return answer();
  };
  return { asked, send };
}

describe("UplineProblem", () => {
  test("tells what the gateway told", async () => {
    const errors = [{ path: "limit", rule: "range", message: "Must be less" }];
    const body = {
      code: "parameter_invalid",
      title: "A parameter is invalid",
      status: 400,
      errors,
    };
    const headers = { "Request-Id": "r1", "Retry-After": "7" };
    const problem = await problemOf(Response.json(body, { status: 400, headers }));
    expect(problem).toBeInstanceOf(UplineProblem);
    expect(problem).toMatchObject({
      code: "parameter_invalid",
      status: 400,
      errors,
      requestId: "r1",
      retryAfter: 7,
      message: "A parameter is invalid",
    });
  });

  test.each(["<html>", "", "null", "[]", '{"code":1,"errors":{}}'])(
    "is told of whatever a proxy answers: %j",
    async (text) => {
      const problem = await problemOf(new Response(text, { status: 502 }));
      expect(problem).toMatchObject({ code: "unknown", status: 502, errors: [] });
    },
  );

  test.each([
    { text: "3", seconds: 3 },
    { text: "Wed, 01 Jul 2026 10:00:05 GMT", seconds: 5 },
    { text: "Wed, 01 Jul 2026 09:00:00 GMT", seconds: 0 },
    { text: "soon", seconds: undefined },
  ])("reads Retry-After $text", ({ text, seconds }) => {
    const nowMs = Date.UTC(2026, 6, 1, 10);
    expect(retryAfterOf(new Headers({ "Retry-After": text }), nowMs)).toBe(seconds);
  });
});

describe("withRetries()", () => {
  const parts = { pause: noPause, random: half };

  test.each([429, 503])("sends a read again after %i", async (status) => {
    const { asked, send } = answering(
      () => busy(status),
      () => new Response("ok"),
    );
    const response = await withRetries({ ...parts, send })(new Request(URL_AT));
    expect([await response.text(), asked.length]).toEqual(["ok", 2]);
  });

  test("sends the same body again where the write has a name", async () => {
    const { asked, send } = answering(
      () => busy(503),
      () => new Response("ok"),
    );
    const headers = { "Idempotency-Key": "k" };
    await withRetries({ ...parts, send })(
      new Request(URL_AT, { method: "PUT", headers, body: "b" }),
    );
    expect(await Promise.all(asked.map((request) => request.text()))).toEqual(["b", "b"]);
  });

  test("sends a write without a name once", async () => {
    const { asked, send } = answering(() => busy(503));
    const request = new Request(URL_AT, { method: "POST", body: "b" });
    expect((await withRetries({ ...parts, send })(request)).status).toBe(503);
    expect(asked).toHaveLength(1);
  });

  test("gives up after so many attempts, with the last answer", async () => {
    const { asked, send } = answering(() => busy(429));
    const retrying = withRetries({ ...parts, send }, { attempts: 3 });
    expect((await retrying(new Request(URL_AT))).status).toBe(429);
    expect(asked).toHaveLength(3);
  });

  test("waits for a write that is on its way under the same name", async () => {
    const lost = () => busy(409, { "Retry-After": "1" });
    const { asked, send } = answering(lost, () => new Response("ok"));
    const headers = { "Idempotency-Key": "k" };
    await withRetries({ ...parts, send })(new Request(URL_AT, { method: "POST", headers }));
    expect(asked).toHaveLength(2);
  });

  test("sends again what got no answer, and throws the last failure", async () => {
    const failing = answering(() => {
      throw new TypeError("fetch failed");
    });
    const retrying = withRetries({ ...parts, send: failing.send }, { attempts: 2 });
    await expect(retrying(new Request(URL_AT))).rejects.toThrow("fetch failed");
    expect(failing.asked).toHaveLength(2);
  });

  test("waits as long as it is told, a little more, and never beyond its bound", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(1000), { nil: undefined }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seconds, attempt, chance) => {
          const headers = new Headers(seconds === undefined ? {} : { "Retry-After": `${seconds}` });
          const wait = waitMs({ headers }, attempt, { random: () => chance, waitMsMax: 30_000 });
          expect(wait).toBeGreaterThanOrEqual(Math.min((seconds ?? 0) * 1000, 30_000));
          expect(wait).toBeLessThanOrEqual(30_000);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test.each([
    { method: "GET", named: false, expected: true },
    { method: "DELETE", named: false, expected: false },
    { method: "DELETE", named: true, expected: true },
  ])("$method with a name: $named may be repeated: $expected", ({ method, named, expected }) => {
    const headers = new Headers(named ? { "Idempotency-Key": "k" } : {});
    expect(isRepeatable({ method, headers })).toBe(expected);
  });
});

describe("createUpline()", () => {
  const bookmarked = (bookmark: string) => () =>
    Response.json({ items: [], next_cursor: null }, { headers: { "D1-Bookmark": bookmark } });

  const clientOf = (...answers: readonly (() => Response)[]) => {
    const { asked, send } = answering(...answers);
    const baseUrl = "https://gateway.example";
    return { asked, upline: createUpline({ baseUrl, token: () => "upl_x", fetch: send }) };
  };
  const events = (tenant: string) =>
    ["/v1/tenants/{tenant}/events", { params: { path: { tenant } } }] as const;

  test("carries the newest bookmark of a tenant to its next reads, and to nobody else's", async () => {
    const { asked, upline } = clientOf(bookmarked("2"), bookmarked("1"), bookmarked("3"));
    for (const tenant of ["acme", "acme", "acme", "other"]) await upline.GET(...events(tenant));
    const brought = asked.map(({ headers }) => headers.get("D1-Bookmark"));
    expect(brought).toEqual([null, "2", "2", null]);
    expect(asked[0]?.headers.get("Authorization")).toBe("Bearer upl_x");
  });

  test("brings what it wrote, and the newest of each database", async () => {
    const { asked, upline } = clientOf(
      bookmarked("control=5"),
      bookmarked("2"),
      bookmarked("1, control=7"),
      bookmarked("3, control=6"),
      bookmarked("3, control=6"),
    );
    const path = { tenant: "acme" };
    const body = { name: "Acme", mode: "mirror", currency: "USD" } as const;
    await upline.PUT("/v1/tenants/{tenant}", { params: { path }, body });
    for (let i = 0; i < 4; i += 1) await upline.GET(...events("acme"));
    const brought = asked.map(({ headers }) => headers.get("D1-Bookmark"));
    expect(brought).toEqual([null, "control=5", "2, control=5", "2, control=7", "3, control=7"]);
  });

  test("brings how far objects were, behind the databases, of the last eight", async () => {
    const place = (i: number, position: number) => `dist:${i}=${position}`;
    const nine = Array.from({ length: 9 }, (_, i) => place(i, 4));
    const { asked, upline } = clientOf(
      ...nine.map(bookmarked),
      bookmarked(`1, control=2, ${place(3, 3)}`),
      bookmarked("1"),
    );
    for (let i = 0; i < 11; i += 1) await upline.GET(...events("acme"));
    const order = [1, 2, 4, 5, 6, 7, 8, 3].map((i) => place(i, 4));
    expect(asked.at(-1)?.headers.get("D1-Bookmark")).toBe(["1", "control=2", ...order].join(", "));
  });

  test("asks for its token before each attempt", async () => {
    const { asked, send } = answering(
      () => new Response(null, { status: 503, headers: { "Retry-After": "0" } }),
      () => Response.json({ items: [], next_cursor: null }),
    );
    let n = 0;
    const token = () => `upl_${(n += 1)}`;
    const upline = createUpline({ baseUrl: "https://gateway.example", token, fetch: send });
    await upline.GET(...events("acme"));
    const brought = asked.map(({ headers }) => headers.get("Authorization"));
    expect(brought).toEqual(["Bearer upl_1", "Bearer upl_2"]);
  });

  test.each(["", ".", ".."])("refuses an id that would be another path: %j", async (tenant) => {
    const { asked, upline } = clientOf(bookmarked("1"));
    await expect(upline.GET(...events(tenant))).rejects.toThrow("The path's tenant cannot be");
    expect(() => upline.live({ tenant: "acme", distributor: tenant })).toThrow(TypeError);
    await upline.GET(...events("a/…"));
    expect(asked.map(({ url }) => url)).toEqual([
      "https://gateway.example/v1/tenants/a%2F%E2%80%A6/events",
    ]);
  });

  test("names each write anew, unless the caller has", async () => {
    const { asked, upline } = clientOf(() => Response.json({}, { status: 200 }));
    const path = { tenant: "acme" };
    const body = { name: "Acme", mode: "mirror", currency: "USD" } as const;
    await upline.PUT("/v1/tenants/{tenant}", { params: { path }, body });
    await upline.PUT("/v1/tenants/{tenant}", { params: { path }, body });
    const header = { "Idempotency-Key": "mine" };
    await upline.PUT("/v1/tenants/{tenant}", { params: { path, header }, body });
    const names = asked.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(names[1]).not.toBe(names[0]);
    expect(names[2]).toBe("mine");
  });

  test("throws what was refused", async () => {
    const { upline } = clientOf(() =>
      Response.json({ code: "not_found", title: "Not found", status: 404 }, { status: 404 }),
    );
    const refused = upline.told(upline.GET(...events("acme")));
    await expect(refused).rejects.toMatchObject({ name: "UplineProblem", code: "not_found" });
  });

  test("writes ids into addresses so that they stay one part", async () => {
    const { asked, upline } = clientOf(() => Response.json({}));
    const path = { tenant: "acme", distributor: "a/b?c" };
    await upline.GET("/v1/tenants/{tenant}/distributors/{distributor}", { params: { path } });
    expect(asked[0]?.url).toBe("https://gateway.example/v1/tenants/acme/distributors/a%2Fb%3Fc");
  });
});

describe("paginate()", () => {
  test("gives every item once and in order, over empty pages too", async () => {
    const pages = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pages, async (all) => {
        const read = async (cursor = "0"): Promise<Page<number>> => {
          const at = Number(cursor);
          const isLast = at === all.length - 1;
          return { items: all[at] ?? [], next_cursor: isLast ? null : String(at + 1) };
        };
        expect(await collect(paginate(read))).toEqual(all.flat());
      }),
      { numRuns: runs(50) },
    );
  });
});

const streamOf = (...pieces: readonly string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });

/** Waits for ever. */
const patient = { hear: async <Next>(next: Promise<Next>): Promise<Next> => next };

describe("readEvents()", () => {
  test("reads what the standard's examples say", async () => {
    const state = { lastId: "", retryMs: undefined, beats: 0 };
    const text =
      "\ufeff: hello\nretry: 50\n\nevent: change\r\nid: 1\r\ndata: a\r\ndata:  b\r\n\r\ndata\n\nid: 2\n\ndata: lost";
    const events = await collect(readEvents(streamOf(text), state, patient));
    expect(events).toEqual([
      { type: "change", data: "a\n b", id: "1" },
      { type: "message", data: "", id: "1" },
    ]);
    expect(state).toEqual({ lastId: "2", retryMs: 50, beats: 1 });
  });

  test("reads the same, however the stream is cut", async () => {
    const text = "id: 1\r\ndata: ü→😀\r\n\r\nevent: change\rdata: 2\r\rdata: 3\n\n";
    const bytes = new TextEncoder().encode(text);
    const begun = () => ({ lastId: "", retryMs: undefined, beats: 0 });
    const whole = await collect(readEvents(streamOf(text), begun(), patient));
    expect(whole.map(({ data }) => data)).toEqual(["ü→😀", "2", "3"]);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const [i, from] of at.entries()) controller.enqueue(bytes.slice(from, at[i + 1]));
            controller.close();
          },
        });
        expect(await collect(readEvents(stream, begun(), patient))).toEqual(whole);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe("follow()", () => {
  const parts = { pause: noPause, random: half, problemOf };
  const stream = (text: string) => new Response(streamOf(text));

  test("goes on behind the last event, over as many connections as it takes", async () => {
    const asked: Readonly<Record<string, string>>[] = [];
    const controller = new AbortController();
    const open = async (headers: Readonly<Record<string, string>>) => {
      asked.push(headers);
      if (asked.length === 1)
        return stream('id: 1\ndata: {"n":1}\n\nid: 2\ndata: {"n":2}\n\nid: 3\nda');
      if (asked.length === 2) throw new TypeError("fetch failed");
      if (asked.length === 3) return busy(503);
      return stream('id: 3\ndata: {"n":3}\n\n');
    };
    const seen: unknown[] = [];
    for await (const event of follow({ ...parts, open }, { signal: controller.signal })) {
      seen.push(event);
      if (seen.length === 3) controller.abort();
    }
    expect(seen).toEqual([1, 2, 3].map((n) => ({ type: "message", id: String(n), data: { n } })));
    expect(asked.map((headers) => headers["Last-Event-ID"])).toEqual([undefined, "2", "2", "2"]);
  });

  test("throws a refusal at once, and the last of many failures", async () => {
    const refused = follow({ ...parts, open: async () => busy(404) });
    await expect(refused.next()).rejects.toMatchObject({ status: 404 });
    let tries = 0;
    const open = async (): Promise<Response> => {
      tries += 1;
      throw new TypeError(`failure ${tries}`);
    };
    await expect(follow({ ...parts, open }).next()).rejects.toThrow("failure 11");
  });
});

describe("a live stream that falls silent", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** A gateway of which a test says how it answers; no connection is ever ended by it. */
  async function gatewayOf(answer: (response: ServerResponse, lastId: number, n: number) => void) {
    const asked: number[] = [];
    const dropped: number[] = [];
    const server = createServer((request, response) => {
      const lastId = Number(request.headers["last-event-id"] ?? 0);
      asked.push(lastId);
      response.on("close", () => dropped.push(lastId));
      answer(response, lastId, asked.length);
    });
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const upline = createUpline({ baseUrl: `http://127.0.0.1:${port}`, token: "upl_x" });
    return { asked, dropped, upline };
  }
  /** Tells the event behind the last one, half of the next one, and no more. */
  const tellOne = (response: ServerResponse, lastId: number) => {
    const n = lastId + 1;
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`retry: 1\n\nid: ${n}\ndata: ${n}\n\nid: ${n + 1}\ndata: ${n + 1}`);
  };
  const place = { tenant: "acme", distributor: "B" };

  test("is dropped and goes on behind the last event, over a real connection", async () => {
    const { asked, dropped, upline } = await gatewayOf((response, lastId, n) => {
      // Every other one is taken and never answered.
      if (n % 2 === 1) tellOne(response, lastId);
    });
    const seen: unknown[] = [];
    for await (const { data } of upline.live(place, { silenceMs: 200 })) {
      seen.push(data);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked).toEqual(asked.toSorted((one, other) => one - other));
    expect(new Set(asked)).toEqual(new Set([0, 1, 2]));
    await vi.waitFor(() => expect(dropped).toHaveLength(asked.length));
  });

  test("ends with its signal while it waits", async () => {
    const { dropped, upline } = await gatewayOf(tellOne);
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const { data } of upline.live(place, { signal: stop.signal, silenceMs: Infinity })) {
      seen.push(data);
      setTimeout(() => stop.abort());
    }
    expect(seen).toEqual([1]);
    await vi.waitFor(() => expect(dropped).toEqual([0]));
  });

  test("is thrown in the end where every connection is", async () => {
    const parts = { pause: noPause, random: half, problemOf };
    const open = () => new Promise<Response>(() => {});
    const silent = follow({ ...parts, open }, { silenceMs: 1 });
    await expect(silent.next()).rejects.toThrow("silent for 1 ms");
  });

  test.each([0, -1, Number.NaN])("is no stream to wait for %d ms for", async (silenceMs) => {
    const open = () => Promise.reject(new Error("Nobody asks"));
    const parts = { pause: noPause, random: half, problemOf, open };
    await expect(follow(parts, { silenceMs }).next()).rejects.toThrow(RangeError);
  });
});

describe("a live stream in which nothing happens", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Streams that the test writes to, as they are opened. */
  function wire() {
    const opened: ReadableStreamDefaultController<Uint8Array>[] = [];
    const open = async () =>
      new Response(new ReadableStream({ start: (controller) => void opened.push(controller) }));
    const write = (text: string) => opened.at(-1)?.enqueue(new TextEncoder().encode(text));
    return { opened, write, parts: { pause: noPause, random: half, problemOf, open } };
  }

  test("stays open as long as the gateway beats", async () => {
    expect(SILENCE_MS).toBeGreaterThan(2 * BEAT_MS);
    const { opened, write, parts } = wire();
    const next = follow(parts).next();
    for (let i = 0; i < 20; i += 1) {
      await vi.advanceTimersByTimeAsync(2 * BEAT_MS);
      write(": beat\n\n");
    }
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toHaveLength(2);
    write("id: 1\ndata: 1\n\n");
    expect((await next).value).toMatchObject({ id: "1" });
  });

  test("does not end because it is read slowly", async () => {
    const { opened, write, parts } = wire();
    const stream = follow(parts);
    const first = stream.next();
    await vi.advanceTimersByTimeAsync(0);
    write("id: 1\ndata: 1\n\n");
    expect((await first).value).toMatchObject({ id: "1" });
    await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
    write("id: 2\ndata: 2\n\n");
    expect((await stream.next()).value).toMatchObject({ id: "2" });
    expect(opened).toHaveLength(1);
  });

  test("goes on when the gateway has ended it twenty times, a quarter of an hour each", async () => {
    const { opened, write, parts } = wire();
    const next = follow(parts).next();
    for (let i = 1; i <= 20; i += 1) {
      await vi.advanceTimersByTimeAsync(BEAT_MS);
      write("retry: 1\n\n: beat\n\n");
      await vi.advanceTimersByTimeAsync(BEAT_MS);
      opened.at(-1)?.close();
    }
    await vi.advanceTimersByTimeAsync(BEAT_MS);
    write("id: 1\ndata: 1\n\n");
    expect((await next).value).toMatchObject({ id: "1" });
    expect(opened).toHaveLength(21);
  });
});

test("builds with its own compiler to what Node can import", { timeout: 60_000 }, async () => {
  const client = join(import.meta.dirname, "../client");
  const tsc = join(client, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", join(client, "tsconfig.json")]);
  const built: unknown = await import(pathToFileURL(join(client, "dist/index.js")).href);
  expect(Object.keys(Object(built)).toSorted()).toEqual(["UplineProblem", "createUpline"]);
});
