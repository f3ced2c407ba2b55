import type { BreakClass } from "./break-id.ts";
import type { JudgedBreak, KnownBreak, Why } from "./judge.ts";

export type Severity = "info" | "ticket" | "page";

const HOUR_MS = 3_600_000;
/** From this age on somebody should look at a break; beyond the other one, now (DOMAIN §8). */
const TICKET_MS = 24 * HOUR_MS;
const PAGE_MS = 72 * HOUR_MS;

/** Reasons for which nothing is healed that do not wait for an age. */
export const URGENT_WHYS = ["above_limit", "run_limit"] as const satisfies readonly Why[];
const ABOVE_LIMIT: ReadonlySet<string> = new Set<Why>(URGENT_WHYS);
/** A log that was altered. */
export const URGENT_CLASSES = ["CHAIN"] as const;
const URGENT: ReadonlySet<string> = new Set(URGENT_CLASSES);

/** What of a break says how urgent it is; `class` and `why` as they are kept. */
export interface Aging {
  readonly class: string;
  readonly why: string | null;
  readonly opened_ms: number;
}

/** How urgent an open break is: by its age, and at once where a limit kept it from being healed. */
export function severityOf({ class: kind, why, opened_ms }: Aging, nowMs: number): Severity {
  if (URGENT.has(kind) || (why !== null && ABOVE_LIMIT.has(why))) return "page";
  const ageMs = nowMs - opened_ms;
  if (ageMs > PAGE_MS) return "page";
  return ageMs >= TICKET_MS ? "ticket" : "info";
}

/** What of an open break is told of; from its beginning on nobody is told of it at all. */
export type Told = Exclude<Severity, "info">;

/**
 * What somebody is to be told of a break by now: that it is for a ticket, or urgent; each of the two
 * once, and one that was urgent at once is not told of as a ticket later.
 */
export function toTell(aging: Aging, told: Told | null, nowMs: number): Told | undefined {
  const severity = severityOf(aging, nowMs);
  if (severity === "info" || severity === told || told === "page") return undefined;
  return severity;
}

/** Breaks that were opened by then are for a ticket, and those of before then urgent. */
export const agedBefore = (
  nowMs: number,
): { readonly ticketMs: number; readonly pageMs: number } => ({
  ticketMs: nowMs - TICKET_MS,
  pageMs: nowMs - PAGE_MS,
});

/** Classes of open breaks that make a balance doubtful: nothing is paid out meanwhile (DOMAIN §8). */
export const PAYOUT_CLASSES = ["AMOUNT", "EXTRA_LOCAL"] as const satisfies readonly BreakClass[];

const DOUBTFUL: ReadonlySet<string> = new Set(PAYOUT_CLASSES);

/** A break as a payout looks at it. */
export interface KeptBreak extends Pick<KnownBreak, "break_id" | "outcome"> {
  readonly class: string;
}

/** The breaks of a distributor for which his payouts wait, as `Payable.doubts` has them; by id. */
export const payoutDoubts = (breaks: readonly KeptBreak[]): readonly string[] =>
  breaks
    .filter(({ class: kind, outcome }) => outcome === null && DOUBTFUL.has(kind))
    .map(({ break_id }) => break_id)
    .toSorted();

/**
 * How an open break ended that a run did not find again, though it looked at its line: by what was
 * done about it, or by itself. Undefined where it stays open: a line that was put aside is not found
 * any more, and a person has still to decide; unless it counts again, as the core has it (`isBack`).
 */
export function endOf(
  { class: kind, action }: Pick<JudgedBreak, "class" | "action">,
  isBack = false,
): "healed" | "gone" | undefined {
  if (kind === "EXTRA_LOCAL" && action === "suspend" && !isBack) return undefined;
  return action === "none" ? "gone" : "healed";
}
