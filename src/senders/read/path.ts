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

/** Takes a path apart; nothing where it is none. */
export function parsePath(path: string): readonly Segment[] | undefined {
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

function step(from: unknown, segment: Segment): unknown {
  const value = parsedText(from);
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
