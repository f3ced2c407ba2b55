import type { BreakClass } from "./break-id.ts";
import type { JudgedBreak } from "./judge.ts";

/** What became of the breaks of one class. */
export interface ClassCount {
  /** In this run, whether they are new or not. */
  readonly found: number;
  /** For the first time. */
  readonly added: number;
  /** Something is done about them. */
  readonly healed: number;
  /** Left to a person, or not over by what is done. */
  readonly open: number;
}

/**
 * What a run did, or a part of one: parts add up in any order, as a run takes several invocations.
 * Counts are lines; where balances are compared balances, one a bucket and currency, and of those that
 * differ or are in flight their distributors.
 */
export interface RunReport {
  /** Of the core, in the range of the run: known from its digests before a line is read. */
  readonly expected: number;
  /** Of those, how many were held against ours: by their bucket's digest, or one by one. */
  readonly covered: number;
  /** One by one, on either side. */
  readonly compared: number;
  readonly differing: number;
  readonly in_flight: number;
  readonly healed: number;
  readonly open: number;
  /** UTC milliseconds; null where none is open. */
  readonly oldest_open_ms: number | null;
  /** Of the core. */
  readonly requests: number;
  readonly bytes: number;
  /** Lines that the core told twice and not alike. */
  readonly contradicted: number;
  readonly by_class: Readonly<Partial<Record<BreakClass, ClassCount>>>;
}

export const NO_REPORT: RunReport = {
  expected: 0,
  covered: 0,
  compared: 0,
  differing: 0,
  in_flight: 0,
  healed: 0,
  open: 0,
  oldest_open_ms: null,
  requests: 0,
  bytes: 0,
  contradicted: 0,
  by_class: {},
};

const COUNTS = [
  "expected",
  "covered",
  "compared",
  "differing",
  "in_flight",
  "healed",
  "open",
  "requests",
  "bytes",
  "contradicted",
] as const satisfies readonly (keyof RunReport)[];

/** Two parts of a run, added up. Members that `more` leaves out are nothing. */
export function addReports(before: RunReport, more: Partial<RunReport>): RunReport {
  const sums = Object.fromEntries(
    COUNTS.map((name) => [name, before[name] + (more[name] ?? 0)] as const),
  );
  const oldest = [before.oldest_open_ms, more.oldest_open_ms ?? null].filter((ms) => ms !== null);
  return {
    ...before,
    ...sums,
    oldest_open_ms: oldest.length === 0 ? null : Math.min(...oldest),
    by_class: addClasses(before.by_class, more.by_class ?? {}),
  };
}

function addClasses(
  before: RunReport["by_class"],
  more: RunReport["by_class"],
): RunReport["by_class"] {
  const sums = { ...before };
  for (const [kind, counts] of entriesOf(more)) sums[kind] = addCounts(sums[kind], counts);
  return sums;
}

// Object.entries() forgets which names there are.
const entriesOf = (counts: RunReport["by_class"]) =>
  CLASSES.flatMap((kind) => {
    const count = counts[kind];
    return count === undefined ? [] : [[kind, count] as const];
  });

const CLASSES = [
  "MISSING_LOCAL",
  "EXTRA_LOCAL",
  "CURRENCY",
  "AMOUNT",
  "STATUS",
  "TIMING",
  "BALANCE_ONLY",
] as const satisfies readonly BreakClass[];

const NO_COUNT: ClassCount = { found: 0, added: 0, healed: 0, open: 0 };

const addCounts = (a: ClassCount = NO_COUNT, b: ClassCount): ClassCount => ({
  found: a.found + b.found,
  added: a.added + b.added,
  healed: a.healed + b.healed,
  open: a.open + b.open,
});

/** Judged breaks as a part of a report. */
export function reportOf(breaks: readonly JudgedBreak[]): RunReport {
  let report = NO_REPORT;
  for (const found of breaks) report = addReports(report, partOf(found));
  return report;
}

function partOf({ class: kind, action, why, is_new, opened_ms }: JudgedBreak): Partial<RunReport> {
  const isHealed = action !== "none" && action !== "suspend" && why !== "not_effective";
  const isOpen = !isHealed && why !== "accepted";
  const [healed, open] = [isHealed ? 1 : 0, isOpen ? 1 : 0];
  return {
    healed,
    open,
    oldest_open_ms: isOpen ? opened_ms : null,
    by_class: { [kind]: { found: 1, added: is_new ? 1 : 0, healed, open } },
  };
}

/** Breaks that stay open though the run has not found them: put aside, in flight, or doubtful. */
export function leftOpen(breaks: readonly Pick<JudgedBreak, "class" | "opened_ms">[]): RunReport {
  let report = NO_REPORT;
  for (const { class: kind, opened_ms } of breaks) {
    const by_class = { [kind]: { ...NO_COUNT, open: 1 } };
    report = addReports(report, { open: 1, oldest_open_ms: opened_ms, by_class });
  }
  return report;
}

/** Percent with two digits behind the point, rounded down: 100.00 is all. All of nothing is all. */
export function coverageOf({ covered, expected }: Pick<RunReport, "covered" | "expected">): string {
  if (expected === 0) return "100.00";
  const hundredths = (10_000n * BigInt(Math.min(covered, expected))) / BigInt(expected);
  const digits = String(hundredths).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
