import { describe, expect, test } from "vitest";
import { faultOf } from "#src/pollers/answers.ts";
import { allowance, freedMs, spend, type Usage, usedOf } from "#src/pollers/budget.ts";
import { fill, httpPoller } from "#src/pollers/http.ts";
import type { Answer, Page } from "#src/pollers/poller.ts";
import { backoffMs, dailyAfter } from "#src/pollers/schedule.ts";
import type { HttpStream } from "#src/pollers/settings.ts";
import { askAgain, askedOf, begin, type Cursor, narrowed, newCursor } from "#src/pollers/cursor.ts";
import type { JsonObject } from "#src/core/json.ts";
import { take } from "#src/pollers/walk.ts";

const answer = (
  status: number,
  body: unknown = null,
  headers: Record<string, string> = {},
): Answer => ({
  status,
  body,
  header: (name) => headers[name],
});

test.each([
  { status: 200, kind: undefined },
  { status: 207, kind: undefined },
  { status: 400, kind: "refused" },
  { status: 401, kind: "unauthorized" },
  { status: 403, kind: "forbidden" },
  { status: 408, kind: "failed" },
  { status: 429, kind: "throttled" },
  { status: 500, kind: "failed" },
  { status: 503, kind: "failed" },
])("status $status is $kind", ({ status, kind }) => {
  expect(faultOf(answer(status))?.kind).toBe(kind);
});

test("Retry-After is kept up to a day, also of an overloaded server", () => {
  expect(faultOf(answer(429, {}, { "retry-after": "600" }))).toMatchObject({ afterMs: 600_000 });
  expect(faultOf(answer(503, {}, { "retry-after": "999999999" }))).toMatchObject({
    kind: "throttled",
    afterMs: 86_400_000,
  });
  expect(faultOf(answer(429, {}, { "retry-after": "soon" }))).not.toHaveProperty("afterMs");
});

test("usage of a rolling day comes back by the hour", () => {
  const hour = 3_600_000;
  let usage: Usage = [];
  for (let n = 0; n < 30; n += 1) usage = spend(usage, 10, n * hour);
  expect(usage).toHaveLength(24);
  expect(usedOf(usage, 29 * hour)).toBe(240);
  expect(usedOf(usage, 30 * hour)).toBe(230);
  expect(freedMs(usage, 29 * hour)).toBe(30 * hour);
  expect([allowance(100), allowance(100, 0.25), allowance(1)]).toEqual([50, 25, 1]);
});

test("failures wait for a minute, twice as long each, and an hour at the most", () => {
  expect([1, 2, 3, 7, 50].map(backoffMs)).toEqual([60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
});

describe("a daily round", () => {
  const at = (text: string) => Date.parse(text);
  test.each([
    {
      name: "the last one, at first",
      tz: "UTC",
      done: null,
      now: "2026-07-01T01:00:00Z",
      due: "2026-06-30T02:00:00Z",
      day: "2026-06-29",
    },
    {
      name: "today's, once it is due",
      tz: "UTC",
      done: null,
      now: "2026-07-01T02:00:00Z",
      due: "2026-07-01T02:00:00Z",
      day: "2026-06-30",
    },
    {
      name: "the next one after one",
      tz: "UTC",
      done: "2026-07-01T02:00:00Z",
      now: "2026-07-01T03:00:00Z",
      due: "2026-07-02T02:00:00Z",
      day: "2026-07-01",
    },
    {
      name: "of a day missed",
      tz: "UTC",
      done: "2026-07-01T02:00:00Z",
      now: "2026-07-04T03:00:00Z",
      due: "2026-07-02T02:00:00Z",
      day: "2026-07-01",
    },
    {
      name: "of no day long past",
      tz: "UTC",
      done: "2026-01-01T02:00:00Z",
      now: "2026-07-10T03:00:00Z",
      due: "2026-07-03T02:00:00Z",
      day: "2026-07-02",
    },
    {
      name: "where the clock skips it",
      tz: "America/New_York",
      done: "2026-03-07T07:00:00Z",
      now: "2026-03-08T12:00:00Z",
      due: "2026-03-08T07:00:00Z",
      day: "2026-03-07",
    },
    {
      name: "where the clock shows it twice",
      tz: "Europe/Berlin",
      done: "2026-10-24T00:00:00Z",
      now: "2026-10-25T12:00:00Z",
      due: "2026-10-25T00:00:00Z",
      day: "2026-10-24",
    },
  ])("is $name", ({ tz, done, now, due, day }) => {
    const round = dailyAfter({ at: "02:00", tz }, done === null ? null : at(done), at(now));
    expect({ ...round, dueMs: new Date(round.dueMs).toISOString() }).toEqual({
      day,
      dueMs: new Date(due).toISOString(),
    });
  });
});

test.each([
  { values: { since: "1", page: "2" }, url: "https://x.example/a/2?s=1&p=2&k=v" },
  { values: { page: "2" }, url: "https://x.example/a/2?p=2&k=v" },
  { values: { since: "a b&c" }, url: "https://x.example/a/?s=a%20b%26c&k=v" },
])("a template is filled with $values", ({ values, url }) => {
  expect(fill("https://x.example/a/{page}?s={since}&p={page}&k=v", values)).toBe(url);
});

describe("a list over HTTP", () => {
  const stream: HttpStream = {
    name: "orders",
    url: "https://x.example/o?c={cursor}",
    since_as: "iso",
    id: "id",
    updated_at: "at",
  };
  const asked = { fromMs: null, place: null };
  const read = (
    body: unknown,
    more: Partial<HttpStream> = {},
    headers: Record<string, string> = {},
  ) => httpPoller.read({ ...stream, ...more }, asked, answer(200, body, headers));

  test.each([
    { at: "2026-07-01T10:00:00+02:00", ms: Date.parse("2026-07-01T08:00:00Z") },
    { at: "2026-07-01", ms: Date.parse("2026-07-01T00:00:00Z") },
    { at: 1_785_000_000, ms: 1_785_000_000_000 },
    { at: 1_785_000_000_123, ms: 1_785_000_000_123 },
    { at: "1785000000", ms: 1_785_000_000_000 },
    { at: "yesterday", ms: undefined },
    { at: null, ms: undefined },
  ])("reads $at as a moment", ({ at, ms }) => {
    expect(read([{ id: 7, at }])).toMatchObject({
      items: [{ id: "7", ...(ms === undefined ? {} : { atMs: ms }) }],
    });
  });

  test("goes on by a Link of its own host, and by none of another", () => {
    const pages = { kind: "next" } as const;
    const link = (url: string) => ({
      link: `<https://x.example/first>; rel="first", <${url}>; rel="next"`,
    });
    expect(read([], { pages }, link("/o?c=2"))).toMatchObject({
      next: { next: "https://x.example/o?c=2" },
    });
    expect(read([], { pages }, link("https://evil.example/o"))).toMatchObject({ kind: "failed" });
    expect(read([], { pages })).not.toHaveProperty("next");
  });

  test("has no list where none stands", () => {
    expect(read({ data: {} }, { items: "data" })).toMatchObject({ kind: "failed" });
  });
});

const GONE = { isDeleted: true } as const;

describe("a walk", () => {
  const stream = { name: "s", object: "contacts", fields: [] };
  const terms = { stream, overlapS: 60, isShifting: false };
  const item = (id: string, atMs: number) => ({ id, atMs, record: {} });

  test("that comes by a place again tells its page, and begins anew", () => {
    let cursor = begin(newCursor("x"), terms, 1);
    const pageAt = (n: number): Page => ({
      kind: "page",
      items: [item(String(n), n)],
      next: n % 5,
    });
    let n = 0;
    let step = take(cursor, pageAt(n), terms);
    for (; step.stray === undefined && n < 40; step = take(cursor, pageAt(n), terms)) {
      cursor = begin(step.cursor, terms, 1);
      n += 1;
    }
    expect(step).toMatchObject({
      stray: { kind: "failed", code: "circle" },
      versions: [{ id: String(n) }],
      isEnd: false,
      cursor: { round: { place: null, pages: 0, restarts: 1 } },
    });
  });

  test("of empty pages that ends nowhere begins anew, and is given up at last", () => {
    let cursor = begin(newCursor("x"), terms, 1);
    const codes: (string | undefined)[] = [];
    let last: Cursor = cursor;
    for (let n = 0; codes.length < 4; n += 1) {
      const step = take(cursor, { kind: "page", items: [], next: n }, terms);
      if (step.stray !== undefined) codes.push(step.stray.code);
      last = step.cursor;
      cursor = begin(last, terms, 1);
    }
    expect(codes).toEqual(["endless", "endless", "endless", "endless"]);
    expect(last.round).toBeNull();
  });

  describe("longer than any listing", () => {
    const NOW_MS = 10_000_000;
    const page = { kind: "page", items: [item("9", 900_000)], next: { at: 900_000 } } as const;
    const late = (from: Cursor) => {
      const cursor = begin(from, terms, NOW_MS);
      return { ...cursor, round: { ...cursor.round, place: 1, pages: 99_999, topMs: 800_000 } };
    };
    const inOrder = { ...terms, isInOrder: true };

    test("ends there where it is in the order of changes, and the next one goes on", () => {
      const step = take(late(newCursor("x")), page, inOrder);
      expect(step).toMatchObject({ isEnd: true, versions: [{ id: "9" }] });
      expect(step.stray).toBeUndefined();
      expect(step.cursor).toMatchObject({ watermarkMs: 900_000, round: null });
      expect(begin(step.cursor, terms, NOW_MS).round.fromMs).toBe(840_000);
    });

    test("for a gap goes on as the gap's", () => {
      const step = take(late(askAgain(newCursor("x"), { fromMs: 500, rev: "7" })), page, inOrder);
      expect(step.cursor).toMatchObject({
        watermarkMs: null,
        resync: { fromMs: 900_000, rev: "7" },
      });
    });

    test("begins anew where nobody knows what it has not shown, or it came no further", () => {
      expect(take(late(newCursor("x")), page, terms)).toMatchObject({
        stray: { code: "endless" },
        versions: [{ id: "9" }],
        cursor: { watermarkMs: null, round: { place: null } },
      });
      const known = { ...newCursor("x"), watermarkMs: 900_000 };
      expect(take(late(known), page, inOrder).stray).toMatchObject({ code: "endless" });
    });
  });

  test("leaves a record that is too deep, takes the others, and asks for it again", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(62)}1${"}".repeat(62)}`);
    const fit = JSON.parse(`${'{"a":'.repeat(61)}1${"}".repeat(61)}`);
    const items = [
      { id: "1", atMs: 700_000, record: fit },
      { id: "2", atMs: 800_000, record: deep },
      { id: "3", atMs: 900_000, record: {} },
    ];
    const step = take(begin(newCursor("x"), terms, 10_000_000), { kind: "page", items }, terms);
    expect(step.versions.map(({ id }) => id)).toEqual(["1", "3"]);
    expect(step).toMatchObject({
      isEnd: true,
      fault: { code: "nested", detail: "The record 2 is nested too deep to be taken" },
      cursor: { watermarkMs: 800_000 },
    });
    const mended = [{ id: "2", atMs: 950_000, record: {} }];
    const next = take(
      begin(step.cursor, terms, 10_000_000),
      { kind: "page", items: mended },
      terms,
    );
    expect(next).toMatchObject({ versions: [{ id: "2" }], cursor: { watermarkMs: 950_000 } });
    expect(next.fault).toBeUndefined();
  });

  test("asks for half as many records once a page was too long, down to one", () => {
    let cursor = begin(newCursor("x"), terms, 1);
    const sizes: (number | undefined)[] = [];
    for (;;) {
      const less = narrowed(cursor, 5);
      if (less === undefined) break;
      cursor = less;
      sizes.push(askedOf(cursor.round).size);
    }
    expect(sizes).toEqual([3, 2, 1]);
    expect(narrowed(begin(newCursor("x"), terms, 1), undefined)).toBeUndefined();
  });

  test("tells a second change of one second apart, later than the first", () => {
    const at = (record: JsonObject, more: object = {}) => ({
      id: "1",
      atMs: 5000,
      record,
      ...more,
    });
    let cursor = newCursor("x");
    const told = [at({ v: 1 }), at({ v: 1 }), at({ v: 2 }), at({ v: 1 }), at({}, GONE)].map(
      (one, n) => {
        const page = { kind: "page", items: [one] } as const;
        const step = take(begin(cursor, terms, 9000 + n), page, terms);
        cursor = step.cursor;
        return step.versions.map(({ version, seenMs }) => [version, seenMs]);
      },
    );
    expect(told).toEqual([
      [["5000", 5000]],
      [],
      [["5001", 5001]],
      [["5002", 5002]],
      [["5003", 5003]],
    ]);
    expect(cursor.watermarkMs).toBe(5000);
  });

  test("for a gap goes back to it, under its place, and says nothing of what was before", () => {
    const asked = askAgain(askAgain(newCursor("x"), { fromMs: 500_000, rev: "9" }), {
      fromMs: 400_000,
      rev: "10",
    });
    const cursor = begin(asked, terms, 1_000_000);
    expect(cursor.round).toMatchObject({ fromMs: 340_000, rev: "10" });
    const end = take(cursor, { kind: "page", items: [item("1", 450_000)] }, terms);
    expect(end).toMatchObject({
      kind: "taken",
      isEnd: true,
      versions: [{ rev: "10" }],
      cursor: { watermarkMs: null },
    });
  });

  test("tells what is not dated when it says something else, also what it said before", () => {
    let cursor = newCursor("x");
    const told = ["a", "a", "b", "a"].map((value, n) => {
      const page = { kind: "page", items: [{ id: "1", record: { value } }] } as const;
      const step = take(begin(cursor, terms, 1000 + n), page, terms);
      cursor = step.cursor;
      return step.versions.map(({ version }) => version);
    });
    expect(told).toEqual([["1000"], [], ["1002"], ["1003"]]);
  });
});
