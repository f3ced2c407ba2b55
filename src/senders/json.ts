import type { Violation } from "../core/contracts/event.ts";
import { ok, refuse, type Result } from "../core/result.ts";

/** A byte order mark is no part of JSON text (RFC 8259 §8.1), but it was part of what was signed. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Reads a body as JSON. `path` of a body as a whole is empty. */
export function parseJson(body: Uint8Array): Result<unknown, readonly Violation[]> {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return refuse([{ path: "", rule: "utf8", message: "The body is not UTF-8" }]);
  }
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return refuse([{ path: "", rule: "json", message: "The body is not JSON" }]);
  }
}

/** What a delivery lists, between one and `itemsMax`; a single value is a list of itself. */
export function parseJsonList(
  body: Uint8Array,
  itemsMax: number,
): Result<readonly unknown[], readonly Violation[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return parsed;

  const list: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (list.length === 0) {
    return refuse([{ path: "", rule: "length", message: "Must have at least 1 item" }]);
  }
  if (list.length > itemsMax) {
    const message = `Must have at most ${itemsMax} items`;
    return refuse([{ path: "", rule: "length", message }]);
  }
  return ok(list);
}
