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
  const payments = tasks.flatMap(paymentIn);
  if (named.length + payments.length === 0) return;
  const subjects = toldBeside(tasks);
  const unknown = named.filter(({ tenant, key }) => !subjects.has(nameOf(tenant, key)));
  const asked = [...unknown, ...payments];
  if (!(await addKnown(asked, subjects, ports))) return;
  for (const { task, tenant, key } of payments) {
    const subject = subjects.get(nameOf(tenant, key));
    if (subject !== undefined && subject !== keyOf(task)) setAside(task, subject, ports.nowMs());
  }
  for (const one of named.toSorted((a, b) => turnOf(a) - turnOf(b))) {
    lead(one, subjects, ports.nowMs());
  }
}

/** A dispute of this batch is known by its own name once its payment is. */
function lead({ task, tenant, key }: Named, subjects: Map<string, string>, nowMs: number): void {
  const subject = subjects.get(nameOf(tenant, key));
  if (subject === undefined) return park(task, nowMs);
  follow(task, subject);
  const alias = aliasTold(task);
  const name = alias === undefined ? undefined : nameOf(tenant, alias);
  if (name !== undefined && !subjects.has(name)) subjects.set(name, subject);
}

const turnOf = ({ key }: Named): number => (key.startsWith("payment:") ? 0 : 1);

/** Adds what D1 knows; false where it does not answer, and those events fail for now. */
async function addKnown(
  asked: readonly Named[],
  subjects: Map<string, string>,
  { findAliases }: AliasPorts,
): Promise<boolean> {
  const aliases = asked.map(({ tenant, key }) => ({ tenant, alias: key }));
  if (aliases.length === 0) return true;
  try {
    const found = await within(FIND_MS_MAX, () => findAliases(aliases));
    // What D1 has was first: a payment can have one order only.
    for (const { tenant, alias, subject } of found) subjects.set(nameOf(tenant, alias), subject);
    return true;
  } catch (error) {
    for (const { task } of asked) task.failure = `Cannot find aliases: ${String(error)}`;
    return false;
  }
}

const keyOf = ({ route }: Task): string | undefined =>
  route.kind === "subject" ? route.arrival.event.key : undefined;

interface Named {
  readonly task: Task;
  readonly tenant: string;
  readonly key: string;
}

/** A payment, and the name under which its order would be known. */
export function paymentIn(task: Task): readonly Named[] {
  const { route, origin } = task;
  if (route.kind !== "subject" || origin === undefined) return [];
  const { type, data } = route.arrival.event;
  const { payment_id } = data;
  if (type !== "payment.confirmed" || typeof payment_id !== "string") return [];
  return [{ task, tenant: origin.tenant, key: `payment:${payment_id}` }];
}

/** Payments and disputes of the same batch, the first of a name: the mirror does not know them yet. */
function toldBeside(tasks: readonly Task[]): Map<string, string> {
  const subjects = new Map<string, string>();
  for (const task of tasks) {
    const { route, origin } = task;
    if (route.kind !== "subject" || origin === undefined) continue;
    const { key } = route.arrival.event;
    if (!key.startsWith("order:")) continue;
    const alias = aliasTold(task);
    const name = alias === undefined ? undefined : nameOf(origin.tenant, alias);
    if (name !== undefined && !subjects.has(name)) subjects.set(name, key);
  }
  return subjects;
}

function aliasTold({ route }: Task): string | undefined {
  if (route.kind !== "subject") return undefined;
  const { type, data } = route.arrival.event;
  const { payment_id, dispute_id } = data;
  if (type === "payment.confirmed" && typeof payment_id === "string")
    return `payment:${payment_id}`;
  const isDispute = type === "chargeback.opened" && typeof dispute_id === "string";
  return isDispute ? `dispute:${dispute_id}` : undefined;
}

/** The order serialises it from here on: the log's key is the order's. */
function follow(task: Task, subject: string): void {
  const { route } = task;
  if (route.kind !== "subject") return;
  const { arrival } = route;
  task.route = { ...route, arrival: { ...arrival, event: { ...arrival.event, key: subject } } };
}

/** One payment pays one order: another one that names it is for a person, and posts nothing. */
function setAside(task: Task, subject: string, nowMs: number): void {
  putAside(task, nowMs, {
    outcome: "quarantined",
    code: "payment_of_another_order",
    reason: `data.payment_id: it was told before as the payment of "${subject}"; the first stands`,
  });
}

function park(task: Task, nowMs: number): void {
  if (task.route.kind !== "subject") return;
  const { key } = task.route.arrival.event;
  putAside(task, nowMs, {
    outcome: "parked",
    code: key.startsWith("payment:") ? "payment_unknown" : "dispute_unknown",
    reason: `Nothing is known of "${key}" yet: applied by itself when it arrives`,
    needs: key,
  });
}

interface Why {
  readonly outcome: "parked" | "quarantined";
  readonly code: string;
  readonly reason: string;
  readonly needs?: string;
}

function putAside(task: Task, nowMs: number, { outcome, code, reason, needs }: Why): void {
  const { route, origin, eventId, index } = task;
  if (route.kind !== "subject" || origin === undefined) return;
  const { event, receivedAtMs, archive, payloadSha256 } = route.arrival;
  const { key } = event;
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
      outcome,
      code,
      deliveryId: origin.deliveryId,
      ...(archive === undefined ? {} : { archive }),
      occurredMs: event.occurredAtMs,
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
      digest: payloadSha256,
      held: { state: outcome, key, reason, message, ...(needs === undefined ? {} : { needs }) },
    },
  };
}
