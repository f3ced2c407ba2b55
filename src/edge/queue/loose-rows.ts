import { HELD_OUTCOMES, type Passage } from "../../core/subject/entry.ts";
import type { LooseEvent, LooseRows, Revived } from "../mirror.ts";
import { type Carried, type DeliveryMessage, withOnly } from "../message.ts";
import type { Task, Work } from "./work.ts";

/** One event of a delivery, as a person's retry sends it, or what it waited for. */
export const again = (
  body: DeliveryMessage,
  item: Carried,
  passage: Passage = "aside",
): DeliveryMessage => ({
  ...withOnly(body, [item]),
  attempt: 0,
  redrive: true,
  // What nobody waited for is no other for having waited for something.
  passage: body.passage === "aside" ? "aside" : passage,
});

/** What the mirror writes for events that are in no object's tail. */
export function looseRows(works: readonly Work[]): LooseRows {
  const tasks = works.flatMap((work) => (work.failure === undefined ? work.tasks : []));
  const events = tasks.flatMap((task) => looseEvent(task) ?? []);
  const revived = tasks.flatMap((task) => revivedEvent(task) ?? []);
  return { events, revived };
}

function looseEvent(task: Task): LooseEvent | undefined {
  if (task.route.kind === "loose") return task.route.event;
  return repeatOf(task);
}

/** An event that came again under a new id of ours: the first one's row has its outcome. */
function repeatOf({ route, origin, settlement, eventId }: Task): LooseEvent | undefined {
  if (route.kind !== "subject" || origin === undefined) return undefined;
  if (settlement?.kind !== "settled" || settlement.of === undefined) return undefined;
  const { event, receivedAtMs, archive } = route.arrival;
  return {
    tenant: origin.tenant,
    eventId,
    source: event.source,
    id: event.id,
    type: event.type,
    subject: event.key,
    outcome: "duplicate",
    of: settlement.of,
    deliveryId: origin.deliveryId,
    ...(archive === undefined ? {} : { archive }),
    occurredMs: event.occurredAtMs,
    receivedMs: receivedAtMs,
    recordedMs: receivedAtMs,
  };
}

/** A person had this event sent again, and its object knew it all along. */
function revivedEvent({ route, origin, settlement, eventId }: Task): Revived | undefined {
  if (origin?.redrive !== true || route.kind !== "subject") return undefined;
  if (settlement?.kind !== "settled") return undefined;
  const { outcome, of } = settlement;
  if (of !== undefined) return { tenant: origin.tenant, eventId, outcome: "duplicate", of };
  return HELD_OUTCOMES.has(outcome) ? undefined : { tenant: origin.tenant, eventId, outcome };
}

export interface Burial {
  readonly code: string;
  readonly reason: string;
  readonly nowMs: number;
}

/** Sets an event aside among the dead, from where a person's retry sends it again. */
export function bury(task: Task, { code, reason, nowMs }: Burial): void {
  const { route, origin, eventId, index } = task;
  if (route.kind === "loose" || origin === undefined) return;
  const { event, receivedAtMs, archive } = route.arrival;
  const message = JSON.stringify(again(origin, { index, eventId }));
  task.route = {
    kind: "loose",
    event: {
      tenant: origin.tenant,
      eventId,
      source: event.source,
      id: event.id,
      type: event.type,
      subject: event.key,
      outcome: "dead",
      code,
      deliveryId: origin.deliveryId,
      ...(archive === undefined ? {} : { archive }),
      occurredMs: event.occurredAtMs,
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
      held: { state: "dead", key: event.key, reason, message },
    },
  };
}
