import { describe, expect, test } from "vitest";
import { formatInstant } from "#src/core/contracts/instant.ts";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  later,
  MINUTE_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * From the second answer of a run on a line has changed since it began: the core, which keeps no past,
 * leaves it out of everything that is as of then.
 */
function leaveOut({ lie, books }: AgainstCore, line_id: string): void {
  const { lines } = books;
  const rest = lines.filter((line) => line.line_id !== line_id);
  lie.over = (_url, body) => {
    books.lines = rest;
    return body;
  };
  // Asked as of now it has the line: books are opened before each question.
  lie.lacks = (url) => {
    if (!url.searchParams.has("as_of_seq")) books.lines = lines;
    return false;
  };
}

function tellAll({ lie, books }: AgainstCore, lines: AgainstCore["books"]["lines"]): void {
  delete lie.over;
  delete lie.lacks;
  books.lines = lines;
}

describe("a line that changes while a run asks a core without a past", () => {
  const ours = coreLines("B", 1, 5);

  test("is no extra one, though its event is on its way still", async () => {
    const lines = [...ours, coreLine("B-9")];
    const found = await againstCore(["B"], ours, { lines });
    leaveOut(found, "B-2");
    const asked = found.books.asked.length;
    expect(await found.run()).toMatchObject({ state: "done", healed: 1, open: 0, in_flight: 1 });
    expect(await found.breaks()).toEqual(["MISSING_LOCAL B-9 backfill"]);
    // As of the run it was asked for, and once more as of now.
    const named = found.books.asked.slice(asked).filter((one) => one.includes("line_id=B-2"));
    expect(named.map((one) => one.includes("as_of_seq"))).toEqual([true, false]);

    const atMs = Date.now();
    const released = { ...coreLine("B-2"), status: "available" as const, updated_ms: atMs };
    await found.line.post({
      id: "released",
      type: "commission.released",
      version: 1,
      occurred_at: formatInstant(atMs),
      key: "dist:B",
      seq: 5,
      data: { distributor_id: "B", line_id: "B-2" },
    });
    await found.line.drain();
    tellAll(found, [...lines.filter(({ line_id }) => line_id !== "B-2"), released]);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ state: "done", differing: 0, open: 0 });
    expect(await found.breaks()).toEqual(["MISSING_LOCAL B-9 healed"]);
  });

  test("keeps the break that is open of it", async () => {
    const lines = [coreLine("B-1"), coreLine("B-2", { amount_minor: 90_000 })];
    const found = await againstCore(["B"], coreLines("B", 1, 3), { lines });
    await found.run();
    const before = await found.select("SELECT * FROM breaks WHERE tenant = ?");
    expect(await found.breaks()).toEqual(["AMOUNT B-2 none above_limit"]);

    later(20 * MINUTE_MS);
    found.books.lines = [...lines, coreLine("B-9")];
    leaveOut(found, "B-2");
    expect(await found.run()).toMatchObject({ state: "done", open: 1, in_flight: 1 });
    const after = await found.select("SELECT * FROM breaks WHERE tenant = ?");
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(await found.breaks()).toEqual([
      "AMOUNT B-2 none above_limit",
      "MISSING_LOCAL B-9 backfill",
    ]);
  });

  test("is an extra one after a day, if the core leaves it out all the time", async () => {
    const [first = coreLine("B-1"), ...others] = ours;
    const lines = [{ ...first, currency: "EUR" }, ...others];
    const found = await againstCore(["B"], ours, { lines });
    leaveOut(found, "B-2");
    expect(await found.run()).toMatchObject({ open: 1, in_flight: 1 });
    expect(await found.breaks()).toEqual(["CURRENCY B-1 none never_automatic"]);
    later(DAY_MS + MINUTE_MS);
    expect(await found.run()).toMatchObject({ open: 2, in_flight: 0 });
    expect(await found.breaks()).toEqual([
      "CURRENCY B-1 none never_automatic",
      "EXTRA_LOCAL B-2 none waits_a_day",
    ]);
  });
});
