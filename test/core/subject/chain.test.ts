import { describe, expect, test } from "vitest";
import { firstBroken, GENESIS, link, type LogRow } from "#src/core/subject/chain.ts";
import { sha256 } from "../support/memory-store.ts";

const START = { position: 0, hash: GENESIS };

function chain(...entries: readonly string[]): LogRow[] {
  let hash = GENESIS;
  return entries.map((entry, i) => {
    hash = link(hash, entry, sha256);
    return { position: i + 1, hash, entry };
  });
}

const ROWS = chain('{"n":1}', '{"n":2}', '{"n":3}');
const changed = (nth: number, change: Partial<LogRow>) =>
  ROWS.map((row, i) => (i === nth ? { ...row, ...change } : row));

describe("link()", () => {
  test("is the digest of the hash before and the entry", () => {
    expect(link("ab", "{}", (text) => `digest of ${text}`)).toBe("digest of ab{}");
    // echo -n '{}' | sha256sum
    const digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    expect(link(GENESIS, "{}", sha256)).toBe(digest);
  });
});

describe("firstBroken()", () => {
  test.each<{ name: string; rows: readonly LogRow[]; broken: number | undefined }>([
    { name: "a whole chain", rows: ROWS, broken: undefined },
    { name: "no rows", rows: [], broken: undefined },
    { name: "a changed entry", rows: changed(1, { entry: '{"n":9}' }), broken: 2 },
    { name: "a changed hash", rows: changed(2, { hash: sha256("?") }), broken: 3 },
    { name: "a changed position", rows: changed(1, { position: 7 }), broken: 7 },
    { name: "a changed first row", rows: changed(0, { entry: "{}" }), broken: 1 },
    { name: "a row that is gone", rows: ROWS.toSpliced(1, 1), broken: 3 },
    { name: "a first row that is gone", rows: ROWS.slice(1), broken: 2 },
    { name: "rows that changed places", rows: ROWS.toReversed(), broken: 3 },
    { name: "a row that was put in", rows: [...ROWS.slice(0, 2), ...ROWS.slice(1)], broken: 2 },
    {
      name: "a chain made up anew from a changed entry",
      rows: [...ROWS.slice(0, 1), ...chain('{"n":1}', '{"n":9}').slice(1), ...ROWS.slice(2)],
      broken: 3,
    },
  ])("finds $broken in $name", ({ rows, broken }) => {
    expect(firstBroken(rows, START, sha256)).toBe(broken);
  });

  test("goes on from any row", () => {
    const [first, ...rest] = ROWS;
    const from = { position: 1, hash: first?.hash ?? "" };
    expect(firstBroken(rest, from, sha256)).toBeUndefined();
    expect(firstBroken(rest, { ...from, hash: GENESIS }, sha256)).toBe(2);
  });
});
