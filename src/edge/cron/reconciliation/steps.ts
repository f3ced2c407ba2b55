import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import { asContradicted, differ, type LocalLine } from "../../../core/reconciliation/differ.ts";
import { addReports } from "../../../core/reconciliation/report.ts";
import { type Parent, withinAsked } from "../../../core/reconciliation/parts.ts";
import {
  type BucketSum,
  compareBuckets,
  type Question,
} from "../../../core/reconciliation/walk.ts";
import { concludeBalances, explainBalances, listBalances, sumBalances } from "./balances.ts";
import { closeUnfound } from "./closing.ts";
import { countFound, judgePart } from "./conclude.ts";
import { CONTRADICTED_MAX, contradictedDetail, linesAsDigested } from "./digested.ts";
import { adopt, type Going, type Outcome, type Stop, stopOf, walkedToMs } from "./going.ts";
import { findExtras, listByChange, listInstead, listPage, timeBucket } from "./listing.ts";
import { look } from "./look.ts";
import { contradictedBy, partsAsDigested, without } from "./parts.ts";
import type { Told } from "./ports.ts";

/** Buckets listed between two looks through the mirror's lines. */
const LISTED_AT_ONCE = 50;
/** With so many buckets to be listed no more are looked for: all of them are kept with each step. */
const LISTED_WAITING_MAX = 1000;

type Step = (going: Going) => Promise<Outcome>;

const STEPS: Readonly<Record<Going["cursor"]["phase"], Step>> = {
  sums: sumBalances,
  balances: listBalances,
  explain: explainBalances,
  walk,
  list: listPage,
  extras: findExtras,
  look,
  count: countFound,
  judge: judgePart,
  close: closeUnfound,
  balanced: concludeBalances,
};

/** Does the next part of a run. */
export const step: Step = (going) => STEPS[going.cursor.phase](going);

/** Asks the next question; lines are listed some buckets at a time. */
async function walk(going: Going): Promise<Outcome> {
  const { cursor } = going;
  const [next, ...rest] = cursor.questions ?? [];
  if (next === undefined) {
    going.cursor = { ...cursor, phase: "look" };
    return "on";
  }
  const listed = (cursor.questions ?? []).filter((one) => one.kind === "lines");
  if (next.kind === "digests" && listed.length < LISTED_WAITING_MAX) {
    const { within } = next;
    return within === undefined
      ? compareDigests(going, next, rest)
      : compareParts(going, within, rest);
  }
  return listLines(going, listed.slice(0, LISTED_AT_ONCE));
}

type Digests = Extract<Question, { readonly kind: "digests" }>;
type Lines = Extract<Question, { readonly kind: "lines" }>;

async function compareDigests(
  going: Going,
  question: Digests,
  rest: readonly Question[],
): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const { level, range, shards } = question;
  const asked = { level, range, ...(shards && { shards }) };
  const told = await core.digests(asked, cursor.snapshot);
  if (told.kind === "failed" && told.failure === "unsupported") {
    listInstead(going);
    return "on";
  }
  if (told.kind !== "all") return stopOf(told);
  const stop = await adopt(going, told.snapshot);
  if (stop !== undefined) return stop;
  const local = await ports.localDigests(run.tenant, asked);
  const { partDigits = 1 } = told;
  const settledMs = walkedToMs(going);
  const { covered, questions } = compareBuckets(told.items, local, { settledMs, partDigits });
  const isFirst = cursor.snapshot === undefined;
  const expected = isFirst ? told.items.reduce((sum, { lines }) => sum + lines, 0) : 0;
  // Of balances, other things are counted.
  const part = run.kind === "balances" ? {} : { expected, covered };
  going.report = { ...going.report, ...addReports(going.report, part) };
  return goOnWith(going, questions, rest);
}

/** Digests before lines: their parts are listed together, in one look through the mirror. */
function goOnWith(
  going: Going,
  questions: readonly Question[],
  rest: readonly Question[],
): Outcome {
  const all = [...questions, ...rest];
  going.answered += 1;
  const ordered = [...all.filter(isDigests), ...all.filter((one) => !isDigests(one))];
  going.cursor = { ...going.cursor, questions: ordered };
  return "on";
}

/** Parts of hours that have many lines, cut up further. */
async function compareParts(
  going: Going,
  parents: readonly Parent[],
  rest: readonly Question[],
): Promise<Outcome> {
  const { ports, run } = going;
  const told = await partsAsDigested(going, parents);
  if (told.kind === "failed" && told.failure === "unsupported") {
    const listed = parents.map(
      ({ bucket, counted }) => ({ kind: "lines", bucket, counted }) as const,
    );
    return goOnWith(going, listed, rest);
  }
  if (told.kind !== "all") return stopOf(told);
  const local = await ports.localDigests(run.tenant, withinAsked(parents));
  const hidden = await contradictedBy(going, told.within, { core: told.items, local });
  const contradicted = [...told.contradicted, ...hidden];
  const believed = ({ name }: BucketSum): boolean => !contradicted.includes(name.slice(0, -1));
  const { partDigits = 1 } = told;
  const { covered, questions } = compareBuckets(
    told.items.filter(believed),
    local.filter(believed),
    { settledMs: walkedToMs(going), partDigits, within: without(told.within, hidden) },
  );
  const part = run.kind === "balances" ? {} : { covered };
  going.report = { ...going.report, ...addReports(going.report, part) };
  const outcome = goOnWith(going, questions, rest);
  for (const name of contradicted) {
    const stop = contradict(going, name);
    if (stop !== undefined) return stop;
  }
  return outcome;
}

const isDigests = ({ kind }: Question): boolean => kind === "digests";

async function listLines(going: Going, questions: readonly Lines[]): Promise<Outcome> {
  const { ports, run } = going;
  const listed = questions.flatMap(({ bucket: name, counted }) =>
    timeBucket(name).map((bucket) => ({ name, bucket, counted })),
  );
  const buckets = listed.map(({ bucket }) => bucket);
  const local = await ports.localLines(run.tenant, buckets);
  for (const one of listed) {
    const ours = local.get(one.name);
    if (ours === undefined) return "on";
    const told = await linesAsDigested(going, one);
    if (told.kind === "failed" && told.failure === "unsupported") {
      listByChange(going);
      return "on";
    }
    const stop =
      told.kind === "contradicted"
        ? contradict(going, one.name)
        : await compareLines(going, told, { name: one.name, local: ours });
    if (stop !== undefined) return stop;
  }
  return "on";
}

async function compareLines(
  going: Going,
  told: Told<CoreLine>,
  { name, local }: { readonly name: string; readonly local: readonly LocalLine[] },
): Promise<Stop | undefined> {
  const { ports, run, cursor } = going;
  if (told.kind !== "all") return stopOf(told);
  const stop = await adopt(going, told.snapshot);
  if (stop !== undefined) return stop;
  const { compared, differences, contradicted, told: names } = differ(told.items, local);
  await ports.putDifferences(run, [...differences, ...contradicted.map(asContradicted)]);
  // Without digests nobody knows how many there are before they are told.
  const expected = cursor.listed === undefined ? 0 : names;
  const counts = run.kind === "balances" ? {} : { expected, covered: names - contradicted.length };
  going.report = { ...going.report, ...addReports(going.report, { compared, ...counts }) };
  answered(going, name);
  return undefined;
}

/** The bucket has not to be asked for any more. */
function answered(going: Going, bucket: string): void {
  const { cursor } = going;
  const questions = (cursor.questions ?? []).filter(
    (one) => one.kind !== "lines" || one.bucket !== bucket,
  );
  going.answered += 1;
  going.cursor = { ...cursor, questions };
}

/**
 * Passes over a bucket of which the core does not tell what its digest counts, for the run to end
 * with. Where lines are to explain balances, or buckets are many, nothing is concluded at all.
 */
function contradict(going: Going, bucket: string): Stop | undefined {
  answered(going, bucket);
  const contradicted = [...(going.cursor.contradicted ?? []), bucket];
  going.cursor = { ...going.cursor, contradicted };
  if (going.run.kind !== "balances" && contradicted.length <= CONTRADICTED_MAX) return undefined;
  const detail = contradictedDetail(contradicted);
  return { kind: "failed", failure: "digest_contradicted", detail };
}
