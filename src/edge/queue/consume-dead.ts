import type { Log } from "../log.ts";
import type { LooseEvent, LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { delaySeconds } from "./backoff.ts";
import { again, bury } from "./loose-rows.ts";
import {
  type ArchiveMessage,
  carriedBy,
  type DeliveryMessage,
  type Message as Sent,
  type RejectionMessage,
} from "../message.ts";
import { inSlices } from "./slices.ts";
import { lighten, tasksOf, type UnpackPorts } from "./unpack.ts";

export interface DeadPorts extends UnpackPorts {
  readonly mirror: (tails: readonly MirrorTail[], loose: LooseRows) => Promise<Mirroring>;
  /** The last place for what no table can hold. */
  readonly putDead: (key: string, text: string) => Promise<void>;
  readonly log: Log;
}

const BURIAL = {
  code: "attempts_exhausted",
  reason: "Every attempt failed: the cause is in the log; retry when it is mended",
} as const;

/** Some before the queue's `max_retries` of 100 are used up. */
const LAST_ATTEMPTS = 90;

/**
 * Keeps what every attempt failed on: without a consumer, dead letters vanish after four days.
 * Each event gets a row of its own, from which a person's retry sends it again.
 */
export async function consumeDead(
  messages: readonly Message<Sent>[],
  ports: DeadPorts,
): Promise<void> {
  for (const slice of inSlices(messages)) {
    await Promise.all(slice.map((message) => keepOrRetry(message, ports)));
  }
}

async function keepOrRetry(message: Message<Sent>, ports: DeadPorts): Promise<void> {
  const { body, attempts } = message;
  try {
    await keep(message, ports);
    message.ack();
  } catch (error) {
    ports.log("error", "dead_letter_not_kept", { kind: body.kind, tenant: body.tenant, error });
    if (attempts >= LAST_ATTEMPTS && (await isPutAside(body, ports))) message.ack();
    else message.retry({ delaySeconds: delaySeconds(attempts) });
  }
}

/** Nothing stands behind the dead letters: before the queue drops one, R2 has it as it is. */
async function isPutAside(body: Sent, ports: DeadPorts): Promise<boolean> {
  try {
    await ports.putDead(`dead/${body.tenant}/${crypto.randomUUID()}.json`, JSON.stringify(body));
    return true;
  } catch {
    return false;
  }
}

async function keep(message: Message<Sent>, ports: DeadPorts): Promise<void> {
  const { body } = message;
  ports.log("error", "dead_letter", { alert: true, kind: body.kind, tenant: body.tenant });
  switch (body.kind) {
    case "delivery":
    case "rejection":
      await write(await deadEvents(body, ports), ports);
      break;
    case "archive":
      await putLines(body, ports);
      break;
    case "subject":
    case "gap":
    case "recompute":
    case "made":
      // Objects have their logs, and what lags or is due is found again; the log line is for what a
      // person or a change of the past wanted of them.
      break;
  }
}

const putLines = (body: ArchiveMessage, ports: DeadPorts): Promise<void> =>
  ports.putDead(body.objectKey, body.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

async function write(events: readonly LooseEvent[], ports: DeadPorts): Promise<void> {
  const { unwritten, errors } = await ports.mirror([], { events, revived: [] });
  if (unwritten.size > 0) throw new Error(`Cannot write dead events: ${errors[0] ?? "unknown"}`);
}

async function deadEvents(
  body: DeliveryMessage | RejectionMessage,
  ports: DeadPorts,
): Promise<readonly LooseEvent[]> {
  const nowMs = ports.nowMs();
  const light = body.kind === "delivery" ? await lighten(body, ports.archive) : body;
  try {
    const tasks = await tasksOf(light, "", ports);
    for (const task of tasks) bury(task, { ...BURIAL, nowMs });
    return tasks.flatMap(({ route }) => (route.kind === "loose" ? [route.event] : []));
  } catch (error) {
    if (light.kind === "rejection") throw error;
    return unreadable(light, String(error), nowMs);
  }
}

/** Even a delivery that cannot be opened is shown, under our own ids. */
function unreadable(body: DeliveryMessage, failure: string, nowMs: number): readonly LooseEvent[] {
  const { tenant, source, deliveryId, receivedAtMs } = body;
  return carriedBy(body).map(({ index, eventId }) => {
    const message = JSON.stringify(again(body, { index, eventId }));
    return {
      tenant,
      eventId,
      source,
      id: `${deliveryId}#${index}`,
      outcome: "dead" as const,
      code: "delivery_unreadable",
      deliveryId,
      receivedMs: receivedAtMs,
      recordedMs: nowMs,
      held: { state: "dead" as const, reason: failure, message },
    };
  });
}
