/** A number of ours, or words that others chose. */
export type Cell = { readonly number: string } | { readonly text: string };

/**
 * What spreadsheets take for the beginning of a formula, in any width. The apostrophe keeps such
 * words from being computed when somebody opens the file; numbers of ours stay numbers.
 */
const FORMULA = /^[\s\u{FEFF}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

const QUOTED = /[",\r\n]/;

/** RFC 4180: a header row, CRLF behind every row, quotes where needed. */
export const csvOf = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header.map((text) => ({ text })), ...rows]
    .map((row) => `${row.map(cellText).join(",")}\r\n`)
    .join("");

function cellText(cell: Cell): string {
  if ("number" in cell) return cell.number;
  const { text } = cell;
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
