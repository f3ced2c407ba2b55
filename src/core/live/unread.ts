/** What was sent to one reader since it was last known to have read. */
export interface Unread {
  readonly messages: number;
  /** UTF-16 units: of JSON as we write it hardly fewer than bytes. */
  readonly chars: number;
  /** A moment since when what was sent is counted once more: what remains once it is confirmed. */
  readonly mark?: { readonly atMs: number; readonly messages: number; readonly chars: number };
}

export const NOTHING_UNREAD: Unread = { messages: 0, chars: 0 };

/** What may be under way to one reader before it counts as one that does not read. */
export interface UnreadLimits {
  readonly messages: number;
  readonly chars: number;
}

/** After one more message. */
export function sentTo(unread: Unread, chars: number, nowMs: number): Unread {
  const total = { messages: unread.messages + 1, chars: unread.chars + chars };
  const { mark } = unread;
  if (mark === undefined) return { ...total, mark: { atMs: nowMs, messages: 0, chars: 0 } };
  return { ...total, mark: { ...mark, messages: mark.messages + 1, chars: mark.chars + chars } };
}

/**
 * After a heartbeat was answered at `answeredMs`. An answer goes out behind what was sent before it,
 * so everything up to a mark that is older went out too; of one in the same millisecond nobody knows.
 */
export function answeredAt(unread: Unread, answeredMs: number): Unread {
  const { mark } = unread;
  if (mark === undefined || answeredMs <= mark.atMs) return unread;
  const { messages, chars } = mark;
  return { messages, chars };
}

export const isSlow = ({ messages, chars }: Unread, limits: UnreadLimits): boolean =>
  messages > limits.messages || chars > limits.chars;
