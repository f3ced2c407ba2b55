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

/** Marks events outside any object where D1 did not take their rows. */
export function markLoose(works: readonly Work[], { looseWritten, errors }: Mirroring): void {
  if (looseWritten) return;
  for (const task of works.flatMap(({ tasks }) => tasks)) {
    if (task.route.kind === "loose") task.failure ??= `Not mirrored: ${errors[0] ?? "unknown"}`;
  }
}

function isCovered({ route, settlement }: Task, position: number, looseWritten: boolean): boolean {
  if (route.kind === "loose") return looseWritten;
  if (settlement?.kind !== "settled" || settlement.position > position) return false;
  return settlement.of === undefined || looseWritten;
}

/** Acknowledges what has landed; sends the rest again, alone and later each time. */
export async function conclude(works: readonly Work[], ports: ConcludePorts): Promise<void> {
  report(works, ports);
  await Promise.all(works.map((work) => concludeOne(work, ports)));
}

/** One line a tenant and batch, however many messages an outage sends back. */
function report(works: readonly Work[], { log }: ConcludePorts): void {
  const failing = works.flatMap(({ message, tasks, failure }) => {
    const failures = tasks.flatMap((task) => task.failure ?? []);
    const error = failure ?? failures[0];
    const { tenant } = message.body;
    return error === undefined ? [] : [{ tenant, error, events: failures.length }];
  });
  for (const [tenant, failed] of Map.groupBy(failing, (one) => one.tenant)) {
    const events = failed.reduce((sum, one) => sum + one.events, 0);
    const error = failed[0]?.error;
    log("warn", "messages_failed", { tenant, messages: failed.length, events, error });
  }
}

async function concludeOne({ message, tasks, failure }: Work, ports: ConcludePorts): Promise<void> {
  const { body } = message;
  const failed = tasks.filter((task) => task.failure !== undefined);
  if (failure === undefined && failed.length === 0) {
    message.ack();
    return;
  }
  const attempts = attemptsOf(body) + message.attempts;
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
