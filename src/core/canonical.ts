import { assert } from "./assert.ts";
import type { Json } from "./json.ts";

/**
 * The one text of a JSON value: RFC 8785 (JCS). Members are sorted by UTF-16 code units and
 * numbers are written as ECMAScript does, which is what RFC 8785 §3.2.2.3 asks for.
 */
export function canonicalJson(value: Json | undefined): string {
  if (value === null || typeof value !== "object") {
    assert(value !== undefined, "Only JSON has a canonical form");
    assert(typeof value !== "number" || Number.isFinite(value), "JSON has no infinity");
    return JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join(",")}}`;
}

// Array.isArray does not narrow readonly arrays.
const isArray = (value: object): value is readonly Json[] => Array.isArray(value);
