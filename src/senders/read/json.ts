import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";

/** A byte order mark is no part of JSON text (RFC 8259 §8.1), but it was part of what was signed. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Containers inside containers: no product nests its events half as deep. */
export const JSON_DEPTH_MAX = 64;

/**
 * Objects and lists in one text. Each costs some 60 bytes and half a microsecond to parse, and a
 * text of nothing but `{},` holds 2.4 million of them in 7 MiB: what is really sent is far longer.
 */
export const JSON_CONTAINERS_MAX = 250_000;

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
 * ids of 64 bits come so, and a rounded one would be another one. A list of more than `itemsMax`
 * is refused before it is parsed.
 */
export function parseJson(body: Uint8Array, itemsMax?: number): Parsed<unknown> {
  const text = parseText(body);
  return text.ok ? parseJsonText(text.value, itemsMax) : text;
}

/** As {@link parseJson}, of text that stands inside of something else. */
export function parseJsonText(text: string, itemsMax = Infinity): Parsed<unknown> {
  const excess = excessOf(text, itemsMax);
  if (excess !== undefined) return refuse([{ path: "", ...excess }]);
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

/** What of a text is too much. Whether it is JSON is not asked: the parser judges that. */
export function excessOf(text: string, itemsMax: number): Omit<Violation, "path"> | undefined {
  const { deepest, containers, commas } = shapeOf(text);
  if (deepest > JSON_DEPTH_MAX) {
    return { rule: "depth", message: `Must be at most ${JSON_DEPTH_MAX} levels deep` };
  }
  if (commas >= itemsMax && LIST.test(text)) {
    return { rule: "length", message: `Must have at most ${itemsMax} items` };
  }
  if (containers <= JSON_CONTAINERS_MAX) return undefined;
  const message = `Must hold at most ${JSON_CONTAINERS_MAX} objects and lists`;
  return { rule: "length", message };
}

const LIST = /^\s*\[/;

/**
 * Looked at before parsing: what walks the value afterwards calls itself for each level, and
 * millions of values fit into a body but not into an isolate. `commas` are those of the outermost.
 */
function shapeOf(text: string) {
  let [depth, deepest, containers, commas] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === COMMA && depth === 1) commas += 1;
    else if (character === BRACE_END || character === BRACKET_END) depth -= 1;
    else if (character === BRACE || character === BRACKET) {
      depth += 1;
      containers += 1;
      if (depth > deepest) deepest = depth;
    }
  }
  return { deepest, containers, commas };
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

const [QUOTE, COMMA, BACKSLASH] = [34, 44, 92];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [91, 93, 123, 125];

/** What a delivery lists, between one and `itemsMax`; a single value is a list of itself. */
export function parseJsonList(body: Uint8Array, itemsMax: number): Parsed<readonly unknown[]> {
  const parsed = parseJson(body, itemsMax);
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
