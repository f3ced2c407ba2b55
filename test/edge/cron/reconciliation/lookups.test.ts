import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { formatInstant } from "#src/core/contracts/instant.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { lineDigest } from "#src/edge/d1/digest-rows.ts";
import { fixLineDigests } from "#src/edge/d1/rebuild/totals.ts";
import { wireLineOf } from "#src/core/reconciliation/wire.ts";
import { expectMirrorEqualsObjects } from "../../support/line.ts";
import {
  againstCore,
  type Answer,
  coreLine,
  coreLines,
  HOUR_MS,
  later,
  MINUTE_MS,
  POSTED_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const DAY_MS = 25 * HOUR_MS;

describe("a line that changes hands", () => {
  test("is missing once, and too many until a person decides", async () => {
    const lines = [coreLine("B-1"), coreLine("B-2", { distributor_id: "C" })];
    const {
      run,
      breaks,
      lines: ours,
    } = await againstCore(["B", "C"], coreLines("B", 1, 3), { lines });
    expect(await run()).toMatchObject({ state: "done", healed: 1, open: 1 });
    later(20 * MINUTE_MS);
    for (let i = 0; i < 2; i += 1) {
      expect(await run()).toMatchObject({ state: "done", healed: 0, open: 1, differing: 1 });
      later(20 * MINUTE_MS);
    }
    expect(await breaks()).toEqual([
      "EXTRA_LOCAL B-2 none waits_a_day",
      "MISSING_LOCAL B-2 healed",
    ]);
    expect(await ours()).toEqual(["B/B-1 held", "B/B-2 held", "C/B-2 held"]);
  });

  test("counts no more towards the limit of missing lines", async () => {
    const given = coreLines("B", 1, 41);
    const moved = given.map((line) => ({ ...line, distributor_id: "C" }));
    const { run, books, lines } = await againstCore(["B", "C", "D"], given, { lines: moved });
    await run();
    later(20 * MINUTE_MS);
    books.lines = [...moved, ...coreLines("D", 1, 21)];
    expect(await run()).toMatchObject({ state: "done", healed: 20, open: 40 });
    expect((await lines()).filter((one) => one.startsWith("D/"))).toHaveLength(20);
  });
});

test("what was to heal a break and contradicts what was told is refused, and left to a person", async () => {
  // Its name is that of another line's reversal.
  const given = { distributor_id: "B", line_id: "R1", reverses_line_id: "B-2", currency: "USD" };
  const reversed = {
    id: "reversed",
    type: "commission.reversed",
    version: 1,
    occurred_at: formatInstant(POSTED_MS + 3 * HOUR_MS),
    key: "dist:B",
    data: { ...given, amount_minor: 100 },
  };
  const lines = [
    coreLine("B-1", { reversals: [{ line_id: "R1", amount_minor: 250 }] }),
    coreLine("B-2", { reversals: [{ line_id: "R1", amount_minor: 100 }] }),
  ];
  const { run, breaks } = await againstCore(["B"], coreLines("B", 1, 3), {
    lines,
    events: [reversed],
  });
  expect(await run()).toMatchObject({ healed: 1, open: 0 });
  later(20 * MINUTE_MS);
  expect(await run()).toMatchObject({ healed: 0, open: 1 });
  expect(await breaks()).toEqual(["STATUS B-1 none refused"]);
});

test("a second event of a healing that is refused is seen too", async () => {
  const given = { distributor_id: "B", line_id: "R2", reverses_line_id: "B-2", currency: "USD" };
  const reversed = {
    id: "reversed",
    type: "commission.reversed",
    version: 1,
    occurred_at: formatInstant(POSTED_MS + 3 * HOUR_MS),
    key: "dist:B",
    data: { ...given, amount_minor: 100 },
  };
  const told = [
    { line_id: "R1", amount_minor: 30 },
    { line_id: "R2", amount_minor: 150 },
  ];
  const lines = [
    coreLine("B-1", { reversals: told }),
    coreLine("B-2", { reversals: [{ line_id: "R2", amount_minor: 100 }] }),
  ];
  const { run, breaks } = await againstCore(["B"], coreLines("B", 1, 3), {
    lines,
    events: [reversed],
  });
  // The first reversal is posted, and leaves another difference; of that one nothing can be.
  for (let i = 0; i < 3; i += 1) {
    await run();
    later(20 * MINUTE_MS);
  }
  expect(await run()).toMatchObject({ healed: 0, open: 1 });
  expect(await breaks()).toEqual(["STATUS B-1 healed", "STATUS B-1 none refused"]);
});

describe("a core that contradicts itself", () => {
  test("closes no break by that", async () => {
    const lines = [coreLine("B-1"), coreLine("B-2", { amount_minor: 20_400 }), coreLine("B-3")];
    const { run, breaks, lie, select } = await againstCore(["B"], coreLines("B", 1, 4), { lines });
    await run();
    const found = await select("SELECT break_id, found_ms FROM breaks WHERE tenant = ?");
    expect(found).toHaveLength(1);
    later(20 * MINUTE_MS);
    // On its second page it tells one of them again, with yet another amount.
    lie.over = (url, body) => {
      if (url.pathname !== "/ledger") return body;
      if (!url.searchParams.has("cursor")) return { ...body, next_cursor: "p2" };
      const again = (body.items ?? []).filter((one) => one["line_id"] === "B-2");
      return { ...body, items: again.map((one) => ({ ...one, amount_minor: 77_777 })) };
    };
    const doubtful = await run();
    expect(doubtful).toMatchObject({ state: "done", contradicted: 1, expected: 3, covered: 2 });
    expect(doubtful).toMatchObject({ healed: 0, open: 1 });
    expect(await breaks()).toEqual(["AMOUNT B-2 none above_limit"]);
    later(20 * MINUTE_MS);
    delete lie.over;
    expect(await run()).toMatchObject({ contradicted: 0, open: 1 });
    // As old as it is.
    expect(await select("SELECT break_id, found_ms FROM breaks WHERE tenant = ?")).toEqual(found);
  });

  test("by a line on two days has it moved to neither", async () => {
    const given = coreLines("B", 1, 4);
    const twice = coreLine("B-2", { effective_ms: POSTED_MS + 2000 + 20 * HOUR_MS });
    const core = { lines: [...given, twice] };
    const { run, breaks, select } = await againstCore(["B"], given, core);
    for (let i = 0; i < 3; i += 1) {
      expect(await run()).toMatchObject({ state: "done", contradicted: 1, healed: 0 });
      later(20 * MINUTE_MS);
    }
    expect(await breaks()).toEqual([]);
    expect(
      await select("SELECT effective_ms FROM lines WHERE tenant = ? AND line_id = 'B-2'"),
    ).toEqual([{ effective_ms: POSTED_MS + 2000 }]);
  });

  test("by a line on two days that the mirror does not have has neither posted", async () => {
    const given = coreLines("B", 1, 2);
    const twice = [2000, 20 * HOUR_MS].map((ms) =>
      coreLine("B-2", { effective_ms: POSTED_MS + ms }),
    );
    const { run, breaks } = await againstCore(["B"], given, { lines: [...given, ...twice] });
    expect(await run()).toMatchObject({ state: "done", contradicted: 1, healed: 0 });
    expect(await breaks()).toEqual([]);
  });
});

describe("lines that the core does not have", () => {
  test("are put aside after a day, stay in the report, and come back as the core has them again", async () => {
    const all = coreLines("B", 1, 5);
    const core = { lines: all.slice(0, 2) };
    const { run, breaks, books, lines, line } = await againstCore(["B"], all, core);
    expect(await run()).toMatchObject({
      open: 2,
      by_class: { EXTRA_LOCAL: { found: 2, added: 2 } },
    });
    later(DAY_MS);
    expect(await run()).toMatchObject({ open: 2 });
    expect(await lines()).toEqual(["B/B-1 held", "B/B-2 held", "B/B-3 void", "B/B-4 void"]);
    later(20 * MINUTE_MS);
    const aside = await run();
    expect(aside).toMatchObject({ differing: 0, open: 2, by_class: { EXTRA_LOCAL: { open: 2 } } });
    expect(aside["oldest_open_ms"]).not.toBeNull();
    later(20 * MINUTE_MS);
    books.lines = all;
    expect(await run()).toMatchObject({ healed: 2, open: 2 });
    later(20 * MINUTE_MS);
    expect(await run()).toMatchObject({ differing: 0, open: 0, oldest_open_ms: null });
    expect(await breaks()).toEqual([
      "EXTRA_LOCAL B-3 healed",
      "EXTRA_LOCAL B-4 healed",
      "MISSING_LOCAL B-3 healed",
      "MISSING_LOCAL B-4 healed",
    ]);
    expect(await lines()).toEqual(all.map(({ line_id }) => `B/${line_id} held`));
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("are put aside up to a limit, and none of more", async () => {
    const all = coreLines("B", 1, 61);
    const { run, breaks, books, alerts, lines } = await againstCore(["B"], all, { lines: [] });
    expect(await run()).toMatchObject({ open: 60 });
    expect(alerts).toEqual([]);
    later(DAY_MS);
    expect(await run()).toMatchObject({ open: 60, healed: 0 });
    expect(alerts).toEqual(["extra_local_limit"]);
    expect(new Set((await breaks()).map((one) => one.split(" ").slice(2).join(" ")))).toEqual(
      new Set(["none run_limit"]),
    );
    later(20 * MINUTE_MS);
    books.lines = all;
    expect(await run()).toMatchObject({ open: 0, healed: 0 });
    expect((await lines()).filter((one) => one.endsWith(" held"))).toHaveLength(60);
  });

  test("come back within the limit of missing ones, and are one break each beyond", async () => {
    const all = coreLines("B", 1, 61);
    const { run, breaks, books, alerts, lines } = await againstCore(["B"], all, {
      lines: all.slice(30),
    });
    const held = async () => (await lines()).filter((one) => one.endsWith(" held")).length;
    await run("lines");
    later(DAY_MS);
    books.lines = [];
    // Thirty are put aside, before thirty more are found.
    books.lines = all.slice(30);
    await run("lines");
    books.lines = [];
    later(20 * MINUTE_MS);
    await run("lines");
    later(DAY_MS);
    await run("lines");
    expect(await held()).toBe(0);
    expect(alerts).toEqual([]);

    later(20 * MINUTE_MS);
    books.lines = all;
    expect(await run("lines")).toMatchObject({ healed: 0, open: 60 });
    expect(alerts).toEqual(["missing_local_limit"]);
    expect(await held()).toBe(0);
    const kinds = async () => [
      ...new Set((await breaks()).map((one) => one.replace(/ B-\d+ /, " "))),
    ];
    expect(await kinds()).toEqual(["EXTRA_LOCAL suspend run_limit"]);

    later(20 * MINUTE_MS);
    books.lines = all.slice(0, 40);
    expect(await run("lines")).toMatchObject({ healed: 40 });
    later(20 * MINUTE_MS);
    expect(await run("lines")).toMatchObject({ healed: 0, open: 20 });
    expect(await held()).toBe(40);
    expect((await kinds()).toSorted()).toEqual([
      "EXTRA_LOCAL healed",
      // What the core does not have is above no limit any more.
      "EXTRA_LOCAL suspend",
      "MISSING_LOCAL healed",
    ]);
  }, 60_000);
});

test("more lines than one step judges are counted, judged and closed step by step", async () => {
  const { run, breaks, books, alerts, line } = await againstCore(["B"], [], { lines: [] });
  const all = coreLines("B", 0, 520);
  await putLines(line.company.tenant, all);
  expect(await run()).toMatchObject({ state: "done", differing: 520, open: 520 });
  later(DAY_MS);
  // In all of them, and in no step by itself, are there too many.
  expect(await run()).toMatchObject({ state: "done", healed: 0, open: 520 });
  expect(alerts).toEqual(["extra_local_limit"]);
  expect((await breaks()).filter((one) => one.endsWith("none run_limit"))).toHaveLength(520);
  later(20 * MINUTE_MS);
  books.lines = all;
  expect(await run()).toMatchObject({ state: "done", differing: 0, open: 0 });
  expect((await breaks()).filter((one) => one.includes(" gone "))).toHaveLength(520);
}, 60_000);

/** Lines that no object knows of. */
async function putLines(tenant: string, lines: readonly CoreLine[]): Promise<void> {
  const rows = lines.map(({ line_id, distributor_id, effective_ms }) => {
    const row = {
      line_id,
      distributor_id,
      order_id: `O-${line_id}`,
      component: "unilevel",
      level: 1,
      depth: null,
      rate_ppm: null,
      amount_minor: 400,
      reversed_minor: 0,
      currency: "USD",
      state: "held",
      period_id: "2026-11",
      effective_ms,
      origin: "core",
      due_ms: null,
    } as const;
    return { ...row, digest: lineDigest(row).digest };
  });
  await env.MIRROR_0.prepare(
    `INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, level, amount_minor,
       reversed_minor, currency, state, period_id, effective_ms, origin, digest)
     SELECT ?1, value ->> 'distributor_id', value ->> 'line_id', value ->> 'order_id', 'unilevel', 1,
       400, 0, 'USD', 'held', '2026-11', value ->> 'effective_ms', 'core', value ->> 'digest'
     FROM json_each(?2)`,
  )
    .bind(tenant, JSON.stringify(rows))
    .run();
  await fixLineDigests(env.MIRROR_0, { tenant, runId: "" });
}

test("a core that tells no lines by id has what is too many found, and put aside once all time was looked at", async () => {
  const all = coreLines("B", 1, 3);
  const { run, breaks, lie, books, lines } = await againstCore(["B"], all, { lines: all.slice(1) });
  lie.lacks = (url) => url.searchParams.has("line_id");
  expect(await run()).toMatchObject({ state: "done", open: 1 });
  expect(await breaks()).toEqual(["EXTRA_LOCAL B-1 none waits_a_day"]);
  later(DAY_MS);
  expect(await run()).toMatchObject({ state: "done", open: 1 });
  expect(await breaks()).toEqual(["EXTRA_LOCAL B-1 none not_looked_up"]);
  later(20 * MINUTE_MS);
  // Nor are lines told by bucket: nobody knows what is too many, and no break of that is closed.
  const isPoor = (url: URL) => url.searchParams.has("bucket") || url.pathname === "/recon/digests";
  lie.lacks = (url) => url.searchParams.has("line_id") || isPoor(url);
  const inRange = (body: Answer) => ({
    ...body,
    items: books.lines.map(wireLineOf),
  });
  lie.over = (url, body) => (url.searchParams.has("updated_since") ? inRange(body) : body);
  expect(await run()).toMatchObject({ state: "done", open: 1, differing: 0 });
  expect(await breaks()).toEqual(["EXTRA_LOCAL B-1 none not_looked_up"]);
  delete lie.over;
  lie.lacks = (url) => url.searchParams.has("line_id");
  later(20 * MINUTE_MS);
  expect(await run("lines")).toMatchObject({ state: "done", open: 1 });
  expect(await lines()).toEqual(["B/B-1 void", "B/B-2 held"]);
});
