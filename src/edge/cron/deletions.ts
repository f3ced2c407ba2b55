import type { Deletion } from "../deletion.ts";
import { EXPORT_STEPS } from "./deletion/export.ts";
import { at, type DeletionsPorts, KNOWN_MS, type Step } from "./deletion/ports.ts";
import { PURGE_BEGINS, PURGE_STEPS } from "./deletion/purge.ts";

/** Deletions looked at in one run, and their steps together: some thousand subrequests. */
const DELETIONS_MAX = 20;
const STEPS_MAX = 40;

const STEPS: Readonly<Record<string, Step>> = { ...EXPORT_STEPS, ...PURGE_STEPS };

/**
 * Takes every open deletion some steps further. Each step is saved before the next one begins, and
 * comes to the same when it is done twice: a crash costs the step that it falls into.
 */
export async function runDeletions(ports: DeletionsPorts): Promise<void> {
  let steps = STEPS_MAX;
  for (const found of await ports.open(DELETIONS_MAX)) {
    if (steps <= 0) return;
    if (isWaitingForPerson(found)) continue;
    const claimed = await ports.claim(found, ports.nowMs());
    if (claimed !== undefined) steps = await goOn(claimed, steps, ports);
  }
}

const isWaitingForPerson = ({ state, progress }: Deletion): boolean =>
  state === "exported" && !progress.skip_export && progress.confirmed === undefined;

/** Does steps until one has to wait, and lets go. Answers how many steps are left. */
async function goOn(claimed: Deletion, steps: number, ports: DeletionsPorts): Promise<number> {
  let deletion = claimed;
  let left = steps;
  try {
    while (left > 0) {
      const next = await takeStep(deletion, ports);
      if (next === "lost") return left;
      if (next === undefined) break;
      deletion = next;
      left -= 1;
      if (deletion.state === "purged" || isWaitingForPerson(deletion)) break;
    }
  } catch (error) {
    const { tenant, deletionId, progress } = deletion;
    const { step } = progress;
    ports.log("error", "deletion_failed", { tenant, deletion: deletionId, step, error });
  }
  await ports.release(deletion);
  return left;
}

/** The deletion after its next step; nothing where that has to wait. */
async function takeStep(
  deletion: Deletion,
  ports: DeletionsPorts,
): Promise<Deletion | "lost" | undefined> {
  const nowMs = ports.nowMs();
  if (deletion.state === "exported") return beginPurge(deletion, ports);
  const step = STEPS[deletion.progress.step];
  if (step === undefined) throw new Error(`Cannot take step "${deletion.progress.step}"`);
  const stepped = await step({ deletion, storage: ports.storageOf(deletion), nowMs });
  if (stepped === undefined) return undefined;
  if (!(await ports.save(deletion, stepped))) return "lost";
  const after = { ...deletion, ...stepped };
  if (after.state === "purged") {
    const { tenant, deletionId } = deletion;
    ports.log("info", "tenant_purged", { tenant, deletion: deletionId });
  }
  return after;
}

/** A person has the export, or wanted none; but not before everybody knows that it is closed. */
async function beginPurge(
  deletion: Deletion,
  ports: DeletionsPorts,
): Promise<Deletion | "lost" | undefined> {
  const { progress, requestedMs } = deletion;
  const nowMs = ports.nowMs();
  if (isWaitingForPerson(deletion) || nowMs < requestedMs + KNOWN_MS) return undefined;
  const begun = { ...at(progress, PURGE_BEGINS), purging_ms: nowMs };
  const purging = await ports.beginPurge(deletion, begun, { actor: "cron", nowMs });
  return purging ?? "lost";
}
