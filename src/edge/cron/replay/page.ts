import type { Played } from "../../../core/operation/replay-report.ts";
import type { DeliveryMessage, Message } from "../../message.ts";

/** A page of a replay, before it is sent. */
export interface Page {
  readonly messages: readonly Message[];
  readonly played: readonly Played[];
  /** Deliveries of which something is sent. */
  readonly deliveries: ReadonlySet<string>;
  /** Objects of the archive that were read for it. */
  readonly reads: number;
}

export const NO_PAGE: Page = { messages: [], played: [], deliveries: new Set(), reads: 0 };

export const joined = (pages: readonly Page[]): Page => ({
  messages: pages.flatMap(({ messages }) => messages),
  played: pages.flatMap(({ played }) => played),
  deliveries: new Set(pages.flatMap(({ deliveries }) => [...deliveries])),
  reads: pages.reduce((sum, { reads }) => sum + reads, 0),
});

/** What a message takes: of the queue, and of the archive where its body lies there. */
export function bytesOf(message: Message): number {
  const text = new TextEncoder().encode(JSON.stringify(message)).length;
  if (message.kind !== "delivery" || !("claim" in message.body)) return text;
  return text + (message.body.bytes ?? 0);
}

/** A delivery as a replay sends it: from its first attempt on, and archived already. */
export const playedAgain = (
  { attempt: _attempt, ...body }: DeliveryMessage,
  { archived, isRevived }: { readonly archived: string; readonly isRevived: boolean },
): DeliveryMessage => ({
  ...body,
  redrive: true,
  ...(archived === "" ? {} : { archived }),
  ...(isRevived ? { revive: true } : {}),
});
