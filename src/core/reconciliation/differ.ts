import type { Line } from "../ledger/line.ts";
import { type CoreLine, digestLineOf } from "./core-line.ts";
import { canonicalLine, type DigestLine } from "./digest.ts";

/** A commission line as the mirror has it. Amounts are minor units of `currency`. */
export interface LocalLine extends Pick<
  Line,
  | "line_id"
  | "distributor_id"
  | "order_id"
  | "component"
  | "level"
  | "depth"
  | "rate_ppm"
  | "amount_minor"
  | "reversed_minor"
  | "currency"
  | "state"
  | "period_id"
  | "effective_ms"
> {
  readonly origin: "core" | "gateway";
  /** When anything of it changed last, as far as anybody knows: what is young is in flight. */
  readonly changed_ms?: number;
}

/** In the place of a core's line that it told in two ways: neither is believed. */
export const CONTRADICTED = "contradicted";

/** A line of a run's findings as it is kept, either side as it was read last. */
export interface FoundLine extends LineName {
  readonly core: CoreLine | typeof CONTRADICTED | null;
  readonly local: LocalLine | null;
}

export const asContradicted = ({ distributor_id, line_id }: LineName): FoundLine => ({
  distributor_id,
  line_id,
  core: CONTRADICTED,
  local: null,
});

/** A member of a line's canonical form in which the two sides differ. */
export type Member = "currency" | "left" | "status" | "effective";

/** A line that core and mirror do not have alike. */
export type Difference = {
  readonly distributor_id: string;
  readonly line_id: string;
} & (
  | { readonly kind: "missing"; readonly core: CoreLine; readonly local: null }
  | { readonly kind: "extra"; readonly core: null; readonly local: LocalLine }
  | {
      readonly kind: "other";
      readonly core: CoreLine;
      readonly local: LocalLine;
      /** In the order of {@link Member}, at least one. */
      readonly members: readonly Member[];
    }
);

/** Whose line it is: ids of lines are the core's, and compared together with whom they pay. */
export type LineName = Pick<Difference, "distributor_id" | "line_id">;

export interface Compared {
  /** Lines that were looked at, on either side. */
  readonly compared: number;
  /** Of those, lines that the core told, each counted once. */
  readonly told: number;
  /** By distributor and line. */
  readonly differences: readonly Difference[];
  /** Lines that the core told twice, and not alike: neither telling is believed. */
  readonly contradicted: readonly LineName[];
}

/** Whether the core has to have a line of ours: what is provisional, undone or put aside it has not. */
export const isCompared = ({ origin, state }: Pick<LocalLine, "origin" | "state">): boolean =>
  origin === "core" && (state === "held" || state === "available");

/** A line of ours as a digest sees it. */
export const localDigestLine = (line: LocalLine): DigestLine => ({
  line_id: line.line_id,
  distributor_id: line.distributor_id,
  currency: line.currency,
  amount_minor: line.amount_minor - line.reversed_minor,
  status: line.state,
  effective_ms: line.effective_ms,
});

/**
 * The lines of some buckets, held against each other by (distributor, line). Two lines are alike
 * where their canonical forms are: a bucket whose digests agree says no more.
 */
export function differ(core: readonly CoreLine[], local: readonly LocalLine[]): Compared {
  const theirs = new Map<string, CoreLine>();
  const contradicted = new Map<string, LineName>();
  for (const line of core) {
    const name = nameOf(line);
    const before = theirs.get(name);
    if (before !== undefined && !isSame(before, line)) contradicted.set(name, pick(line));
    theirs.set(name, line);
  }
  const ours = new Map(local.filter(isCompared).map((line) => [nameOf(line), line]));
  const names = [...new Set([...theirs.keys(), ...ours.keys()])];
  const differences = names
    .filter((name) => !contradicted.has(name))
    .flatMap((name) => differenceOf(theirs.get(name) ?? null, ours.get(name) ?? null) ?? []);
  return {
    compared: names.length,
    told: theirs.size,
    differences: differences.toSorted(byName),
    contradicted: [...contradicted.values()].toSorted(byName),
  };
}

/**
 * What two parts of a run found, joined: a line that only moved in time is missing in one bucket
 * and extra in the other. What was read later counts.
 */
export function joinDifferences(
  before: readonly Difference[],
  more: readonly Difference[],
): readonly Difference[] {
  const all = new Map(before.map((difference) => [nameOf(difference), difference]));
  for (const difference of more) {
    const name = nameOf(difference);
    const known = all.get(name);
    const core = difference.core ?? known?.core ?? null;
    const joined = differenceOf(core, difference.local ?? known?.local ?? null);
    if (joined === undefined) all.delete(name);
    else all.set(name, joined);
  }
  return [...all.values()].toSorted(byName);
}

/** What is found of lines once all of them were looked at; what is alike by now is nothing. */
export function findingsOf(lines: readonly FoundLine[]): {
  readonly differences: readonly Difference[];
  readonly contradicted: readonly LineName[];
} {
  return {
    differences: lines.flatMap(({ core, local }) => {
      // What is put aside, or has become the gateway's alone, is not the core's to know.
      const ours = local !== null && isCompared(local) ? local : null;
      return core === CONTRADICTED ? [] : (differenceOf(core, ours) ?? []);
    }),
    contradicted: lines.flatMap((line) => (line.core === CONTRADICTED ? [pick(line)] : [])),
  };
}

/** How two tellings of a line differ; nothing where they do not. */
export function differenceOf(
  core: CoreLine | null,
  local: LocalLine | null,
): Difference | undefined {
  if (core === null)
    return local === null ? undefined : { ...pick(local), kind: "extra", core, local };
  if (local === null) return { ...pick(core), kind: "missing", core, local };
  const members = membersOf(digestLineOf(core), localDigestLine(local));
  return members.length === 0 ? undefined : { ...pick(core), kind: "other", core, local, members };
}

function membersOf(core: DigestLine, local: DigestLine): readonly Member[] {
  const members: Member[] = [];
  if (core.currency !== local.currency) members.push("currency");
  if (core.amount_minor !== local.amount_minor) members.push("left");
  if (core.status !== local.status) members.push("status");
  if (core.effective_ms !== local.effective_ms) members.push("effective");
  return members;
}

const isSame = (a: CoreLine, b: CoreLine): boolean =>
  canonicalLine(digestLineOf(a)) === canonicalLine(digestLineOf(b));

const pick = ({ distributor_id, line_id }: LineName): LineName => ({ distributor_id, line_id });

const nameOf = ({ distributor_id, line_id }: LineName): string =>
  JSON.stringify([distributor_id, line_id]);

function byName(a: LineName, b: LineName): number {
  const [left, right] = [nameOf(a), nameOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
