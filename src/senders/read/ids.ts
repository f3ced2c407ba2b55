import { fingerprint } from "./fingerprint.ts";

const ID_CHARS_MAX = 128;
/** What a contract takes as an id: see `core/contracts/fields.ts`. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/**
 * The sender's id of an event from everything that tells it from others, joined by `:`. Where that
 * is too long or cannot be printed, its fingerprint stands for it.
 */
export function idOf(...parts: readonly (string | number | undefined)[]): string {
  const id = parts.map((part) => part ?? "").join(":");
  if (id.length <= ID_CHARS_MAX && PRINTABLE.test(id)) return id;
  return `fp:${fingerprint(id)}`;
}

/** Names what cannot be read by all it says, so that the same delivery reads the same. */
export const unreadableId = (told: unknown): string =>
  `unreadable-${fingerprint(typeof told === "string" ? told : (JSON.stringify(told) ?? ""))}`;
