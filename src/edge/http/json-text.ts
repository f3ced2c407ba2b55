import type { Violation } from "../../core/contracts/event.ts";

/** What walks a value calls itself for each level. */
export const JSON_DEPTH_MAX = 64;

const NAME_CHARS_MAX = 100;
const [QUOTE, COLON, BACKSLASH] = [34, 58, 92];
const BRACE = 123;
/** `[{` and `]}` */
const OPENING: ReadonlySet<number> = new Set([91, BRACE]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);

/**
 * What a text that is JSON may not be here all the same: deeper than {@link JSON_DEPTH_MAX} levels,
 * or an object that gives a name twice. The parser would keep the last of the two, other programs
 * the first (RFC 8259 §4).
 */
export function faultOfJson(text: string): Violation | undefined {
  // Of each open object its names, of each open list nothing.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (CLOSING.has(character)) open.pop();
    if (OPENING.has(character)) {
      open.push(character === BRACE ? new Set() : undefined);
      if (open.length > JSON_DEPTH_MAX) return TOO_DEEP;
    }
    if (character !== QUOTE) continue;
    const end = endOfString(text, at);
    const fault = isName(text, end) ? note(open.at(-1), text.slice(at, end)) : undefined;
    if (fault !== undefined) return fault;
    at = end - 1;
  }
  return undefined;
}

function note(names: Set<string> | undefined, quoted: string): Violation | undefined {
  const name = nameIn(quoted);
  if (names?.has(name) === true) return twice(name);
  names?.add(name);
  return undefined;
}

const TOO_DEEP: Violation = {
  path: "",
  rule: "depth",
  message: `Must be at most ${JSON_DEPTH_MAX} levels deep`,
};

const twice = (name: string): Violation => ({
  path: name.slice(0, NAME_CHARS_MAX),
  rule: "duplicate_name",
  message: "Must be given once in its object",
});

/** The place behind the quote that ends a string. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}

/** A string that a colon follows is a name: after a value comes none. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (BLANK.has(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** `"a"` and `"\u0061"` are one name. */
const nameIn = (quoted: string): string => {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  const name: unknown = JSON.parse(quoted);
  return typeof name === "string" ? name : quoted;
};
