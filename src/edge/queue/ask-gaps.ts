import { entryOf } from "../log-entry.ts";
import type { Log } from "../log.ts";
import type { GapMessage, Message as Sent } from "../message.ts";
import type { MirrorTail } from "../mirror.ts";
import type { Work } from "./work.ts";

export interface GapAskPorts {
  /** Has the slow lane do it: a core that does not answer keeps no live event waiting. */
  readonly sendSlow: (message: Sent) => Promise<void>;
  /** Asks the core for what these streams lack; throws nothing. */
  readonly askGaps: (gaps: readonly GapMessage[]) => Promise<void>;
  readonly log: Log;
}

/**
 * Has the core asked for every gap that an object's log reports as overdue: as soon as that is
 * mirrored, and not when cron comes by. What fails here is asked for by cron.
 */
export async function tellGaps(
  tails: readonly MirrorTail[],
  { sendSlow, log }: GapAskPorts,
): Promise<void> {
  const gaps = tails.flatMap(gapsIn);
  try {
    for (const gap of gaps) await sendSlow(gap);
  } catch (error) {
    log("warn", "gaps_not_told", {
      tenants: [...new Set(gaps.map(({ tenant }) => tenant))],
      error,
    });
  }
}

/**
 * Gaps that the tail leaves open: one that it closes again needs nobody. A row with an event says where
 * a gap ends by now: that one was asked for before, or is here as well.
 */
function gapsIn({ tenant, subject, rows }: MirrorTail): readonly GapMessage[] {
  const open = new Map<string, GapMessage>();
  for (const { event, effects } of rows.map(entryOf)) {
    for (const { source, epoch, from_seq: fromSeq, to_seq: toSeq, stage } of effects.gaps ?? []) {
      const name = JSON.stringify([source, epoch, fromSeq]);
      const isAsked = event === undefined || open.has(name);
      open.delete(name);
      if (stage === "closed" || !isAsked) continue;
      open.set(name, { kind: "gap", tenant, subject, source, epoch, fromSeq, toSeq });
    }
  }
  return [...open.values()];
}

/** Asks for the gaps that messages name, each once. */
export async function askGaps(
  works: readonly Work[],
  ports: Pick<GapAskPorts, "askGaps">,
): Promise<void> {
  const named = works.flatMap(({ message: { body } }) => (body.kind === "gap" ? [body] : []));
  const gaps = new Map(named.map((gap) => [JSON.stringify(gap), gap]));
  if (gaps.size > 0) await ports.askGaps([...gaps.values()]);
}
