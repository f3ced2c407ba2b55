import { type CatalogueEvent, narrow } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import type { Act, Hold, Rules } from "../subject/rules.ts";
import type { Arrival, SubjectState } from "../subject/state.ts";
import { evolve } from "./evolve.ts";
import { type MoneyEvent, type MoneyFact, moneyFactOf } from "./money-fact.ts";
import { actOnMoney } from "./money-act.ts";
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

const isMoneyEvent = (event: CatalogueEvent): event is MoneyEvent => MONEY_TYPES.has(event.type);

/** Whether a `Distributor` object knows what to do with this event. */
export const isDistributorEvent = (event: GatewayEvent): boolean =>
  isMoneyEvent(narrow(event)) || isStandingEvent(narrow(event));

/** What a distributor's object does with its events (DOMAIN «Posting rules» PL, P3–P5, P8–P11, P14). */
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
  if (isStandingEvent(event)) return register(event, arrival, state);
  if (!isMoneyEvent(event)) {
    return {
      kind: "impossible",
      code: "type_not_applied",
      reason: `A distributor has no effect for "${arrival.event.type}"`,
    };
  }
  const fact = moneyFactOf(event);
  const told = state.fact(fact.key);
  if (told === undefined) {
    const { eventId, receivedAtMs } = arrival;
    return actOnMoney(event, fact, { eventId, receivedAtMs, state });
  }
  if (told.essence === fact.essence) return { kind: "repeat", of: told.eventId };
  return { kind: "contradiction", of: told.eventId, reason: contradiction(fact) };
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
