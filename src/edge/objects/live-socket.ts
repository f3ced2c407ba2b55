import type { Sight } from "../../core/live/change.ts";
import {
  answeredAt,
  isSlow,
  sentTo,
  type Unread,
  type UnreadLimits,
} from "../../core/live/unread.ts";
import { CLOSE } from "../live.ts";

/**
 * What may be under way to a reader that shows no sign of reading: a socket tells nobody how much of
 * what was sent it still holds, so what was sent since its last heartbeat is taken for unread.
 */
const UNREAD_MAX: UnreadLimits = { messages: 1024, chars: 1024 * 1024 };

/** What a socket carries through hibernation; the runtime keeps 16 KiB of it. */
export interface Attached {
  readonly sight: Sight;
  /** Of the last row that was sent. */
  readonly position: number;
  readonly unread: Unread;
  readonly untilMs: number;
}

// Own value: what `attach` wrote.
export const attachedTo = (socket: WebSocket): Attached | undefined =>
  socket.deserializeAttachment() ?? undefined;

export const attach = (socket: WebSocket, attached: Attached): void =>
  socket.serializeAttachment(attached);

export interface Written {
  readonly position: number;
  readonly text: string;
}

/**
 * Sends messages, as long as the reader keeps up; one that does not, or whose time is over, is let
 * go: it comes again with the last id it has.
 */
export function sendAll(
  socket: WebSocket,
  attached: Attached,
  {
    messages,
    answeredMs,
    nowMs,
  }: {
    readonly messages: readonly Written[];
    /** When its last heartbeat was answered. */
    readonly answeredMs: number | undefined;
    readonly nowMs: number;
  },
): "sent" | "closed" {
  if (attached.untilMs <= nowMs) return end(socket, attached, CLOSE.over);
  let { position } = attached;
  let unread = answeredMs === undefined ? attached.unread : answeredAt(attached.unread, answeredMs);
  for (const message of messages) {
    unread = sentTo(unread, message.text.length, nowMs);
    if (isSlow(unread, UNREAD_MAX)) return end(socket, attached, CLOSE.slow);
    socket.send(message.text);
    ({ position } = message);
  }
  attach(socket, { ...attached, position, unread });
  return "sent";
}

/** Closes a socket with one of {@link CLOSE}. Until its client answers it stays in the list: with no wishes. */
export function end(
  socket: WebSocket,
  attached: Attached,
  { code, reason }: { readonly code: number; readonly reason: string },
): "closed" {
  attach(socket, { ...attached, position: Number.MAX_SAFE_INTEGER });
  try {
    socket.close(code, reason);
  } catch {
    // It went away by itself.
  }
  return "closed";
}
