import { formatInstant } from "../contracts/instant.ts";
import type { Entry, LoggedEvent, MessageEffect } from "../subject/entry.ts";
import type { Notice } from "./notice.ts";

/** Where a row stands: in which object's log, and as the how-manieth. */
export interface NoticePlace {
  readonly subject: string;
  readonly position: number;
}

/** Whether a row has anything to tell: {@link noticesOf} would answer something. */
export const isTelling = ({ event, outcome, effects }: Entry): boolean =>
  (event !== undefined && outcome === "applied") || (effects.messages ?? []).length > 0;

/**
 * What one row of a log gives to tell: its event, once that is applied, and each of its messages. The
 * same row gives the same notices however often it is read. What is in them comes from the row alone,
 * which holds nothing personal, and of its effects nothing but what messages are about: ids.
 */
export function noticesOf(place: NoticePlace, entry: Entry): readonly Notice[] {
  const { event, outcome, effects, recorded_ms: recordedMs } = entry;
  const told = event !== undefined && outcome === "applied" ? [event] : [];
  return [
    ...told.map((applied) => eventNotice(place, applied, recordedMs)),
    ...(effects.messages ?? []).map((message) => messageNotice(place, message, entry)),
  ];
}

function eventNotice(place: NoticePlace, event: LoggedEvent, recordedMs: number): Notice {
  const { event_id, id, source, type, occurred_ms, received_ms } = event;
  const { subject, position } = place;
  const occurred_at = formatInstant(occurred_ms);
  const data = {
    event_id,
    id,
    source,
    subject,
    position,
    occurred_at,
    received_at: formatInstant(received_ms),
    recorded_at: formatInstant(recordedMs),
  };
  const body = { type, timestamp: occurred_at, data };
  return { id: event_id, type, source, eventId: event_id, subject, recordedMs, body };
}

/** The ids of what a message is about. Amounts, ranks and all else are for whoever may read the message. */
const idsOf = (about: MessageEffect["about"]): MessageEffect["about"] =>
  Object.fromEntries(Object.entries(about).filter(([name]) => ID.test(name)));

const ID = /_id$|^source_node$/;

function messageNotice(place: NoticePlace, message: MessageEffect, entry: Entry): Notice {
  const { key, kind, about } = message;
  const { event, recorded_ms: recordedMs } = entry;
  const { subject, position } = place;
  const type = `message.${kind}`;
  const recorded_at = formatInstant(recordedMs);
  const data = { key, kind, subject, position, about: idsOf(about), recorded_at };
  return {
    id: key,
    type,
    ...(event === undefined ? {} : { source: event.source, eventId: event.event_id }),
    subject,
    recordedMs,
    body: { type, timestamp: recorded_at, data },
  };
}
