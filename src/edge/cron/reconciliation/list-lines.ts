import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import { asContradicted, differ, type LocalLine } from "../../../core/reconciliation/differ.ts";
import { addReports } from "../../../core/reconciliation/report.ts";
import type { Question } from "../../../core/reconciliation/walk.ts";
import { linesAsDigested, type Listable } from "./digested.ts";
import { adopt, type Going, type Outcome, type Stop, stopOf } from "./going.ts";
import { listByChange, timeBucket } from "./listing.ts";
import type { Told } from "./ports.ts";
import { contradict, orPassOver } from "./unread.ts";

type Lines = Extract<Question, { readonly kind: "lines" }>;

/** Holds the lines of some buckets against ours; those that the core does not tell are passed over. */
export async function listLines(going: Going, questions: readonly Lines[]): Promise<Outcome> {
  const { ports, run } = going;
  const listed = questions.flatMap(({ bucket: name, counted }) =>
    timeBucket(name).map((bucket) => ({ name, bucket, counted })),
  );
  const buckets = listed.map(({ bucket }) => bucket);
  const local = await ports.localLines(run.tenant, buckets);
  for (const one of listed) {
    const ours = local.get(one.name);
    if (ours === undefined) return "on";
    const stop = await listBucket(going, one, ours);
    if (stop !== undefined) return stop;
    if (going.cursor.phase !== "walk") return "on";
  }
  return "on";
}

async function listBucket(
  going: Going,
  one: Listable,
  local: readonly LocalLine[],
): Promise<Stop | undefined> {
  const { name, bucket } = one;
  const asked = { what: name, shards: [bucket.shard] };
  const told = await orPassOver(going, asked, () => linesAsDigested(going, one));
  if (told.kind === "passed") return answered(going, name);
  if (told.kind === "contradicted") {
    answered(going, name);
    return contradict(going, name);
  }
  if (told.kind === "failed" && told.failure === "unsupported") {
    listByChange(going);
    return undefined;
  }
  return compareLines(going, told, { name, local });
}

async function compareLines(
  going: Going,
  told: Told<CoreLine>,
  { name, local }: { readonly name: string; readonly local: readonly LocalLine[] },
): Promise<Stop | undefined> {
  const { ports, run } = going;
  if (told.kind !== "all") return stopOf(told);
  const stop = await adopt(going, told.snapshot);
  if (stop !== undefined) return stop;
  const { compared, differences, contradicted, told: names } = differ(told.items, local);
  await ports.putDifferences(run, [...differences, ...contradicted.map(asContradicted)]);
  // Without digests nobody knows how many there are before they are told.
  const expected = going.cursor.listed === undefined ? 0 : names;
  const counts = run.kind === "balances" ? {} : { expected, covered: names - contradicted.length };
  going.report = { ...going.report, ...addReports(going.report, { compared, ...counts }) };
  return answered(going, name);
}

/** The bucket has not to be asked for any more. */
function answered(going: Going, bucket: string): undefined {
  const { cursor } = going;
  const questions = (cursor.questions ?? []).filter(
    (one) => one.kind !== "lines" || one.bucket !== bucket,
  );
  going.answered += 1;
  going.cursor = { ...cursor, questions };
}
