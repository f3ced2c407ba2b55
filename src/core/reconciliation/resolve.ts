import type { GatewayEvent } from "../contracts/event.ts";
import { lineKey } from "../distributor/money-fact.ts";
import type { Line } from "../ledger/line.ts";
import { ok, refuse, type Result } from "../result.ts";
import type { Fact } from "../subject/state.ts";
import type { LocalLine } from "./differ.ts";
import { type Resolution, resolvingEvents } from "./heal.ts";

/** How a break stands; `gone`: it was not there any more, though nothing was done about it. */
export const BREAK_STATES = ["open", "healed", "resolved", "accepted", "gone"] as const;
export type BreakState = (typeof BREAK_STATES)[number];

/** What a person can do about a break. */
export const BREAK_ACTS = ["resolve", "accept", "reopen"] as const;
export type BreakAct = (typeof BREAK_ACTS)[number];

/** What a person decides on a line that was put aside. */
export const RESOLUTIONS = ["keep", "reverse"] as const satisfies readonly Resolution[];

/** How a break stands by what is kept of it; one that ended before there were outcomes is gone. */
export function breakState(kept: {
  readonly resolved_ms: number | null;
  readonly outcome: Exclude<BreakState, "open"> | null;
}): BreakState {
  return kept.resolved_ms === null ? "open" : (kept.outcome ?? "gone");
}

/** What of a break says what can be done about it. */
export interface Decidable {
  readonly class: string;
  readonly state: BreakState;
  /** What was decided on its line: posted where the break is closed, on its way where it is open. */
  readonly decided: Resolution | null;
  /** Whether its line was put aside: `coming` where that is told, and has no effect yet. */
  readonly suspense: "none" | "coming" | "there";
  /** The object that it is about takes nothing any more, and its log does not hold. */
  readonly isFrozen: boolean;
}

/** What a person asks for. */
export interface AskedAct {
  readonly action: BreakAct;
  readonly decision: Resolution | null;
}

export type ActRefusal =
  | "closed"
  | "open"
  | "not_by_person"
  | "decision_posted"
  | "decision_pending"
  | "decision_missing"
  | "decision_misplaced"
  | "suspense_coming"
  | "in_suspense"
  | "frozen";

/** How a break stands after an act: null is open again. */
export type ActOutcome = "resolved" | "accepted" | null;

/**
 * Judges what a person does about a break. A line that lies in suspense is decided upon, or its
 * money would lie there with nobody to ask for it. Whoever keeps it accepts the difference: else the
 * next run would find it again, and put it aside again.
 */
export function judgeAct(found: Decidable, asked: AskedAct): Result<ActOutcome, ActRefusal> {
  const { action, decision } = asked;
  if (decision !== null && action !== "resolve") return refuse("decision_misplaced");
  if (action === "reopen") return judgeReopening(found);
  if (found.state !== "open") return refuse("closed");
  if (found.decided !== null) {
    return decision === found.decided ? ok(outcomeOf(decision)) : refuse("decision_pending");
  }
  if (found.suspense === "coming") return refuse("suspense_coming");
  return found.suspense === "there" ? judgeDecision(asked) : judgeEnd(found, asked);
}

/** What is over by what was done, or by itself, is found anew where it comes back. */
function judgeReopening({ state, decided }: Decidable): Result<ActOutcome, ActRefusal> {
  if (state === "open") return refuse("open");
  if (decided !== null) return refuse("decision_posted");
  return state === "resolved" || state === "accepted" ? ok(null) : refuse("not_by_person");
}

function judgeDecision({ action, decision }: AskedAct): Result<ActOutcome, ActRefusal> {
  if (action === "accept") return refuse("in_suspense");
  return decision === null ? refuse("decision_missing") : ok(outcomeOf(decision));
}

function judgeEnd(
  { class: kind, isFrozen }: Decidable,
  { action, decision }: AskedAct,
): Result<ActOutcome, ActRefusal> {
  if (decision !== null) return refuse("decision_misplaced");
  if (action === "accept") return ok("accepted");
  return kind === "CHAIN" && isFrozen ? refuse("frozen") : ok("resolved");
}

const outcomeOf = (decision: Resolution): ActOutcome =>
  decision === "keep" ? "accepted" : "resolved";

/** The key under which a distributor's object keeps a line of the core's. */
export const suspendedKey = lineKey;

/** What of a line lies in suspense, minor units; 0 where it was not put aside, or is no line. */
export function suspendedMinor(fact: Fact | undefined): number {
  if (fact === undefined || fact.state === "") return 0;
  // Own text: what the rules of money wrote.
  const { suspense }: Line = JSON.parse(fact.state);
  return suspense?.amount_minor ?? 0;
}

/** A line that was put aside, and what of it lies in suspense since. */
export interface Suspended {
  readonly break_id: string;
  readonly opened_ms: number;
  /** As it was when it was put aside. */
  readonly line: LocalLine;
  /** A reversal that came since has taken its part out. */
  readonly suspended_minor: number;
}

/** The events of a decision, as of when it was made: the same ones however often they are made. */
export function decisionEvents(
  { break_id, opened_ms, line, suspended_minor }: Suspended,
  decision: Resolution,
  atMs: number,
): readonly GatewayEvent[] {
  const { distributor_id, line_id } = line;
  const found = {
    break_id,
    class: "EXTRA_LOCAL",
    distributor_id,
    line_id,
    core: null,
    local: { ...line, amount_minor: suspended_minor, reversed_minor: 0 },
    action: "suspend",
    why: null,
    opened_ms,
    is_new: false,
    detail: "",
  } as const;
  return resolvingEvents(found, decision, atMs);
}
