import { formatInstant } from "../../../core/contracts/instant.ts";
import { putManifest, putPart } from "../../archive/export-parts.ts";
import { filesOf } from "../../archive/purge-files.ts";
import type { DeletionProgress } from "../../deletion.ts";
import { at, type Job, KNOWN_MS, onwards, type PurgedObject, type Step } from "./ports.ts";
import { findStrays } from "./strays.ts";

/** Objects in one step, and text of logs in one part. */
const SUBJECTS_MAX = 40;
const CHARS_MAX = 2_000_000;

/** Where an export begins. */
const EXPORT_BEGINS = "export:begin";

/** Everything of a tenant, as NDJSON in parts. What a step wrote, it writes again after a crash. */
export const EXPORT_STEPS: Readonly<Record<string, Step>> = {
  /** Everybody knows by then that the tenant takes nothing new, and what was accepted is settled. */
  [EXPORT_BEGINS]: async ({ deletion, nowMs }) =>
    nowMs < deletion.requestedMs + KNOWN_MS
      ? undefined
      : { progress: at(deletion.progress, "export:strays") },

  "export:strays": (job) => findStrays(job, "export:rows"),

  "export:rows": async (job) => {
    const { progress } = job.deletion;
    const { table, rows, next } = await job.storage.rows(progress.cursor);
    const written = await write(job, progress, { name: `tables/${table}`, lines: rows });
    return { progress: onwards(written, next, "export:logs") };
  },

  "export:logs": exportLogs,

  "export:files": async (job) => {
    const { progress, tenant } = { ...job.deletion };
    const { files, next } = await filesOf(job.storage.archive, tenant, progress.cursor);
    const written = await write(job, progress, { name: "files", lines: files });
    const then = progress.include_raw ? "export:raw" : "export:manifest";
    return { progress: onwards(written, next, then) };
  },

  "export:raw": async (job) => {
    const { progress } = job.deletion;
    const { lines, next } = await job.storage.raw(progress.cursor);
    const written = await write(job, progress, { name: "raw", lines });
    return { progress: onwards(written, next, "export:manifest") };
  },

  "export:manifest": async ({ deletion, storage, nowMs }) => {
    const { progress } = deletion;
    const { parts } = progress;
    const madeAt = formatInstant(nowMs);
    const manifest = await putManifest(storage.archive, deletion, { parts, madeAt });
    const { sha256, rows, bytes } = manifest;
    const summary = { parts, rows, bytes, manifest_sha256: sha256, made_at: madeAt };
    return { state: "exported", progress: { ...at(progress, "exported"), export: summary } };
  },
};

interface Written {
  readonly name: string;
  readonly lines: readonly object[];
}

async function write(
  { deletion, storage }: Job,
  progress: DeletionProgress,
  { name, lines }: Written,
): Promise<DeletionProgress> {
  if (lines.length === 0) return progress;
  const { rows, bytes } = progress;
  const part = await putPart(storage.archive, deletion, { n: progress.parts + 1, name, lines });
  return { ...progress, parts: part.n, rows: rows + part.rows, bytes: bytes + part.bytes };
}

interface LogPlace {
  /** The last subject whose log is whole. */
  readonly after: string;
  /** How far the log of the one behind it is copied. */
  readonly position: number;
}

interface Copied {
  readonly logs: object[];
  readonly profiles: object[];
  chars: number;
}

async function exportLogs(job: Job) {
  const { storage, deletion } = job;
  const { progress } = deletion;
  let place: LogPlace =
    progress.cursor === undefined ? { after: "", position: 0 } : JSON.parse(progress.cursor);
  const subjects = await storage.subjects(place.after, SUBJECTS_MAX);
  const copied: Copied = { logs: [], profiles: [], chars: 0 };
  for (const { subject } of subjects) {
    place = await copyOne(storage.object(subject), { subject, ...place }, copied);
    if (copied.chars > CHARS_MAX) break;
  }
  const withLogs = await write(job, progress, { name: "logs", lines: copied.logs });
  const written = await write(job, withLogs, { name: "profiles", lines: copied.profiles });
  const isDone =
    subjects.length < SUBJECTS_MAX && place.after === (subjects.at(-1)?.subject ?? place.after);
  return { progress: onwards(written, isDone ? undefined : JSON.stringify(place), "export:files") };
}

/** Copies an object's log until there is enough for a part, and then what it knows of a person. */
async function copyOne(
  object: PurgedObject,
  { subject, after, position: from }: LogPlace & { readonly subject: string },
  copied: Copied,
): Promise<LogPlace> {
  let position = from;
  const { position: end } = await object.head();
  while (position < end) {
    if (copied.chars > CHARS_MAX) return { after, position };
    const { rows } = await object.logAfter(position);
    for (const row of rows) {
      copied.logs.push({ subject, ...row });
      copied.chars += row.entry.length;
    }
    position = rows.at(-1)?.position ?? end;
  }
  const profile = await object.profile();
  if (profile !== undefined) {
    copied.profiles.push({ subject, profile });
    copied.chars += JSON.stringify(profile).length;
  }
  return { after: subject, position: 0 };
}
