import { isDistributorEvent, distributorRules } from "#src/core/distributor/rules.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { isTreeEvent, treeRules } from "#src/core/genealogy/tree-rules.ts";
import { isOrderEvent, orderRules } from "#src/core/order/rules.ts";
import { openData } from "#src/core/record/open-data.ts";
import { returnNames } from "#src/core/order/names.ts";
import { isReturn } from "#src/core/order/return-of.ts";
import { isRecordEvent, recordRules } from "#src/core/record/rules.ts";
import type { Move } from "#src/core/subject/move.ts";
import type { Rules } from "#src/core/subject/rules.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { arrivalOf } from "../../core/support/events.ts";
import { type PlainEvent, readEvents } from "../naive/event.ts";

/** What the queue carries: a delivery's events, or a call of one subject. */
export type Message =
  | { readonly kind: "delivery"; readonly arrivals: readonly Arrival[]; readonly attempt: number }
  | {
      readonly kind: "subject";
      readonly subject: string;
      readonly moves?: readonly Move[];
      readonly redrive?: readonly string[];
      /** How often it was tried before. */
      readonly attempt?: number;
    };

export type ObjectKind = "distributor" | "order" | "tree" | "record";

export const RULES: Readonly<Record<ObjectKind, Rules>> = {
  distributor: distributorRules,
  order: orderRules,
  tree: treeRules,
  record: recordRules,
};

const PREFIXES: ReadonlyMap<string, ObjectKind> = new Map([
  ["dist", "distributor"],
  ["order", "order"],
  ["tree", "tree"],
]);

export const kindOfSubject = (subject: string): ObjectKind =>
  PREFIXES.get(subject.slice(0, subject.indexOf(":"))) ?? "record";

/** Which object takes an event, whatever its key says yet. */
export function kindOfEvent(event: GatewayEvent): ObjectKind {
  if (isDistributorEvent(event)) return "distributor";
  if (isOrderEvent(event)) return "order";
  if (isTreeEvent(event)) return "tree";
  if (isRecordEvent(event)) return "record";
  throw new Error(`No object takes ${event.type}`);
}

/** An event as the consumer hands it over. */
export function arrivalOfPlain(
  plain: PlainEvent,
  at: { readonly tenant: string; readonly eventId: string; readonly nowMs: number },
): Arrival {
  const [event] = readEvents([plain], at.tenant);
  if (event === undefined) throw new Error(`Cannot read ${plain.id}`);
  const arrival = { ...arrivalOf(event, at.eventId), receivedAtMs: at.nowMs };
  return kindOfEvent(event) === "record"
    ? { ...arrival, event: { ...arrival.event, data: openData(event) } }
    : arrival;
}

/** What has to be known before a refund, a dispute or its end finds its order; nothing for others. */
export const needOf = ({ event }: Arrival): string | undefined => returnNames(event)?.of;

interface Task {
  readonly arrival: Arrival;
  readonly attempt: number;
}

/** What becomes of the events of some messages before any object has them. */
export interface Followed {
  readonly tasks: readonly Task[];
  /** Those whose payment nobody knows yet. */
  readonly parked: readonly Arrival[];
  /** Those of a payment, refund or dispute that another order has. */
  readonly aside: readonly Arrival[];
}

/** Leads refunds and disputes to the order of their payment, where anybody knows it. */
export function followAliases(
  messages: readonly Message[],
  subjectOf: (alias: string) => string | undefined,
): Followed {
  const tasks = messages.flatMap((message): readonly Task[] =>
    message.kind === "delivery"
      ? message.arrivals.map((arrival) => ({ arrival, attempt: message.attempt }))
      : [],
  );
  const beside = new Map<string, string>();
  const find = (alias: string) => subjectOf(alias) ?? beside.get(alias);
  const claim = (alias: string, subject: string) => {
    if (!beside.has(alias)) beside.set(alias, subject);
  };
  for (const { arrival } of tasks) {
    for (const alias of paymentIn(arrival)) claim(alias, arrival.event.key);
  }
  const followed = {
    tasks: new Array<Task>(),
    parked: new Array<Arrival>(),
    aside: new Array<Arrival>(),
  };
  // A dispute's end that knows the dispute alone finds it once that is led to its payment.
  const turnOf = ({ arrival }: Task) => (needOf(arrival)?.startsWith("dispute:") === true ? 1 : 0);
  for (const task of tasks.toSorted((a, b) => turnOf(a) - turnOf(b))) {
    const { arrival } = task;
    const { event } = arrival;
    const names = returnNames(event);
    const [paid] = paymentIn(arrival);
    const subject = names === undefined ? event.key : find(names.of);
    const own = names?.own ?? paid;
    if (subject === undefined) followed.parked.push(arrival);
    else if (own !== undefined && (find(own) ?? subject) !== subject) followed.aside.push(arrival);
    else {
      if (names?.isNamed === true) claim(names.own, subject);
      followed.tasks.push({ ...task, arrival: { ...arrival, event: { ...event, key: subject } } });
    }
  }
  const returnsFirst = ({ arrival: { event } }: Task) => (isReturn(event) ? 0 : 1);
  followed.tasks.sort((a, b) => returnsFirst(a) - returnsFirst(b));
  return followed;
}

/** Names of the payments that messages bring. */
export const paymentsIn = (messages: readonly Message[]): ReadonlySet<string> =>
  new Set(
    messages.flatMap((message) =>
      message.kind === "delivery" ? message.arrivals.flatMap(paymentIn) : [],
    ),
  );

function paymentIn({ event: { type, data } }: Arrival): readonly string[] {
  const { payment_id: id } = data;
  return type === "payment.confirmed" && typeof id === "string" ? [`payment:${id}`] : [];
}
