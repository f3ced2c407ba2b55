import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";

/** A byte order mark is no part of JSON text (RFC 8259 §8.1), but it was part of what was signed. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Containers inside containers: no product nests its events half as deep. */
export const JSON_DEPTH_MAX = 64;

/** Only a number of so many digits can be beyond 2^53. */
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

type Parsed<Value> = Result<Value, readonly Violation[]>;

/** Reads a body as text. `path` of a body as a whole is empty. */
export function parseText(body: Uint8Array): Parsed<string> {
  try {
    return ok(utf8.decode(body));
  } catch {
    return refuse([{ path: "", rule: "utf8", message: "The body is not UTF-8" }]);
  }
}

/**
 * Reads a body as JSON. An integer beyond 2^53 becomes the text of its digits: log positions and
 * ids of 64 bits come so, and a rounded one would be another one.
 */
export function parseJson(body: Uint8Array): Parsed<unknown> {
  const text = parseText(body);
  return text.ok ? parseJsonText(text.value) : text;
}

/** As {@link parseJson}, of text that stands inside of something else. */
export function parseJsonText(text: string): Parsed<unknown> {
  if (isDeeper(text, JSON_DEPTH_MAX)) {
    const message = `Must be at most ${JSON_DEPTH_MAX} levels deep`;
    return refuse([{ path: "", rule: "depth", message }]);
  }
  try {
    const value: unknown = LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
    return ok(value);
  } catch {
    return refuse([{ path: "", rule: "json", message: "The body is not JSON" }]);
  }
}

/** ECMA-262 «JSON.parse source text access». */
function keepDigits(
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && INTEGER.test(source) ? source : value;
}

/** Looked at before parsing: what walks the value afterwards calls itself for each level. */
function isDeeper(text: string, depthMax: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === BRACE || character === BRACKET) depth += 1;
    else if (character === BRACE_END || character === BRACKET_END) depth -= 1;
    if (depth > depthMax) return true;
  }
  return false;
}

/** The place of the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at;
    if (character === BACKSLASH) at += 1;
  }
  return text.length;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [34, 92, 123, 125, 91, 93];

/** What a delivery lists, between one and `itemsMax`; a single value is a list of itself. */
export function parseJsonList(body: Uint8Array, itemsMax: number): Parsed<readonly unknown[]> {
  const parsed = parseJson(body);
  return parsed.ok ? listOf(parsed.value, itemsMax) : parsed;
}

/** A list of one to `itemsMax`; a single value is a list of itself. */
export function listOf(value: unknown, itemsMax: number): Parsed<readonly unknown[]> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) {
    return refuse([{ path: "", rule: "length", message: "Must have at least 1 item" }]);
  }
  if (list.length > itemsMax) {
    const message = `Must have at most ${itemsMax} items`;
    return refuse([{ path: "", rule: "length", message }]);
  }
  return ok(list);
}
