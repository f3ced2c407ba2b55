import { assert } from "./assert.ts";

/**
 * The one text of a JSON value: RFC 8785 (JCS). Members are sorted by UTF-16 code units, and
 * numbers are written as ECMAScript writes them, which is what §3.2.2.3 asks for. Members that are
 * undefined are left out; a value that JSON cannot say is a bug of the caller's.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      // Not localeCompare: the order is that of code units, the same everywhere.
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  assert(typeof value !== "number" || Number.isFinite(value), "JSON has no infinity");
  const text: string | undefined = JSON.stringify(value);
  assert(text !== undefined, "Only JSON has a canonical form");
  return text;
}
