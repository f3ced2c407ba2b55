import type { Answer, Fault, Poller } from "../../../pollers/poller.ts";
import { backoffMs, nextRoundMs } from "../../../pollers/schedule.ts";
import type { StreamSettings } from "../../../pollers/settings.ts";
import {
  askedOf,
  begin,
  type Cursor,
  giveUp,
  listOf,
  narrowed,
  newCursor,
  restart,
  type Round,
  type Walking,
} from "../../../pollers/cursor.ts";
import { take, type Taken } from "../../../pollers/walk.ts";
import { POLL_FAILURES_MAX } from "../../../core/operation/poll-alerts.ts";
import { type Asker, isAnswer, type Stop } from "./asking.ts";
import type { Polled, PollPorts, PollRow } from "./ports.ts";
import { BROKEN, counted, failedBy, reportOf, type Standing, type TakenStep } from "./standing.ts";

export interface Source {
  readonly polled: Polled;
  readonly poller: Poller;
  readonly asker: Asker;
  readonly leaseMs: number;
}

/** Where the source's other streams stand: to be gone on with, or to be left alone until then. */
export type After =
  | { readonly kind: "next" }
  | { readonly kind: "leave"; readonly untilMs: number };

const NEXT: After = { kind: "next" };

/** The stream's cursor as it was kept; a new one where its list is another by now. */
export function cursorOf({ settings }: Polled, stream: StreamSettings, row?: PollRow): Cursor {
  const of = listOf(settings, stream);
  const kept: Partial<Cursor> = JSON.parse(row?.cursor ?? "{}");
  return kept.of === of ? { ...newCursor(of), ...kept } : newCursor(of);
}

const overlapOf = (stream: StreamSettings, { overlapS }: Poller): number =>
  stream.overlap_s ?? overlapS;

/**
 * Goes on with a stream's round, page after page. A page's records are on the queue before its place
 * is kept, so that a crash in between tells them again and loses none.
 */
export async function pollStream(
  ports: PollPorts,
  source: Source,
  { stream, row }: { readonly stream: StreamSettings; readonly row: PollRow | undefined },
): Promise<After> {
  const { polled, leaseMs } = source;
  const name = { tenant: polled.tenant, source: polled.source, stream: stream.name };
  const walk: Walk = {
    name,
    stream,
    standing: {
      cursor: cursorOf(polled, stream, row),
      failures: row?.failures ?? 0,
      report: reportOf(row),
    },
    keep(now, nextMs) {
      walk.standing = now;
      return ports.save(name, { ...now, nextMs }, leaseMs);
    },
  };
  try {
    return await goOn(ports, source, walk);
  } catch (error) {
    // Of this stream alone: the source's others go on.
    ports.log("error", "poll_broken", { ...name, error });
    const nowMs = ports.nowMs();
    const failing = failedBy(walk.standing, BROKEN, nowMs);
    tellFault(ports, polled, {
      stream: stream.name,
      fault: BROKEN,
      failures: failing.failures,
    });
    await walk.keep(failing, nowMs + backoffMs(failing.failures));
    return NEXT;
  }
}

interface Walk {
  readonly name: { readonly tenant: string; readonly source: string; readonly stream: string };
  readonly stream: StreamSettings;
  standing: Standing;
  /** False where the source is held by another one by now. */
  readonly keep: (now: Standing, nextMs: number) => Promise<boolean>;
}

async function goOn(ports: PollPorts, source: Source, walk: Walk): Promise<After> {
  const { poller, asker } = source;
  const { stream, keep } = walk;
  const overlapS = overlapOf(stream, poller);
  for (;;) {
    const { standing } = walk;
    const cursor = begin(standing.cursor, { stream, overlapS }, ports.nowMs());
    const { round } = cursor;
    // Its time of day is another by now than when this turn was planned.
    if (round.dueMs !== null && round.dueMs > ports.nowMs()) {
      await keep(standing, round.dueMs);
      return NEXT;
    }
    const told = await asker.ask((base) => poller.ask(base, stream, askedOf(round)));
    const step = asker.quoted(stepOf(told, { cursor, stream, poller }));
    if (step.kind === "stop") {
      await keep({ ...standing, cursor }, ports.nowMs());
      return { kind: "leave", untilMs: step.untilMs };
    }
    const after =
      step.kind === "taken"
        ? await landed(ports, source, { walk, step, round })
        : await faulted(ports, source, { walk, fault: step, cursor });
    if (after !== undefined) return after;
  }
}

/** A page that was taken; nothing where the round goes on. */
async function landed(
  ports: PollPorts,
  { polled }: Source,
  { walk, step, round }: { readonly walk: Walk; readonly step: TakenStep; readonly round: Round },
): Promise<After | undefined> {
  const { name, stream, standing } = walk;
  const { versions, fault, stray, isEnd } = step;
  if (versions.length > 0) await ports.deliver(polled, { stream, versions, round });
  const nowMs = ports.nowMs();
  const at = { beganMs: round.beganMs, pages: round.pages + 1, nowMs };
  const now = counted(standing, step, at);
  const failing = stray ?? (isEnd ? fault : undefined);
  if (failing !== undefined) {
    tellFault(ports, polled, { stream: stream.name, fault: failing, failures: now.failures });
  }
  const nextMs =
    stray === undefined
      ? nextOf(step, { stream, beganMs: round.beganMs }, ports)
      : nowMs + backoffMs(now.failures);
  if (!(await walk.keep(now, nextMs))) return { kind: "leave", untilMs: ports.nowMs() };
  if (step.isShifting === true) ports.log("warn", "poll_shifting", { ...name });
  return isEnd || stray !== undefined ? NEXT : undefined;
}

/** A request that brought nothing; nothing where less is asked for at once. */
async function faulted(
  ports: PollPorts,
  { polled, poller }: Source,
  { walk, fault, cursor }: { readonly walk: Walk; readonly fault: Fault; readonly cursor: Walking },
): Promise<After | undefined> {
  const { stream, standing } = walk;
  const isTooLarge = fault.kind === "failed" && fault.code === "too_large";
  const less = isTooLarge ? narrowed(cursor, poller.pageSize?.(stream)) : undefined;
  const nowMs = ports.nowMs();
  if (less !== undefined) {
    const isKept = await walk.keep({ ...standing, cursor: less }, nowMs);
    return isKept ? undefined : { kind: "leave", untilMs: nowMs };
  }
  const again = isOfPlace(fault, cursor.round)
    ? (restart(cursor) ?? giveUp(cursor, { overlapS: overlapOf(stream, poller) }))
    : cursor;
  const failing = failedBy({ ...standing, cursor }, fault, nowMs);
  tellFault(ports, polled, { stream: stream.name, fault, failures: failing.failures });
  const untilMs = nowMs + pauseOf(fault, failing.failures);
  await walk.keep({ ...failing, cursor: again }, untilMs);
  return afterFault(fault, untilMs);
}

/** A place that is refused is given up: the round begins anew, as what it told is remembered. */
const isOfPlace = ({ kind }: Fault, { place }: Round): boolean =>
  kind === "expired" || (kind === "refused" && place !== null);

interface Told {
  readonly cursor: Walking;
  readonly stream: StreamSettings;
  readonly poller: Poller;
}

function stepOf(
  told: Answer | Fault | Stop,
  { cursor, stream, poller }: Told,
): TakenStep | Fault | Stop {
  if (!isAnswer(told)) return told;
  const page = poller.read(stream, askedOf(cursor.round), told);
  if (page.kind !== "page") return page;
  const terms = {
    stream,
    overlapS: overlapOf(stream, poller),
    isShifting: poller.isShifting?.(stream) === true,
    isInOrder: poller.isInOrder === true,
  };
  return { ...take(cursor, page, terms), records: page.items.length };
}

function nextOf(
  { isEnd, cursor }: Taken,
  { stream, beganMs }: { readonly stream: StreamSettings; readonly beganMs: number },
  { nowMs }: Pick<PollPorts, "nowMs">,
): number {
  // Under way, or asked for by a gap meanwhile.
  if (!isEnd || cursor.resync !== null) return nowMs();
  return nextRoundMs(stream, { beganMs, dueMs: cursor.doneMs, nowMs: nowMs() });
}

function pauseOf(fault: Fault, failures: number): number {
  if (fault.kind === "throttled" && fault.afterMs !== undefined) return fault.afterMs;
  return backoffMs(failures);
}

/** What is said of the credential or the account holds for all of the source's streams. */
const afterFault = ({ kind }: Fault, untilMs: number): After =>
  kind === "throttled" || kind === "unauthorized" ? { kind: "leave", untilMs } : NEXT;

export function tellFault(
  { log }: Pick<PollPorts, "log">,
  { tenant, source }: Pick<Polled, "tenant" | "source">,
  told: { readonly stream: string; readonly fault: Fault; readonly failures: number },
): void {
  const { stream, failures } = told;
  const { kind, detail } = told.fault;
  const fields = { tenant, source, stream, failures, kind, detail };
  if (failures > 0 && failures % POLL_FAILURES_MAX === 0)
    log("error", "poll_failing", { alert: true, ...fields });
  else log("warn", "poll_failed", fields);
}
