/**
 * The order of texts by their UTF-8 bytes, as SQLite has it; which is that of code points. JavaScript's
 * own goes by halves of surrogate pairs, and differs beyond U+FFFF.
 */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

/** Halves of pairs stand for what lies behind U+FFFF. */
const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};
