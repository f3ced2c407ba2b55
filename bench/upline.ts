import { performance } from "node:perf_hooks";
import type { Bill } from "./billed/counting.ts";
import { bundle, type Script } from "./bundle.ts";
import { TENANT } from "./company.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { createDraw, DEPTH, type Forest, grow, layForest, nameOf } from "./forest.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { compare, median } from "./rounds.ts";
import { RANKS } from "./sales.ts";

const SIZES = [1000, 10_000, 100_000] as const;
/** Ways up in one query: of one sale, and of a queue batch of sales. */
const ASKS = [1, 100] as const;
/** Of each, read one after the other in one request: what asking costs is spread over them. */
const READ_WAYS = 200;
const WARM_UP_ROUNDS = 2;
const RATIO_MAX = 1.5;

interface Company {
  readonly size: number;
  readonly forest: Forest;
  readonly rig: Rig;
}

/** How long the ways up take as the company grows: each size in a database of its own. */
export async function measureUpline({ rounds, directory }: Options): Promise<Findings> {
  const script = await bundle("bench/upline-worker.ts", directory);
  const companies: Company[] = [];
  try {
    for (const size of SIZES) companies.push(await company(size, script));
    const figures: Figure[] = [];
    const all: Record<string, unknown> = {};
    for (const asks of ASKS) {
      const times = await measure(companies, asks, rounds);
      const counted = await Promise.all(companies.map((one) => count(one, asks)));
      all[`${asks} asks`] = { times, counted };
      figures.push(...figuresOf(asks, times, counted));
    }
    const note =
      `upline: both trees of sources ${DEPTH} deep, each of another instant, ${READ_WAYS} ways up a round; ` +
      "the ratio is to the time at 1,000 in the same round.";
    return { figures, rounds: all, notes: [note] };
  } finally {
    await Promise.all(companies.map(({ rig }) => rig.stop()));
  }
}

const rankOf = (i: number): string => RANKS[i % RANKS.length]?.code ?? "";

async function company(size: number, script: Script): Promise<Company> {
  const rig = await startRig({ script, objects: OBJECTS });
  const forest = grow(size);
  await layForest(await rig.miniflare.getD1Database("MIRROR_0"), {
    tenant: TENANT,
    forest,
    rankOf,
  });
  return { size, forest, rig };
}

/** Sources of the deepest level, other ones each round, as nobody buys a hundred times a second. */
function asksFrom({ forest, size }: Company, asks: number, round: number) {
  const draw = createDraw(round + 1);
  const first = forest.levels[DEPTH] ?? 0;
  const nowMs = Date.now();
  return Array.from({ length: asks }, (_, i) => ({
    tenant: TENANT,
    node: nameOf(first + draw(size - first)),
    at_ms: nowMs - i,
  }));
}

/** Milliseconds a way up, by round and size. */
type Times = readonly (readonly number[])[];

/** The sizes in turn, another one first every round: what the machine does beside falls on all. */
async function measure(
  companies: readonly Company[],
  asks: number,
  rounds: number,
): Promise<Times> {
  const times: number[][] = [];
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round += 1) {
    const took: number[] = [];
    for (let turn = 0; turn < companies.length; turn += 1) {
      const which = (round + turn) % companies.length;
      const one = companies[which];
      if (one !== undefined) took[which] = await time(one, asks, round);
    }
    times.push(took);
  }
  return times.slice(WARM_UP_ROUNDS);
}

async function time(one: Company, asks: number, round: number): Promise<number> {
  const task = { asks: asksFrom(one, asks, round), times: READ_WAYS / asks };
  const startMs = performance.now();
  const { steps } = await one.rig.call<{ steps: number }>("POST /timed", task);
  const tookMs = performance.now() - startMs;
  if (steps !== READ_WAYS * DEPTH) throw new Error(`Cannot measure: ${steps} steps were found`);
  return tookMs / READ_WAYS;
}

const count = (one: Company, asks: number) =>
  one.rig.call<Bill>("POST /counted", { asks: asksFrom(one, asks, 0), times: 1 });

function figuresOf(asks: number, times: Times, counted: readonly Bill[]): readonly Figure[] {
  const name = `${asks === 1 ? "one way up" : `${asks} ways up`} a query`;
  const read = counted.map(({ d1RowsRead }, i): Figure => ({
    group: "upline",
    name: `rows read: ${name}, ${SIZES[i]} distributors`,
    unit: "per way up",
    ours: d1RowsRead / asks,
  }));
  const took = SIZES.map((size, i): Figure => {
    const figure = { group: "upline", name: `${name}, ${size} distributors`, unit: "ms/way up" };
    if (i === 0) return { ...figure, ours: median(times.map(([first = Number.NaN]) => first)) };
    const pairs = times.map((round) => ({
      ours: round[i] ?? Number.NaN,
      bare: round[0] ?? Number.NaN,
    }));
    const { ours, ratio } = compare(pairs, (ms) => ms);
    const isLargest = i === SIZES.length - 1;
    const budget = isLargest ? { budget: { of: "ratio" as const, atMost: RATIO_MAX } } : {};
    return { ...figure, ours, ratio, ...budget };
  });
  return [...took, ...read];
}
