import type { Json, JsonObject } from "../core/json.ts";
import { JSON_DEPTH_MAX } from "../senders/read/json.ts";
import { isLoose } from "../senders/read/loose.ts";

/** A record travels in a list of items in a body of ours, and what reads that looks no deeper. */
const RECORD_DEPTH_MAX = JSON_DEPTH_MAX - 3;

/** Whether a record has more levels than the body that it would travel in leaves it. */
export const isTooDeep = (record: JsonObject): boolean => isDeeper(record, RECORD_DEPTH_MAX);

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** What was parsed from JSON, as such; anything else in it, which a parser does not make, is left out. */
export function jsonOf(value: Readonly<Record<string, unknown>>): JsonObject {
  const members = Object.entries(value).flatMap(([name, member]) => {
    const json = toJson(member);
    return json === undefined ? [] : [[name, json] as const];
  });
  return Object.fromEntries(members);
}

function toJson(value: unknown): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  return isLoose(value) ? jsonOf(value) : undefined;
}
