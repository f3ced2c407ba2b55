import type { Log } from "../log.ts";
import type { Mirroring, MirrorTail } from "../mirror.ts";

/** What D1 says of a row that is there already, though the fence had the tail begin before it. */
const IS_THERE = /UNIQUE constraint failed/i;

/** Subjects looked at in one batch: an object and some queries each. Others come with the next try. */
const RESTORED_MAX = 10;

interface Place {
  readonly tenant: string;
  readonly subject: string;
}

export interface RestorePorts {
  /** Gives a subject its row back that says how far it is mirrored, and puts its other rows right. */
  readonly restore: (place: Place) => Promise<void>;
  readonly log: Log;
}

/**
 * Whoever lost the row that says how far it is mirrored, or whose row was set back, has its log sent
 * again, and D1 refuses what it has already: tried again it would fail for ever. So the row is given
 * back, and the next try goes on from there.
 */
export async function restoreLost(
  tails: readonly MirrorTail[],
  { positions, errors }: Mirroring,
  ports: RestorePorts,
): Promise<void> {
  if (!errors.some((error) => IS_THERE.test(error))) return;
  const reached = new Map(positions.map((at) => [nameOf(at), at.position]));
  const behind = tails.filter((tail) => {
    const last = tail.rows.at(-1);
    return last !== undefined && (reached.get(nameOf(tail)) ?? -1) < last.position;
  });
  const places = new Map(behind.map((tail) => [nameOf(tail), tail]));
  for (const { tenant, subject } of [...places.values()].slice(0, RESTORED_MAX)) {
    try {
      await ports.restore({ tenant, subject });
    } catch (error) {
      ports.log("warn", "subject_not_restored", { tenant, subject, error });
    }
  }
}

const nameOf = ({ tenant, subject }: Place): string => JSON.stringify([tenant, subject]);
