import type * as z from "zod";
import { ok, refuse, type Result } from "../../core/result.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;
const CURSOR_CHARS_MAX = 1024;

/** Which part of a list is asked for. */
export interface Page<After> {
  readonly limit: number;
  /** Where the part before it ended. */
  readonly after?: After;
}

/** Where a list goes on: opaque to callers, so that its content may change. */
const encodeCursor = (after: unknown): string =>
  Buffer.from(JSON.stringify(after)).toString("base64url");

/** Reads `cursor` and `limit`. A cursor that this list could not have given is refused, not guessed at. */
export function readPage<After>(
  c: ApiContext,
  schema: z.ZodType<After>,
): Result<Page<After>, Response> {
  const limit = readLimit(c.req.query("limit"));
  if (limit === undefined) {
    return refuse(invalid("limit", "range", `Must be a whole number from 1 to ${LIMIT_MAX}`));
  }
  const text = c.req.query("cursor");
  if (text === undefined) return ok({ limit });
  const after = decodeCursor(text, schema);
  if (after === undefined) {
    return refuse(invalid("cursor", "cursor", "Must be a next_cursor of this list"));
  }
  return ok({ limit, after });
}

/** The answer of a list, from one row more than its limit: that row tells whether it goes on. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit }: Page<unknown>,
  { show, at }: { show: (row: Row) => Item; at: (row: Row) => unknown },
): { items: readonly Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(show),
    next_cursor: last === undefined ? null : encodeCursor(at(last)),
  };
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LIMIT_MAX ? limit : undefined;
}

function decodeCursor<After>(text: string, schema: z.ZodType<After>): After | undefined {
  if (text.length > CURSOR_CHARS_MAX || !/^[\w-]+$/.test(text)) return undefined;
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, "base64url").toString())).data;
  } catch {
    // No JSON: somebody else's text.
    return undefined;
  }
}

const invalid = (path: string, rule: string, message: string): Response =>
  problem("parameter_invalid", { errors: [{ path, rule, message }] });
