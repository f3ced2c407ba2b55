import { isDistributorEvent, distributorRules } from "#src/core/distributor/rules.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { isTreeEvent, treeRules } from "#src/core/genealogy/tree-rules.ts";
import { isOrderEvent, orderRules } from "#src/core/order/rules.ts";
import { openData } from "#src/core/record/open-data.ts";
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

/** Refunds and disputes that know their payment, and not its order. */
export const isNamedByAlias = ({ event: { key } }: Arrival): boolean =>
  /^(?:payment|dispute):/.test(key);

interface Task {
  readonly arrival: Arrival;
  readonly attempt: number;
}

/** Leads refunds and disputes to the order of their payment, where anybody knows it. */
export function followAliases(
  messages: readonly Message[],
  subjectOf: (alias: string) => string | undefined,
): readonly Task[] {
  const tasks = messages.flatMap((message): readonly Task[] =>
    message.kind === "delivery"
      ? message.arrivals.map((arrival) => ({ arrival, attempt: message.attempt }))
      : [],
  );
  const beside = new Map(tasks.flatMap(({ arrival }) => aliasesOf(arrival)));
  const followed = tasks.map(({ arrival, attempt }) => {
    const { event } = arrival;
    const key = isNamedByAlias(arrival)
      ? (subjectOf(event.key) ?? beside.get(event.key) ?? event.key)
      : event.key;
    return { arrival: { ...arrival, event: { ...event, key } }, attempt };
  });
  const returnsFirst = ({ arrival: { event } }: Task) => (isReturn(event) ? 0 : 1);
  return followed.toSorted((a, b) => returnsFirst(a) - returnsFirst(b));
}

/** Names of the payments that messages bring. */
export const paymentsIn = (messages: readonly Message[]): ReadonlySet<string> =>
  new Set(
    messages.flatMap((message) =>
      message.kind === "delivery"
        ? message.arrivals.flatMap(({ event: { type, data } }) => {
            const { payment_id: id } = data;
            return type === "payment.confirmed" && typeof id === "string" ? [`payment:${id}`] : [];
          })
        : [],
    ),
  );

function aliasesOf({ event: { type, key, data } }: Arrival): readonly [string, string][] {
  if (!key.startsWith("order:")) return [];
  const { payment_id, dispute_id } = data;
  if (type === "payment.confirmed" && typeof payment_id === "string") {
    return [[`payment:${payment_id}`, key]];
  }
  const isDispute = type === "chargeback.opened" && typeof dispute_id === "string";
  return isDispute ? [[`dispute:${dispute_id}`, key]] : [];
}
