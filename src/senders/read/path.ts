import { keepRecent } from "../verify/recent.ts";
import { parsedText } from "./json-texts.ts";
import { isLoose } from "./loose.ts";

/**
 * One step into a value: a member by name, an item by place, or the item of a list whose member
 * `where` is `is` (`meta_data[key=rep_id].value`).
 */
export type Segment =
  | { readonly name: string }
  | { readonly place: number }
  | { readonly where: string; readonly is: string };

const SEGMENT = /^(?:\.?([^.[\]]+)|\[(\d{1,6})\]|\[([^=[\]]+)=([^[\]]*)\])/;
const PATH_CHARS_MAX = 256;

const PATHS_KEPT_MAX = 2000;
const paths = keepRecent<readonly Segment[]>(PATHS_KEPT_MAX);

/** Takes a path apart; nothing where it is none. The same few are asked for by every delivery. */
export function parsePath(path: string): readonly Segment[] | undefined {
  const known = paths.get(path);
  if (known !== undefined) return known;
  const segments = segmentsOf(path);
  if (segments !== undefined) paths.set(path, segments);
  return segments;
}

function segmentsOf(path: string): readonly Segment[] | undefined {
  if (path === "" || path.startsWith(".") || path.length > PATH_CHARS_MAX) return undefined;
  const segments: Segment[] = [];
  let rest = path;
  while (rest !== "") {
    const match = SEGMENT.exec(rest);
    if (match === null) return undefined;
    segments.push(segmentOf(match));
    rest = rest.slice(match[0].length);
  }
  return segments;
}

function segmentOf([, name, place, where = "", is = ""]: RegExpExecArray): Segment {
  if (name !== undefined) return { name };
  return place === undefined ? { where, is } : { place: Number(place) };
}

/**
 * What stands at a path of a value; undefined where nothing does, or the path is none. A path goes
 * on into text that is JSON: columns of that kind come so, and payloads of an outbox.
 */
export function at(value: unknown, path: string): unknown {
  return along(value, parsePath(path) ?? [{ place: -1 }]);
}

/** The same of a path that was taken apart, from its segment `from` on. */
export function along(value: unknown, segments: readonly Segment[], from = 0): unknown {
  let here = value;
  let container: unknown;
  for (let index = from; index < segments.length; index += 1) {
    const segment = segments[index];
    const entered = typeof here === "string" ? enteredText(here, container) : here;
    container = entered;
    here = segment === undefined ? undefined : step(entered, segment);
  }
  return here;
}

/** Longer text is no column but a body of its own: no path goes on into it. */
const TEXT_CHARS_MAX = 128 * 1024;

/**
 * Every rule and field of a mapping asks for the same few texts: each is parsed once, and kept as
 * long as what it stands in. That may be the whole body, of which each event asks.
 */
const entered = new WeakMap<object, Map<string, unknown>>();

function enteredText(text: string, container: unknown): unknown {
  if (text.length > TEXT_CHARS_MAX) return undefined;
  if (typeof container !== "object" || container === null) return wholeText(text);
  const known = entered.get(container) ?? new Map<string, unknown>();
  if (known.size === 0) entered.set(container, known);
  if (!known.has(text)) known.set(text, parsedText(text));
  return known.get(text);
}

const TEXTS_KEPT_MAX = 4;
const texts = keepRecent<{ readonly value: unknown }>(TEXTS_KEPT_MAX);

/** Of text that stands in nothing. */
function wholeText(text: string): unknown {
  const known = texts.get(text) ?? { value: parsedText(text) };
  texts.set(text, known);
  return known.value;
}

function step(value: unknown, segment: Segment): unknown {
  if ("name" in segment) {
    return isLoose(value) && Object.hasOwn(value, segment.name) ? value[segment.name] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  if ("place" in segment) return items[segment.place];
  return indexOf(items, segment.where).get(segment.is);
}

type Index = ReadonlyMap<string, unknown>;

/** Items of a list by a member of theirs: a mapping of many rules would search the list for each. */
const indexes = new WeakMap<readonly unknown[], Map<string, Index>>();

function indexOf(items: readonly unknown[], where: string): Index {
  const known = indexes.get(items) ?? new Map<string, Index>();
  if (known.size === 0) indexes.set(items, known);
  const index = known.get(where) ?? indexBy(items, where);
  known.set(where, index);
  return index;
}

function indexBy(items: readonly unknown[], where: string): Index {
  const index = new Map<string, unknown>();
  for (const item of items) {
    if (!isLoose(item) || !Object.hasOwn(item, where)) continue;
    const text = scalarText(item[where]);
    if (text !== undefined && !index.has(text)) index.set(text, item);
  }
  return index;
}

/** A text, number or boolean as text; nothing for what has parts, null and nothing. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
