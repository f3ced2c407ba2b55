import { formatInstant } from "../../core/contracts/instant.ts";
import {
  type CountedDay,
  DAY_MS,
  type EventOutcomes,
  type EventsCounted,
  type EventsToCount,
  eventIdsFrom,
  type QuotaMark,
} from "../event-count.ts";
import type { Log } from "../log.ts";

/** What is younger may still be on its way to the mirror; what takes longer is not counted. */
export const COUNT_AFTER_MS = 120_000;

interface TenantQuota {
  readonly tenant: string;
  readonly eventsPerDay?: number;
}

export interface EventQuotaPorts {
  /** A shard's tenants by name, those after `after`; none at the end. */
  readonly page: (after: string) => Promise<readonly TenantQuota[]>;
  readonly load: (tenants: readonly string[]) => Promise<ReadonlyMap<string, CountedDay>>;
  readonly count: (asked: readonly EventsToCount[]) => Promise<readonly EventsCounted[]>;
  readonly save: (counts: ReadonlyMap<string, CountedDay>) => Promise<void>;
  /** Tells ingest. */
  readonly mark: (tenant: string, mark: QuotaMark) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Counts the events that tenants have had today, each of them once, and tells ingest who has had as
 * many as it may. Nothing is written while events arrive.
 */
export async function countQuotas(ports: EventQuotaPorts): Promise<void> {
  let page = await ports.page("");
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    await countPage(ports, page);
    page = await ports.page(last.tenant);
  }
}

async function countPage(ports: EventQuotaPorts, page: readonly TenantQuota[]): Promise<void> {
  const untilMs = ports.nowMs() - COUNT_AFTER_MS;
  const known = await ports.load(page.map(({ tenant }) => tenant));
  const days = new Map(page.map(({ tenant }) => [tenant, dayAt(untilMs, known.get(tenant))]));
  const asked = [...days].map(([tenant, day]) => {
    return { tenant, after: day.after, until: eventIdsFrom(Math.min(untilMs, endOf(day))) };
  });
  const changed = new Map<string, CountedDay>();
  for (const counted of await ports.count(asked)) {
    const before = days.get(counted.tenant);
    if (before === undefined) continue;
    const day = further(before, counted, Math.min(untilMs, endOf(before)));
    if (counted.rows === 0 && !isOver(day)) continue;
    days.set(counted.tenant, day);
    changed.set(counted.tenant, day);
  }
  // Before anybody is told: a count that is lost is made again, a mark is only told again.
  if (changed.size > 0) await ports.save(changed);
  await tell(ports, page, days);
}

/** A day with what was counted of it up to then; or up to where it stopped, as there is more. */
function further(
  before: CountedDay,
  { events, outcomes, stoppedAt }: EventsCounted,
  untilMs: number,
): CountedDay {
  return {
    ...before,
    events: before.events + events,
    outcomes: addOutcomes(before.outcomes ?? {}, outcomes),
    after: stoppedAt ?? eventIdsFrom(untilMs),
    countedUntilMs: stoppedAt === undefined ? untilMs : before.countedUntilMs,
  };
}

function addOutcomes(before: EventOutcomes, more: EventOutcomes): EventOutcomes {
  const names = new Set([...Object.keys(before), ...Object.keys(more)]);
  return Object.fromEntries([...names].map((of) => [of, (before[of] ?? 0) + (more[of] ?? 0)]));
}

async function tell(
  ports: EventQuotaPorts,
  page: readonly TenantQuota[],
  days: ReadonlyMap<string, CountedDay>,
): Promise<void> {
  const told = new Map<string, CountedDay>();
  for (const { tenant, eventsPerDay = Infinity } of page) {
    const day = days.get(tenant);
    // A quota that was raised since then is reached anew; that of a day that has ended binds nobody.
    if (day === undefined || day.events < eventsPerDay || endOf(day) <= ports.nowMs()) continue;
    if ((day.toldEvents ?? 0) >= eventsPerDay) continue;
    const { events } = day;
    await ports.mark(tenant, { untilMs: endOf(day), events });
    ports.log("warn", "quota.reached", { tenant, day: day.day, events, limit: eventsPerDay });
    told.set(tenant, { ...day, toldEvents: events, toldMs: ports.nowMs() });
  }
  if (told.size > 0) await ports.save(told);
}

const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const endOf = ({ day }: CountedDay): number => startOf(day) + DAY_MS;
const isOver = (day: CountedDay): boolean => day.countedUntilMs >= endOf(day);

/** The count of a day so far. A new day begins with nothing, a run after the old one was counted to its end. */
function dayAt(atMs: number, known: CountedDay | undefined): CountedDay {
  const day = formatInstant(atMs).slice(0, "yyyy-mm-dd".length);
  if (known !== undefined && (known.day === day || !isOver(known))) return known;
  return { day, events: 0, after: eventIdsFrom(startOf(day)), countedUntilMs: startOf(day) };
}
