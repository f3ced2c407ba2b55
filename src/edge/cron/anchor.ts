import { formatInstant } from "../../core/contracts/instant.ts";
import { partRoster, type RosterHead, type RosterPart } from "../archive/roster.ts";
import type { Log } from "../log.ts";

/** Heads in one page: as JSON well below the 2 MB of one D1 parameter, even with the longest keys. */
export const ANCHOR_HEADS_MAX = 2000;
/** Pages in one run: a minute's worth of time, and 20 000 subjects. */
const PAGES_MAX = 10;
/** Puts after which a run ends: a page of many small companies is a put for each of them. */
const PUTS_MAX = 500;

/** One walk over every head of a shard. A walk takes several runs where there are many. */
export interface AnchorWalk {
  /** The UTC day on which it began: what its anchors and its roster are filed under. */
  readonly day: string;
  readonly cursor?: string;
  /** How many pages it has written; the next one is the roster part of this number. */
  readonly pages: number;
  readonly isDone: boolean;
}

export interface AnchorPorts {
  /** Mirrored heads in key order after the cursor; the cursor of the page behind, or none at the end. */
  readonly page: (
    cursor: string | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly RosterHead[]; readonly next?: string }>;
  readonly putRoster: (part: RosterPart) => Promise<void>;
  /** Keeps those of these heads that moved since their subject's last anchor. */
  readonly anchor: (day: string, heads: readonly RosterHead[]) => Promise<void>;
  readonly load: () => Promise<AnchorWalk | undefined>;
  readonly save: (walk: AnchorWalk) => Promise<void>;
  readonly log: Log;
  readonly nowMs: () => number;
}

/**
 * The walk to go on with: the unfinished one, whatever day it is by now, else one for today. None
 * where today's is done; nor where the clock stands before the last one.
 */
export function walkAt(last: AnchorWalk | undefined, nowMs: number): AnchorWalk | undefined {
  if (last !== undefined && !last.isDone) return last;
  const today = formatInstant(nowMs).slice(0, "yyyy-mm-dd".length);
  if (last !== undefined && last.day >= today) return undefined;
  return { day: today, pages: 0, isDone: false };
}

/**
 * Once a UTC day: anchors every head that moved, so that a log rewritten as a whole still differs
 * from what D1 held of it, and files all names in the archive, from which a lost mirror is rebuilt.
 * A page is written before the walk goes past it; written again, it says the same.
 */
export async function anchorHeads(ports: AnchorPorts): Promise<void> {
  let walk = walkAt(await ports.load(), ports.nowMs());
  let puts = 0;
  for (let page = 0; page < PAGES_MAX && puts < PUTS_MAX; page += 1) {
    if (walk === undefined || walk.isDone) return;
    const { items, next } = await ports.page(walk.cursor, ANCHOR_HEADS_MAX);
    const parts = partRoster(items, { day: walk.day, page: walk.pages });
    for (const part of parts) await ports.putRoster(part);
    if (items.length > 0) await ports.anchor(walk.day, items);
    puts += parts.length;
    walk = {
      day: walk.day,
      pages: walk.pages + 1,
      ...(next === undefined ? { isDone: true } : { cursor: next, isDone: false }),
    };
    await ports.save(walk);
    if (walk.isDone) ports.log("info", "heads_anchored", { day: walk.day, pages: walk.pages });
  }
}
