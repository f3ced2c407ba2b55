import type { Log } from "../log.ts";
import type { LooseEvent, LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { delaySeconds } from "./backoff.ts";
import { again, bury } from "./loose-rows.ts";
import type { ArchiveMessage, DeliveryMessage, Message as Sent } from "../message.ts";
import { unpack, type UnpackPorts } from "./unpack.ts";
import type { Work } from "./work.ts";

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

/**
 * Keeps what every attempt failed on: without a consumer, dead letters vanish after four days.
 * Each event gets a row of its own, from which a person's retry sends it again.
 */
export async function consumeDead(
  messages: readonly Message<Sent>[],
  ports: DeadPorts,
): Promise<void> {
  await Promise.all(
    messages.map(async (message) => {
      try {
        await keep(message, ports);
        message.ack();
      } catch (error) {
        const { kind, tenant } = message.body;
        ports.log("error", "dead_letter_not_kept", { kind, tenant, error });
        message.retry({ delaySeconds: delaySeconds(message.attempts) });
      }
    }),
  );
}

async function keep(message: Message<Sent>, ports: DeadPorts): Promise<void> {
  const { body } = message;
  ports.log("error", "dead_letter", { alert: true, kind: body.kind, tenant: body.tenant });
  switch (body.kind) {
    case "delivery":
    case "rejection": {
      const work = await unpack(message, () => "", ports);
      await write(deadEvents(work, body, ports.nowMs()), ports);
      break;
    }
    case "archive":
      await putLines(body, ports);
      break;
    case "subject":
      // Nothing is lost with it: the object has its log, and the sweep finds that it lags.
      break;
  }
}

const putLines = (body: ArchiveMessage, ports: DeadPorts): Promise<void> =>
  ports.putDead(body.objectKey, body.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

async function write(events: readonly LooseEvent[], ports: DeadPorts): Promise<void> {
  const { looseWritten, errors } = await ports.mirror([], { events, revived: [] });
  if (!looseWritten) throw new Error(`Cannot write dead events: ${errors[0] ?? "unknown"}`);
}

function deadEvents(work: Work, body: Sent, nowMs: number): readonly LooseEvent[] {
  if (work.failure !== undefined && body.kind === "delivery") {
    return unreadable(body, work.failure, nowMs);
  }
  for (const task of work.tasks) bury(task, { ...BURIAL, nowMs });
  return work.tasks.flatMap(({ route }) => (route.kind === "loose" ? [route.event] : []));
}

/** Even a delivery that cannot be opened is shown, under our own ids. */
function unreadable(body: DeliveryMessage, failure: string, nowMs: number): readonly LooseEvent[] {
  const { eventIds, tenant, source, deliveryId, receivedAtMs } = body;
  return (body.only ?? [...eventIds.keys()]).flatMap((index) => {
    const eventId = eventIds[index];
    if (eventId === undefined) return [];
    const message = JSON.stringify(again(body, [index]));
    return [
      {
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
      },
    ];
  });
}
