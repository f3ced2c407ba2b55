import { type CoreLine, digestLineOf } from "./core-line.ts";
import { addTexts, canonicalLine, digestOf, NO_LINES, type Sha256 } from "./digest.ts";
import type { Counted } from "./walk.ts";

/**
 * Whether the lines that a core told of a bucket are those that its digest counts. Of a line that it
 * told twice, on two pages, one telling may be right: nothing is concluded from that line anyway.
 */
export function isCounted(lines: readonly CoreLine[], counted: Counted, sha256: Sha256): boolean {
  const isSum = (of: readonly CoreLine[]): boolean => {
    if (of.length !== counted.lines) return false;
    const texts = of.map((line) => canonicalLine(digestLineOf(line)));
    return (
      of.length === 0 || digestOf(addTexts(NO_LINES, texts, sha256), sha256) === counted.digest
    );
  };
  const last = byName(lines);
  return isSum(last) || (last.length < lines.length && isSum(byName(lines.toReversed())));
}

/** Each line once, as it was told last. */
const byName = (lines: readonly CoreLine[]): readonly CoreLine[] => [
  ...new Map(
    lines.map((line) => [JSON.stringify([line.distributor_id, line.line_id]), line]),
  ).values(),
];
