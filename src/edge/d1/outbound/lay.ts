import { createHash } from "node:crypto";
import type { Notice } from "../../../core/outbound/notice.ts";
import { isTelling, type NoticePlace, noticesOf } from "../../../core/outbound/notices.ts";
import { type KnownSubscription, wanting } from "../../../core/outbound/wants.ts";
import type { Entry } from "../../../core/subject/entry.ts";
import { entryOf } from "../../log-entry.ts";
import type { MirrorTail } from "../../mirror.ts";

const DAY_MS = 86_400_000;

/**
 * What is older is laid no more: a delivery that has ended is forgotten after 30 days, and a mirror
 * that is filled again must not tell a second time what was told and forgotten.
 */
const NOTICE_AGE_MS_MAX = 28 * DAY_MS;

/** A notice has less than 2 kB, and several destinations may want each of a part: D1 takes 2 MB a value. */
const ROWS_CHARS_MAX = 1_000_000;

/** One notice for one destination, for the fence to let through: `t`, `s`, `p` are what it looks at. */
export interface LaidDelivery {
  readonly t: string;
  readonly s: string;
  readonly p: number;
  /** Of the notice; `key` repeats it where it is a message's. */
  readonly id: string;
  readonly key?: string;
  readonly delivery_id: string;
  readonly destination: string;
  readonly destination_ms: number;
  readonly subscription: string;
  readonly event_id?: string;
  readonly type: string;
  readonly body: string;
  readonly recorded_ms: number;
  /** Due as it is laid: what a mirror was late with has not waited for its destination. */
  readonly due_ms: number;
}

/** Subscriptions of each tenant that is to tell something. */
export type SubscriptionsByTenant = ReadonlyMap<string, readonly KnownSubscription[]>;

/** Those of the tails that have something to tell, leaving out what is too old. */
export const tellingTails = (tails: readonly MirrorTail[], nowMs: number): readonly MirrorTail[] =>
  tails.filter(({ rows }) =>
    rows.some((row) => {
      const entry = entryOf(row);
      return isNews(entry, nowMs) && isTelling(entry);
    }),
  );

const isNews = ({ recorded_ms }: Pick<Entry, "recorded_ms">, nowMs: number): boolean =>
  recorded_ms > nowMs - NOTICE_AGE_MS_MAX;

/** The deliveries that these tails give: none where nobody wants anything. */
export function layDeliveries(
  tails: readonly MirrorTail[],
  subscriptions: SubscriptionsByTenant,
  nowMs: number,
): readonly LaidDelivery[] {
  return tails.flatMap((tail) => {
    const known = subscriptions.get(tail.tenant) ?? [];
    if (known.length === 0) return [];
    return noticesIn(tail, nowMs).flatMap((told) => {
      const wanted = wanting(known, told.notice);
      if (wanted.length === 0) return [];
      const body = JSON.stringify(told.notice.body);
      return wanted.map((subscription) => ({
        ...laid(tail.tenant, told, subscription),
        body,
        due_ms: nowMs,
      }));
    });
  });
}

interface Told extends NoticePlace {
  readonly notice: Notice;
}

const noticesIn = ({ subject, rows }: MirrorTail, nowMs: number): readonly Told[] =>
  rows.flatMap((row) => {
    const entry = entryOf(row);
    const place = { subject, position: row.position };
    if (!isNews(entry, nowMs)) return [];
    return noticesOf(place, entry).map((notice) => ({ ...place, notice }));
  });

function laid(
  tenant: string,
  { subject, position, notice }: Told,
  { destination, destinationMs, subscription }: KnownSubscription,
): Omit<LaidDelivery, "due_ms" | "body"> {
  const { id, type, eventId, recordedMs } = notice;
  return {
    t: tenant,
    s: subject,
    p: position,
    id,
    ...(id === eventId ? {} : { key: id }),
    delivery_id: deliveryId(destination, notice),
    destination,
    destination_ms: destinationMs,
    subscription,
    ...(eventId === undefined ? {} : { event_id: eventId }),
    type,
    recorded_ms: recordedMs,
  };
}

/**
 * Our id of a delivery: a UUIDv7 of when its notice was recorded, whose other digits follow from both,
 * so that whoever lays it again gives it the same.
 */
export function deliveryId(destination: string, { id, recordedMs }: Notice): string {
  const time = Math.trunc(recordedMs).toString(16).padStart(12, "0");
  const hex = createHash("sha256").update(`${destination}\n${id}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(3, 4), 16) % 4];
  const random = `7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
  return `out_${time.slice(0, 8)}-${time.slice(8)}-${random}`;
}

const field = (name: string): string => `v ->> '${name}'`;

/**
 * Lays what is `fresh` (a JSON `v`, see {@link LaidDelivery}). A message is told once for each key: what
 * the mirror knows already was told, or nobody wanted it. Before the batch's own messages are written.
 */
export const LAY_DELIVERIES = `INSERT INTO deliveries (tenant, delivery_id, destination, destination_ms, subscription,
    event_id, type, subject, state, body, step, due_ms, attempts, created_ms, ended_ms)
  SELECT ${["t", "delivery_id", "destination", "destination_ms", "subscription", "event_id", "type", "s"].map(field).join(", ")},
    'pending', ${field("body")}, 0, ${field("due_ms")}, '[]', min(${field("recorded_ms")}), NULL
  FROM fresh
  WHERE NOT EXISTS (SELECT 1 FROM messages m
    WHERE m.tenant = ${field("t")} AND m.message_key = ${field("key")})
  GROUP BY ${field("t")}, ${field("destination")}, ${field("id")}
  ON CONFLICT DO NOTHING`;

interface Fenced {
  readonly t: string;
  readonly s: string;
  readonly h: object;
}

/** {@link LAY_DELIVERIES} behind its fence; no statement where there is nothing to lay. */
export function deliveryStatements(
  db: D1Database,
  sql: string,
  {
    tails,
    deliveries,
  }: { readonly tails: readonly Fenced[]; readonly deliveries: readonly LaidDelivery[] },
): readonly D1PreparedStatement[] {
  return inChunks(deliveries).map((chunk) => {
    const named = new Set(chunk.map(({ t, s }) => `${t}/${s}`));
    // The fence reads a position for each tail that it is given: those that tell nothing are left out.
    const fence = tails.flatMap(({ t, s, h }) => (named.has(`${t}/${s}`) ? [{ t, s, h }] : []));
    return db.prepare(sql).bind(JSON.stringify(fence), `[${chunk.map(({ text }) => text).join()}]`);
  });
}

interface Written extends Pick<LaidDelivery, "t" | "s"> {
  readonly text: string;
}

function inChunks(deliveries: readonly LaidDelivery[]): readonly (readonly Written[])[] {
  const chunks: Written[][] = [];
  let room = 0;
  for (const delivery of deliveries) {
    const { t, s } = delivery;
    const text = JSON.stringify(delivery);
    const chunk = chunks.at(-1);
    if (chunk === undefined || text.length > room) {
      chunks.push([{ t, s, text }]);
      room = ROWS_CHARS_MAX - text.length;
    } else {
      chunk.push({ t, s, text });
      room -= text.length;
    }
  }
  return chunks;
}
