/** A place in JSON: names of members and positions in arrays, from the root. */
export type Segments = readonly (string | number)[];

const NAME_CHARS_MAX = 64;
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const LONG_DIGITS = /\d(?:[ -]?\d){12,}/g;

/**
 * `data.legs[0].gv_x100`. Names are the sender's own text: they are cut at 64 characters, quoted
 * unless plain, and long runs of digits in them are masked, for they end up in answers and logs.
 */
export const pathText = (segments: Segments): string =>
  segments.reduce<string>((path, segment) => path + segmentText(segment, path === ""), "");

function segmentText(segment: string | number, isFirst: boolean): string {
  if (typeof segment === "number") return `[${segment}]`;
  const name = segment.slice(0, NAME_CHARS_MAX).replaceAll(LONG_DIGITS, "[masked]");
  if (!PLAIN_NAME.test(name)) return `[${JSON.stringify(name)}]`;
  return isFirst ? name : `.${name}`;
}
