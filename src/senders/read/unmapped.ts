import type { Item } from "../sender.ts";
import { fingerprint } from "./fingerprint.ts";

/** A product makes up its types, of any length: longer ones are nothing a person reads. */
const TYPE_CHARS_MAX = 128;
const MESSAGE_CHARS_MAX = 500;

/** What a product tells that no event of the catalogue says: kept for a person to look at. */
export const unmapped = (
  told: { readonly id: string; readonly type: string; readonly payload?: unknown },
  message: string,
): Item => ({
  kind: "broken",
  id: told.id,
  code: "unmapped",
  type: told.type.slice(0, TYPE_CHARS_MAX),
  errors: [{ path: "type", rule: "unmapped", message: message.slice(0, MESSAGE_CHARS_MAX) }],
  ...(told.payload === undefined ? {} : { content: fingerprint(JSON.stringify(told.payload)) }),
});
