import { createHash } from "node:crypto";
import { member } from "../local/client.ts";

/** A row of an object's log as the gateway shows it. */
export interface Row {
  readonly position: number;
  readonly hash: string;
  /** The text that was hashed. */
  readonly entry: string;
}

/** Where a chain stands behind a row. */
export interface Link {
  readonly position: number;
  readonly hash: string;
}

/** Something that does not hold. */
export interface Finding {
  /** The object, or the read that is not of one. */
  readonly subject: string;
  /** The entry in its log, where it is about one. */
  readonly position: number | null;
  readonly what: string;
}

export const GENESIS: Link = { position: 0, hash: "" };

/** Reads a row, or says what it lacks. */
export function readRow(value: unknown): Row | undefined {
  const [position, hash, entry] = ["position", "hash", "entry"].map((name) => member(value, name));
  if (typeof position !== "number" || typeof hash !== "string") return undefined;
  return typeof entry === "string" ? { position, hash, entry } : undefined;
}

/** What is wrong with a row behind this link: `h_n = SHA-256(h_{n-1} ‖ JCS(entry_n))`. */
export function faultOf(before: Link, { position, hash, entry }: Row): string | undefined {
  if (position !== before.position + 1) return `follows position ${before.position} in the log`;
  const computed = createHash("sha256").update(before.hash).update(entry).digest("hex");
  if (computed !== hash) return `its hash is ${hash}, computed ${computed}`;
  return canonicalText(entry) === entry ? undefined : "its entry is not canonical JSON";
}

function canonicalText(text: string): string | undefined {
  try {
    return canonical(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** RFC 8785, written apart from the gateway's own: a fault of one is seen by the other. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  // The default order of texts is that of UTF-16 code units, as §3.2.3 wants it.
  const names = Object.keys(value).toSorted();
  const members = names.map((name) => `${JSON.stringify(name)}:${canonical(member(value, name))}`);
  return `{${members.join()}}`;
}
