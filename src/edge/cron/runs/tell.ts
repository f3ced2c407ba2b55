import type { GatewayEvent } from "../../../core/contracts/event.ts";
import { madeMessages } from "../../made-messages.ts";
import type { MadeMessage, SubjectMessage } from "../../message.ts";
import type { OpenRun, Progress, Step, StepPorts } from "./ports.ts";

/** Objects told in one step: what a minute's consumers take, and an invocation's subrequests. */
export const TOLD_MAX = 10_000;
/** Looks, a minute apart, at objects that do not move before a person has to. */
const LOOKS_MAX = 30;
/** Events of one message: a queue's whole batch of them is what a consumer has in hand at once. */
const EVENTS_A_MESSAGE = 20;
/** What one call of a queue takes: so many messages, and 256 KB. */
const SENT_AT_ONCE_MAX = 20;

/** Sends events of a run, each about another subject; done again, they have the same ids. */
export async function sendEvents(
  { tenant, runId, startedMs }: Pick<OpenRun, "tenant" | "runId" | "startedMs">,
  events: readonly GatewayEvent[],
  ports: Pick<StepPorts, "eventIdOf" | "sendAll">,
): Promise<void> {
  const origin = { tenant, deliveryId: runId, receivedAtMs: startedMs };
  const messages = madeMessages(
    origin,
    events.map((event) => [event]),
    { eventIdOf: (event) => ports.eventIdOf(tenant, event), eventsMax: EVENTS_A_MESSAGE },
  );
  await sendParts(messages, ports);
}

export async function sendParts(
  messages: readonly (SubjectMessage | MadeMessage)[],
  { sendAll }: Pick<StepPorts, "sendAll">,
): Promise<void> {
  for (const part of inParts(messages, SENT_AT_ONCE_MAX)) await sendAll(part);
}

function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let i = 0; i < items.length; i += size) parts.push(items.slice(i, i + size));
  return parts;
}

/**
 * What a step comes to that has told objects something and looks at the mirror for it the next time:
 * told again until all of it is there, so that nothing has to be remembered of what was sent.
 */
export function awaiting(before: Progress, waiting: number): Step {
  const isLess = before.waiting === undefined || waiting < before.waiting;
  const looks = isLess ? 0 : (before.looks ?? 0) + 1;
  const progress = { ...before, waiting, looks };
  if (looks <= LOOKS_MAX) return { kind: "wait", progress };
  const reason = `${waiting} objects have not taken what they were told: see the dead and the frozen`;
  return { kind: "failed", progress, reason };
}

/** Progress with nothing left to wait for. */
export const arrived = ({ waiting: _waiting, looks: _looks, ...rest }: Progress): Progress => rest;
