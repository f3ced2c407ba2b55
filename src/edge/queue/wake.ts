import type { Entry } from "../../core/subject/entry.ts";
import { entryOf } from "../log-entry.ts";
import type { Log } from "../log.ts";
import type { Message as Sent } from "../message.ts";
import type { MirrorTail } from "../mirror.ts";
import type { Work } from "./work.ts";

export interface WakePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  /** Messages for parked events that need one of these, and whose need is met by now. */
  readonly waitingFor: (
    needs: readonly { readonly tenant: string; readonly alias: string }[],
  ) => Promise<readonly Sent[]>;
  readonly log: Log;
}

interface Mirrored {
  readonly works: readonly Work[];
  readonly tails: readonly MirrorTail[];
}

/**
 * Sends parked events again whose need this batch has met, or somebody else while it was parking
 * them. What fails here is found by cron: nothing is lost with it.
 */
export async function wake(batch: Mirrored, { send, waitingFor, log }: WakePorts): Promise<void> {
  const needs = needsOf(batch);
  if (needs.length === 0) return;
  try {
    for (const message of await waitingFor(needs)) await send(message, 0);
  } catch (error) {
    const tenants = [...new Set(needs.map(({ tenant }) => tenant))];
    log("warn", "not_woken", { tenants, error });
  }
}

function needsOf({ works, tails }: Mirrored) {
  const needs = new Map<string, { tenant: string; alias: string }>();
  const add = (tenant: string, alias: string) =>
    needs.set(JSON.stringify([tenant, alias]), { tenant, alias });
  for (const { tasks } of works) {
    for (const { route } of tasks) {
      if (route.kind !== "loose") continue;
      const { tenant, held } = route.event;
      if (held?.needs !== undefined) add(tenant, held.needs);
    }
  }
  for (const { tenant, rows } of tails) {
    for (const row of rows) {
      for (const name of namesIn(entryOf(row))) add(tenant, name);
    }
  }
  return [...needs.values()];
}

/** Names that a row made known, and what it was parked for: somebody may have told it meanwhile. */
const namesIn = ({ effects, needs }: Entry): readonly string[] => [
  ...(needs === undefined ? [] : [needs]),
  ...(effects.aliases ?? []),
  ...(effects.edges ?? []).map(({ node }) => `node:${node}`),
];
