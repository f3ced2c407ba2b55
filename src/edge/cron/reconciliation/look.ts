import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import {
  asContradicted,
  type Difference,
  findingsOf,
  type FoundLine,
  type LineName,
  type LocalLine,
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
  const { core, cursor } = going;
  if (extra.length === 0 || cursor.lacksIds === true) return NOBODY;
  const told = await core.named([...new Set(extra.map(({ line_id }) => line_id))], undefined);
  if (told.kind === "all") return { kind: "there", names: new Set(told.items.map(textOf)) };
  if (told.kind !== "failed" || told.rule !== "unique") return { kind: "stop", stop: stopOf(told) };
  // Told twice it is there, too.
  if (extra.length === 1) return { kind: "there", names: new Set(extra.map(textOf)) };
  const middle = Math.ceil(extra.length / 2);
  const first = await hasNow(going, extra.slice(0, middle));
  if (first.kind === "stop") return first;
  const second = await hasNow(going, extra.slice(middle));
  if (second.kind === "stop") return second;
  return { kind: "there", names: new Set([...first.names, ...second.names]) };
}

/** Young on either side, it is in flight: nothing is opened, and nothing closed. */
const changedAt = (line: LocalLine, changed_ms: number): LocalLine => ({ ...line, changed_ms });

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
