import { formatInstant } from "../../../core/contracts/instant.ts";
import { addReports } from "../../../core/reconciliation/report.ts";
import { type Parent, withinAsked } from "../../../core/reconciliation/parts.ts";
import {
  type BucketSum,
  compareBuckets,
  type Question,
} from "../../../core/reconciliation/walk.ts";
import { concludeBalances, explainBalances, sumBalances } from "./balances.ts";
import { closeUnfound } from "./closing.ts";
import { countFound, judgePart } from "./conclude.ts";
import { adopt, comparingIn, type Going, type Outcome, stopOf } from "./going.ts";
import { listBalances } from "./list-balances.ts";
import { listLines } from "./list-lines.ts";
import { findExtras, listInstead, listPage } from "./listing.ts";
import { look } from "./look.ts";
import { contradictedBy, partsAsDigested, without } from "./parts.ts";
import { ALL_SHARDS, contradict, type NotTold, orPassOver } from "./unread.ts";

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
      : compareParts(going, { ...next, within }, rest);
  }
  return listLines(going, listed.slice(0, LISTED_AT_ONCE));
}

type Digests = Extract<Question, { readonly kind: "digests" }>;

async function compareDigests(
  going: Going,
  question: Digests,
  rest: readonly Question[],
): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const { level, range, shards } = question;
  const asked = { level, range, ...(shards && { shards }) };
  // Of a core that does not answer the first question nothing is known at all.
  const told = await askDigests(going, question, () => core.digests(asked, cursor.snapshot));
  if (told.kind === "passed") return passed(going, rest);
  if (told.kind === "failed" && told.failure === "unsupported") {
    listInstead(going);
    return "on";
  }
  if (told.kind !== "all") return stopOf(told);
  const stop = await adopt(going, told.snapshot);
  if (stop !== undefined) return stop;
  const local = await ports.localDigests(run.tenant, asked);
  const { partDigits = 1 } = told;
  const comparing = { ...comparingIn(going), partDigits };
  const { covered, questions } = compareBuckets(told.items, local, comparing);
  const isFirst = cursor.snapshot === undefined;
  const expected = isFirst ? told.items.reduce((sum, { lines }) => sum + lines, 0) : 0;
  // Of balances, other things are counted.
  const part = run.kind === "balances" ? {} : { expected, covered };
  going.report = { ...going.report, ...addReports(going.report, part) };
  return goOnWith(going, questions, rest);
}

/** Those of a time, or of some parts of an hour: the run can do without them, but for the first ones. */
function askDigests<Answer extends { readonly kind: string }>(
  going: Going,
  { level, range, shards = ALL_SHARDS, within }: Digests,
  ask: () => Promise<Answer | NotTold>,
): Promise<Answer | NotTold | { readonly kind: "passed" }> {
  if (going.cursor.snapshot === undefined) return ask();
  const of = within?.[0]?.bucket ?? `${shards[0]}`;
  const what = `digests of level ${level} from ${formatInstant(range.fromMs)} on (${of} …)`;
  return orPassOver(going, { what, shards }, ask);
}

function passed(going: Going, rest: readonly Question[]): Outcome {
  going.cursor = { ...going.cursor, questions: rest };
  return "on";
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
  question: Digests & { readonly within: readonly Parent[] },
  rest: readonly Question[],
): Promise<Outcome> {
  const { ports, run } = going;
  const { within: parents } = question;
  const told = await askDigests(going, question, () => partsAsDigested(going, parents));
  if (told.kind === "passed") return passed(going, rest);
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
    { ...comparingIn(going), partDigits, within: without(told.within, hidden) },
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
