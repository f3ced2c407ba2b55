import type { Json, JsonObject } from "../json.ts";

/** What Workers KV takes as a key, and ample for any subject. */
export const KEY_CHARS_MAX = 512;

/**
 * How the key of a type reads: `prefix:` and its parts, with `:` and `%` percent-encoded in all
 * parts but the last, so that no two subjects share a key.
 */
export interface KeyForm {
  readonly prefix: string;
  readonly fields: readonly KeyField[];
  /** The contract lets a sender name the subject by key alone: the reader then fills `data`. */
  readonly fills: boolean;
}

interface KeyField {
  readonly name: string;
  /** What stands for an absent optional field. */
  readonly absent?: string;
}

/** Fields written `location?` are optional and read `-` when absent. */
export const keyed = (prefix: string, ...fields: string[]): KeyForm => ({
  prefix,
  fields: fields.map((name) =>
    name.endsWith("?") ? { name: name.slice(0, -1), absent: "-" } : { name },
  ),
  fills: false,
});

export const filling = (form: KeyForm): KeyForm => ({ ...form, fills: true });

/** `sku:{sku}:{location or -}`, for people and the published schema. */
export const formText = ({ prefix, fields }: KeyForm): string =>
  [
    prefix,
    ...fields.map(({ name, absent }) => (absent ? `{${name} or ${absent}}` : `{${name}}`)),
  ].join(":");

/** The key that `data` gives under this form; undefined while a part is missing. */
export function deriveKey(form: KeyForm, data: JsonObject, tenant: string): string | undefined {
  let key = form.prefix;
  for (const [i, { name, absent }] of form.fields.entries()) {
    const part = name === "tenant" ? tenant : (partText(data[name]) ?? absent);
    if (part === undefined) return undefined;
    key += `:${i === form.fields.length - 1 ? part : escapePart(part)}`;
  }
  return key;
}

export const formOf = (forms: readonly KeyForm[], key: string): KeyForm | undefined =>
  forms.find(({ prefix }) => key.startsWith(`${prefix}:`) && key.length > prefix.length + 1);

/** `data` with the parts that only the key names, where the contract allows that. */
export function fillFrom(form: KeyForm, key: string, data: JsonObject): JsonObject {
  const open = form.fills ? form.fields.filter(({ name }) => data[name] === undefined) : [];
  if (open.length === 0) return data;
  const parts = splitKey(form, key);
  const filled: Record<string, Json> = { ...data };
  for (const [i, { name }] of form.fields.entries()) {
    const part = parts[i];
    if (filled[name] === undefined && part !== undefined) filled[name] = part;
  }
  return filled;
}

function splitKey({ prefix, fields }: KeyForm, key: string): string[] {
  const parts = key.slice(prefix.length + 1).split(":");
  const heads = parts.slice(0, fields.length - 1).map(unescapePart);
  const last = parts.slice(fields.length - 1).join(":");
  return last === "" ? heads : [...heads, last];
}

const escapePart = (part: string) => part.replaceAll("%", "%25").replaceAll(":", "%3A");
const unescapePart = (part: string) => part.replaceAll("%3A", ":").replaceAll("%25", "%");

/** Texts and integers as they read; composite primary keys as JSON with their columns sorted. */
function partText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === "boolean") return undefined;
  if (isList(value)) return JSON.stringify(value);
  const columns = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(columns));
}

/** Array.isArray does not narrow a readonly array. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
