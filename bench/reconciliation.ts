import { copyFile, rm } from "node:fs/promises";
import path from "node:path";
import { type ReferenceCore, startCore } from "../tools/core/core.ts";
import type { DriftKind } from "../tools/core/drift.ts";
import { TwinMirror } from "../test/support/twin-mirror.ts";
import type { Figure, Findings, Options } from "./figure.ts";

const GROUP = "reconciliation";
const DAY_MS = 86_400_000;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

/** DOMAIN §8 and the budget of a run at a million lines with ten differences. */
const BYTES_MAX = 150_000;
const REQUESTS_A_DIFFERENCE_MAX = 10;

interface Case {
  readonly lines: number;
  readonly differences: number;
  /** How long a time they lie in; 0 is one instant, as a commission run posts them. */
  readonly days: number;
}

/** By lines, by differences, in three days, and all at one instant. */
const CASES: readonly Case[] = [
  { lines: 10_000, differences: 10, days: 365 },
  { lines: 100_000, differences: 10, days: 365 },
  { lines: 100_000, differences: 100, days: 365 },
  { lines: 100_000, differences: 1000, days: 365 },
  { lines: 1_000_000, differences: 10, days: 365 },
  { lines: 1_000_000, differences: 10, days: 3 },
  { lines: 100_000, differences: 10, days: 0 },
  { lines: 1_000_000, differences: 10, days: 0 },
];

/** Of ten differences so many are of each kind; new lines last, that nothing else happens to them. */
const KINDS: readonly (readonly [DriftKind, number])[] = [
  ["amount", 4],
  ["remove", 2],
  ["time", 2],
  ["add", 2],
];

interface Cost {
  readonly lines: number;
  readonly differences: number;
  readonly days: number;
  readonly found: number;
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * What a run over all lines costs the core: the run, the walk down the digests and the client as they
 * are, over HTTP to the reference core on this machine. The mirror is a second reference core with the
 * same books but for the differences, so that a million lines need no ingestion; its answers are not
 * counted. Bytes are those of bodies, as the client reads them.
 */
export async function measureReconciliation({ directory }: Options): Promise<Findings> {
  const costs: Cost[] = [];
  const files = new Map<string, string>();
  for (const one of CASES) {
    const name = `${one.lines}-${one.days}`;
    const file = files.get(name) ?? (await fill(directory, one));
    files.set(name, file);
    costs.push(await measure(file, one));
  }
  return { figures: costs.flatMap(figuresOf), rounds: costs, notes: NOTES };
}

const nowMs = (): number => NOW_MS;

/** Books of so many lines, in a file. */
async function fill(directory: string, { lines, days }: Case): Promise<string> {
  const file = path.join(directory, `core-${lines}-${days}.sqlite`);
  const core = await startCore({ file, nowMs });
  core.sell({
    lines,
    distributors: Math.max(100, lines / 50),
    seed: 6,
    fromMs: NOW_MS - (days + 1) * DAY_MS,
    toMs: NOW_MS - DAY_MS,
    currency: "USD",
    events: "none",
  });
  await core.close();
  return file;
}

async function measure(file: string, one: Case): Promise<Cost> {
  const copy = `${file}.drifted`;
  await copyFile(file, copy);
  const core = await startCore({ file: copy, nowMs });
  const mirror = await startCore({ file, nowMs });
  try {
    drift(core, one.differences);
    // A moment later: what changes while a run is on its way is in flight.
    const twin = new TwinMirror(core, mirror, { nowMs: () => NOW_MS + 1000 });
    const beganMs = performance.now();
    const { state, differing, requests, bytes } = await twin.run("lines");
    if (state !== "done" || differing !== one.differences) {
      throw new Error(`A run ended ${state}, with ${differing} of ${one.differences} differences`);
    }
    const seconds = (performance.now() - beganMs) / 1000;
    return { ...one, found: differing, requests, bytes, seconds };
  } finally {
    await core.close();
    await mirror.close();
    await rm(copy);
  }
}

/** Each at a line of its own. */
function drift(core: ReferenceCore, count: number): void {
  const taken = new Set<string>();
  for (const [kind, ofTen] of KINDS) {
    let seed = 40;
    for (let left = (count * ofTen) / 10; left > 0; seed += 1) {
      const fromMs = NOW_MS - 3 * DAY_MS;
      if (kind === "add") {
        core.drift({ kind, count: left, seed, fromMs, toMs: fromMs + DAY_MS });
        break;
      }
      const [lineId = ""] = pick(core, seed + count * taken.size);
      if (taken.has(lineId)) continue;
      taken.add(lineId);
      core.drift({ kind, count: 1, seed, lineIds: [lineId] });
      left -= 1;
    }
  }
}

/** One that can have another amount, by a seed. */
function pick(core: ReferenceCore, seed: number): readonly string[] {
  return core.drift({ kind: "repeat", count: 1, seed });
}

function figuresOf({ lines, differences, days, requests, bytes }: Cost): readonly Figure[] {
  const when = days === 0 ? "at one instant" : `in ${days} days`;
  const name = `${lines} lines ${when}, ${differences} differences`;
  const isBudgeted = lines === 1_000_000 && differences === 10;
  const atMost = (bound: number) =>
    isBudgeted ? { budget: { of: "ours", atMost: bound } as const } : {};
  return [
    { group: GROUP, name, unit: "bytes", ours: bytes, ...atMost(BYTES_MAX) },
    {
      group: GROUP,
      name,
      unit: "requests a difference",
      ours: requests / differences,
      ...atMost(REQUESTS_A_DIFFERENCE_MAX),
    },
  ];
}

const NOTES = [
  "Reconciliation: the mirror's side is answered by a second reference core with the same lines, not by D1; what the core under test sends is counted.",
];
