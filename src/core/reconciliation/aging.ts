import type { BreakClass } from "./break-id.ts";
import type { JudgedBreak, KnownBreak, Why } from "./judge.ts";

export type Severity = "info" | "ticket" | "page";

const HOUR_MS = 3_600_000;
/** From this age on somebody should look at a break; beyond the other one, now (DOMAIN §8). */
const TICKET_MS = 24 * HOUR_MS;
const PAGE_MS = 72 * HOUR_MS;

/** Reasons for which nothing is healed that do not wait for an age. */
const ABOVE_LIMIT: ReadonlySet<string> = new Set<Why>(["above_limit", "run_limit"]);
/** A log that was altered. */
const URGENT_CLASSES: ReadonlySet<string> = new Set(["CHAIN"]);

/** What of a break says how urgent it is; `class` and `why` as they are kept. */
export interface Aging {
  readonly class: string;
  readonly why: string | null;
  readonly opened_ms: number;
}

/** How urgent an open break is: by its age, and at once where a limit kept it from being healed. */
export function severityOf({ class: kind, why, opened_ms }: Aging, nowMs: number): Severity {
  if (URGENT_CLASSES.has(kind) || (why !== null && ABOVE_LIMIT.has(why))) return "page";
  const ageMs = nowMs - opened_ms;
  if (ageMs > PAGE_MS) return "page";
  return ageMs >= TICKET_MS ? "ticket" : "info";
}

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
 * any more, and a person has still to decide.
 */
export function endOf({
  class: kind,
  action,
}: Pick<JudgedBreak, "class" | "action">): "healed" | "gone" | undefined {
  if (kind === "EXTRA_LOCAL" && action === "suspend") return undefined;
  return action === "none" ? "gone" : "healed";
}
