import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import {
  asContradicted,
  type Difference,
  findingsOf,
  type FoundLine,
  type LineName,
} from "../../../core/reconciliation/differ.ts";
import { type Going, type Outcome, type Stop, stopOf } from "./going.ts";

/** Differences in one step, and with it at most so many ids to ask for. */
const LOOKED_AT_ONCE = 100;

/**
 * Looks up what may have another date on the other side, some lines a step. Read again here, our side
 * is also as it is by now. A core that tells no lines by id leaves it at what was met.
 */
export async function look(going: Going): Promise<Outcome> {
  const { ports, run, cursor } = going;
  const page = await ports.foundAfter(run, cursor.looked, LOOKED_AT_ONCE);
  const names = page.differences.map(pick);
  const local = await ports.localNamed(run.tenant, names);
  const ours = new Map(local.map((line) => [textOf(line), line]));
  const now = page.differences.flatMap((one) => {
    const known = { ...one, local: ours.get(textOf(one)) ?? one.local };
    return findingsOf([known]).differences;
  });
  const stop = await askAgain(going, now.filter(isAsked));
  if (stop !== undefined) return stop;
  await ports.putDifferences(
    run,
    local.map((line) => ({ ...pick(line), core: null, local: line })),
  );
  going.answered += 1;
  const { looked: _looked, ...rest } = going.cursor;
  going.cursor =
    page.last === undefined ? { ...rest, phase: "count" } : { ...rest, looked: page.last };
  return "on";
}

/** The core may have it under another date, or under two. */
const isAsked = (one: Difference): boolean =>
  one.kind === "extra" || (one.kind === "other" && one.members.includes("effective"));

async function askAgain(going: Going, asked: readonly Difference[]): Promise<Stop | undefined> {
  const { core, ports, run, cursor } = going;
  if (asked.length === 0 || cursor.lacksIds === true) return undefined;
  const ids = [...new Set(asked.map(({ line_id }) => line_id))];
  const told = await core.named(ids, cursor.snapshot);
  if (told.kind === "failed" && told.failure === "unsupported") {
    going.cursor = { ...cursor, lacksIds: true };
    return undefined;
  }
  if (told.kind === "failed" && told.rule === "unique") return askApart(going, asked);
  if (told.kind !== "all") return stopOf(told);
  await ports.putDifferences(run, toldOf(told.items, asked));
  return undefined;
}

/** One of them the core tells twice: nothing is concluded from that one, and the others are asked for. */
async function askApart(going: Going, asked: readonly Difference[]): Promise<Stop | undefined> {
  const { ports, run } = going;
  if (asked.length === 1) {
    await ports.putDifferences(run, asked.map(asContradicted));
    return undefined;
  }
  const middle = Math.ceil(asked.length / 2);
  const stop = await askAgain(going, asked.slice(0, middle));
  return stop ?? askAgain(going, asked.slice(middle));
}

/**
 * Of the lines that were asked for: one of the same id may be somebody else's by now, and is a
 * question of its own. What the core tells in two ways, now or before, is kept as contradicted.
 */
function toldOf(items: readonly CoreLine[], asked: readonly Difference[]): readonly FoundLine[] {
  const wanted = new Set(asked.map(textOf));
  const told = Map.groupBy(
    items.filter((line) => wanted.has(textOf(line))),
    textOf,
  );
  return [...told.values()].flatMap((lines) => {
    const [first, ...more] = lines;
    if (first === undefined) return [];
    const isOne = more.every((line) => JSON.stringify(line) === JSON.stringify(first));
    return [isOne ? { ...pick(first), core: first, local: null } : asContradicted(first)];
  });
}

const pick = ({ distributor_id, line_id }: LineName): LineName => ({ distributor_id, line_id });

const textOf = (name: LineName): string => JSON.stringify([name.distributor_id, name.line_id]);
