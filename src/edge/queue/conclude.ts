import type { Log } from "../log.ts";
import type { Mirroring } from "../mirror.ts";
import { ATTEMPTS_MAX, delaySeconds } from "./backoff.ts";
import type { DeliveryMessage, Message as Sent } from "../message.ts";
import type { SubjectWork, Task, Work } from "./work.ts";

export interface ConcludePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly sendDead: (message: Sent) => Promise<void>;
  readonly log: Log;
}

/** Marks what D1, read back, does not cover: whoever wrote a position, what it covers is mirrored. */
export function markUncovered(
  subjects: readonly SubjectWork[],
  { positions, errors, looseWritten }: Mirroring,
): void {
  const reached = new Map(
    positions.map(({ tenant, subject, position }) => [`${tenant}/${subject}`, position]),
  );
  for (const { tenant, subject, tasks, calls } of subjects) {
    const position = reached.get(`${tenant}/${subject}`) ?? -1;
    const failure = `Not mirrored: ${errors[0] ?? "the mirror did not move"}`;
    for (const task of tasks) {
      if (!isCovered(task, position, looseWritten)) task.failure ??= failure;
    }
    if (position < 0) for (const call of calls) call.failure ??= failure;
  }
}

function isCovered({ route, settlement }: Task, position: number, looseWritten: boolean): boolean {
  if (route.kind === "loose") return looseWritten;
  if (settlement?.kind !== "settled" || settlement.position > position) return false;
  return settlement.of === undefined || looseWritten;
}

/** Acknowledges what has landed; sends the rest again, alone and later each time. */
export async function conclude(works: readonly Work[], ports: ConcludePorts): Promise<void> {
  await Promise.all(works.map((work) => concludeOne(work, ports)));
}

async function concludeOne({ message, tasks, failure }: Work, ports: ConcludePorts): Promise<void> {
  const { body } = message;
  const failed = tasks.filter((task) => task.failure !== undefined);
  if (failure === undefined && failed.length === 0) {
    message.ack();
    return;
  }
  const error = failure ?? failed[0]?.failure;
  const attempts = attemptsOf(body) + message.attempts;
  const failing = { tenant: body.tenant, kind: body.kind, events: failed.length, attempts, error };
  ports.log("warn", "message_failed", failing);
  const rest = failure === undefined ? restOf(body, failed, attempts) : undefined;
  if (rest === undefined) {
    message.retry({ delaySeconds: delaySeconds(attempts) });
    return;
  }
  try {
    if (attempts >= ATTEMPTS_MAX) await ports.sendDead(rest);
    else await ports.send(rest, delaySeconds(attempts));
    message.ack();
  } catch {
    // Whole, then: what has landed already is known to its objects.
    message.retry({ delaySeconds: delaySeconds(attempts) });
  }
}

const attemptsOf = (body: Sent): number => (body.kind === "delivery" ? (body.attempt ?? 0) : 0);

/** The failed events of a delivery, where others have landed; they count on from its attempts. */
function restOf(body: Sent, failed: readonly Task[], attempt: number): DeliveryMessage | undefined {
  if (body.kind !== "delivery") return undefined;
  const carried = body.only?.length ?? body.eventIds.length;
  const exhausted = attempt >= ATTEMPTS_MAX;
  if (failed.length === carried && !exhausted) return undefined;
  return { ...body, only: failed.map(({ index }) => index), attempt };
}
