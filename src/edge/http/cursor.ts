import { createHash } from "node:crypto";
import type * as z from "zod";
import { ok, refuse, type Result } from "../../core/result.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;
/** Places are made of ids, and of some of them percent-encoded: nothing that a list gave is longer. */
const CURSOR_CHARS_MAX = 4096;
/** 72 bits: a cursor is taken to the wrong list by mistake, nobody gains by making one up. */
const LIST_CHARS = 12;

/** Which part of a list is asked for. */
export interface Page<After> {
  readonly limit: number;
  /** Where the part before it ended. */
  readonly after?: After;
  /** The list's name, which all of its cursors have. */
  readonly list: string;
}

/**
 * Reads `cursor` and `limit` of a list that is narrowed by `filters`. A cursor that this list could
 * not have given is refused, not guessed at: a place of one list can look like one of another, and
 * under other filters what was passed over would be missing in silence.
 */
export function readPage<After>(
  c: ApiContext,
  schema: z.ZodType<After>,
  filters: object,
): Result<Page<After>, Response> {
  const list = nameOfList(c.req.url, filters);
  const limit = readLimit(c.req.query("limit"));
  if (limit === undefined) {
    return refuse(invalid("limit", "range", `Must be a whole number from 1 to ${LIMIT_MAX}`));
  }
  const text = c.req.query("cursor");
  if (text === undefined) return ok({ list, limit });
  const after = decodeCursor(text, list, schema);
  return after === undefined ? refuse(foreignCursor()) : ok({ list, limit, after });
}

/** Refuses a cursor that its list could not have given, before anything is read. */
export const foreignCursor = (): Response =>
  invalid("cursor", "cursor", "Must be a next_cursor of this list, asked with the same filters");

/** The answer of a list, from one row more than its limit: that row tells whether it goes on. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  page: Page<unknown>,
  { show, at }: { show: (row: Row) => Item; at: (row: Row) => unknown },
): { items: readonly Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(show),
    next_cursor: last === undefined ? null : cursorAt(page, at(last)),
  };
}

/** Where a list goes on behind a place: opaque to callers, so that its content may change. */
export const cursorAt = ({ list }: Pick<Page<unknown>, "list">, after: unknown): string =>
  Buffer.from(JSON.stringify([list, after])).toString("base64url");

/**
 * A list's name: its address, tenant and all, and what it is narrowed by. Ids count as they are
 * meant, however a client has escaped them.
 */
export function nameOfList(url: string, filters: object): string {
  const segments = new URL(url).pathname.split("/").map(decoded);
  const text = JSON.stringify([segments, filters]);
  return createHash("sha256").update(text).digest("base64url").slice(0, LIST_CHARS);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // As the router takes it: for what it says.
    return segment;
  }
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LIMIT_MAX ? limit : undefined;
}

function decodeCursor<After>(
  text: string,
  list: string,
  schema: z.ZodType<After>,
): After | undefined {
  if (text.length > CURSOR_CHARS_MAX || !/^[\w-]+$/.test(text)) return undefined;
  try {
    const told: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    const [name, after]: readonly unknown[] = Array.isArray(told) ? told : [];
    return name === list ? schema.safeParse(after).data : undefined;
  } catch {
    // No JSON: somebody else's text.
    return undefined;
  }
}

const invalid = (path: string, rule: string, message: string): Response =>
  problem("parameter_invalid", { errors: [{ path, rule, message }] });
