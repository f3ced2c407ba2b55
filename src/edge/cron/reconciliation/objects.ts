import type { Place } from "../../subject-rows.ts";
import { checkSubject, type Found, type SubjectCheckPorts, SUBJECT_ROWS_MAX } from "./subject.ts";

/** Subjects read at once, and looked at in one run: within its subrequests, and a minute's time. */
const PAGE_SUBJECTS = 50;
const RUN_SUBJECTS_MAX = 500;
const RUN_MS_MAX = 20_000;
/** Transfers or lines read at once: some megabytes of an isolate's 128. */
const ROWS_AT_ONCE = 10_000;

/** Totals are looked at for a hundredth of the time at most: it reads every transfer of the shard. */
const TOTALS_REST = 99;

/** One walk over everything the mirror has of objects; a walk takes several runs. */
export interface ObjectsWalk {
  readonly cursor?: Place;
  readonly startedMs: number;
  readonly subjects: number;
  readonly repaired: number;
  readonly frozen: number;
  /** When all totals were held against the transfers last, and how long that took. */
  readonly totals?: { readonly endedMs: number; readonly tookMs: number };
}

export interface ObjectsPorts extends SubjectCheckPorts {
  readonly page: (
    cursor: Place | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly Place[]; readonly next?: Place }>;
  /** Account totals that are not what the transfers come to, put right; answers with how many. */
  readonly repairTotals: () => Promise<number>;
  readonly load: () => Promise<ObjectsWalk | undefined>;
  readonly save: (walk: ObjectsWalk) => Promise<void>;
  readonly nowMs: () => number;
}

/**
 * Holds the mirror against the objects, some subjects a run: each log's chain, and every row that the
 * mirror has of it. What differs is written anew from the log; a log that its chain does not hold
 * freezes its object. At the end of a walk the totals of accounts are held against the transfers.
 */
export async function checkObjects(ports: ObjectsPorts): Promise<ObjectsWalk> {
  const untilMs = ports.nowMs() + RUN_MS_MAX;
  let walk = (await ports.load()) ?? begun(ports.nowMs());
  for (let seen = 0; seen < RUN_SUBJECTS_MAX && ports.nowMs() < untilMs; seen += PAGE_SUBJECTS) {
    const { items, next } = await ports.page(walk.cursor, PAGE_SUBJECTS);
    const found = await lookAt(items, ports);
    walk = {
      ...walk,
      subjects: walk.subjects + items.length,
      repaired: walk.repaired + found.filter((one) => one === "repaired").length,
      frozen: walk.frozen + found.filter((one) => one === "frozen").length,
    };
    if (next === undefined) return endWalk(walk, ports);
    walk = { ...walk, cursor: next };
    await ports.save(walk);
  }
  return walk;
}

const begun = (startedMs: number): ObjectsWalk => ({
  startedMs,
  subjects: 0,
  repaired: 0,
  frozen: 0,
});

async function endWalk(walk: ObjectsWalk, ports: ObjectsPorts): Promise<ObjectsWalk> {
  const { found: totals, ...last } = await lookAtTotals(walk, ports);
  const { subjects, repaired, frozen, startedMs } = walk;
  const isNews = repaired + frozen + totals > 0;
  const lasted = ports.nowMs() - startedMs;
  ports.log(isNews ? "warn" : "info", "objects_checked", {
    subjects,
    repaired,
    frozen,
    totals,
    lasted_ms: lasted,
  });
  await ports.save({ ...begun(ports.nowMs()), ...last });
  return walk;
}

async function lookAtTotals(
  { totals }: ObjectsWalk,
  ports: ObjectsPorts,
): Promise<Pick<ObjectsWalk, "totals"> & { readonly found: number }> {
  const startMs = ports.nowMs();
  const isResting = totals !== undefined && startMs < totals.endedMs + TOTALS_REST * totals.tookMs;
  if (isResting) return { totals, found: 0 };
  const found = await ports.repairTotals();
  const endedMs = ports.nowMs();
  return { totals: { endedMs, tookMs: endedMs - startMs }, found };
}

/** Halves what is too much to be read at once. */
async function lookAt(places: readonly Place[], ports: ObjectsPorts): Promise<readonly Found[]> {
  if (places.length === 0) return [];
  const isOne = places.length === 1;
  const rows = await ports.rows(places, isOne ? SUBJECT_ROWS_MAX : ROWS_AT_ONCE);
  if (rows !== undefined) return Promise.all(rows.map((found) => checkSubject(found, ports)));
  if (isOne) {
    ports.log("warn", "subject_not_compared", { ...places[0], rows_max: SUBJECT_ROWS_MAX });
    return ["skipped"];
  }
  const middle = Math.ceil(places.length / 2);
  const first = await lookAt(places.slice(0, middle), ports);
  return [...first, ...(await lookAt(places.slice(middle), ports))];
}
