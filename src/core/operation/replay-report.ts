import type { ReplaySkip } from "./replay.ts";

/** Names of one kind in a report: a product that invents types does not make it long. */
const NAMES_MAX = 100;
const EXAMPLES_MAX = 10;
/** What stands for the names beyond. */
export const OTHERS = "(others)";

type Counts = Readonly<Record<string, number>>;

/** An event that a report names. */
export interface ReplayExample {
  readonly event_id: string;
  readonly source: string | null;
  readonly delivery_id: string | null;
}

interface Named {
  readonly events: number;
  readonly examples: readonly ReplayExample[];
}

/** What a replay found and sent; of a dry one what it would have sent. */
export interface ReplayReport {
  /** Deliveries of which something was sent. */
  readonly deliveries: number;
  readonly events: {
    readonly found: number;
    readonly sent: number;
    readonly skipped: number;
    /** Of those found, how many the archive has and the index has not. */
    readonly lost: number;
  };
  /** Of the messages as the queue takes them, and of bodies that lie in the archive. */
  readonly bytes: number;
  /** What was found, by how it stood then. */
  readonly before: Counts;
  /** The same events, by how they stood when the sent ones had been worked off. */
  readonly after: Counts | null;
  readonly counted_ms: number | null;
  /** What was sent. */
  readonly sources: Counts;
  readonly types: Counts;
  /** What was sent and can end otherwise than it did. */
  readonly decided_anew: Named;
  readonly skipped: Readonly<Partial<Record<ReplaySkip, Named>>>;
  /** Why it failed, or what last kept it from going on. */
  readonly error?: string;
}

const NOTHING: Named = { events: 0, examples: [] };

export const NO_REPLAY_REPORT: ReplayReport = {
  deliveries: 0,
  events: { found: 0, sent: 0, skipped: 0, lost: 0 },
  bytes: 0,
  before: {},
  after: null,
  counted_ms: null,
  sources: {},
  types: {},
  decided_anew: NOTHING,
  skipped: {},
};

/** How an event stood that no index had. */
export const LOST = "lost";

/** What became of one event of a page. */
export interface Played {
  readonly event: ReplayExample & { readonly type: string | null };
  /** `lost`, where no index had it; undefined where it was not found at all. */
  readonly standing: string | undefined;
  readonly isDecidedAnew: boolean;
  /** Absent where it was sent. */
  readonly skipped?: ReplaySkip;
}

/** Adds a page to a report. */
export function addPage(
  report: ReplayReport,
  page: {
    readonly played: readonly Played[];
    readonly deliveries: number;
    readonly bytes: number;
  },
): ReplayReport {
  const { played } = page;
  const sent = played.filter(({ skipped }) => skipped === undefined);
  const found = played.flatMap(({ standing }) => standing ?? []);
  const { events } = report;
  return {
    ...report,
    deliveries: report.deliveries + page.deliveries,
    events: {
      found: events.found + found.length,
      sent: events.sent + sent.length,
      skipped: events.skipped + played.length - sent.length,
      lost: events.lost + found.filter((standing) => standing === LOST).length,
    },
    bytes: report.bytes + page.bytes,
    before: count(report.before, found),
    sources: count(
      report.sources,
      sent.map(({ event }) => event.source ?? ""),
    ),
    types: count(
      report.types,
      sent.map(({ event }) => event.type ?? "unknown"),
    ),
    decided_anew: name(
      report.decided_anew,
      sent.filter((one) => one.isDecidedAnew),
    ),
    skipped: addSkipped(report.skipped, played),
  };
}

/** Adds how a page of the same events stands afterwards. */
export const addAfter = (
  report: ReplayReport,
  standings: readonly string[],
  nowMs: number,
): ReplayReport => ({
  ...report,
  after: count(report.after ?? {}, standings),
  counted_ms: nowMs,
});

function addSkipped(
  before: ReplayReport["skipped"],
  played: readonly Played[],
): ReplayReport["skipped"] {
  const skipped = { ...before };
  for (const [reason, some] of Map.groupBy(played, (one) => one.skipped)) {
    if (reason !== undefined) skipped[reason] = name(skipped[reason] ?? NOTHING, some);
  }
  return skipped;
}

function name({ events, examples }: Named, more: readonly Played[]): Named {
  const room = EXAMPLES_MAX - examples.length;
  const shown = more
    .slice(0, room)
    .map(({ event: { event_id, source, delivery_id } }) => ({ event_id, source, delivery_id }));
  return { events: events + more.length, examples: [...examples, ...shown] };
}

function count(before: Counts, names: readonly string[]): Counts {
  // A product can call a type after a member of every object.
  const counts = new Map(Object.entries(before));
  for (const one of names) {
    const at = counts.has(one) || counts.size < NAMES_MAX ? one : OTHERS;
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
