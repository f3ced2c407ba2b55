import { type ReturnNames, returnNames } from "../../core/order/names.ts";
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

const nameOf = (tenant: string, alias: string): string => JSON.stringify([tenant, alias]);

/**
 * Leads refunds and disputes to the order of their payment, whichever they name; those whose payment
 * nobody knows yet are parked, and are sent again when it becomes known.
 */
export async function followAliases(works: readonly Work[], ports: AliasPorts): Promise<void> {
  const tasks = works.flatMap((work) => (work.failure === undefined ? work.tasks : []));
  const payments = tasks.flatMap(paymentIn);
  const returns = tasks.flatMap(returnIn);
  if (returns.length + payments.length === 0) return;
  const subjects = toldBeside(payments);
  const own = returns.map((one) => ({ ...one, key: one.own }));
  if (!(await addKnown([...payments, ...returns, ...own], subjects, ports))) return;
  for (const { task, tenant, key } of payments) {
    const subject = subjects.get(nameOf(tenant, key));
    if (subject !== undefined && subject !== keyOf(task)) {
      setAside(task, { what: "payment", subject, nowMs: ports.nowMs() });
    }
  }
  for (const one of returns.toSorted((a, b) => turnOf(a) - turnOf(b))) {
    lead(one, subjects, ports.nowMs());
  }
}

/** One of this batch is known by its own name once its payment is, and a second one is set aside. */
function lead(
  { task, tenant, key, own, isNamed }: Returned,
  subjects: Map<string, string>,
  nowMs: number,
): void {
  const subject = subjects.get(nameOf(tenant, key));
  if (subject === undefined) return park(task, key, nowMs);
  const name = nameOf(tenant, own);
  const stands = subjects.get(name) ?? subject;
  if (stands !== subject) {
    const what = own.startsWith("refund:") ? "refund" : "dispute";
    return setAside(task, { what, subject: stands, nowMs });
  }
  follow(task, subject);
  if (isNamed) subjects.set(name, subject);
}

const turnOf = ({ key }: Named): number => (key.startsWith("payment:") ? 0 : 1);

/** Adds what D1 knows; false where it does not answer, and those events fail for now. */
async function addKnown(
  asked: readonly Named[],
  subjects: Map<string, string>,
  { findAliases }: AliasPorts,
): Promise<boolean> {
  const aliases = new Map(
    asked.map(({ tenant, key }) => [nameOf(tenant, key), { tenant, alias: key }]),
  );
  try {
    const found = await within(FIND_MS_MAX, () => findAliases([...aliases.values()]));
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

interface Returned extends Named, Pick<ReturnNames, "own" | "isNamed"> {}

/** A return, and the name under which it finds its order. */
function returnIn(task: Task): readonly Returned[] {
  const { route, origin } = task;
  if (route.kind !== "subject" || origin === undefined) return [];
  const names = returnNames(route.arrival.event);
  if (names === undefined) return [];
  return [{ task, tenant: origin.tenant, key: names.of, own: names.own, isNamed: names.isNamed }];
}

/** The orders of payments of the same batch, the first of a name: the mirror does not know them. */
function toldBeside(payments: readonly Named[]): Map<string, string> {
  const subjects = new Map<string, string>();
  for (const { task, tenant, key } of payments) {
    const name = nameOf(tenant, key);
    const subject = keyOf(task);
    if (subject !== undefined && !subjects.has(name)) subjects.set(name, subject);
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

interface Aside {
  readonly what: "payment" | "refund" | "dispute";
  /** The order that has it. */
  readonly subject: string;
  readonly nowMs: number;
}

/**
 * One payment pays one order, and one refund or dispute takes back of one: another one that names it
 * is for a person, and posts nothing.
 */
function setAside(task: Task, { what, subject, nowMs }: Aside): void {
  putAside(task, nowMs, {
    outcome: "quarantined",
    code: `${what}_of_another_order`,
    reason: `data.${what}_id: it was told before as the ${what} of "${subject}"; the first stands`,
  });
}

function park(task: Task, needs: string, nowMs: number): void {
  putAside(task, nowMs, {
    outcome: "parked",
    code: needs.startsWith("payment:") ? "payment_unknown" : "dispute_unknown",
    reason: `Nothing is known of "${needs}" yet: applied by itself when it arrives`,
    needs,
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
  const passage = outcome === "parked" ? "waited" : "aside";
  const message = JSON.stringify(again(origin, { index, eventId }, passage));
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
