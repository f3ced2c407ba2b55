import { isReturn } from "../../core/order/return-of.ts";
import type { DeliveryMessage, Message as Sent } from "../message.ts";
import { within } from "../within.ts";
import { paymentIn } from "./aliases.ts";
import { unpack, type UnpackPorts } from "./unpack.ts";
import type { SubjectWork, Task, Work } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const FIND_MS_MAX = 10_000;
/** Parked deliveries opened at once: each body is in memory while it is. */
const OPENED_MAX = 8;

/** A parked event as it was delivered, and where its delivery is archived. */
export interface Parked {
  readonly message: DeliveryMessage;
  readonly archive: string;
}

export interface ParkedPorts extends UnpackPorts {
  /** Parked events that no object has and that need one of these, a bounded number of them. */
  readonly parkedFor: (
    needs: readonly { readonly tenant: string; readonly alias: string }[],
  ) => Promise<readonly Parked[]>;
}

/**
 * Refunds and disputes that wait in the mirror for a payment of this batch are settled together with
 * it: whether a payment is paid back already, its order can say only of what it knows. No message
 * stands behind them: where the batch fails they are still parked, and are woken as ever.
 */
export async function readParked(
  works: readonly Work[],
  ports: ParkedPorts,
): Promise<readonly Work[]> {
  const tasks = works.flatMap((work) => (work.failure === undefined ? work.tasks : []));
  const payments = tasks.flatMap(paymentIn);
  if (payments.length === 0) return [];
  const parked = await find(payments, ports);
  const here = new Set(tasks.map(({ eventId }) => eventId));
  const fresh = parked.filter(({ message }) => !message.eventIds.some((id) => here.has(id)));
  const opened: Work[] = [];
  for (let at = 0; at < fresh.length; at += OPENED_MAX) {
    const some = fresh.slice(at, at + OPENED_MAX);
    const read = some.map(({ message, archive }) =>
      unpack(unqueued(message, ports.nowMs()), () => archive, ports),
    );
    opened.push(...(await Promise.all(read)));
  }
  return opened.filter(({ failure }) => failure === undefined);
}

async function find(
  payments: readonly { readonly task: Task; readonly tenant: string; readonly key: string }[],
  { parkedFor }: ParkedPorts,
): Promise<readonly Parked[]> {
  const needs = new Map(
    payments.map(({ tenant, key }) => [JSON.stringify([tenant, key]), { tenant, alias: key }]),
  );
  try {
    return await within(FIND_MS_MAX, () => parkedFor([...needs.values()]));
  } catch (error) {
    for (const { task } of payments) task.failure = `Cannot find what waits: ${String(error)}`;
    return [];
  }
}

/** Nothing to acknowledge, and nothing to try again. */
const unqueued = (body: DeliveryMessage, nowMs: number): Message<Sent> => ({
  id: body.deliveryId,
  timestamp: new Date(nowMs),
  body,
  attempts: 1,
  ack: () => undefined,
  retry: () => undefined,
});

/** What goes back of a payment in the batch that brings it was back before anybody was told of it. */
export function returnsFirst(subjects: readonly SubjectWork[]): void {
  for (const { object, tasks } of subjects) {
    if (object === "order") tasks.sort((a, b) => turnOf(a) - turnOf(b));
  }
}

const turnOf = ({ route }: Task): number =>
  route.kind === "subject" && isReturn(route.arrival.event) ? 0 : 1;
