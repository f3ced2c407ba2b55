import { keepRecent } from "../verify/recent.ts";
import { parsedText } from "./json-texts.ts";
import { isLoose } from "./loose.ts";

/**
 * One step into a value: a member by name, an item by place, or the item of a list whose member
 * `where` is `is` (`meta_data[key=rep_id].value`).
 */
type Segment =
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
  let here = value;
  for (const segment of parsePath(path) ?? [{ place: -1 }]) here = step(here, segment);
  return here;
}

/** Longer text is no column but a body of its own: no path goes on into it. */
const TEXT_CHARS_MAX = 128 * 1024;
const TEXTS_KEPT_MAX = 4;
const texts = keepRecent<{ readonly value: unknown }>(TEXTS_KEPT_MAX);

/** Every rule and field of a mapping asks for the same few texts: each is parsed once. */
function entered(from: unknown): unknown {
  if (typeof from !== "string") return from;
  if (from.length > TEXT_CHARS_MAX) return undefined;
  const known = texts.get(from);
  if (known !== undefined) return known.value;
  const value = parsedText(from);
  texts.set(from, { value });
  return value;
}

function step(from: unknown, segment: Segment): unknown {
  const value = entered(from);
  if ("name" in segment) {
    return isLoose(value) && Object.hasOwn(value, segment.name) ? value[segment.name] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  if ("place" in segment) return items[segment.place];
  return items.find(
    (item) =>
      isLoose(item) &&
      Object.hasOwn(item, segment.where) &&
      scalarText(item[segment.where]) === segment.is,
  );
}

/** A text, number or boolean as text; nothing for what has parts, null and nothing. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
