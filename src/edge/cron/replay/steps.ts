import {
  addAfter,
  addPage,
  type Played,
  type ReplayReport,
} from "../../../core/operation/replay-report.ts";
import { eventIdsFrom } from "../../event-count.ts";
import type { IndexedEvent, IndexPage, ReplayCursor } from "../../replay.ts";
import { type Playing, playIndexed, standingsOf } from "./indexed.ts";
import { playLost } from "./lost.ts";
import { bytesOf, joined, type Page } from "./page.ts";
import type { ReplayPorts } from "./ports.ts";

const HOUR_MS = 3_600_000;
/** How much later than they came deliveries are looked for in the archive that no index has. */
export const CONSUMED_LATE_MS = 24 * HOUR_MS;
/** Archived so shortly before the replay began, it may just be on its way into the index. */
export const ON_ITS_WAY_MS = 10 * 60_000;
/** Batches that are read in one step. */
const BATCHES_AT_ONCE = 10;
/** Deliveries that were lost and are in memory at once: one batch more, at most. */
const LOST_MAX = 100;
/** Deliveries whose events a page can have cut apart. */
const COUNTED_MAX = 200;
/** What was sent is worked off when the queue is empty, and a while has passed; or is not waited for. */
export const SETTLE_MS = 60_000;
export const SETTLE_MS_MAX = 15 * 60_000;

export interface ReplayRun extends Playing {
  readonly startedMs: number;
}

export interface Step {
  /** `wait`: nothing to do before the next minute. */
  readonly kind: "more" | "wait" | "done";
  readonly cursor: ReplayCursor;
  readonly report: ReplayReport;
  /** What went onto the queue, or would have; objects that were read, where they were more. */
  readonly messages: number;
  readonly events: number;
}

interface At {
  readonly cursor: ReplayCursor;
  readonly report: ReplayReport;
}

/** One step of a replay. Done again after a crash, it sends the same once more: nothing comes of that. */
export function stepReplay(run: ReplayRun, at: At, ports: ReplayPorts): Promise<Step> {
  switch (at.cursor.phase) {
    case "events":
      return stepEvents(run, at, ports);
    case "archive":
      return stepArchive(run, at, ports);
    case "settling":
      return settle(at, ports);
    case "outcomes":
      return stepOutcomes(run, at, ports);
  }
}

async function stepEvents(run: ReplayRun, at: At, ports: ReplayPorts): Promise<Step> {
  const { events, next } = await eventsOf(run, at, ports);
  const page = await playIndexed(run, events, ports);
  const { ids } = run.asked;
  const found = new Set(events.map(({ eventId }) => eventId));
  const missing = ids && [...new Set(ids)].filter((id) => !found.has(id));
  const cursor: ReplayCursor =
    next === undefined
      ? { phase: "archive", ...(missing === undefined ? {} : { missing }) }
      : { phase: "events", after: next };
  return play(run, { at, page, cursor }, ports);
}

/**
 * What came into the index when the replay had begun, by the live queue, is none of it: before and after
 * are counts of the same events. What a replay itself brings there was archived before.
 */
async function eventsOf(run: ReplayRun, { cursor }: At, ports: ReplayPorts): Promise<IndexPage> {
  const page = await ports.events(run, cursor.after);
  const begun = eventIdsFrom(run.startedMs).slice("evt_".length);
  const isOfIt = ({ recordedMs, archive }: IndexedEvent): boolean =>
    recordedMs <= run.startedMs ||
    archive === "" ||
    (archive !== null && archive.slice(archive.lastIndexOf("/") + 1) < begun);
  return { ...page, events: page.events.filter(isOfIt) };
}

/** Of what was archived while the span's deliveries came in, or somewhat later. */
async function stepArchive(run: ReplayRun, at: At, ports: ReplayPorts): Promise<Step> {
  const { tenant, asked, startedMs } = run;
  const { missing, after } = at.cursor;
  const untilMs = Math.min(asked.toMs + CONSUMED_LATE_MS, startedMs - ON_ITS_WAY_MS);
  if (untilMs <= asked.fromMs || missing?.length === 0) return afterwards(run, at, ports);
  const span = { tenant, fromMs: asked.fromMs, untilMs };
  const { keys, next } = await ports.rawKeys(span, { after, limit: BATCHES_AT_ONCE });
  const { page, stoppedAt } = await playBatches(run, { keys, missing }, ports);
  const onward = stoppedAt ?? next;
  const met = new Set(page.played.map(({ event }) => event.event_id));
  const cursor: ReplayCursor = {
    phase: "archive",
    ...(missing === undefined ? {} : { missing: missing.filter((id) => !met.has(id)) }),
    ...(onward === undefined ? {} : { after: onward }),
  };
  const step = await play(run, { at, page, cursor }, ports);
  if (onward !== undefined) return step;
  const end = await afterwards(run, step, ports);
  return { ...end, messages: step.messages, events: step.events };
}

type Missing = ReplayCursor["missing"] | undefined;

/** One batch after the other, as each can be some megabytes; until enough of what was lost is found. */
async function playBatches(
  run: ReplayRun,
  { keys, missing }: { readonly keys: readonly string[]; readonly missing: Missing },
  ports: ReplayPorts,
): Promise<{ readonly page: Page; readonly stoppedAt?: string }> {
  const sought = missing === undefined ? run : { ...run, asked: { ...run.asked, ids: missing } };
  const pages: Page[] = [];
  let messages = 0;
  for (const key of keys) {
    const page = await playLost(sought, key, ports);
    pages.push(page);
    messages += page.messages.length;
    if (messages >= LOST_MAX) return { page: joined(pages), stoppedAt: key };
  }
  return { page: joined(pages) };
}

/** Of what was asked for by name, what is nowhere. */
function notFound({ cursor: { missing = [] }, report }: At): ReplayReport {
  const played = missing.map((id): Played => ({
    event: { event_id: id, source: null, delivery_id: null, type: null },
    standing: undefined,
    isDecidedAnew: false,
    skipped: "not_found",
  }));
  return addPage(report, { played, deliveries: 0, bytes: 0 });
}

interface Given {
  readonly at: At;
  readonly page: Page;
  readonly cursor: ReplayCursor;
}

/** Sends a page, unless nothing is to be sent, and counts it. */
async function play(
  { asked }: ReplayRun,
  { at, page, cursor }: Given,
  ports: ReplayPorts,
): Promise<Step> {
  const { messages, played, deliveries, reads } = page;
  if (!asked.isDry && messages.length > 0) await ports.send(messages);
  const counted = new Set(at.cursor.counted);
  const report = addPage(at.report, {
    played,
    deliveries: [...deliveries].filter((id) => !counted.has(id)).length,
    bytes: messages.reduce((sum, message) => sum + bytesOf(message), 0),
  });
  const last = [...deliveries].slice(-COUNTED_MAX);
  const events = played.filter(({ skipped }) => skipped === undefined).length;
  return {
    kind: "more",
    cursor: { ...cursor, counted: last },
    report,
    messages: Math.max(messages.length, reads),
    events,
  };
}

/** All is sent: of a dry one nothing comes. */
async function afterwards({ asked }: ReplayRun, at: At, { nowMs }: ReplayPorts): Promise<Step> {
  const report = notFound(at);
  const nothing = { report, messages: 0, events: 0 };
  if (asked.isDry) return { ...nothing, kind: "done", cursor: at.cursor };
  if (report.events.sent === 0) return { ...nothing, kind: "more", cursor: { phase: "outcomes" } };
  return { ...nothing, kind: "more", cursor: { phase: "settling", sentMs: nowMs() } };
}

async function settle({ cursor, report }: At, { backlog, nowMs }: ReplayPorts): Promise<Step> {
  const nothing = { report, messages: 0, events: 0 };
  const ageMs = nowMs() - (cursor.sentMs ?? 0);
  const isSettled = ageMs >= SETTLE_MS_MAX || (ageMs >= SETTLE_MS && (await backlog()) === 0);
  return isSettled
    ? { ...nothing, kind: "more", cursor: { phase: "outcomes" } }
    : { ...nothing, kind: "wait", cursor };
}

async function stepOutcomes(run: ReplayRun, at: At, ports: ReplayPorts): Promise<Step> {
  const { events, next } = await eventsOf(run, at, ports);
  const standings = await standingsOf(run, events, ports);
  const report = addAfter(at.report, standings, ports.nowMs());
  const nothing = { report, messages: 0, events: 0 };
  return next === undefined
    ? { ...nothing, kind: "done", cursor: at.cursor }
    : { ...nothing, kind: "more", cursor: { phase: "outcomes", after: next } };
}
