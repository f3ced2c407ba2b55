import * as z from "zod";
import { WORDS } from "./words.ts";

export type Json = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What says how a value is written, and nothing of what it means. */
const FORMS: ReadonlySet<unknown> = new Set([
  "RFC 3339, UTC, milliseconds",
  "RFC 3339 date-time, UTC or with an offset",
  "An id or a name",
]);

/**
 * The JSON Schema 2020-12 of a schema, each of its properties described: by itself, or by the word
 * of its place under `name` in words.ts.
 */
export function jsonSchema(schema: z.ZodType, io: "input" | "output", name: string): Json {
  const json: unknown = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
  });
  if (!isRecord(json)) return {};
  const { $schema: _schema, ...rest } = json;
  return described(rest, name);
}

/** The same, as one of the parameters or members of `name`. */
export function describedAs(schema: Json, place: string): Json {
  const own = schema["description"];
  const word = wordOf(place);
  if (word === undefined || (own !== undefined && !FORMS.has(own))) return schema;
  const form = typeof own === "string" && own.startsWith("RFC") ? `. ${own}` : "";
  return { ...schema, description: `${word}${form}` };
}

// The very place, else the name alone.
const wordOf = (place: string): string | undefined =>
  WORDS[place] ?? WORDS[place.split(".").at(-1) ?? ""];

const SUBSCHEMAS = ["items", "additionalProperties", "propertyNames"] as const;
const BRANCHES = ["anyOf", "oneOf", "allOf"] as const;

function described(schema: Json, place: string): Json {
  const copy: Record<string, unknown> = { ...schema };
  for (const name of SUBSCHEMAS) {
    if (isRecord(copy[name])) copy[name] = described(copy[name], place);
  }
  for (const name of BRANCHES) {
    const branches = copy[name];
    if (!Array.isArray(branches)) continue;
    copy[name] = branches.map((one: unknown) => (isRecord(one) ? described(one, place) : one));
  }
  if (isRecord(copy["properties"])) copy["properties"] = members(copy["properties"], place);
  return copy;
}

const members = (properties: Json, place: string): Json =>
  Object.fromEntries(
    Object.entries(properties).map(([name, of]) => {
      const at = `${place}.${name}`;
      return [name, isRecord(of) ? describedAs(described(of, at), at) : of];
    }),
  );
