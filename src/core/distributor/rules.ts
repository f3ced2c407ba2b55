import { type CatalogueEvent, narrow } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { healedToOf, RECON_SOURCE } from "../contracts/reconciliation.ts";
import type { Act, Hold, Rules } from "../subject/rules.ts";
import type { Arrival, Fact, SubjectState } from "../subject/state.ts";
import { evolve } from "./evolve.ts";
import {
  type CorrectionEvent,
  type MoneyEvent,
  type MoneyFact,
  moneyFactOf,
} from "./money-fact.ts";
import { actOnMoney, type Told } from "./money-act.ts";
import { broughtBack, correctedLine, reversedTo } from "./recon-act.ts";
import { moveByRuns } from "./run-line.ts";
import { ENROLMENT, isStandingEvent, register } from "./standing-act.ts";

const MONEY_TYPES: ReadonlySet<string> = new Set<MoneyEvent["type"]>([
  "commission.posted",
  "commission.reversed",
  "commission.released",
  "adjustment.posted",
  "payout.initiated",
  "payout.settled",
  "payout.failed",
]);

/** Only reconciliation corrects: anybody else would post without approval, outside of any stream. */
const isCorrection = (event: CatalogueEvent): event is CorrectionEvent =>
  event.type === "recon.correction" && event.source === RECON_SOURCE;

const isMoneyEvent = (event: CatalogueEvent): event is MoneyEvent | CorrectionEvent =>
  MONEY_TYPES.has(event.type) || isCorrection(event);

/** Whether a `Distributor` object knows what to do with this event. */
export const isDistributorEvent = (event: GatewayEvent): boolean =>
  isMoneyEvent(narrow(event)) || isStandingEvent(narrow(event));

/** What events without a place in a stream wait for where nobody is enrolled. */
const ENROLLED = "enrolled";

/** What a distributor's object does with its events (DOMAIN «Posting rules» PL, P3–P5, P8–P12, P14). */
export const distributorRules: Rules = { act, recall, evolve, holds, move: moveByRuns };

/** No money goes to somebody whom nobody enrolled: it waits in its order until somebody does. */
function holds({ event }: Arrival, state: SubjectState): Hold | undefined {
  if (state.current(ENROLMENT) !== undefined) return undefined;
  const distributor = event.key.slice("dist:".length);
  return {
    code: "distributor_unknown",
    reason: `Nobody is enrolled as "${distributor}": applied by itself, in its order, once somebody is`,
  };
}

function act(arrival: Arrival, state: SubjectState): Act {
  const event = narrow(arrival.event);
  if (isStandingEvent(event)) return withEnrolment(register(event, arrival, state));
  if (!isMoneyEvent(event)) {
    return {
      kind: "impossible",
      code: "type_not_applied",
      reason: `A distributor has no effect for "${arrival.event.type}"`,
    };
  }
  // What has a place in a stream is kept back there, in its order.
  const hold = event.seq === undefined ? holds(arrival, state) : undefined;
  if (hold !== undefined) return { kind: "impossible", ...hold, needs: ENROLLED };
  const fact = moneyFactOf(event);
  const { eventId, receivedAtMs } = arrival;
  const place = { eventId, receivedAtMs, state };
  return healed(arrival, fact, place) ?? posted(event, fact, place);
}

function posted(event: MoneyEvent | CorrectionEvent, fact: MoneyFact, place: Told): Act {
  const { state } = place;
  const told = state.fact(fact.key);
  if (told !== undefined) return actOnTold(event, fact, { told, state });
  return isCorrection(event) ? correctedLine(event, fact, place) : actOnMoney(event, fact, place);
}

/** Nothing for any event but a reversal by reconciliation that says what its line is to come to. */
function healed({ event }: Arrival, fact: MoneyFact, told: Told): Act | undefined {
  const to = healedToOf(event);
  const reversal = narrow(event);
  if (to === undefined || reversal.type !== "commission.reversed") return undefined;
  return reversedTo(reversal, to, { fact, told });
}

interface Before {
  readonly told: Fact;
  readonly state: SubjectState;
}

function actOnTold(
  event: MoneyEvent | CorrectionEvent,
  fact: MoneyFact,
  { told, state }: Before,
): Act {
  if (event.source === RECON_SOURCE && event.type === "commission.posted") {
    const back = broughtBack(event, told, state);
    if (back !== undefined) return back;
  }
  if (told.essence === fact.essence) return { kind: "repeat", of: told.eventId };
  return { kind: "contradiction", of: told.eventId, reason: contradiction(fact) };
}

/** A first enrolment sets free what waits in no stream too. */
function withEnrolment(told: Act): Act {
  if (told.kind !== "effect" || !told.writes.some(({ put }) => put === "ready")) return told;
  return { ...told, writes: [...told.writes, { put: "met", key: ENROLLED }] };
}

function recall(arrival: Arrival, state: SubjectState): string | undefined {
  const event = narrow(arrival.event);
  if (!isMoneyEvent(event)) return undefined;
  const fact = moneyFactOf(event);
  const told = state.fact(fact.key);
  return told?.essence === fact.essence ? told.eventId : undefined;
}

const contradiction = ({ key }: MoneyFact): string =>
  `"${key}" was told before with other particulars: the first stands`;
