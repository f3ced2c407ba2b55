import type { Log } from "../log.ts";
import { within } from "../within.ts";
import type { Task, Work } from "./work.ts";

/** D1 can stall: the queue tries again rather than wait. */
const FIND_MS_MAX = 10_000;

export interface PlacePorts {
  readonly nowMs: () => number;
  /** Those of these events that an object has in its log: where, and under which sender's id. */
  readonly loggedPlaces: (
    tenant: string,
    eventIds: readonly string[],
  ) => Promise<
    readonly { readonly eventId: string; readonly subject: string; readonly senderId: string }[]
  >;
  readonly log: Log;
}

/**
 * Keeps what a replay brings where it is. Between then and now its sender may have been mended: read
 * otherwise, an event that one object has applied would go to another one, or under another id, and
 * take effect twice.
 */
export async function keepPlaces(works: readonly Work[], ports: PlacePorts): Promise<void> {
  const played = works
    .filter(({ failure }) => failure === undefined)
    .flatMap(({ tasks }) => tasks)
    .filter(({ origin, failure }) => origin?.archived !== undefined && failure === undefined);
  for (const [tenant, tasks] of Map.groupBy(played, ({ origin }) => origin?.tenant ?? "")) {
    const places = await find(tenant, tasks, ports);
    for (const task of tasks) {
      const place = places.get(task.eventId);
      if (place !== undefined && isElsewhere(task, place)) {
        ports.log("warn", "replay_reads_otherwise", { tenant, event: task.eventId });
        leave(task, ports.nowMs());
      }
    }
  }
}

interface Place {
  readonly subject: string;
  readonly senderId: string;
}

async function find(
  tenant: string,
  tasks: readonly Task[],
  { loggedPlaces }: PlacePorts,
): Promise<ReadonlyMap<string, Place>> {
  const ids = tasks.map(({ eventId }) => eventId);
  try {
    const places = await within(FIND_MS_MAX, () => loggedPlaces(tenant, ids));
    return new Map(places.map((place) => [place.eventId, place]));
  } catch (error) {
    for (const task of tasks) task.failure = `Cannot find where it stands: ${String(error)}`;
    return new Map();
  }
}

function isElsewhere({ route }: Task, { subject, senderId }: Place): boolean {
  if (route.kind === "loose") return false;
  const { event } = route.arrival;
  return event.key !== subject || event.id !== senderId;
}

/** No row is ever written over one that a log has: it stays as it stands. */
function leave(task: Task, nowMs: number): void {
  const { route, origin, eventId } = task;
  if (route.kind === "loose" || origin === undefined) return;
  const { event, receivedAtMs, archive } = route.arrival;
  task.route = {
    kind: "loose",
    event: {
      tenant: origin.tenant,
      eventId,
      source: event.source,
      id: event.id,
      type: event.type,
      subject: event.key,
      outcome: "quarantined",
      code: "reads_otherwise",
      deliveryId: origin.deliveryId,
      ...(archive === undefined ? {} : { archive }),
      occurredMs: event.occurredAtMs,
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
    },
  };
}
