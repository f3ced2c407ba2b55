import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { replayPorts } from "#src/compose/replay.ts";
import { shardAt } from "#src/edge/bindings.ts";
import type { ReplayPorts } from "#src/edge/cron/replay/ports.ts";
import { replayShardOnce } from "#src/edge/cron/replay/replay.ts";
import { startReplay } from "#src/edge/d1/replay/runs.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import type { Message } from "#src/edge/message.ts";
import type { ReplayAsked } from "#src/edge/replay.ts";
import type { ReplayReport } from "#src/core/operation/replay-report.ts";
import { ORIGIN } from "../../support/company.ts";
import { asDocumented } from "../../support/contract.ts";
import type { Line } from "../../support/line.ts";

const db = env.MIRROR_0;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The whole API over a line's queue. */
export function apiOf(line: Line) {
  const api = createApi(line.parts, readRoutes(readPorts(line.parts)));
  return async (asked: string, body?: object, token = env.ADMIN_TOKEN): Promise<Response> => {
    const [method = "GET", path = ""] = asked.split(" ");
    const url = `${ORIGIN}/v1/tenants/${line.company.tenant}${path}`;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return asDocumented({ method, url }, await api.fetch(new Request(url, init)));
  };
}

export interface Ended {
  readonly replayId: string;
  readonly state: string;
  readonly report: ReplayReport;
  /** What was put on the slow queue. */
  readonly sent: readonly Message[];
}

export interface Playing {
  readonly faults?: (ports: ReplayPorts) => Partial<ReplayPorts>;
  /** Done between two minutes. */
  readonly between?: (n: number) => Promise<void>;
  /** When it begins: an hour from now, so that all of a test has been archived for long. */
  readonly atMs?: number;
}

const MINUTES_MAX = 200;

export const begin = async (
  tenant: string,
  asked: Partial<ReplayAsked>,
  atMs: number,
): Promise<string> => {
  const whole = { fromMs: atMs - 3 * HOUR_MS, toMs: atMs, isDry: false, ...asked };
  const started = await startReplay(db, { tenant, actor: "test", asked: whole }, atMs);
  return started.replay.replayId;
};

export async function endOf(tenant: string, replayId: string) {
  const row = await db
    .prepare("SELECT state, report FROM replays WHERE tenant = ? AND replay_id = ?")
    .bind(tenant, replayId)
    .first<{ state: string; report: string }>();
  if (row === null) throw new Error("There is no such replay");
  const report: ReplayReport = JSON.parse(row.report);
  return { state: row.state, report };
}

/** One that was begun, a minute at a time, consuming what it sends. */
export async function goOn(
  line: Line,
  replayId: string,
  { faults, between, atMs = Date.now() + HOUR_MS }: Playing = {},
): Promise<Ended> {
  const { tenant } = line.company;
  const sent: Message[] = [];
  let nowMs = atMs;
  const parts = { ...line.parts, nowMs: () => nowMs };
  for (let n = 0; n < MINUTES_MAX; n += 1) {
    const ports = replayPorts(parts, shardAt(parts.shards, 0));
    const own: ReplayPorts = {
      ...ports,
      // Tests of one shard go on at once.
      open: async () => (await ports.open(1000)).filter((run) => run.tenant === tenant),
      send: async (messages) => {
        for (const body of messages) {
          sent.push(body);
          await line.parts.shards[0]?.slow.send(body);
        }
      },
      backlog: async () => line.queued.length,
    };
    // As cron does: a call that fails comes again in a minute.
    await replayShardOnce({ ...own, ...faults?.(own) }).catch((error: unknown) => {
      if (faults === undefined) throw error;
    });
    const ended = await endOf(tenant, replayId);
    if (line.queued.length > 0) await line.drain();
    if (ended.state !== "running") return { replayId, ...ended, sent };
    await between?.(n);
    nowMs += MINUTE_MS;
  }
  throw new Error("The replay does not end");
}

/** Plays a company's archive again, all of it unless it is asked for less. */
export async function replay(
  line: Line,
  asked: Partial<ReplayAsked> = {},
  playing: Playing = {},
): Promise<Ended> {
  const atMs = playing.atMs ?? Date.now() + HOUR_MS;
  const replayId = await begin(line.company.tenant, asked, atMs);
  return goOn(line, replayId, { ...playing, atMs });
}

const rows = async (sql: string, tenant: string) =>
  (await db.prepare(sql).bind(tenant).all()).results.map((row) => JSON.stringify(row)).toSorted();

/** What a company's books say, and what it has told people. */
const TABLES = {
  events: `SELECT event_id, source, sender_id, type, subject, outcome, code, of, position, archive,
    delivery_id, repeated FROM events WHERE tenant = ?`,
  held: "SELECT event_id, state, code, key, needs, since_ms FROM held WHERE tenant = ?",
  subjects: "SELECT subject, position, head, view FROM subjects WHERE tenant = ?",
  transfers: "SELECT * FROM transfers WHERE tenant = ?",
  days: "SELECT * FROM account_days WHERE tenant = ? AND amount_minor <> 0",
  lines: "SELECT * FROM lines WHERE tenant = ?",
  orders: "SELECT * FROM orders WHERE tenant = ?",
  volumes: "SELECT * FROM volumes WHERE tenant = ?",
  standings: "SELECT * FROM standings WHERE tenant = ?",
  edges: "SELECT * FROM edges WHERE tenant = ?",
  records: "SELECT * FROM records WHERE tenant = ?",
  messages: "SELECT * FROM messages WHERE tenant = ?",
  breaks: "SELECT * FROM breaks WHERE tenant = ?",
  digests: "SELECT * FROM digests WHERE tenant = ?",
} as const;

export type Books = Readonly<Record<string, readonly string[]>>;

export async function booksOf(tenant: string): Promise<Books> {
  const books: Record<string, readonly string[]> = {};
  for (const [name, sql] of Object.entries(TABLES)) books[name] = await rows(sql, tenant);
  return books;
}

/** Objects of the archive that a company has. */
export async function archiveOf(tenant: string): Promise<readonly string[]> {
  const { objects } = await env.ARCHIVE_0.list({ prefix: `raw/tenant=${tenant}/` });
  return objects.map(({ key }) => key);
}

export interface EventRow {
  readonly event_id: string;
  readonly sender_id: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly subject: string | null;
  readonly state: string | null;
}

/** A company's events and what of them waits, in the order in which they came. */
export const eventsOf = async ({ company: { tenant } }: Line): Promise<readonly EventRow[]> =>
  (
    await db
      .prepare(
        `SELECT e.event_id, e.sender_id, e.outcome, e.code, e.subject, h.state FROM events e
         LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id
         WHERE e.tenant = ? ORDER BY e.sender_id, e.event_id`,
      )
      .bind(tenant)
      .all<EventRow>()
  ).results;

export const idOf = async (line: Line, senderId: string): Promise<string> => {
  const row = (await eventsOf(line)).find(({ sender_id }) => sender_id === senderId);
  if (row === undefined) throw new Error(`There is no event "${senderId}"`);
  return row.event_id;
};

/** Has a person let go of a held event, and its object with it. */
export async function discard(line: Line, senderId: string): Promise<string> {
  const eventId = await idOf(line, senderId);
  const response = await apiOf(line)(`POST /held/${eventId}/discard`);
  expect([response.status, await response.json()]).toMatchObject([200, { state: "discarded" }]);
  await line.drain();
  return eventId;
}
