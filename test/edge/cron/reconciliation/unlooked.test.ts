import { describe, expect, test, vi } from "vitest";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  HOUR_MS,
  later,
  MINUTE_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const at = (time: string): number => Date.parse(`2026-11-20T${time}:00.000Z`);
const dated = (line_id: string, time: string, more: object = {}) =>
  coreLine(line_id, { effective_ms: at(time), updated_ms: at(time), ...more });

/** Events take so long that nothing of the last two hours is judged. */
const SLOW = { lagMs: () => Promise.resolve(3 * HOUR_MS) };

const opened = ({ select }: AgainstCore) =>
  select("SELECT break_id, found_ms, resolved_ms FROM breaks WHERE tenant = ? ORDER BY break_id");

describe("a break of an hour that a run does not look at stays as it is", () => {
  const ours = [dated("B-1", "10:05"), coreLine("B-2")];

  test.each([
    ["AMOUNT B-1 none above_limit", [dated("B-1", "10:05", { amount_minor: 90_000 }), ours[1]]],
    ["EXTRA_LOCAL B-1 none waits_a_day", [ours[1]]],
  ])("%s, where the grace has grown", async (told, theirs) => {
    const found = await againstCore(["B"], ours, {
      lines: theirs.filter((line) => line !== undefined),
    });
    await found.run();
    expect(await found.breaks()).toEqual([told]);
    const before = await opened(found);

    vi.setSystemTime(at("12:55"));
    expect(await found.run("window", SLOW)).toMatchObject({ state: "done", healed: 0, open: 1 });
    expect(await opened(found)).toEqual(before);

    later(3 * HOUR_MS);
    expect(await found.run()).toMatchObject({ healed: 0, open: 1 });
    expect(await opened(found)).toEqual(before);

    // Looked at, and not found any more, it ends.
    found.books.lines = ours;
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ open: 0 });
    expect(await found.breaks()).toEqual([expect.stringMatching(/ B-1 gone/)]);
  });

  test("nor one of an hour that is not over, which lists know and digests do not", async () => {
    const theirs = [
      dated("Z-1", "12:05"),
      dated("B-2", "12:05", { currency: "EUR" }),
      dated("B-3", "12:05", { amount_minor: 90_000 }),
    ];
    const found = await againstCore(["B"], [dated("B-3", "12:05")], { lines: theirs });
    found.lie.lacks = (url) => url.pathname === "/recon/digests";
    await found.run();
    const listed = await found.breaks();
    expect(listed).toContain("MISSING_LOCAL Z-1 none distributor_unknown");
    expect(listed).toContain("AMOUNT B-3 none above_limit");

    delete found.lie.lacks;
    later(15 * MINUTE_MS);
    await found.run();
    expect(await found.breaks()).toEqual(listed);
  });
});
