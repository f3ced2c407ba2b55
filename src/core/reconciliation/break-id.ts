import { type CoreLine, digestLineOf } from "./core-line.ts";
import { type LocalLine, localDigestLine } from "./differ.ts";
import { canonicalLine, type Sha256 } from "./digest.ts";

export type BreakClass =
  | "MISSING_LOCAL"
  | "EXTRA_LOCAL"
  | "CURRENCY"
  | "AMOUNT"
  | "STATUS"
  | "TIMING"
  | "BALANCE_ONLY";

/** Leaves room for what is put before and behind it in ids of events, which have 128 characters. */
const BREAK_ID_CHARS_MAX = 100;

/** What a break is about, and how the two sides read: `-` where one has nothing. */
export interface BreakAbout {
  readonly class: BreakClass;
  readonly distributor_id: string;
  readonly line_id: string;
  readonly core: string;
  readonly local: string;
}

/**
 * `{class}:{distributor}:{line}:{16 hex of SHA-256 over both sides}`: the same difference is the same
 * break in every run, another one is another. Where ids are long, 32 hex of their SHA-256 stand for them.
 */
export function breakId(about: BreakAbout, sha256: Sha256): string {
  const { class: kind, distributor_id, line_id, core, local } = about;
  const sides = hexOf(sha256(`${core}\n${local}`)).slice(0, 16);
  const id = `${kind}:${distributor_id}:${line_id}:${sides}`;
  if (id.length <= BREAK_ID_CHARS_MAX) return id;
  return `${kind}:${hexOf(sha256(`${distributor_id}\n${line_id}`)).slice(0, 32)}:${sides}`;
}

/** What ids of all breaks of a class and a line begin with; 16 hex digits follow. */
export const breakIdPrefix = (
  about: Pick<BreakAbout, "class" | "distributor_id" | "line_id">,
  sha256: Sha256,
): string => breakId({ ...about, core: "", local: "" }, sha256).slice(0, -16);

/**
 * The name of a break that was over and is there again: a correction heals once, and what has come
 * back needs another one. The first has the plain id.
 */
export const nthBreakId = (id: string, nth: number): string => (nth === 1 ? id : `${id}~${nth}`);

/** A core's line as break ids see it. */
export const coreSide = (line: CoreLine | null): string =>
  line === null ? "-" : canonicalLine(digestLineOf(line));

/** A line of ours as break ids see it. */
export const localSide = (line: LocalLine | null): string =>
  line === null ? "-" : canonicalLine(localDigestLine(line));

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
