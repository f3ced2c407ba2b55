import { WAITING_MS_MAX } from "../../core/outbound/after-attempt.ts";
import type { Log } from "../log.ts";

/** Destinations looked at in one query, and in one run. */
const PAGE_MAX = 200;
const PAGES_MAX = 10;
/** Woken at once: an object answers in its own time. */
const AT_ONCE = 6;

/** Due for less than this, its object is most likely at it. */
const WAKE_AFTER_MS = 60_000;

/** How long a delivery that has ended can be read, and be tried again by a person. */
export const ENDED_KEPT_MS = 30 * 24 * 3_600_000;

/** Rows in one statement: D1 is one thread, and others wait behind it; statements in one run. */
export const FORGOTTEN_MAX = 500;
const SLICES_MAX = 20;

interface Name {
  readonly tenant: string;
  readonly destination: string;
}

/** Something is pending for it; what is due longest, since when, UTC ms. */
interface Waiting extends Name {
  readonly dueMs: number;
}

/** Where the next run goes on; from the beginning where there is no place. */
export interface OutboundWalk {
  readonly cursor?: Name;
}

export interface OutboundSweepPorts {
  /** Destinations behind this one that anything is pending for, by name. */
  readonly page: (after: Name, limit: number) => Promise<readonly Waiting[]>;
  /** Those of them that are sent nothing. */
  readonly paused: (names: readonly Name[]) => Promise<(name: Name) => boolean>;
  readonly wake: (name: Name) => Promise<void>;
  readonly load: () => Promise<OutboundWalk | undefined>;
  readonly save: (walk: OutboundWalk) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Wakes every destination that something has been due at for a minute: whoever was to do so may have
 * died, and an object may have lost its alarm. One that is gone finds what is pending, and cancels it.
 */
export async function sweepOutbound(ports: OutboundSweepPorts): Promise<void> {
  let { cursor } = (await ports.load()) ?? {};
  for (let n = 0; n < PAGES_MAX; n += 1) {
    const page = await ports.page(cursor ?? { tenant: "", destination: "" }, PAGE_MAX);
    await wakeOf(ports, page);
    const last = page.at(-1);
    cursor = page.length < PAGE_MAX ? undefined : last;
    if (cursor === undefined) break;
  }
  await ports.save(cursor === undefined ? {} : { cursor: nameOf(cursor) });
}

const nameOf = ({ tenant, destination }: Name): Name => ({ tenant, destination });

async function wakeOf(ports: OutboundSweepPorts, page: readonly Waiting[]): Promise<void> {
  const nowMs = ports.nowMs();
  const overdue = page.filter(({ dueMs }) => dueMs < nowMs - WAKE_AFTER_MS);
  if (overdue.length === 0) return;
  const isPaused = await ports.paused(overdue.map(nameOf));
  // What a paused one has waited for too long with is given up, and that its object does.
  const asleep = ({ dueMs, ...name }: Waiting) => isPaused(name) && dueMs >= nowMs - WAITING_MS_MAX;
  const names = overdue.filter((one) => !asleep(one)).map(nameOf);
  for (let i = 0; i < names.length; i += AT_ONCE) {
    await Promise.all(names.slice(i, i + AT_ONCE).map((name) => wakeOne(ports, name)));
  }
}

async function wakeOne({ wake, log }: OutboundSweepPorts, name: Name): Promise<void> {
  try {
    await wake(name);
  } catch (error) {
    // One that cannot be reached keeps no other one asleep; the next run finds it again.
    log("warn", "destination_not_woken", { ...name, error });
  }
}

/** Where the next run goes on: at this tenant, behind this delivery of it; else from the beginning. */
export interface ForgettingWalk {
  readonly tenant?: string;
  readonly after?: string;
}

export interface ForgettingPorts {
  /** The first tenant behind this one that has deliveries. */
  readonly next: (after: string) => Promise<string | undefined>;
  /** Forgets what ended before then of the next `limit` behind a delivery; `next`: where to look on. */
  readonly forget: (
    tenant: string,
    asked: { readonly beforeMs: number; readonly limit: number; readonly after: string },
  ) => Promise<{ readonly next?: string }>;
  readonly load: () => Promise<ForgettingWalk | undefined>;
  readonly save: (walk: ForgettingWalk) => Promise<void>;
  readonly nowMs: () => number;
}

/**
 * Forgets deliveries that ended a month ago, some slices a run: tenant after tenant, each row looked at
 * once in a walk. What cannot be forgotten yet is not looked at every minute.
 */
export async function forgetDeliveries(ports: ForgettingPorts): Promise<void> {
  const beforeMs = ports.nowMs() - ENDED_KEPT_MS;
  let walk = (await ports.load()) ?? {};
  for (let n = 0; n < SLICES_MAX; n += 1) {
    const { tenant, after = "" } = walk.after === undefined ? await nextOf(ports, walk) : walk;
    if (tenant === undefined) {
      walk = {};
      break;
    }
    const { next } = await ports.forget(tenant, { beforeMs, limit: FORGOTTEN_MAX, after });
    walk = next === undefined ? { tenant } : { tenant, after: next };
  }
  await ports.save(walk);
}

const nextOf = async (
  { next }: ForgettingPorts,
  { tenant = "" }: ForgettingWalk,
): Promise<ForgettingWalk> => {
  const following = await next(tenant);
  return following === undefined ? {} : { tenant: following };
};
