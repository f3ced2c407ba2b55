import type { ListedPlace, Place, SubjectRows } from "../../subject-rows.ts";
import type { Found } from "./judge-log.ts";
import { type LeftOut, leavingOut, tenantsLeftOut } from "./left-out.ts";
import { beginLarge, type LargeCheck, lookAtLarge } from "./large-subject.ts";
import type { LargePorts, SubjectCheckPorts } from "./object-ports.ts";
import { checkSubject, failed } from "./subject.ts";
import { beginSums, type Leaving, lookAtSums, type SumsLook, type SumsPorts } from "./sums.ts";

/** Subjects read at once, and looked at in one run: within its subrequests, and a minute's time. */
const PAGE_SUBJECTS = 50;
const RUN_SUBJECTS_MAX = 500;
const RUN_MS_MAX = 20_000;
/** Parts of large subjects, and of sums, in one run. */
const RUN_PARTS_MAX = 500;
/** Transfers or lines read at once: some megabytes of an isolate's 128. */
const ROWS_AT_ONCE = 10_000;
/** Of one subject; one with more is looked at a part at a time. */
const ROWS_OF_ONE_MAX = 100_000;

/** One walk over everything the mirror has of objects; a walk takes several runs. */
export interface ObjectsWalk extends LeftOut {
  readonly cursor?: Place;
  readonly startedMs: number;
  readonly subjects: number;
  readonly repaired: number;
  readonly frozen: number;
  /** Subjects that could not be looked at. */
  readonly failed?: number;
  /** Subjects of the pages before that are looked at a part at a time. */
  readonly large?: readonly LargeCheck[];
  /** How far sums were looked at, once all subjects were. */
  readonly sums?: SumsLook;
  /** The walk before, to its end. */
  readonly last?: WalkEnd;
}

/** What a walk over everything has come to. */
export interface WalkEnd extends Pick<
  ObjectsWalk,
  "startedMs" | "subjects" | "repaired" | "frozen"
> {
  readonly endedMs: number;
  /** Tenants of whom some sums were not looked at. */
  readonly withoutSums?: readonly string[];
}

/** Whose a tenant's rows are: `leaving` while they are being purged; `nobodys` of no tenant of the shard. */
export type Standing = "own" | "leaving" | "nobodys";

export interface ObjectsPorts extends SubjectCheckPorts, LargePorts, SumsPorts {
  readonly page: (
    cursor: Place | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly ListedPlace[]; readonly next?: Place }>;
  /** Takes away what the mirror has under a name that is no text, and tells of it. */
  readonly dropUnreadable: (
    place: Place,
    bytes: NonNullable<ListedPlace["bytes"]>,
  ) => Promise<void>;
  readonly standings: (tenants: readonly string[]) => Promise<ReadonlyMap<string, Standing>>;
  /**
   * Takes away what the mirror has under a name that is nobody's, and tells of it; answers with
   * whether it did: what looks like a tenant that was lost stays.
   */
  readonly dropStranger: (place: Place) => Promise<boolean>;
  /** Whether somebody is frozen by a break that a person accepted: it stays so. */
  readonly isAccepted: (place: Place) => Promise<boolean>;
  readonly load: () => Promise<ObjectsWalk | undefined>;
  readonly save: (walk: ObjectsWalk) => Promise<void>;
  /** Rows of one subject above which it is looked at a part at a time; {@link ROWS_OF_ONE_MAX}. */
  readonly rowsOfOneMax?: number;
}

/**
 * Holds the mirror against the objects, some subjects a run: each log's chain, and every row that the
 * mirror has of it. What differs is written anew from the log; a log that its chain does not hold
 * freezes its object. At the end of a walk sums are held against the rows they are made of.
 */
export async function checkObjects(ports: ObjectsPorts): Promise<ObjectsWalk> {
  const untilMs = ports.nowMs() + RUN_MS_MAX;
  let walk = (await ports.load()) ?? begun(ports.nowMs());
  let [subjects, parts] = [0, 0];
  while (subjects < RUN_SUBJECTS_MAX && parts < RUN_PARTS_MAX && ports.nowMs() < untilMs) {
    const [large, ...others] = walk.large ?? [];
    if (large !== undefined) {
      parts += 1;
      walk = await goOnLarge(walk, { large, others }, ports);
    } else if (walk.sums === undefined) {
      subjects += PAGE_SUBJECTS;
      walk = await nextPage(walk, ports);
    } else {
      parts += 1;
      const sums = await lookAtSums(walk.sums, leavingOf(walk), ports);
      if (sums.isOver) return endWalk({ ...walk, sums }, ports);
      walk = { ...walk, sums };
    }
    await ports.save(walk);
  }
  return walk;
}

const leavingOf = (walk: ObjectsWalk): Leaving => ({
  leftOut: walk,
  before: walk.last?.withoutSums ?? [],
});

const begun = (startedMs: number): ObjectsWalk => ({
  startedMs,
  subjects: 0,
  repaired: 0,
  frozen: 0,
});

async function nextPage(walk: ObjectsWalk, ports: ObjectsPorts): Promise<ObjectsWalk> {
  const { items, next } = await ports.page(walk.cursor, PAGE_SUBJECTS);
  const { looked, large } = await lookAtPage(items, ports);
  const { cursor: _cursor, ...counted } = counting(walk, looked);
  const after = { ...counted, subjects: walk.subjects + items.length, large };
  if (next !== undefined) return { ...after, cursor: next };
  return { ...after, sums: beginSums(ports.nowMs()) };
}

interface Looked extends Place {
  readonly found: Found;
  /** Its tenant is leaving, or lost. */
  readonly isNobodys?: boolean;
  /** It is frozen, and a person left it so. */
  readonly isAccepted?: boolean;
}

/** Counts what was found; whoever may be wrong still keeps sums of its rows from being made anew. */
function counting(walk: ObjectsWalk, looked: readonly Looked[]): ObjectsWalk {
  const count = (kind: Found) => looked.filter(({ found }) => found === kind).length;
  const open = looked.filter(
    ({ found, isAccepted }) => UNSETTLED.has(found) && isAccepted !== true,
  );
  const [gone = [], own = []] = [true, false].map((is) =>
    open.filter(({ isNobodys = false }) => isNobodys === is),
  );
  return {
    ...walk,
    repaired: walk.repaired + count("repaired"),
    frozen: walk.frozen + count("frozen"),
    failed: (walk.failed ?? 0) + count("failed"),
    ...leavingOut(walk, {
      tenants: gone.map(({ tenant }) => tenant),
      places: own.map(({ tenant, subject }) => ({ tenant, subject })),
    }),
  };
}

const UNSETTLED: ReadonlySet<Found> = new Set(["failed", "frozen", "skipped"]);

async function goOnLarge(
  walk: ObjectsWalk,
  { large, others }: { readonly large: LargeCheck; readonly others: readonly LargeCheck[] },
  ports: ObjectsPorts,
): Promise<ObjectsWalk> {
  const look = await lookAtLarge(large, ports);
  if (look.kind === "goes_on") return { ...walk, large: [look.check, ...others] };
  const { tenant, subject } = large;
  const looked = await withAccepted({ tenant, subject, found: look.found }, ports);
  return counting({ ...walk, large: others }, [looked]);
}

/** Where that cannot be read, it is not known. */
async function withAccepted(looked: Looked, ports: ObjectsPorts): Promise<Looked> {
  if (looked.found !== "skipped") return looked;
  try {
    return { ...looked, isAccepted: await ports.isAccepted(looked) };
  } catch {
    return looked;
  }
}

async function endWalk(walk: ObjectsWalk, ports: ObjectsPorts): Promise<ObjectsWalk> {
  const { subjects, repaired, frozen, startedMs, sums } = walk;
  const { found = 0, startedMs: sumsMs = startedMs } = sums ?? {};
  const withoutSums = tenantsLeftOut(walk);
  const isNews = repaired + frozen + found > 0;
  const endedMs = ports.nowMs();
  ports.log(isNews ? "warn" : "info", "objects_checked", {
    subjects,
    repaired,
    frozen,
    totals: found,
    tenants_without_sums: withoutSums.length,
    lasted_ms: endedMs - startedMs,
    sums_lasted_ms: endedMs - sumsMs,
  });
  const last = { startedMs, endedMs, subjects, repaired, frozen, withoutSums };
  await ports.save({ ...begun(endedMs), last });
  return walk;
}

/** Holds what the mirror has of one subject against its object; of a large one as much as a run does. */
export async function checkPlace(place: Place, given: ObjectsPorts): Promise<void> {
  const { mirrorAnew: _mirrorAnew, ...ports } = given;
  const looked = await lookAt([place], ports);
  let large = looked.filter(({ found }) => found === "large").map(beginLarge);
  for (let parts = 0; parts < RUN_PARTS_MAX && large.length > 0; parts += 1) {
    const looks = await Promise.all(large.map((check) => lookAtLarge(check, ports)));
    large = looks.flatMap((look) => (look.kind === "goes_on" ? [look.check] : []));
  }
}

interface PageLook {
  readonly looked: readonly Looked[];
  readonly large: readonly LargeCheck[];
}

async function lookAtPage(listed: readonly ListedPlace[], ports: ObjectsPorts): Promise<PageLook> {
  const looked: Looked[] = [];
  for (const { bytes, ...place } of listed) {
    if (bytes === undefined) continue;
    const drop = async () => {
      await ports.dropUnreadable(place, bytes);
      return "repaired" as const;
    };
    looked.push(await tried(place, drop, ports));
  }
  const places = listed.filter(({ bytes }) => bytes === undefined);
  const standings = await ports.standings([...new Set(places.map(({ tenant }) => tenant))]);
  const standing = (place: Place) => standings.get(place.tenant) ?? "nobodys";
  for (const place of places.filter((one) => standing(one) === "nobodys")) {
    const drop = async () => ((await ports.dropStranger(place)) ? "repaired" : "skipped");
    looked.push({ ...(await tried(place, drop, ports)), isNobodys: true });
  }
  for (const place of places.filter((one) => standing(one) === "leaving")) {
    looked.push({ ...place, found: "skipped", isNobodys: true });
  }
  const own = await lookAt(
    places.filter((one) => standing(one) === "own"),
    ports,
  );
  const large = own.filter(({ found }) => found === "large").map(beginLarge);
  for (const one of own) looked.push(await withAccepted(one, ports));
  return { looked, large };
}

/** One that cannot be looked at now is looked at in the next walk: it stops nobody else. */
async function tried(
  place: Place,
  look: () => Promise<Found>,
  ports: ObjectsPorts,
): Promise<Looked> {
  try {
    return { ...place, found: await look() };
  } catch (error) {
    return { ...place, found: failed(place, error, ports) };
  }
}

/** Halves what is too much to be read at once, or cannot be read. */
async function lookAt(places: readonly Place[], ports: ObjectsPorts): Promise<readonly Looked[]> {
  if (places.length === 0) return [];
  const rowsMax = ports.rowsOfOneMax ?? ROWS_OF_ONE_MAX;
  const [first, ...others] = places;
  if (first !== undefined && others.length === 0) {
    return [await tried(first, () => lookAtOne(first, rowsMax, ports), ports)];
  }
  const rows = await rowsOf(places, Math.min(rowsMax, ROWS_AT_ONCE), ports);
  if (rows !== undefined) {
    return Promise.all(
      rows.map(async (one) => {
        const { tenant, subject } = one;
        return { tenant, subject, found: await checkSubject(one, rowsMax, ports) };
      }),
    );
  }
  const middle = Math.ceil(places.length / 2);
  const before = await lookAt(places.slice(0, middle), ports);
  return [...before, ...(await lookAt(places.slice(middle), ports))];
}

/** Nothing where it is too much, or one of them cannot be read: each is tried by itself then. */
async function rowsOf(
  places: readonly Place[],
  rowsMax: number,
  ports: ObjectsPorts,
): Promise<readonly SubjectRows[] | undefined> {
  try {
    return await ports.rows(places, rowsMax);
  } catch (error) {
    ports.log("warn", "subjects_not_read", { subjects: places.length, error });
    return undefined;
  }
}

async function lookAtOne(place: Place, rowsMax: number, ports: ObjectsPorts): Promise<Found> {
  const [rows] = (await ports.rows([place], rowsMax)) ?? [];
  return rows === undefined ? "large" : checkSubject(rows, rowsMax, ports);
}
