import type { GatewayEvent } from "../../core/contracts/event.ts";
import { within } from "../within.ts";
import { again } from "./loose-rows.ts";
import type { Task, Work } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const FIND_MS_MAX = 10_000;

export interface AliasPorts {
  readonly nowMs: () => number;
  readonly findAliases: (
    aliases: readonly { readonly tenant: string; readonly alias: string }[],
  ) => Promise<
    readonly { readonly tenant: string; readonly alias: string; readonly subject: string }[]
  >;
}

/** Refunds and disputes that know their payment, and not its order. */
const isNamedByAlias = ({ key }: GatewayEvent): boolean => /^(?:payment|dispute):/.test(key);

const nameOf = (tenant: string, alias: string): string => JSON.stringify([tenant, alias]);

/**
 * Leads events that name a payment or dispute to its order; those whose payment nobody knows yet are
 * parked, and are sent again when it becomes known.
 */
export async function followAliases(works: readonly Work[], ports: AliasPorts): Promise<void> {
  const tasks = works.flatMap((work) => (work.failure === undefined ? work.tasks : []));
  const named = tasks.flatMap((task) => {
    const { route, origin } = task;
    if (route.kind !== "subject" || origin === undefined) return [];
    const { key } = route.arrival.event;
    return isNamedByAlias(route.arrival.event) ? [{ task, tenant: origin.tenant, key }] : [];
  });
  if (named.length === 0) return;
  const subjects = toldBeside(tasks);
  const asked = named.filter(({ tenant, key }) => !subjects.has(nameOf(tenant, key)));
  try {
    const aliases = asked.map(({ tenant, key }) => ({ tenant, alias: key }));
    const found =
      asked.length === 0 ? [] : await within(FIND_MS_MAX, () => ports.findAliases(aliases));
    // What D1 has was first: a payment can have one order only.
    for (const { tenant, alias, subject } of found) subjects.set(nameOf(tenant, alias), subject);
  } catch (error) {
    for (const { task } of asked) task.failure = `Cannot find aliases: ${String(error)}`;
    return;
  }
  for (const { task, tenant, key } of named) {
    const subject = subjects.get(nameOf(tenant, key));
    if (subject === undefined) park(task, ports.nowMs());
    else follow(task, subject);
  }
}

/** Payments and disputes of the same batch: the mirror does not know them yet. */
function toldBeside(tasks: readonly Task[]): Map<string, string> {
  const subjects = new Map<string, string>();
  for (const { route, origin } of tasks) {
    if (route.kind !== "subject" || origin === undefined) continue;
    const { type, key, data } = route.arrival.event;
    if (!key.startsWith("order:")) continue;
    const { payment_id, dispute_id } = data;
    const alias =
      type === "payment.confirmed" && typeof payment_id === "string"
        ? `payment:${payment_id}`
        : type === "chargeback.opened" && typeof dispute_id === "string"
          ? `dispute:${dispute_id}`
          : undefined;
    if (alias !== undefined) subjects.set(nameOf(origin.tenant, alias), key);
  }
  return subjects;
}

/** The order serialises it from here on: the log's key is the order's. */
function follow(task: Task, subject: string): void {
  const { route } = task;
  if (route.kind !== "subject") return;
  const { arrival } = route;
  task.route = { ...route, arrival: { ...arrival, event: { ...arrival.event, key: subject } } };
}

function park(task: Task, nowMs: number): void {
  const { route, origin, eventId, index } = task;
  if (route.kind !== "subject" || origin === undefined) return;
  const { event, receivedAtMs, archive, payloadSha256 } = route.arrival;
  const { key } = event;
  const reason = `Nothing is known of "${key}" yet: applied by itself when it arrives`;
  const message = JSON.stringify(again(origin, { index, eventId }));
  task.route = {
    kind: "loose",
    event: {
      tenant: origin.tenant,
      eventId,
      source: event.source,
      id: event.id,
      type: event.type,
      subject: key,
      outcome: "parked",
      code: key.startsWith("payment:") ? "payment_unknown" : "dispute_unknown",
      deliveryId: origin.deliveryId,
      ...(archive === undefined ? {} : { archive }),
      occurredMs: event.occurredAtMs,
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
      digest: payloadSha256,
      held: { state: "parked", key, reason, message, needs: key },
    },
  };
}
