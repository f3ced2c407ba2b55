import { POLLERS } from "../../../pollers/index.ts";
import { backoffMs, longestMs, NEVER_MS } from "../../../pollers/schedule.ts";
import type { StreamSettings } from "../../../pollers/settings.ts";
import { createAsker, type SourceState } from "./asking.ts";
import type { Fault } from "../../../pollers/poller.ts";
import { type Broken, hydrate } from "./hydrate.ts";
import type { Configured, Polled, PollPorts, PollRow, SourceName, StreamName } from "./ports.ts";
import { BROKEN, errorOf, type PollError } from "./standing.ts";
import { type After, pollStream, type Source, tellFault } from "./stream.ts";

/** One call of the job. */
const CALL_MS = 20_000;
/** Answers of 8 MB, read, are several times that in memory: an isolate has 128 MB. */
const SOURCES_AT_ONCE = 2;
const SOURCES_MAX = 40;
/** Longer than a call and the request that it waits for last: then nobody is at it any more. */
const LEASE_MS = 120_000;
/** What looking up is called beside the streams. */
const HYDRATION = "hydration";
/** The row of a source itself: no stream is called so. */
export const SOURCE_ROW = "@source";

interface Due extends SourceName {
  readonly rows: ReadonlyMap<string, PollRow>;
  readonly sinceMs: number;
}

/**
 * Asks the products of a shard's sources for what has changed, and looks up what thin events name.
 * Bounded in time, requests and bytes; a round that does not end goes on with the next call. No
 * source is asked by two at once.
 */
export async function pollShard(ports: PollPorts): Promise<void> {
  const untilMs = ports.nowMs() + CALL_MS;
  const sources = await ports.sources();
  await forgetGone(ports, sources);
  const active = sources.filter(({ isPaused }) => !isPaused);
  const due = await dueOf(ports, active);
  for (let at = 0; at < due.length && ports.nowMs() < untilMs; at += SOURCES_AT_ONCE) {
    const some = due.slice(at, at + SOURCES_AT_ONCE);
    await Promise.all(some.map((one) => pollSafely(ports, one, untilMs)));
  }
}

const keyOf = ({ tenant, source }: SourceName): string => `${tenant}/${source}`;

/** Sources and streams that nobody asks for any more: what failed of them is no matter now. */
async function forgetGone(ports: PollPorts, sources: readonly Configured[]): Promise<void> {
  const polled = new Map(
    sources.map((one) => [keyOf(one), new Set(one.streams.map(({ name }) => name))]),
  );
  const isGone = (name: StreamName) => {
    const streams = polled.get(keyOf(name));
    return streams === undefined || (name.stream !== SOURCE_ROW && !streams.has(name.stream));
  };
  await ports.forget((await ports.known()).filter(isGone));
}

/** Sources that have something to do, who waits longest first. */
async function dueOf(ports: PollPorts, sources: readonly Configured[]): Promise<readonly Due[]> {
  if (sources.length === 0) return [];
  const tenants = [...new Set(sources.map(({ tenant }) => tenant))];
  const rows = Map.groupBy(await ports.rows(tenants), keyOf);
  const waiting = new Set((await ports.awaiting(tenants)).map(keyOf));
  const nowMs = ports.nowMs();
  const due = sources.flatMap(({ tenant, source, streams }): Due[] => {
    const key = keyOf({ tenant, source });
    const own = new Map((rows.get(key) ?? []).map((row) => [row.stream, row]));
    const self = own.get(SOURCE_ROW);
    const isLeft = self !== undefined && Math.max(self.nextMs, self.leaseMs) > nowMs;
    const sinceMs = Math.min(...streams.map((stream) => turnOf(stream, own, nowMs)), NEVER_MS);
    if (isLeft || (sinceMs > nowMs && !waiting.has(key))) return [];
    return [{ tenant, source, rows: own, sinceMs: Math.min(sinceMs, nowMs) }];
  });
  return due.toSorted((a, b) => a.sinceMs - b.sinceMs).slice(0, SOURCES_MAX);
}

/**
 * When a stream has its turn: at once, where it never had one, unless it only says what is looked
 * up; and where its settings say by now that it would have had one long ago.
 */
function turnOf(
  stream: Configured["streams"][number],
  rows: ReadonlyMap<string, PollRow>,
  nowMs: number,
): number {
  const row = rows.get(stream.name);
  if (row === undefined) return stream.every === "never" ? NEVER_MS : 0;
  const isOfBefore = row.failures === 0 && row.nextMs > nowMs + longestMs(stream);
  return isOfBefore ? 0 : row.nextMs;
}

async function pollSafely(ports: PollPorts, due: Due, untilMs: number): Promise<void> {
  const { tenant, source } = due;
  const leaseMs = ports.nowMs() + LEASE_MS;
  try {
    if (!(await ports.lease(due, { nowMs: ports.nowMs(), untilMs: leaseMs }))) return;
    // What another one has done since they were read counts.
    const rows = await rowsOf(ports, due);
    await pollSource(ports, { ...due, rows }, { untilMs, leaseMs });
  } catch (error) {
    ports.log("error", "poll_broken", { tenant, source, error });
    await giveBack(ports, due, leaseMs);
  }
}

/** Keeps that nothing could be done; where not even that can be, the lease ends by itself. */
async function giveBack(ports: PollPorts, due: Due, leaseMs: number): Promise<void> {
  const self = due.rows.get(SOURCE_ROW);
  const cursor: SourceState = JSON.parse(self?.cursor ?? "{}");
  const { report, ...end } = failing(ports, standingOf(self), { fault: BROKEN });
  try {
    await ports.release(due, { ...end, cursor, report }, leaseMs);
  } catch (error) {
    ports.log("warn", "poll_not_released", { tenant: due.tenant, source: due.source, error });
  }
}

async function rowsOf(ports: PollPorts, { tenant, source }: SourceName) {
  const rows = (await ports.rows([tenant])).filter((row) => row.source === source);
  return new Map(rows.map((row) => [row.stream, row]));
}

interface Call {
  readonly untilMs: number;
  readonly leaseMs: number;
}

/** How a source's own row stands: looking up, and whatever is no stream's. */
interface Standing {
  readonly failures: number;
  readonly error: PollError | null;
}

function standingOf(row: PollRow | undefined): Standing {
  // Own text: what release() wrote.
  const report: Partial<Pick<Standing, "error">> = JSON.parse(row?.report ?? "{}");
  return { failures: row?.failures ?? 0, error: report.error ?? null };
}

/** How a source is left. */
interface End {
  readonly failures: number;
  readonly nextMs: number;
  readonly report: Pick<Standing, "error">;
}

const WELL: End = { failures: 0, nextMs: 0, report: { error: null } };

function failing(
  { nowMs }: Pick<PollPorts, "nowMs">,
  { failures, error }: Standing,
  { fault, afterMs }: { readonly fault: Fault; readonly afterMs?: number | undefined },
): End {
  const at = { nowMs: nowMs(), pages: 0 };
  return {
    failures: failures + 1,
    nextMs: at.nowMs + (afterMs ?? backoffMs(failures + 1)),
    report: { error: errorOf(fault, error, at) },
  };
}

async function pollSource(ports: PollPorts, due: Due, { untilMs, leaseMs }: Call): Promise<void> {
  const known = due.rows.get(SOURCE_ROW);
  const polled = await ports.open(due);
  const state: SourceState = JSON.parse(known?.cursor ?? "{}");
  const { failures, error } = standingOf(known);
  const kept = { nextMs: 0, cursor: state, failures, report: { error } };
  if (polled === undefined) {
    await ports.release(due, kept, leaseMs);
    return;
  }
  const poller = POLLERS[polled.settings.kind];
  const self = { tenant: due.tenant, source: due.source, stream: SOURCE_ROW };
  const keep = (cursor: SourceState) => ports.save(self, { ...kept, cursor }, leaseMs);
  const asker = createAsker(ports, { polled, poller, state, untilMs, keep });
  const source = { polled, poller, asker, leaseMs };
  let end = failing(ports, { failures, error }, { fault: BROKEN });
  try {
    end = await visit(ports, source, due);
  } finally {
    const { requests, bytes } = asker.spent();
    const cursor = await asker.state();
    const report = { at_ms: ports.nowMs(), requests, bytes, ...end.report };
    await ports.release(due, { ...end, cursor, report }, leaseMs);
  }
}

async function visit(ports: PollPorts, source: Source, due: Due): Promise<End> {
  const { polled } = source;
  const broken = await hydrate(ports, source, due.rows);
  const left = broken === undefined ? WELL : leave(ports, polled, { broken, due });
  if (broken !== undefined && isOfAll(broken)) return left;
  // A gap of a whole table has changed rows.
  const rows = await rowsOf(ports, polled);
  const nowMs = ports.nowMs();
  for (const stream of inTurn(polled.settings.streams, rows, nowMs)) {
    const after: After = await pollStream(ports, source, { stream, row: rows.get(stream.name) });
    if (after.kind === "leave") return { ...left, nextMs: Math.max(left.nextMs, after.untilMs) };
  }
  return left;
}

/** What is no matter of the records looked up, but holds for the streams as well. */
const isOfAll = ({ kind }: Broken): boolean =>
  kind === "stop" || kind === "throttled" || kind === "unauthorized";

/** Streams that are due, who waits longest first. */
function inTurn(
  streams: readonly StreamSettings[],
  rows: ReadonlyMap<string, PollRow>,
  nowMs: number,
): readonly StreamSettings[] {
  return streams
    .filter((stream) => turnOf(stream, rows, nowMs) <= nowMs)
    .toSorted((a, b) => turnOf(a, rows, nowMs) - turnOf(b, rows, nowMs));
}

function leave(
  ports: PollPorts,
  polled: Polled,
  { broken, due }: { readonly broken: Broken; readonly due: Due },
): End {
  const before = standingOf(due.rows.get(SOURCE_ROW));
  if (broken.kind === "stop") {
    return { failures: before.failures, nextMs: broken.untilMs, report: { error: before.error } };
  }
  const afterMs = broken.kind === "throttled" ? broken.afterMs : undefined;
  const end = failing(ports, before, { fault: broken, afterMs });
  tellFault(ports, polled, { stream: HYDRATION, fault: broken, failures: end.failures });
  return end;
}
