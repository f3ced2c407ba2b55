import type { Log } from "../log.ts";
import type { Mirroring } from "../mirror.ts";
import { ATTEMPTS_MAX, delaySeconds } from "./backoff.ts";
import { type DeliveryMessage, type Message as Sent, withOnly } from "../message.ts";
import type { SubjectWork, Task, Work } from "./work.ts";

export interface ConcludePorts {
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly sendDead: (message: Sent) => Promise<void>;
  readonly log: Log;
}

/** Marks what D1, read back, does not cover: whoever wrote a position, what it covers is mirrored. */
export function markUncovered(
  works: readonly Work[],
  subjects: readonly SubjectWork[],
  { positions, errors, unwritten }: Mirroring,
): void {
  const reached = new Map(
    positions.map(({ tenant, subject, position }) => [`${tenant}/${subject}`, position]),
  );
  const failure = `Not mirrored: ${errors[0] ?? "the mirror did not move"}`;
  for (const work of subjects) {
    markSubject(work, reached.get(`${work.tenant}/${work.subject}`) ?? -1, failure);
  }
  // Rows outside any tail: events no object logs, repeats, and what a retry has brought back.
  for (const task of works.flatMap(({ tasks }) => tasks)) {
    if (unwritten.has(task.eventId)) task.failure ??= failure;
  }
}

function markSubject({ tasks, calls, upTo = 0 }: SubjectWork, position: number, failure: string) {
  for (const task of tasks) if (!isMirrored(task, position)) task.failure ??= failure;
  if (position < upTo) for (const call of calls) call.failure ??= failure;
}

/** Whether its log row is below D1's position; an event that was set aside has none. */
const isMirrored = ({ route, settlement }: Task, position: number): boolean =>
  route.kind === "loose" || (settlement?.kind === "settled" && settlement.position <= position);

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
  const exhausted = attempt >= ATTEMPTS_MAX;
  if (failed.length === body.eventIds.length && !exhausted) return undefined;
  return { ...withOnly(body, failed), attempt };
}
