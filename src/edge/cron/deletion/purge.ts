import { filesOf, purgeFiles } from "../../archive/purge-files.ts";
import { dropNames, getNames, type PurgeList, putNames } from "../../archive/purge-lists.ts";
import { sha256Of } from "../../archive/export-parts.ts";
import type { Deletion, DeletionProgress, Leftovers, SubjectHead } from "../../deletion.ts";
import {
  at,
  type Job,
  KNOWN_MS,
  onwards,
  PASSES_MS,
  type PurgedObject,
  type Step,
  type Stepped,
  type TenantStorage,
} from "./ports.ts";
import { prove } from "./proof.ts";
import { findStrays } from "./strays.ts";

/** Objects in one step. */
const SUBJECTS_MAX = 100;
/** Asked at once: an object answers in its own time. */
const AT_ONCE = 10;

/** Where a purge begins. */
export const PURGE_BEGINS = "purge:begin";

const NOTHING: Leftovers = { tables: {}, objects: 0, files: { objects: 0, bytes: 0 } };

/**
 * Names first, then what there is, counted; then everything goes, and an hour later once more, for
 * what was still on its way; then it is counted again.
 */
export const PURGE_STEPS: Readonly<Record<string, Step>> = {
  [PURGE_BEGINS]: async ({ deletion, storage, nowMs }) => {
    if (nowMs < purgingMs(deletion) + KNOWN_MS) return undefined;
    await storage.permitPurge();
    const begun = { ...at(deletion.progress, "purge:strays"), before: NOTHING };
    return { progress: { ...begun, lists: { subjects: 0, copies: 0 }, copies: 0 } };
  },
  "purge:strays": (job) => findStrays(job, "purge:name-objects"),
  "purge:name-objects": nameObjects,
  "purge:name-destinations": nameDestinations,
  "purge:name-copies": nameCopies,
  "purge:count-files": countFiles,
  "purge:count-rows": async ({ deletion, storage }) => {
    const { progress } = deletion;
    const before = { ...beforeOf(progress), tables: await storage.countRows() };
    return { progress: { ...at(progress, "purge:objects"), before } };
  },

  "purge:objects": (job) => purgeObjects(job, "purge:destinations"),
  "purge:destinations": (job) => purgeDestinations(job, "purge:copies"),
  "purge:copies": (job) => purgeCopies(job, "purge:rows"),
  "purge:rows": (job) => purgeRows(job, false, "purge:files"),
  "purge:files": (job) => purgeSomeFiles(job, "purge:wait"),
  "purge:wait": async ({ deletion, nowMs }) =>
    nowMs < purgingMs(deletion) + KNOWN_MS + PASSES_MS
      ? undefined
      : { progress: at(deletion.progress, "purge:objects-again") },

  "purge:objects-again": (job) => purgeObjects(job, "purge:destinations-again"),
  "purge:destinations-again": (job) => purgeDestinations(job, "purge:copies-again"),
  "purge:copies-again": (job) => purgeCopies(job, "purge:rows-again"),
  "purge:rows-again": (job) => purgeRows(job, true, "purge:files-again"),
  "purge:files-again": (job) => purgeSomeFiles(job, "purge:look-objects"),

  "purge:look-objects": lookAtObjects,
  "purge:look-destinations": lookAtDestinations,
  "purge:look": lookAtTheRest,
  "purge:end": async ({ deletion, storage, nowMs }) => {
    await dropNames(storage.archive, deletion);
    return { state: "purged", purgedMs: nowMs, progress: prove(deletion, nowMs) };
  },
};

const purgingMs = ({ progress, requestedMs }: Deletion): number =>
  progress.purging_ms ?? requestedMs;

const beforeOf = ({ before = NOTHING }: DeletionProgress): Leftovers => before;
const afterOf = ({ after = NOTHING }: DeletionProgress): Leftovers => after;
const listsOf = ({ lists = { subjects: 0, copies: 0 } }: DeletionProgress) => lists;

/** Writes down a page of subjects, counts their objects and goes on with the digest of their heads. */
async function nameObjects({ deletion, storage }: Job): Promise<Stepped> {
  const { progress } = deletion;
  const subjects = await storage.subjects(progress.cursor ?? "", SUBJECTS_MAX);
  const last = subjects.at(-1);
  if (last === undefined) return { progress: at(progress, "purge:name-destinations") };
  const lists = listsOf(progress);
  const n = lists.subjects;
  const names = subjects.map(({ subject }) => subject);
  const heads = await inTurns(subjects, (one) => furthest(one, storage.object(one.subject)));
  await putNames(storage.archive, deletion, { list: "subjects", n, names });
  const before = beforeOf(progress);
  const text = heads.map(({ subject, position, head }) => `${subject}\n${position}\n${head}\n`);
  return {
    progress: {
      ...progress,
      cursor: last.subject,
      lists: { ...lists, subjects: n + 1 },
      heads_sha256: sha256Of((progress.heads_sha256 ?? "") + text.join("")),
      before: {
        ...before,
        objects: before.objects + heads.filter(({ position }) => position > 0).length,
      },
    },
  };
}

/** The mirror's word, or the object's own where it has gone further. */
async function furthest(mirrored: SubjectHead, object: PurgedObject): Promise<SubjectHead> {
  const { position, head } = await object.head();
  return position > mirrored.position ? { ...mirrored, position, head } : mirrored;
}

/** Writes down a page of destinations, and counts the objects that have anything. */
async function nameDestinations({ deletion, storage }: Job): Promise<Stepped> {
  const { progress } = deletion;
  const names = await storage.destinations(progress.cursor ?? "", SUBJECTS_MAX);
  const last = names.at(-1);
  if (last === undefined) return { progress: at(progress, "purge:name-copies") };
  const lists = listsOf(progress);
  const n = lists.destinations ?? 0;
  await putNames(storage.archive, deletion, { list: "destinations", n, names });
  const before = beforeOf(progress);
  const objects = before.objects + (await countKept(storage, names));
  return {
    progress: {
      ...progress,
      cursor: last,
      lists: { ...lists, destinations: n + 1 },
      before: { ...before, objects },
    },
  };
}

async function countKept(storage: TenantStorage, names: readonly string[]): Promise<number> {
  const empty = await inTurns(names, (name) => storage.destination(name).isEmpty());
  return empty.filter((isEmpty) => !isEmpty).length;
}

async function nameCopies({ deletion, storage }: Job): Promise<Stepped> {
  const { progress } = deletion;
  const { names, next } = await storage.copies(progress.cursor);
  const lists = listsOf(progress);
  const n = lists.copies;
  await putNames(storage.archive, deletion, { list: "copies", n, names });
  const named = {
    ...progress,
    lists: { ...lists, copies: n + 1 },
    copies: (progress.copies ?? 0) + names.length,
  };
  return { progress: onwards(named, next, "purge:count-files") };
}

async function countFiles({ deletion, storage }: Job): Promise<Stepped> {
  const { progress, tenant } = deletion;
  const { files, next } = await filesOf(storage.archive, tenant, progress.cursor);
  const before = beforeOf(progress);
  const bytes = files.reduce((sum, file) => sum + file.bytes, before.files.bytes);
  const counted = { objects: before.files.objects + files.length, bytes };
  const counting = { ...progress, before: { ...before, files: counted } };
  return { progress: onwards(counting, next, "purge:count-rows") };
}

/** The list that a step works through, a part a step; nothing behind the last one. */
async function namesAt(
  { deletion, storage }: Job,
  list: PurgeList,
): Promise<{ readonly names: readonly string[]; readonly next: string } | undefined> {
  const { progress } = deletion;
  const n = Number(progress.cursor ?? 0);
  if (n >= (listsOf(progress)[list] ?? 0)) return undefined;
  const names = await getNames(storage.archive, deletion, { list, n });
  return { names, next: String(n + 1) };
}

async function purgeObjects(job: Job, then: string): Promise<Stepped> {
  const part = await namesAt(job, "subjects");
  await inTurns(part?.names ?? [], (subject) => job.storage.object(subject).purge());
  return { progress: onwards(job.deletion.progress, part?.next, then) };
}

async function purgeDestinations(job: Job, then: string): Promise<Stepped> {
  const part = await namesAt(job, "destinations");
  await inTurns(part?.names ?? [], (name) => job.storage.destination(name).purge());
  return { progress: onwards(job.deletion.progress, part?.next, then) };
}

async function purgeCopies(job: Job, then: string): Promise<Stepped> {
  const part = await namesAt(job, "copies");
  await inTurns(part?.names ?? [], (name) => job.storage.dropCopy(name));
  return { progress: onwards(job.deletion.progress, part?.next, then) };
}

async function purgeRows(
  { deletion, storage }: Job,
  isLast: boolean,
  then: string,
): Promise<Stepped> {
  const { progress } = deletion;
  const next = await storage.purgeRows(isLast, progress.cursor);
  if (next === undefined) await storage.forgetInJobs();
  return { progress: onwards(progress, next, then) };
}

async function purgeSomeFiles({ deletion, storage }: Job, then: string): Promise<Stepped> {
  const { progress, tenant } = deletion;
  const isEmpty = await purgeFiles(storage.archive, tenant);
  return { progress: isEmpty ? at(progress, then) : progress };
}

async function lookAtObjects(job: Job): Promise<Stepped> {
  const { progress } = job.deletion;
  const part = await namesAt(job, "subjects");
  const isFirst = progress.cursor === undefined;
  const heads = await inTurns(part?.names ?? [], (name) => job.storage.object(name).head());
  const left = heads.filter(({ position }) => position > 0).length;
  const before = isFirst ? 0 : afterOf(progress).objects;
  const looked = { ...progress, after: { ...NOTHING, objects: before + left } };
  return { progress: onwards(looked, part?.next, "purge:look-destinations") };
}

async function lookAtDestinations(job: Job): Promise<Stepped> {
  const { progress } = job.deletion;
  const part = await namesAt(job, "destinations");
  const left = await countKept(job.storage, part?.names ?? []);
  const after = afterOf(progress);
  const looked = { ...progress, after: { ...after, objects: after.objects + left } };
  return { progress: onwards(looked, part?.next, "purge:look") };
}

/** What is left of rows and files. Where anything is, it goes as well, before anything is proved. */
async function lookAtTheRest({ deletion, storage }: Job): Promise<Stepped> {
  const { progress, tenant } = deletion;
  const tables = await storage.countRows();
  const { files, next } = await filesOf(storage.archive, tenant, undefined);
  const objects = afterOf(progress).objects;
  const isClean =
    objects + Object.keys(tables).length + files.length === 0 &&
    (next === undefined || (await purgeFiles(storage.archive, tenant)));
  if (!isClean) return { progress: at(progress, "purge:objects-again") };
  return { progress: { ...at(progress, "purge:end"), after: NOTHING } };
}

async function inTurns<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const done: Value[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    done.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  }
  return done;
}
