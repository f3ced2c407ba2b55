import { RANK_MAX, type RebuildCursor, type SubjectMark, type ToLookAt } from "../../rebuild.ts";
import { type LookAsked, NOTHING_COUNTED } from "./decide.ts";
import { beginLong, lookAtLong } from "./long.ts";
import { type Looked, lookAtAll } from "./subjects.ts";
import type { OpenRebuild, RebuildPorts } from "./ports.ts";

/** Subjects looked at in one step: their rows are one reading. */
const SUBJECTS_AT_ONCE = 50;
/** Looks at a subject that moves: events keep coming in. */
const LOOKS_MAX = 3;
/** Passes over all names: logs name others, and what could not be read is tried again. */
const PASSES_MAX = 5;
const ROUNDS_MAX = 3;
/** How long the queue is waited for before it is asked again, and how often that is. */
const AGAIN_MS = 3 * 60_000;
const AGAIN_MAX = 5;
/** Asked for again at once. */
const BEHIND_MAX = 500;

export type Step =
  /** There is more to do: at once, or once others have done their part. */
  | { readonly kind: "more" | "wait"; readonly cursor: RebuildCursor }
  | { readonly kind: "done"; readonly cursor: RebuildCursor };

const more = (cursor: RebuildCursor): Step => ({ kind: "more", cursor });

/** Only what every phase keeps. */
const entering = (
  { asked, sums }: RebuildCursor,
  phase: RebuildCursor["phase"],
): RebuildCursor => ({
  asked,
  phase,
  ...(sums === undefined ? {} : { sums }),
});

/** Takes a rebuild one step further. A step that is done again ends the same. */
export async function stepRebuild(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  switch (cursor.phase) {
    case "begin":
      await ports.begin(run);
      return more({ ...entering(cursor, "names"), origin: 0 });
    case "names":
      return stepNames(run, cursor, ports);
    case "subjects":
      return stepSubjects(run, cursor, ports);
    case "settle":
      return stepSettle(run, cursor, ports);
    case "strays":
      return stepStrays(run, cursor, ports);
    case "totals":
      return stepTotals(run, cursor, ports);
  }
}

/** The mirror's tables first, then the rosters, then the archive. */
async function stepNames(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  const { origin = 0 } = cursor;
  if (origin < ports.mirrorOrigins) {
    await ports.addMirrorNames(run, origin);
    return more({ ...cursor, origin: origin + 1 });
  }
  const days = cursor.days ?? (await ports.rosterDays(run.tenant));
  const day = days[origin - ports.mirrorOrigins];
  if (day !== undefined) {
    const { heads, next } = await ports.roster({ tenant: run.tenant, day }, cursor.place);
    await ports.addRoster(run, heads);
    if (next !== undefined) return more({ ...cursor, days, place: next });
    return more({ ...entering(cursor, "names"), days, origin: origin + 1 });
  }
  const fromMs = archiveFrom({ ...cursor, days });
  const { names, next } = await ports.archived({ tenant: run.tenant, fromMs }, cursor.place);
  await ports.addNames(run, names);
  if (next !== undefined) return more({ ...cursor, days, place: next });
  return more({ ...entering(cursor, "subjects"), rank: 0, after: "", pass: 1 });
}

const DAY_MS = 86_400_000;

/**
 * Since when deliveries are read for names: as it was asked for; else since the newest roster, as the
 * mirror does not know whom it has forgotten; all of them where there is no roster.
 */
function archiveFrom({ asked, days = [] }: RebuildCursor): number {
  if (asked.archiveFromMs !== undefined) return asked.archiveFromMs;
  const [newest] = days;
  // A walk that began on a day goes on into the next.
  return newest === undefined ? 0 : Date.parse(`${newest}T00:00:00Z`) - DAY_MS;
}

const lookOf = (run: OpenRebuild, { asked }: RebuildCursor, isScanned: boolean): LookAsked => ({
  run,
  thaw: new Set(asked.thaw),
  by: run.cause,
  reason: asked.reason,
  isScanned,
});

/** Looks, and again at those that moved: for as often as it is worth waiting for. */
async function look(
  places: readonly ToLookAt[],
  asked: LookAsked,
  ports: RebuildPorts,
): Promise<{ readonly left: readonly ToLookAt[] } & Pick<Looked, "hasFound" | "long">> {
  let left = places;
  let hasFound = false;
  let long: ToLookAt | undefined;
  for (let n = 0; n < LOOKS_MAX && left.length > 0; n += 1) {
    const looked = await lookAtAll(left, asked, ports);
    left = looked.again;
    hasFound ||= looked.hasFound;
    long ??= looked.long;
  }
  return { left, hasFound, ...(long === undefined ? {} : { long }) };
}

async function stepSubjects(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  const { rank = 0, after = "", pass = 1 } = cursor;
  const places = await ports.toLookAt(run, { rank, after, limit: SUBJECTS_AT_ONCE });
  const last = places.at(-1);
  if (last === undefined) return more({ ...entering(cursor, "settle"), rank, pass });
  const place = places.find(({ subject }) => subject === cursor.long?.subject);
  if (place !== undefined) return stepLong(run, { cursor, place }, ports);
  const { long: _long, ...others } = cursor;
  const { left, long } = await look(places, lookOf(run, cursor, false), ports);
  // Those beside it are looked at again, if they have to be, once it was.
  if (long !== undefined) return more({ ...others, long: beginLong(long) });
  // Who is not met in all the passes is told of: everybody else's sums wait for him.
  if (pass >= PASSES_MAX) {
    for (const { subject } of left) await ports.putMark(run, { subject, mark: FAILED });
  }
  return more({ ...others, after: last.subject });
}

async function stepLong(
  run: OpenRebuild,
  { cursor, place }: { readonly cursor: RebuildCursor; readonly place: ToLookAt },
  ports: RebuildPorts,
): Promise<Step> {
  const { long = beginLong(place), ...others } = cursor;
  const next = await lookAtLong({ place, long }, lookOf(run, cursor, false), ports);
  return more(next === undefined ? others : { ...others, long: next });
}

const FAILED: SubjectMark = {
  result: "failed",
  rows: {},
  until: 0,
  at: 0,
  counts: NOTHING_COUNTED,
};

/** Before the next kind of subjects, the mirror has what it lacked of this one. */
async function stepSettle(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  const { rank = 0, pass = 1, again = 0 } = cursor;
  const behind = await ports.behind(run, BEHIND_MAX);
  if (behind.length > 0 && again < AGAIN_MAX) return waitFor(behind, { run, cursor }, ports);
  const next = { ...entering(cursor, "subjects"), after: "", pass };
  if (rank < RANK_MAX) return more({ ...next, rank: rank + 1 });
  const isOver = pass >= PASSES_MAX || (await hasLookedAtAll(run, ports));
  if (!isOver) return more({ ...next, rank: 0, pass: pass + 1 });
  return more({ ...entering(cursor, "strays"), after: "", round: 1 });
}

/** The queue brings them; what got lost with a message is asked for again. */
async function waitFor(
  behind: readonly string[],
  { run, cursor }: { readonly run: OpenRebuild; readonly cursor: RebuildCursor },
  { nowMs, send }: RebuildPorts,
): Promise<Step> {
  const { sinceMs, again = 0 } = cursor;
  const now = nowMs();
  if (sinceMs === undefined) return { kind: "wait", cursor: { ...cursor, sinceMs: now } };
  if (now < sinceMs + AGAIN_MS) return { kind: "wait", cursor };
  for (const subject of behind) await send({ kind: "subject", tenant: run.tenant, subject });
  return { kind: "wait", cursor: { ...cursor, sinceMs: now, again: again + 1 } };
}

async function hasLookedAtAll(run: OpenRebuild, ports: RebuildPorts): Promise<boolean> {
  for (let rank = 0; rank <= RANK_MAX; rank += 1) {
    const [one] = await ports.toLookAt(run, { rank, after: "", limit: 1 });
    if (one !== undefined) return false;
  }
  return true;
}

/** Rows in tables that no key of a subject finds: where their number is not what logs tell. */
async function stepStrays(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  const { after = "", round = 1, found = false } = cursor;
  const places = await ports.suspects(run, { after, limit: SUBJECTS_AT_ONCE });
  const last = places.at(-1);
  if (last === undefined) {
    if (!found || round >= ROUNDS_MAX) return more({ ...entering(cursor, "totals"), total: 0 });
    return more({ ...entering(cursor, "strays"), after: "", round: round + 1 });
  }
  const { hasFound } = await look(places, lookOf(run, cursor, true), ports);
  return more({ ...cursor, after: last.subject, found: found || hasFound });
}

async function stepTotals(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step> {
  const { total = 0, sums = {}, asked } = cursor;
  const next = ports.totals[total];
  if (next === undefined) {
    await reprice(run, asked.repriceFromMs, ports);
    return { kind: "done", cursor };
  }
  const isUnread = next.isOfLogs && !(await ports.hasReadAll(run));
  const isLeft = isUnread || (await ports.holdsSome(run));
  const fixed = isLeft ? 0 : await next.fix(run);
  const told = fixed === 0 ? sums : { ...sums, [next.name]: fixed };
  return more({ ...cursor, total: total + 1, sums: told });
}

/** What was sold while the mirror was wrong is priced anew by what it has now. */
async function reprice(
  { tenant, runId }: OpenRebuild,
  fromMs: number | undefined,
  { send }: RebuildPorts,
): Promise<void> {
  if (fromMs === undefined) return;
  const changes = [{ tenant, node: "", atMs: fromMs, eventId: runId }];
  await send({ kind: "recompute", tenant, changes });
}
