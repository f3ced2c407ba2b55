import { describe, expect, test } from "vitest";
import { checkPoll } from "#src/pollers/check.ts";
import { fill, httpPoller } from "#src/pollers/http.ts";
import type { HttpStream } from "#src/pollers/settings.ts";
import { askAgain, askedOf, begin, giveUp, newCursor } from "#src/pollers/cursor.ts";
import { take } from "#src/pollers/walk.ts";

const NOW_MS = Date.parse("2026-07-01T12:00:00Z");
const stream: HttpStream = {
  name: "orders",
  url: "https://x.example/o?since={since}",
  since_as: "iso",
  id: "id",
  updated_at: "at",
};
const terms = { stream, overlapS: 300, isShifting: false };

const pageOf = (body: unknown, more: Partial<HttpStream> = {}, link?: string) =>
  httpPoller.read(
    { ...stream, ...more },
    { fromMs: null, place: null },
    { status: 200, body, header: (name) => (name === "link" ? link : undefined) },
  );

function watermarkOf(...changes: readonly unknown[]) {
  const page = pageOf(changes.map((at, id) => ({ id, at })));
  if (page.kind !== "page") throw new Error(page.detail);
  const step = take(begin(newCursor("x"), terms, NOW_MS), page, terms);
  return step.cursor.watermarkMs;
}

describe("a record with a date of its own making", () => {
  const PROPER = "2026-07-01T10:00:00Z";

  test.each([
    { name: "the end of time", at: "9999-12-31" },
    { name: "tomorrow", at: "2026-07-02T12:00:00Z" },
    { name: "more milliseconds than a date has", at: Number.MAX_SAFE_INTEGER },
    { name: "fewer seconds than an integer has", at: Number.MIN_SAFE_INTEGER },
    { name: "the year 1", at: "0001-01-01T00:00:00Z" },
  ])("of $name moves no watermark", ({ at }) => {
    expect(watermarkOf(PROPER, at)).toBe(Date.parse(PROPER));
  });

  test.each([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -1, "0001-01-01T00:00:00Z"])(
    "%s is no moment",
    (at) => {
      expect(pageOf([{ id: 1, at }])).not.toMatchObject({ items: [{ atMs: expect.anything() }] });
    },
  );
});

describe("a place that a product names", () => {
  test("may hold half a character", () => {
    expect(fill("https://x.example/?c={cursor}", { cursor: "a\ud800" })).toBe(
      "https://x.example/?c=a%EF%BF%BD",
    );
  });

  test("is kept where a row and an address have room for it", () => {
    const cursor = begin(newCursor("x"), terms, NOW_MS);
    const next = { cursor: "a".repeat(9000) };
    expect(take(cursor, { kind: "page", items: [], next }, terms)).toMatchObject({
      stray: {
        code: "place_too_long",
        detail: "A page's place has more than 8000 characters",
      },
    });
  });

  test("in a header without end is looked for in its beginning", () => {
    const pages = { kind: "next" } as const;
    const late = `<https://x.example/a>; rel="first"${";rel= ".repeat(2000)}, </o?p=2>; rel="next"`;
    expect(pageOf([], { pages }, late)).not.toHaveProperty("next");
    expect(pageOf([], { pages }, '</o?p=2>; rel="next"')).toHaveProperty("next");
  });

  test.each(["https://{cursor}/o", "https://api.{cursor}.example/o", "https://{cursor}?a=b"])(
    "is no host: %s",
    (url) => {
      const poll = {
        kind: "http",
        auth: { kind: "token", token: "secret-0001" },
        streams: [{ name: "orders", url, id: "id", pages: { kind: "token", at: "next" } }],
      };
      expect(checkPoll(poll, "custom")).toContainEqual({
        path: "options.poll.streams[0].url",
        rule: "place",
        message: "May name places behind its host alone",
      });
    },
  );
});

describe("what a gap asked for", () => {
  const gap = { fromMs: NOW_MS - 3_600_000, rev: "7" };

  test("is still asked for when its round is given up", () => {
    const walking = begin(askAgain(newCursor("x"), gap), terms, NOW_MS);
    const again = begin(giveUp(walking, terms), terms, NOW_MS + 1);
    expect(askedOf(again.round)).toEqual(askedOf(walking.round));
    expect(again.round).toMatchObject({ isResync: true, rev: "7" });
    expect(giveUp(begin(newCursor("x"), terms, NOW_MS), terms).resync).toBeNull();
  });

  test("takes no day's place", () => {
    const daily = { ...terms, stream: { ...stream, every: "day" as const } };
    const known = { ...newCursor("x"), doneMs: Date.parse("2026-07-01T02:00:00Z") };
    const end = take(
      begin(askAgain(known, gap), daily, NOW_MS),
      { kind: "page", items: [] },
      daily,
    );
    expect(end).toMatchObject({ cursor: { doneMs: known.doneMs, round: null } });
  });
});
