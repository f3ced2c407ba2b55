import { problem } from "./problem.ts";
const ACCEPT_CHARS_MAX = 2000;

const RANGE = /^([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)$/;
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * Which of these media types a caller wants most (RFC 9110 §12.5.1): of the ranges that match one,
 * the most specific tells its quality; among equals the one that is offered first. Undefined where
 * none is acceptable. No header accepts anything.
 */
export function preferred<Type extends string>(
  header: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  if (header === undefined || header.trim() === "") return offered[0];
  const ranges = header.slice(0, ACCEPT_CHARS_MAX).split(",").flatMap(rangeOf);
  const judged = offered.map((type) => ({ type, quality: qualityOf(type, ranges) }));
  const best = Math.max(...judged.map(({ quality }) => quality));
  return best === 0 ? undefined : judged.find(({ quality }) => quality === best)?.type;
}

/** One range; a malformed one says nothing. Parameters other than `q` distinguish none of ours. */
function rangeOf(text: string): Range[] {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  if (!RANGE.test(type)) return [];
  const given = parameters.find((parameter) => /^q=/i.test(parameter));
  if (given === undefined) return [{ type: type.toLowerCase(), quality: 1 }];
  const quality = QUALITY.exec(given)?.[1];
  return quality === undefined ? [] : [{ type: type.toLowerCase(), quality: Number(quality) }];
}

function qualityOf(type: string, ranges: readonly Range[]): number {
  const [family = ""] = type.split("/");
  for (const specific of [type, `${family}/*`, "*/*"]) {
    const range = ranges.find((one) => one.type === specific);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/** 406: nothing that is offered is acceptable. */
export const notAcceptable = (offered: readonly string[]): Response =>
  problem("not_acceptable", {
    detail: `Given are ${offered.join(", ")}`,
    headers: { Vary: "Accept" },
  });
