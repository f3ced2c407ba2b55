import { rosterKeys, rosterNames } from "../../archive/export-roster.ts";
import type { DeletionProgress } from "../../deletion.ts";
import { type Job, onwards, type Stepped, type TenantStorage } from "./ports.ts";

interface Place {
  readonly in: "events" | "roster";
  readonly after: string;
}

/**
 * Finds objects that the mirror does not know: events and the roster name them too. Those that have
 * a log are noted among the mirror's, which from then on has every name. A page a step.
 */
export async function findStrays(job: Job, then: string): Promise<Stepped> {
  const { storage, deletion } = job;
  const { progress } = deletion;
  const place: Place =
    progress.cursor === undefined ? { in: "events", after: "" } : JSON.parse(progress.cursor);
  if (place.in === "roster") return inRoster(job, place.after, then);
  const { names, next } = await storage.strays(place.after);
  await note(storage, names);
  const following: Place =
    next === undefined ? { in: "roster", after: "" } : { in: "events", after: next };
  return { progress: { ...progress, cursor: JSON.stringify(following) } };
}

async function inRoster({ storage, deletion }: Job, after: string, then: string): Promise<Stepped> {
  const { progress } = deletion;
  const { tenant } = deletion;
  const key = (await rosterKeys(storage.archive, tenant)).find((one) => one > after);
  if (key === undefined) return { progress: onwards(progress, undefined, then) };
  const names = await rosterNames(storage.archive, key);
  await note(storage, await storage.notMirrored(names));
  return { progress: goOn(progress, { in: "roster", after: key }) };
}

const goOn = (progress: DeletionProgress, place: Place): DeletionProgress => ({
  ...progress,
  cursor: JSON.stringify(place),
});

async function note(storage: TenantStorage, names: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const subject of names) {
    const { position } = await storage.object(subject).head();
    if (position > 0) found.push(subject);
  }
  if (found.length > 0) await storage.addSubjects(found);
}
