import type * as z from "zod";
import { EVERY_OPERATION } from "./document.ts";
import { PLACE_EXAMPLES } from "./places.ts";
import { isRecord, jsonSchema } from "./schema.ts";
import { TAGS } from "./sections.ts";

/** One request of a collection, as a person would first send it. */
export interface Example {
  readonly id: string;
  readonly name: string;
  readonly docs: string;
  readonly method: string;
  /** With `{name}` where a part is to be filled in. */
  readonly path: string;
  readonly places: readonly { readonly name: string; readonly value: string }[];
  readonly query: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRequired: boolean;
  }[];
  readonly body: unknown;
  readonly isPublic: boolean;
}

/** The operations as examples, by tag. */
export const examplesByTag = (): readonly {
  readonly tag: string;
  readonly docs: string;
  readonly examples: readonly Example[];
}[] =>
  TAGS.map(({ name, description }) => ({
    tag: name,
    docs: description,
    examples: EVERY_OPERATION.filter(({ operation }) => operation.tag === name).map(exampleOf),
  }));

function exampleOf({ method, path, operation }: (typeof EVERY_OPERATION)[number]): Example {
  const { id, summary, description, permission, body, query, answer } = operation;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const isPaged = answer.isList === true && names.includes("tenant");
  return {
    id,
    name: summary,
    docs: [description, permission === "public" ? "" : `Permission \`${permission}\`.`]
      .filter(Boolean)
      .join("\n\n"),
    method,
    path,
    places: names
      .filter((name) => name !== "tenant")
      .map((name) => ({ name, value: PLACE_EXAMPLES[name] ?? name })),
    query: [...filtersOf(query), ...(isPaged ? PAGE : [])],
    body: body?.example,
    isPublic: permission === "public",
  };
}

const PAGE = [
  { name: "limit", value: "50", isRequired: false },
  { name: "cursor", value: "", isRequired: false },
];

/** What a filter that must be given is given. */
const FILTERS: Readonly<Record<string, string>> = {
  order_id: "O1",
  from: "2026-07-01",
  to: "2026-08-01",
};

function filtersOf(query: z.ZodObject | undefined): Example["query"] {
  if (query === undefined) return [];
  const { properties, required } = jsonSchema(query, "input", "");
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => {
    const { enum: values, default: usual } = Object(schema);
    const first: unknown = usual ?? (Array.isArray(values) ? values[0] : undefined);
    const value = FILTERS[name] ?? (typeof first === "string" ? first : "");
    return { name, value, isRequired: needed.includes(name) };
  });
}
