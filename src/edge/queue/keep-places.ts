import type { Log } from "../log.ts";
import { kindOfSubject } from "../subject.ts";
import { within } from "../within.ts";
import { again } from "./loose-rows.ts";
import { hasLogged, type OwnLogPorts } from "./own-log.ts";
import type { Task, Work } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const FIND_MS_MAX = 10_000;

/** Where an event stands by the index. */
interface Place {
  readonly eventId: string;
  /** As it was read when its row was written; null where it could not be read. */
  readonly subject: string | null;
  readonly senderId: string;
  readonly isLogged: boolean;
  readonly isHeld: boolean;
}

export interface KeepPorts extends OwnLogPorts {
  readonly nowMs: () => number;
  /** Where these events stand, those of them that the mirror knows. */
  readonly indexedPlaces: (
    tenant: string,
    eventIds: readonly string[],
  ) => Promise<readonly Place[]>;
  /** Those of these events that a person let go of, by the audit trail. */
  readonly discarded: (tenant: string, eventIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly log: Log;
}

/** The subjects of what was read, before any of it is led to another one. */
export type Readings = ReadonlyMap<Task, string>;

export const readingsOf = (works: readonly Work[]): Readings =>
  new Map(
    works.flatMap(({ tasks }) =>
      tasks.flatMap((task) => {
        const { route } = task;
        return route.kind === "subject" ? [[task, route.arrival.event.key] as const] : [];
      }),
    ),
  );

/**
 * Keeps what a person or a replay sends again where it is. Since it came, its sender may have been
 * mended: read otherwise, an event that one object has applied would go to another one, or under another
 * id, and take effect twice. And somebody may have let go of it while its message waited.
 */
export async function keepPlaces(
  works: readonly Work[],
  readings: Readings,
  ports: KeepPorts,
): Promise<void> {
  const sent = works.filter(({ failure }) => failure === undefined);
  const tasks = sent
    .flatMap((work) => work.tasks)
    .filter(({ origin, failure }) => origin?.redrive === true && failure === undefined);
  const left = new Set<Task>();
  for (const [tenant, own] of Map.groupBy(tasks, ({ origin }) => origin?.tenant ?? "")) {
    const found = await find(tenant, own, ports);
    if (found === undefined) continue;
    for (const task of own) {
      if (await isLeft({ tenant, task, found, readings }, ports)) left.add(task);
    }
  }
  if (left.size === 0) return;
  // Nothing is done with them, and no row written: what is known of them stays as it stands.
  for (const { tasks: own } of sent) {
    own.splice(0, own.length, ...own.filter((task) => !left.has(task)));
  }
}

interface Found {
  readonly places: ReadonlyMap<string, Place>;
  readonly letGo: ReadonlySet<string>;
}

async function find(
  tenant: string,
  tasks: readonly Task[],
  { indexedPlaces, discarded }: KeepPorts,
): Promise<Found | undefined> {
  const ids = tasks.map(({ eventId }) => eventId);
  try {
    const found = await within(FIND_MS_MAX, () => indexedPlaces(tenant, ids));
    const places = new Map(found.map((place) => [place.eventId, place]));
    // What its object keeps it lets go of itself, and what is on the list nobody has taken off it.
    const doubtful = tasks
      .filter(({ origin }) => origin?.revive !== true)
      .map(({ eventId }) => eventId)
      .filter((id) => places.get(id)?.isLogged !== true && places.get(id)?.isHeld !== true);
    const letGo =
      doubtful.length === 0
        ? new Set<string>()
        : await within(FIND_MS_MAX, () => discarded(tenant, doubtful));
    return { places, letGo };
  } catch (error) {
    for (const task of tasks) task.failure = `Cannot find where it stands: ${String(error)}`;
    return undefined;
  }
}

interface Asked {
  readonly tenant: string;
  readonly task: Task;
  readonly found: Found;
  readonly readings: Readings;
}

/** Whether an event is left as it stands. */
async function isLeft(
  { tenant, task, found, readings }: Asked,
  ports: KeepPorts,
): Promise<boolean> {
  const { eventId } = task;
  const tell = (event: string) => ports.log("warn", event, { tenant, event_id: eventId });
  if (found.letGo.has(eventId)) {
    tell("replay_finds_discarded");
    return true;
  }
  const place = found.places.get(eventId);
  if (place === undefined || !isElsewhere(task, place, readings.get(task))) return false;
  if (place.isLogged || (await isApplied({ tenant, task, place }, ports))) {
    tell("replay_reads_otherwise");
    return true;
  }
  if (task.failure === undefined && isRenamed(task, place)) {
    tell("replay_reads_otherwise");
    setAside(task, place, ports.nowMs());
  }
  return false;
}

/** A return stands under the order of its payment, or, where none took it, under what it names. */
function isElsewhere({ route }: Task, place: Place, reading: string | undefined): boolean {
  if (route.kind === "loose") return false;
  const { id, key } = route.arrival.event;
  if (isNamed(place) && id !== place.senderId) return true;
  if (place.subject === null || place.subject === key) return false;
  return place.isLogged || place.subject !== reading;
}

/**
 * Whether the object that it was read for then has it all the same: D1 was out when it applied it.
 * Then its tail is asked for, which tells D1.
 */
async function isApplied(
  { tenant, task, place: { subject } }: { tenant: string; task: Task; place: Place },
  ports: KeepPorts,
): Promise<boolean> {
  if (subject === null) return false;
  try {
    const object = kindOfSubject(subject);
    if (!(await hasLogged({ tenant, subject, object, eventId: task.eventId }, ports))) return false;
    await ports.send({ kind: "subject", tenant, subject }, 0);
    return true;
  } catch (error) {
    task.failure = `Cannot ask "${subject}" whether it has it: ${String(error)}`;
    return false;
  }
}

/** What could not be read has an id that was made for it: see `senders/read/ids.ts`. */
const MADE_ID = /^unreadable-|^dlv_[^#]*(#\d+)?$/;

const isNamed = ({ senderId, isLogged }: Place): boolean => isLogged || !MADE_ID.test(senderId);

const isRenamed = ({ route }: Task, place: Place): boolean =>
  route.kind === "subject" && isNamed(place) && route.arrival.event.id !== place.senderId;

/** Another item of its delivery stands in its place, or its sender names it otherwise: for a person. */
function setAside(task: Task, { senderId }: Place, nowMs: number): void {
  const { route, origin, eventId, index } = task;
  if (route.kind === "loose" || origin === undefined) return;
  const { event, receivedAtMs, archive } = route.arrival;
  const reason = `The delivery reads differently than at its arrival: "${event.id}" in its place`;
  task.route = {
    kind: "loose",
    event: {
      tenant: origin.tenant,
      eventId,
      source: event.source,
      id: senderId,
      outcome: "quarantined",
      code: "unmapped",
      errors: [{ path: "", rule: "reading_changed", message: reason }],
      deliveryId: origin.deliveryId,
      ...(archive === undefined ? {} : { archive }),
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
      held: {
        state: "quarantined",
        reason,
        message: JSON.stringify(again(origin, { index, eventId })),
      },
    },
  };
}
