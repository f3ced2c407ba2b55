import type { JsonObject } from "../json.ts";
import { compareRevisions, type Revision } from "../ordering/rev.ts";

/** A status of a ticket, and the lowest revision that had it. */
export interface Said extends Revision {
  readonly status: string;
  readonly ms: number;
}

/** When a ticket was opened, and when somebody first did something about it; UTC milliseconds. */
export interface Answering {
  readonly opened_ms: number;
  readonly first_response_ms: number | null;
}

/** What helpdesks call a ticket that is done with; every other status is open. */
const DONE: ReadonlySet<string> = new Set([
  "archived",
  "canceled",
  "cancelled",
  "closed",
  "completed",
  "deleted",
  "done",
  "resolved",
  "solved",
  "spam",
]);

export const statusOf = ({ status }: JsonObject): string =>
  typeof status === "string" ? status : "";

export const isOpen = (status: string): boolean => !DONE.has(status.toLowerCase());

/**
 * Adds a revision's status to the two that were said first. In whatever order the revisions arrive,
 * two are enough: a status only ever moves to a lower revision, so one that is third comes back
 * only with a revision that says it anew.
 */
export function note(known: readonly Said[], said: Said): readonly Said[] {
  const firsts = new Map<string, Said>();
  for (const one of [...known, said].toSorted(compareRevisions)) {
    if (!firsts.has(one.status)) firsts.set(one.status, one);
  }
  return [...firsts.values()].slice(0, 2);
}

/**
 * The first-response times (DOMAIN «ticket.upserted»): the first revision opened the ticket, and
 * the first one whose status is another answered it.
 */
export function answeringOf([opening, response]: readonly Said[]): Answering | undefined {
  if (opening === undefined) return undefined;
  return { opened_ms: opening.ms, first_response_ms: response?.ms ?? null };
}

/** A ticket as the mirror shows it. */
export const ticketValue = (data: JsonObject, answering: Answering | undefined): JsonObject => ({
  ...data,
  open: isOpen(statusOf(data)),
  ...answering,
});
