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
  if (path === "" || path.length > PATH_CHARS_MAX) return undefined;
  const segments: Segment[] = [];
  let rest = path;
  while (rest !== "") {
    const match = SEGMENT.exec(rest);
    if (match === null || (segments.length === 0 && rest.startsWith("."))) return undefined;
    const [whole, name, place, where, is] = match;
    if (name !== undefined) segments.push({ name });
    else if (place !== undefined) segments.push({ place: Number(place) });
    else segments.push({ where: where ?? "", is: is ?? "" });
    rest = rest.slice(whole.length);
  }
  return segments;
}

/** What stands at a path of a value; undefined where nothing does, or the path is none. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const segment of parsePath(path) ?? [{ place: -1 }]) here = step(here, segment);
  return here;
}

function step(value: unknown, segment: Segment): unknown {
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
      String(item[segment.where]) === segment.is,
  );
}
