import type { Log } from "../log.ts";
import type { Message } from "../message.ts";
import type { Mirrored } from "../subject.ts";

/** Objects asked in one run: within an invocation's subrequests, and a minute's worth of time. */
export const SWEEP_SUBJECTS_MAX = 500;

/** Subjects remembered as lagging: more are found again by the next round. */
const LAGGING_MAX = 500;

export interface SweepPosition extends Mirrored {
  readonly tenant: string;
  readonly subject: string;
}

/** An object that was ahead of the mirror when the sweep asked it. */
export interface Lag {
  readonly tenant: string;
  readonly subject: string;
  /** Where its log ended: mirrored that far, it lags no more. */
  readonly position: number;
}

export interface SweepPorts {
  /** Positions in key order after the cursor; the cursor of the page after them, or none at the end. */
  readonly page: (
    cursor: string | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly SweepPosition[]; readonly next?: string }>;
  readonly head: (at: SweepPosition) => Promise<Mirrored>;
  /** Those of these that the mirror has still not caught up with. */
  readonly stillBehind: (lags: readonly Lag[]) => Promise<readonly Lag[]>;
  readonly send: (message: Message) => Promise<void>;
  readonly load: () => Promise<SweepState | undefined>;
  readonly save: (state: SweepState) => Promise<void>;
  readonly log: Log;
}

export interface SweepState {
  readonly cursor?: string;
  readonly lagging: readonly Lag[];
}

/**
 * Finds objects whose log is ahead of the mirror, and has them mirrored: the net below the
 * messages, for what died with one. Each run continues where the last one ended. What is on its way
 * just now is found too; it is harmless to ask for it again.
 */
export async function sweep(ports: SweepPorts): Promise<SweepState> {
  const before = (await ports.load()) ?? { lagging: [] };
  const { items, next } = await ports.page(before.cursor, SWEEP_SUBJECTS_MAX);
  const lagging = [...(await ports.stillBehind(before.lagging))];
  for (const at of items) {
    const lag = await lagOf(at, ports);
    if (lag !== undefined) lagging.push(lag);
  }
  const kept = { lagging: lagging.slice(-LAGGING_MAX) };
  const state: SweepState = next === undefined ? kept : { ...kept, cursor: next };
  await ports.save(state);
  return state;
}

async function lagOf(at: SweepPosition, ports: SweepPorts): Promise<Lag | undefined> {
  const { tenant, subject } = at;
  try {
    const { position, head } = await ports.head(at);
    if (position === at.position && head === at.head) return undefined;
    // Behind the mirror, or on another branch: the consumer's call finds the fork and freezes it.
    await ports.send({ kind: "subject", tenant, subject });
    return { tenant, subject, position };
  } catch (error) {
    ports.log("warn", "sweep_failed", { tenant, subject, error });
    return undefined;
  }
}
