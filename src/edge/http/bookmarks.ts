import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./route.ts";

/** How far databases were that a tenant's answers come from. */
export interface Bookmarks {
  /** The tenant's shard: its mirror. */
  readonly mirror?: string;
  /** The first shard, where the control tables are, unless that is the tenant's own. */
  readonly control?: string;
}

/** What answers give and requests bring. */
export const BOOKMARK_HEADER = "D1-Bookmark";

/** Three counters and a digest, all hexadecimal, as D1 writes it. */
const ONE = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}";

/** The header's text: a bookmark, of the control tables with a name before it, or one of each. */
export const BOOKMARK_PATTERN = `^(?:${ONE}|(?:${ONE}, )?control=${ONE})$`;
const PATTERN = new RegExp(BOOKMARK_PATTERN);
const CONTROL = "control=";

/** Reads the header's text; undefined where no answer of ours has given it. */
export function readBookmarks(text: string): Bookmarks | undefined {
  if (!PATTERN.test(text)) return undefined;
  const parts = text.split(", ");
  const mirror = parts.find((part) => !part.startsWith(CONTROL));
  const control = parts.find((part) => part.startsWith(CONTROL))?.slice(CONTROL.length);
  return {
    ...(mirror === undefined ? {} : { mirror }),
    ...(control === undefined ? {} : { control }),
  };
}

/** The header of an answer; none where no database was asked. */
export function bookmarkHeaders({ mirror, control }: Bookmarks): Readonly<Record<string, string>> {
  const named = control === undefined ? undefined : `${CONTROL}${control}`;
  const parts = [mirror, named].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { [BOOKMARK_HEADER]: parts.join(", ") };
}

/**
 * Gives back what a request brought of a database that its answer did not come from: so a caller who
 * keeps the newest header, and nothing else, keeps both.
 */
export const carriesBookmarks: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const brought = readBookmarks(c.req.header(BOOKMARK_HEADER) ?? "");
  const given = readBookmarks(c.res.headers.get(BOOKMARK_HEADER) ?? "");
  if (brought === undefined || given === undefined) return;
  const all = bookmarkHeaders({ ...brought, ...given });
  for (const [name, value] of Object.entries(all)) c.res.headers.set(name, value);
};
