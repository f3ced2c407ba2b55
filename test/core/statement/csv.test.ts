import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf } from "#src/core/statement/csv.ts";
import { runs } from "../../support/runs.ts";

describe("csvOf()", () => {
  test("writes a header and rows, each with CRLF behind it", () => {
    const rows = [[{ text: "unilevel" }, { number: "-4.00" }]];
    expect(csvOf(["component", "amount"], rows)).toBe("component,amount\r\nunilevel,-4.00\r\n");
  });

  test.each([
    { text: "plain words", cell: "plain words" },
    { text: "", cell: "" },
    { text: "a,b", cell: '"a,b"' },
    { text: 'a "b"', cell: '"a ""b"""' },
    { text: "a\r\nb", cell: '"a\r\nb"' },
    { text: "=1+1", cell: "'=1+1" },
    { text: "+1", cell: "'+1" },
    { text: "-1", cell: "'-1" },
    { text: "@SUM(A1)", cell: "'@SUM(A1)" },
    { text: "＝1", cell: "'＝1" },
    { text: " =1", cell: "' =1" },
    { text: "\t=1", cell: "'\t=1" },
    { text: '=HYPERLINK("x")', cell: `"'=HYPERLINK(""x"")"` },
    { text: "a=1", cell: "a=1" },
  ])("writes $text so that nothing computes it", ({ text, cell }) => {
    expect(csvOf(["h"], [[{ text }]])).toBe(`h\r\n${cell}\r\n`);
  });

  test("reads back as what was written", () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom("a", '"', ",", "\r", "\n", " ") }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), (rows) => {
        const text = csvOf(
          ["h"],
          rows.map((row) => row.map((cell) => ({ text: `x${cell}` }))),
        );
        expect(readBack(text)).toEqual([
          ["h"],
          ...rows.map((row) => row.map((cell) => `x${cell}`)),
        ]);
      }),
      { numRuns: runs(200) },
    );
  });
});

/** The grammar of RFC 4180, character by character. */
function readBack(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (isQuoted && char === '"' && text.charAt(i + 1) === '"') {
      cell += char;
      i += 1;
    } else if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted || (char !== "," && char !== "\r")) cell += char;
    else {
      row.push(cell);
      cell = "";
      if (char === ",") continue;
      rows.push(row);
      row = [];
      i += 1;
    }
  }
  return rows;
}
