import { SHARDS } from "./digest.ts";
import { badParameter } from "./problem.ts";

/** Parameters of a request, each read once: those that are left over are nobody's. */
export interface Query {
  readonly one: (name: string) => string | undefined;
  readonly many: (name: string) => readonly string[];
  readonly has: (name: string) => boolean;
  /** Throws a problem that names the first parameter that nobody read. */
  readonly end: () => void;
}

export function readQuery(params: URLSearchParams): Query {
  const unread = new Set(params.keys());
  const many = (name: string): readonly string[] => {
    unread.delete(name);
    return params.getAll(name);
  };
  return {
    many,
    has: (name) => params.has(name),
    one(name) {
      const values = many(name);
      if (values.length > 1) throw badParameter(name, "once", "Must be there once at most");
      return values[0];
    },
    end() {
      const [name] = unread;
      if (name !== undefined) throw badParameter(name, "unknown", "Is no parameter of this");
    },
  };
}

/** A whole number of a range; undefined where the parameter is absent. */
export function integerOf(
  query: Query,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = query.one(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badParameter(name, "range", `Must be a whole number from ${min} to ${max}`);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 as milliseconds; undefined where the parameter is absent. */
export function instantOf(query: Query, name: string): number | undefined {
  const text = query.one(name);
  if (text === undefined) return undefined;
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw badParameter(name, "format", "Must be an RFC 3339 date-time, as 2026-11-19T13:00:00Z");
}

export function required<Value>(name: string, value: Value | undefined): Value {
  if (value === undefined) throw badParameter(name, "required", "Is required");
  return value;
}

/** The shards that are asked for; all of them where none is named. */
export function shardsOf(query: Query): readonly number[] {
  const shards = query.many("shard").map((text) => {
    const isShard = /^(?:0|[1-9]\d?)$/.test(text) && Number(text) < SHARDS;
    if (!isShard) throw badParameter("shard", "range", `Must be from 0 to ${SHARDS - 1}`);
    return Number(text);
  });
  const all = Array.from({ length: SHARDS }, (_, shard) => shard);
  return shards.length === 0 ? all : [...new Set(shards)];
}

/** What a cursor of ours carries: where the page before ended. */
export const cursorText = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/** Undefined where the listing begins; throws a problem for what is no cursor of ours. */
export function cursorOf(query: Query): readonly unknown[] | undefined {
  const text = query.one("cursor");
  if (text === undefined) return undefined;
  try {
    const place: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (Array.isArray(place)) return place;
  } catch {
    // Said below: what cannot be parsed is no cursor either.
  }
  throw badParameter("cursor", "format", "Must be the next_cursor of the page before");
}
