import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import {
  asContradicted,
  type Difference,
  findingsOf,
  type FoundLine,
  type LineName,
  type LocalLine,
} from "../../../core/reconciliation/differ.ts";
import { isJudged } from "./conclude.ts";
import type { Going, Outcome, Stop } from "./going.ts";
import { linesNamed } from "./named.ts";

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
    return findingsOf([known]).differences.filter((found) => isJudged(found, going));
  });
  if (cursor.isAsked !== true) {
    const stop = await askAgain(going, now.filter(isAsked));
    if (stop !== undefined) return stop;
    // Two questions may be more than one call has left: the next one goes on with the second.
    going.answered += 1;
    going.cursor = { ...going.cursor, isAsked: true };
  }
  const extra = now.filter(({ kind }) => kind === "extra").map(pick);
  const there = await hasNow(going, extra.length === 0 ? [] : await stillExtra(going, extra));
  if (there.kind === "stop") return there.stop;
  const nowMs = ports.nowMs();
  await ports.putDifferences(
    run,
    local.map((line) => {
      const isChanging = there.names.has(textOf(line));
      return { ...pick(line), core: null, local: isChanging ? changedAt(line, nowMs) : line };
    }),
  );
  going.answered += 1;
  const { looked: _looked, isAsked: _isAsked, ...rest } = going.cursor;
  going.cursor =
    page.last === undefined ? { ...rest, phase: "count" } : { ...rest, looked: page.last };
  return "on";
}

/** The core may have it under another date, or under two. */
const isAsked = (one: Difference): boolean =>
  one.kind === "extra" || (one.kind === "other" && one.members.includes("effective"));

type There =
  | { readonly kind: "there"; readonly names: ReadonlySet<string> }
  | { readonly kind: "stop"; readonly stop: Stop };

const NOBODY: There = { kind: "there", names: new Set() };

/** What the core does not have under any date, as far as it was asked. */
async function stillExtra(
  { ports, run }: Going,
  names: readonly LineName[],
): Promise<readonly LineName[]> {
  const { differences } = await ports.foundOf(run, names);
  return differences.filter(({ kind }) => kind === "extra").map(pick);
}

/**
 * Which of these the core has as of now. One that keeps no past leaves out what changed since the run
 * began: what it does not have as of then, and has now, is on its way to the mirror, and no extra.
 */
async function hasNow(going: Going, extra: readonly LineName[]): Promise<There> {
  if (extra.length === 0 || going.cursor.lacksIds === true) return NOBODY;
  const told = await linesNamed(going, extra, undefined);
  if (told.kind === "stop") return told;
  if (told.kind === "unsupported") return { kind: "stop", stop: NO_IDS };
  // Told twice, or in a way that nobody can read, it is there, too.
  const unread = extra.filter(({ line_id }) => told.unread.has(line_id));
  return { kind: "there", names: new Set([...told.items, ...unread].map(textOf)) };
}

/** It has told lines by their ids before. */
const NO_IDS: Stop = {
  kind: "failed",
  failure: "unsupported",
  detail: "The core tells no lines by their ids any more",
};

/** Young on either side, it is in flight: nothing is opened, and nothing closed. */
const changedAt = (line: LocalLine, changed_ms: number): LocalLine => ({ ...line, changed_ms });

/** Of what the core tells twice, or in a way that nobody can read, nothing is concluded. */
async function askAgain(going: Going, asked: readonly Difference[]): Promise<Stop | undefined> {
  const { ports, run } = going;
  if (asked.length === 0 || going.cursor.lacksIds === true) return undefined;
  const told = await linesNamed(going, asked, going.cursor.snapshot);
  if (told.kind === "unsupported") {
    going.cursor = { ...going.cursor, lacksIds: true };
    return undefined;
  }
  if (told.kind === "stop") return told.stop;
  const unread = asked.filter(({ line_id }) => told.unread.has(line_id));
  await ports.putDifferences(run, [...toldOf(told.items, asked), ...unread.map(asContradicted)]);
  return undefined;
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
