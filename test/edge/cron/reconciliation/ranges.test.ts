import { describe, expect, test } from "vitest";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  HOUR_MS,
  later,
  MINUTE_MS,
  NOW_MS,
  POSTED_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const at = (lineId: string, time: string) =>
  coreLine(lineId, { effective_ms: Date.parse(time), updated_ms: NOW_MS - 30 * HOUR_MS });

const ODD_TIMES = [
  at("B-10", "0001-01-01T00:00:00.000Z"),
  at("B-11", "1899-12-30T12:00:00.000Z"),
  at("B-12", "1969-12-31T23:59:59.999Z"),
  at("B-13", "1970-01-02T00:00:00.000Z"),
  at("B-14", "1999-12-31T00:00:00.000Z"),
  at("B-15", "2027-03-01T00:00:00.000Z"),
  at("B-16", "9999-11-30T23:59:59.999Z"),
];

const CORES = [
  ["with digests", false],
  ["without", true],
] as const;

const lacking =
  (isLacking: boolean) =>
  (url: URL): boolean =>
    isLacking && (url.pathname.startsWith("/recon") || url.searchParams.has("bucket"));

describe.each(CORES)("a run over all lines of a core %s", (_name, isLacking) => {
  test("finds what took effect long ago, or is to in years", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 3), {
      lines: [...coreLines("B", 1, 3), ...ODD_TIMES],
    });
    found.lie.lacks = lacking(isLacking);
    expect(await found.run("lines")).toMatchObject({ state: "done", differing: 7, healed: 7 });
    later(20 * MINUTE_MS);
    found.books.asked.length = 0;
    const after = await found.run("lines");
    expect(after).toMatchObject({ state: "done", differing: 0, open: 0, expected: 9, covered: 9 });
    // However long the time is in which there is nothing.
    expect(found.books.asked).toHaveLength(1);
    expect(await found.breaks()).toEqual(
      ODD_TIMES.map(({ line_id }) => `MISSING_LOCAL ${line_id} healed`).toSorted(),
    );
  });

  test("finds what the mirror has too many of then", async () => {
    const found = await againstCore(["B"], [...coreLines("B", 1, 3), ...ODD_TIMES], {
      lines: coreLines("B", 1, 3),
    });
    found.lie.lacks = lacking(isLacking);
    expect(await found.run("lines")).toMatchObject({ state: "done", differing: 7, open: 7 });
    found.books.lines = [...found.books.lines, ...ODD_TIMES];
    later(20 * MINUTE_MS);
    expect(await found.run("lines")).toMatchObject({ differing: 0, open: 0, expected: 9 });
    expect((await found.breaks()).every((text) => text.endsWith("gone waits_a_day"))).toBe(true);
  });

  test("follows a date from year 1 to next year, and looks at this month's once it has come", async () => {
    const moved = at("B-10", "2027-03-01T00:00:00.000Z");
    const soon = at("B-11", "2026-11-28T00:00:00.000Z");
    const found = await againstCore(["B"], [at("B-10", "0001-01-01T00:00:00.000Z")], {
      lines: [moved, soon],
    });
    found.lie.lacks = lacking(isLacking);
    expect(await found.run("lines")).toMatchObject({ differing: 1, healed: 1 });
    later(20 * MINUTE_MS);
    expect(await found.run("lines")).toMatchObject({ differing: 0, open: 0 });
    later(9 * 24 * HOUR_MS);
    expect(await found.run("lines")).toMatchObject({ differing: 1, healed: 1 });
  });
});

describe("a run that is asked for", () => {
  const ask = async ({ line }: AgainstCore, body: object) => {
    const { tenant, api } = line.company;
    const answer = await api(`POST /v1/tenants/${tenant}/reconciliations`, body);
    const { run_id } = await answer.json<{ run_id: string }>();
    return async () => {
      const path = `/v1/tenants/${tenant}/reconciliations/${run_id}`;
      const { from, to } = await (await api(`GET ${path}`)).json<{ from: string; to: string }>();
      return { from, to };
    };
  };
  const timeOf = (n: number): string => new Date(POSTED_MS + n * 1000).toISOString();

  test.each(["window", "lines"])("heals and closes nothing outside of it: %s", async (kind) => {
    const found = await againstCore(["B"], coreLines("B", 1, 3), { lines: coreLines("B", 2, 6) });
    // B-1 is too many.
    await found.run();
    expect(await found.breaks()).toHaveLength(4);
    const other = await againstCore(["B"], coreLines("B", 1, 3), { lines: coreLines("B", 1, 6) });
    const shown = await ask(other, { kind, from: timeOf(4), to: timeOf(5) });
    expect(await other.run()).toMatchObject({
      state: "done",
      differing: 1,
      healed: 1,
      expected: 5,
    });
    expect(await shown()).toEqual({ from: timeOf(4), to: timeOf(5) });
    expect(await other.breaks()).toEqual(["MISSING_LOCAL B-4 backfill"]);
    expect(await other.lines()).toEqual(["B/B-1 held", "B/B-2 held", "B/B-4 held"]);
  });

  test("leaves a break open that is outside of it", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 4), { lines: coreLines("B", 1, 3) });
    await found.run();
    found.books.lines = coreLines("B", 1, 4);
    later(20 * MINUTE_MS);
    await ask(found, { kind: "lines", from: timeOf(1), to: timeOf(2) });
    expect(await found.run()).toMatchObject({ state: "done", differing: 0, open: 0 });
    expect(await found.breaks()).toEqual(["EXTRA_LOCAL B-3 none waits_a_day"]);
    await ask(found, { kind: "lines", from: timeOf(3), to: timeOf(4) });
    await found.run();
    expect(await found.breaks()).toEqual(["EXTRA_LOCAL B-3 gone waits_a_day"]);
  });

  test("ends where it is to end, however early", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 3), {
      lines: [...coreLines("B", 1, 3), at("B-4", "1998-05-05T00:00:00.000Z"), coreLine("B-5")],
    });
    const shown = await ask(found, { kind: "lines", to: "1999-12-31" });
    expect(await found.run()).toMatchObject({ state: "done", expected: 1, healed: 1 });
    expect(await shown()).toEqual({
      from: "0001-01-01T00:00:00.000Z",
      to: "1999-12-31T00:00:00.000Z",
    });
    expect(await found.breaks()).toEqual(["MISSING_LOCAL B-4 backfill"]);
  });
});
