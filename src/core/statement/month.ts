import { parseInstantOrDay } from "../contracts/instant.ts";

/** A calendar month in UTC: from its first millisecond to the next month's. */
export interface Month {
  readonly month: string;
  readonly fromMs: number;
  /** Not in the month any more. */
  readonly toMs: number;
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
/** Nothing was ever recorded before; what took effect earlier is in the opening of this month. */
const FIRST = "1970-01";

/**
 * Reads `2026-07`. Undefined for anything else, for months before 1970, and for the last month that
 * RFC 3339 can write.
 */
export function parseMonth(text: string): Month | undefined {
  const match = MONTH.exec(text);
  if (match === null || text < FIRST) return undefined;
  const after = Number(match[1]) * 12 + Number(match[2]);
  const year = String(Math.floor(after / 12)).padStart(4, "0");
  const next = `${year}-${String((after % 12) + 1).padStart(2, "0")}`;
  const fromMs = parseInstantOrDay(`${text}-01`);
  const toMs = parseInstantOrDay(`${next}-01`);
  return fromMs === undefined || toMs === undefined ? undefined : { month: text, fromMs, toMs };
}

/** How final a month's figures are. */
export type MonthStatus = "open" | "complete" | "closed";

interface Asked {
  /** What took effect later is left out. */
  readonly asOfMs: number;
  /** What was recorded later is left out: never after now. */
  readonly knownAtMs: number;
  readonly closedMs: number | null;
}

/**
 * Open until the month is over as far as is asked, on either axis: until then its figures are an
 * estimate. Closed once the core has said that
 * the period of this name is, as far as was known then; in between complete, and late entries may
 * still change it.
 */
export function monthStatus({ toMs }: Month, { asOfMs, knownAtMs, closedMs }: Asked): MonthStatus {
  if (knownAtMs < toMs || asOfMs < toMs - 1) return "open";
  return closedMs !== null && closedMs <= knownAtMs ? "closed" : "complete";
}
