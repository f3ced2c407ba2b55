import { OUTCOMES } from "../../core/subject/entry.ts";
import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type {
  EventRead,
  EventRow,
  EventSearch,
  EventsNamed,
  EventsFound,
  Part,
  Reader,
  Reading,
} from "../reading.ts";
import { cursorAt, type Page, pageOf, readPage } from "./cursor.ts";
import { showTransfer } from "./ledger.ts";
import { problem } from "./problem.ts";
import { Filter, readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

export interface EventPorts {
  readonly events: {
    /** Newest first, by our id. */
    search(reader: Reader, search: EventSearch, part: Part<string>): Promise<Reading<EventsFound>>;
    /**
     * The one that has the sender's id, which is the one that took effect where one did; then those
     * that repeat it, in the order of arrival. A part behind an empty text begins with these.
     */
    named(reader: Reader, search: EventsNamed, part: Part<string>): Promise<Reading<EventsFound>>;
    one(reader: Reader, eventId: string): Promise<Reading<EventRead | undefined>>;
  };
}

export const EventsQuery = z.object({
  source: Filter.exactOptional(),
  id: Filter.exactOptional(),
  type: Filter.exactOptional(),
  subject: Filter.exactOptional(),
  outcome: z.enum(OUTCOMES).exactOptional(),
});

/** `GET …/events` and `GET …/events/{event_id}` */
export function eventRoutes(ports: EventPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/events";
  const read = { method: "GET", permission: "event:read" } as const;
  return [
    { ...read, path, handle: (c) => searchEvents(ports, c) },
    { ...read, path: `${path}/:event`, handle: (c) => getEvent(ports, c) },
  ];
}

async function searchEvents({ events }: EventPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, EventsQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const { id, source, ...search } = query.value;
  if (id !== undefined && source === undefined) {
    return invalidParameter("source", "required", "Is required with id: ids are a source's own");
  }
  const page = readPage(c, z.string(), query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  if (id !== undefined && source !== undefined) {
    const read = await events.named(reader.value, { ...search, id, source }, part);
    return answerRead(foundIn(read.value, page.value, placeOfNamed), read);
  }
  const read = await events.search(reader.value, query.value, part);
  return answerRead(foundIn(read.value, page.value, placeOf), read);
}

function foundIn(
  { rows, searchedTo }: EventsFound,
  page: Page<string>,
  at: (row: EventRow) => string,
) {
  const { items, next_cursor: next } = pageOf(rows, page, { show, at });
  const onward = searchedTo === undefined ? null : cursorAt(page, searchedTo);
  return { items, next_cursor: next ?? onward };
}

const placeOf = ({ eventId }: EventRow): string => eventId;

/** Whatever repeats the first one may have come before it. */
const placeOfNamed = ({ eventId, repeated }: EventRow): string => (repeated === 1 ? eventId : "");

async function getEvent({ events }: EventPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const read = await events.one(reader.value, param(c, "event"));
  if (read.value === undefined) return problem("not_found");
  const { event, transfers } = read.value;
  return answerRead({ ...show(event), effects: { transfers: transfers.map(showTransfer) } }, read);
}

// The index holds ids and digests: what an event says of a person stays in its archived delivery.
const show = (row: EventRow) => ({
  event_id: row.eventId,
  id: row.senderId,
  source: row.source,
  type: row.type,
  key: row.subject,
  outcome: row.outcome,
  code: row.code,
  of: row.of,
  errors: row.errors === null ? [] : (JSON.parse(row.errors) as unknown),
  position: row.position,
  occurred_at: row.occurredMs === null ? null : formatInstant(row.occurredMs),
  received_at: formatInstant(row.receivedMs),
  recorded_at: formatInstant(row.recordedMs),
  archive: { object: row.archive, delivery_id: row.deliveryId },
});
