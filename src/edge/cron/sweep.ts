import type { Log } from "../log.ts";
import type { Message } from "../message.ts";
import type { Mirrored } from "../subject.ts";

/** Objects asked in one run: within an invocation's subrequests, and a minute's worth of time. */
export const SWEEP_SUBJECTS_MAX = 500;

export interface SweepPosition extends Mirrored {
  readonly tenant: string;
  readonly subject: string;
}

export interface SweepPorts {
  /** Positions in key order after the cursor; the cursor of the page after them, or none at the end. */
  readonly page: (
    cursor: string | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly SweepPosition[]; readonly next?: string }>;
  readonly head: (at: SweepPosition) => Promise<Mirrored>;
  readonly send: (message: Message) => Promise<void>;
  readonly load: () => Promise<SweepState | undefined>;
  readonly save: (state: SweepState) => Promise<void>;
  readonly log: Log;
}

export interface SweepState {
  readonly cursor?: string;
  /** Objects ahead of the mirror that the current round has found so far. */
  readonly lagging: number;
  /** Those of the last whole round. */
  readonly lastRound: number;
}

/**
 * Finds objects whose log is ahead of the mirror, and has them mirrored: the net below the
 * messages, for what died with one. Each run continues where the last one ended.
 */
export async function sweep(ports: SweepPorts): Promise<SweepState> {
  const before = (await ports.load()) ?? { lagging: 0, lastRound: 0 };
  const { items, next } = await ports.page(before.cursor, SWEEP_SUBJECTS_MAX);
  let found = 0;
  for (const at of items) {
    if (await isLagging(at, ports)) found += 1;
  }
  const lagging = before.lagging + found;
  const state: SweepState =
    next === undefined
      ? { lagging: 0, lastRound: lagging }
      : { cursor: next, lagging, lastRound: before.lastRound };
  await ports.save(state);
  return state;
}

async function isLagging(at: SweepPosition, ports: SweepPorts): Promise<boolean> {
  const { tenant, subject } = at;
  try {
    const { position, head } = await ports.head(at);
    if (position === at.position && head === at.head) return false;
    // Behind the mirror, or on another branch: the consumer's call finds the fork and freezes it.
    await ports.send({ kind: "subject", tenant, subject });
    return true;
  } catch (error) {
    ports.log("warn", "sweep_failed", { tenant, subject, error });
    return false;
  }
}
