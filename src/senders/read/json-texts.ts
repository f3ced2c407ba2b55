import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { excessOf, parseJsonText } from "./json.ts";

/** More than any connector puts into one request by its defaults: Firehose lists 10 000 records. */
export const JSON_TEXTS_MAX = 10_000;

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, COMMA, BACKSLASH] = [9, 10, 13, 32, 34, 44, 92];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [91, 93, 123, 125];

/**
 * The values of a text that holds several JSON texts: one per line (NDJSON), joined by commas
 * without brackets, or one right behind the other. A single text is a list of itself, also where it
 * is an array: whether that is a batch is for the caller to know. One that cannot be read makes
 * all of them unreadable, for nobody can say where the next one begins. `path` of a violation is
 * the place of the text, `[2]`, or empty for the whole. An array of more than `textsMax` counts as
 * too many, too.
 */
export function splitJsonTexts(
  text: string,
  textsMax = JSON_TEXTS_MAX,
): Result<readonly unknown[], readonly Violation[]> {
  const excess = excessOf(text, Infinity);
  // A text too deep is told by its place.
  if (excess?.rule === "length") return refuseAll(excess.rule, excess.message);
  return takeApart(text, textsMax);
}

function takeApart(
  text: string,
  textsMax: number,
): Result<readonly unknown[], readonly Violation[]> {
  const values: unknown[] = [];
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    if (values.length === textsMax)
      return refuseAll("length", `Must have at most ${textsMax} items`);
    const end = endOf(text, at);
    const parsed = parseJsonText(text.slice(at, end), textsMax);
    if (!parsed.ok) {
      return refuse(parsed.refusal.map((error) => ({ ...error, path: `[${values.length}]` })));
    }
    values.push(parsed.value);

    const next = skipBlanks(text, end);
    const isJoined = text.charCodeAt(next) === COMMA;
    at = isJoined ? skipBlanks(text, next + 1) : next;
    if (isJoined && at === text.length) return refuseAll("json", "Nothing follows the last comma");
  }
  return values.length === 0 ? refuseAll("length", "Must have at least 1 item") : ok(values);
}

const refuseAll = (rule: string, message: string) => refuse([{ path: "", rule, message }]);

const isBlank = (character: number): boolean =>
  character === SPACE || character === LINE_FEED || character === RETURN || character === TAB;

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where the text that begins here ends. Whether it is JSON is not asked: the parser judges that. */
function endOf(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return endOfString(text, from);
  return first === BRACE || first === BRACKET ? endOfContainer(text, from) : endOfWord(text, from);
}

function endOfContainer(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    at += 1;
    if (character === BRACE || character === BRACKET) depth += 1;
    if (character === BRACE_END || character === BRACKET_END) depth -= 1;
    if (depth === 0) return at;
  }
  return at;
}

/** Behind the closing quote, or at the end of the text where there is none. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at + 1;
    at += character === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

/** A number or a name: up to a blank, a comma, or what begins another text. */
function endOfWord(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    const isNext = character === COMMA || character === QUOTE || isBlank(character);
    if (isNext || character === BRACE || character === BRACKET) return at;
    at += 1;
  }
  return at;
}

const CONTAINER = /^\s*[{[]/;

/** What JSON text of an object or a list holds; any other value as it is. */
export function parsedText(value: unknown): unknown {
  if (typeof value !== "string" || !CONTAINER.test(value)) return value;
  const parsed = parseJsonText(value);
  return parsed.ok ? parsed.value : value;
}
