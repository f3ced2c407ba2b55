import type { GatewayEvent } from "../../core/contracts/event.ts";
import type { Item, Sender } from "../../senders/sender.ts";
import { putClaim } from "../archive/claims.ts";
import { openDelivery } from "../archive/open-delivery.ts";
import type { Directory, Tenant } from "../control/directory.ts";
import type { LooseEvent } from "../mirror.ts";
import { type Carriage, digestOf, objectKindOf, prepareArrival } from "./arrival.ts";
import { again } from "./loose-rows.ts";
import {
  carriedBy,
  type DeliveryMessage,
  type MadeMessage,
  type Message as Sent,
  type RejectionMessage,
} from "../message.ts";
import type { Task, Work } from "./work.ts";

export interface UnpackPorts {
  readonly directory: Directory;
  readonly senders: ReadonlyMap<string, Sender>;
  readonly archive: R2Bucket;
  readonly nowMs: () => number;
  /** What comes by this queue is what nobody waits for. */
  readonly isSlow?: boolean;
}

/** Opens a message and readies its events. What cannot be opened now fails, and is tried again. */
export async function unpack(
  message: Message<Sent>,
  objectKey: (tenant: string) => string,
  ports: UnpackPorts,
): Promise<Work> {
  try {
    const { body, attempts } = message;
    const tasks = await tasksOf(body, archivedIn(body) ?? objectKey(body.tenant), ports);
    const isRepeated = attempts > 1 || (body.kind === "delivery" && (body.attempt ?? 0) > 0);
    if (isRepeated) for (const task of tasks) task.isRepeated = true;
    return { message, tasks };
  } catch (error) {
    return { message, tasks: [], failure: String(error) };
  }
}

/** Where the delivery of a message lies, where that was known before this batch. */
export const archivedIn = (body: Sent): string | undefined =>
  body.kind === "delivery" ? body.archived : undefined;

/** The sender of what the gateway fetched itself: `src/senders/polled.ts`. */
const FETCHED = "polled";

/** The events of a message. Throws where the delivery cannot be opened. */
export async function tasksOf(body: Sent, archive: string, ports: UnpackPorts): Promise<Task[]> {
  switch (body.kind) {
    case "delivery":
      return readDelivery(
        ports.isSlow === true ? { ...body, passage: "aside" } : body,
        archive,
        ports,
      );
    case "rejection":
      return rejected(body, ports.nowMs());
    case "made":
      return readyMade(body, ports);
    case "subject":
    case "gap":
    case "archive":
    case "recompute":
      return [];
    default:
      // After a rollback the queue can hold what only a newer version knows: it waits for it.
      throw new Error(
        `Cannot consume a message of this kind: ${JSON.stringify(body).slice(0, 40)}`,
      );
  }
}

async function readDelivery(
  body: DeliveryMessage,
  archive: string,
  ports: UnpackPorts,
): Promise<Task[]> {
  const tenant = await ports.directory.tenant(body.tenant);
  if (tenant === undefined) throw new Error(`Cannot find tenant "${body.tenant}"`);
  const sender = ports.senders.get(body.sender);
  if (sender === undefined) throw new Error(`Cannot find sender "${body.sender}"`);
  const items = await itemsOf(body, { tenant, sender, ports });
  const isChanged =
    body.redrive === true && body.items !== undefined && body.items !== items.length;
  const carriage = {
    tenant,
    receivedAtMs: body.receivedAtMs,
    deliveryId: body.deliveryId,
    archive,
    isFetched: body.sender === FETCHED,
    isRevived: body.revive === true,
    ...(body.passage === undefined ? {} : { passage: body.passage }),
  };
  const nowMs = ports.nowMs();
  const carried = carriedBy(body);
  const isKept = carried.some(({ index }) => !isApplicable(items[index]));
  const origin = isKept ? await lighten(body, ports.archive) : body;
  return Promise.all(
    carried.map(({ index, eventId }) =>
      taskOf((isChanged ? undefined : items[index]) ?? missingItem(body, index), {
        eventId,
        index,
        body: origin,
        carriage,
        nowMs,
      }),
    ),
  );
}

/** Events of our own: nothing to verify or to translate, and nothing a person could send again. */
async function readyMade(body: MadeMessage, { directory }: UnpackPorts): Promise<Task[]> {
  const tenant = await directory.tenant(body.tenant);
  if (tenant === undefined) throw new Error(`Cannot find tenant "${body.tenant}"`);
  const { receivedAtMs, deliveryId } = body;
  return Promise.all(
    body.events.map(async ({ eventId, event }, index): Promise<Task> => {
      const object = objectKindOf(event);
      if (object === undefined) throw new Error(`Cannot apply an event of type "${event.type}"`);
      const carriage = { tenant, receivedAtMs, deliveryId, passage: "aside" } as const;
      const arrival = await prepareArrival(event, eventId, carriage);
      return { eventId, index, route: { kind: "subject", object, arrival } };
    }),
  );
}

export interface Reader {
  readonly tenant: Tenant;
  readonly sender: Sender;
  readonly ports: UnpackPorts;
}

export async function itemsOf(
  body: DeliveryMessage,
  { tenant, sender, ports }: Reader,
): Promise<readonly Item[]> {
  const { deliveryId: id, unread } = body;
  if (unread !== undefined) return [{ kind: "broken", id, code: "malformed", errors: unread }];
  if ("oversized" in body.body) {
    const { oversized, bytes } = body.body;
    const message = `The body of ${bytes} bytes is too long to be read: it lies in the archive as ${oversized}`;
    const errors = [{ path: "", rule: "length", message }];
    return [{ kind: "broken", id, code: "too_large", errors }];
  }
  const source = await ports.directory.source(body.tenant, body.source);
  const delivery = await openDelivery(body, tenant, ports.archive);
  const context = { tenant: body.tenant, source: body.source, options: source?.options ?? {} };
  const reading = sender.read(delivery, context);
  if (reading.kind === "items") return reading.items;
  return [{ kind: "broken", id, code: "malformed", errors: reading.errors }];
}

/** A newer reading finds other items than the edge promised: those stay kept for a person. */
const missingItem = ({ deliveryId }: DeliveryMessage, index: number): Item => ({
  kind: "broken",
  id: `${deliveryId}#${index}`,
  code: "unmapped",
  errors: [
    {
      path: "",
      rule: "reading_changed",
      message: "The delivery reads differently than at its arrival",
    },
  ],
});

const isApplicable = (item: Item | undefined): boolean =>
  item?.kind === "event" && objectKindOf(item.event) !== undefined;

/**
 * A delivery of many events whose body moves to R2: each event that is kept for a person keeps its
 * delivery, and a hundred copies of the body would not fit where one claim does.
 */
export async function lighten(body: DeliveryMessage, archive: R2Bucket): Promise<DeliveryMessage> {
  if (!("sealed" in body.body) || body.eventIds.length === 1) return body;
  return { ...body, body: { claim: await putClaim(archive, body, body.body.sealed) } };
}

interface Place {
  readonly eventId: string;
  readonly index: number;
  readonly body: DeliveryMessage;
  readonly carriage: Carriage & { readonly tenant: Tenant };
  readonly nowMs: number;
}

async function taskOf(item: Item, place: Place): Promise<Task> {
  const { eventId, index, carriage, body } = place;
  const task = { eventId, index, origin: body };
  if (item.kind === "event") {
    const object = objectKindOf(item.event);
    if (object !== undefined) {
      const isUntimed = item.isUntimed === true;
      const arrival = await prepareArrival(item.event, eventId, { ...carriage, isUntimed });
      return { ...task, route: { kind: "subject", object, arrival } };
    }
  }
  return { ...task, route: { kind: "loose", event: quarantined(item, place) } };
}

/** What no object can take yet is kept for a person, and can be sent through again. */
function quarantined(item: Item, place: Place): LooseEvent {
  const { body, eventId, index, nowMs, carriage } = place;
  const common = {
    tenant: body.tenant,
    eventId,
    source: body.source,
    id: item.id,
    outcome: "quarantined",
    deliveryId: body.deliveryId,
    receivedMs: body.receivedAtMs,
    recordedMs: nowMs,
    ...(carriage.archive === undefined ? {} : { archive: carriage.archive }),
  } as const;
  const message = JSON.stringify(again(body, { index, eventId }));
  if (item.kind === "broken") {
    const reason = item.errors[0]?.message ?? "The event breaks its contract";
    const { code, errors, type, content } = item;
    const held = { state: "quarantined", reason, message } as const;
    // What has no content of its own is named by all it says already.
    const digest = `${code} ${type ?? ""} ${content ?? ""}`;
    return { ...common, code, errors, held, digest, ...(type === undefined ? {} : { type }) };
  }
  const { type, key, occurredAtMs } = item.event;
  const digest = digestOf(item.event, { ...carriage, isUntimed: item.isUntimed === true });
  const told = { ...common, type, subject: key, occurredMs: occurredAtMs, digest };
  if (isGap(item.event)) {
    const reason = "What it names has to be fetched: kept until that was polled";
    const held = { state: "parked", key, reason, message } as const;
    return { ...told, outcome: "parked", code: "awaits_hydration", held };
  }
  const reason = `Upline does not apply "${type}" yet: kept until it does`;
  return {
    ...told,
    code: "type_not_applied",
    held: { state: "quarantined", key, reason, message },
  };
}

/** A sender told that something changed, and not what: the polling side takes it from here. */
const isGap = ({ type }: GatewayEvent): boolean => type === "cdc.gap";

const rejected = (body: RejectionMessage, nowMs: number): Task[] =>
  body.events.map(({ eventId, id, type, code, errors }, index) => ({
    eventId,
    index,
    route: {
      kind: "loose",
      event: {
        tenant: body.tenant,
        eventId,
        source: body.source,
        id,
        outcome: "rejected",
        code,
        errors,
        deliveryId: body.deliveryId,
        receivedMs: body.receivedAtMs,
        recordedMs: nowMs,
        ...(type === undefined ? {} : { type }),
      },
    },
  }));
