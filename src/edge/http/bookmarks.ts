import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./route.ts";

/** How far databases were that a tenant's answers come from. */
export interface Bookmarks {
  /** The tenant's shard: its mirror. */
  readonly mirror?: string;
  /** The first shard, where the control tables are, unless that is the tenant's own. */
  readonly control?: string;
}

/** What a caller has seen: bookmarks of databases, and positions of objects, which are ahead of them. */
export interface Seen extends Bookmarks {
  /** By {@link objectName}; the one seen last at the end. */
  readonly positions?: ReadonlyMap<string, number>;
}

/** What answers give and requests bring. */
export const BOOKMARK_HEADER = "D1-Bookmark";

/** Of more objects than this, those seen longest ago are forgotten: a header must stay short. */
const POSITIONS_MAX = 8;

/** Three counters and a digest, all hexadecimal, as D1 writes it. */
const ONE = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}";
/** Digits of the same number everywhere, so that texts sort as positions do. */
const POSITION_DIGITS = 16;
const POSITION = `dist:[0-9a-f]{16}=[0-9]{${POSITION_DIGITS}}`;

/**
 * The header's text: a bookmark, of the control tables with a name before it, or one of each; behind
 * them, or alone, positions of distributors' objects.
 */
export const BOOKMARK_PATTERN = `^(?=.)(?:${ONE})?(?:(?:^|, )control=${ONE})?(?:(?:^|, )${POSITION}){0,${POSITIONS_MAX}}$`;
const PATTERN = new RegExp(BOOKMARK_PATTERN);
const CONTROL = "control=";
const DISTRIBUTOR = "dist:";

/** A distributor's object, as the header names it: as short for long ids, and naming nobody. */
export const objectName = (distributorId: string): string =>
  `${DISTRIBUTOR}${createHash("sha256").update(distributorId).digest("hex").slice(0, 16)}`;

/** Reads the header's text; undefined where no answer of ours has given it. */
export function readBookmarks(text: string): Seen | undefined {
  if (!PATTERN.test(text)) return undefined;
  const parts = text.split(", ");
  const mirror = parts.find((part) => !part.includes("="));
  const control = parts.find((part) => part.startsWith(CONTROL))?.slice(CONTROL.length);
  const positions = parts
    .filter((part) => part.startsWith(DISTRIBUTOR))
    .map((part): [string, number] => {
      const [name = "", digits] = part.split("=");
      return [name, Number(digits)];
    });
  // More than a number holds: what was given back would be another position, or a digit longer.
  if (positions.some(([, position]) => !Number.isSafeInteger(position))) return undefined;
  return {
    ...(mirror === undefined ? {} : { mirror }),
    ...(control === undefined ? {} : { control }),
    ...(positions.length === 0 ? {} : { positions: new Map(positions) }),
  };
}

/** The header of an answer; none where no database was asked, and no object. */
export function bookmarkHeaders({
  mirror,
  control,
  positions = new Map(),
}: Seen): Readonly<Record<string, string>> {
  const named = control === undefined ? undefined : `${CONTROL}${control}`;
  const places = [...positions]
    .slice(-POSITIONS_MAX)
    .map(([name, position]) => `${name}=${String(position).padStart(POSITION_DIGITS, "0")}`);
  const parts = [mirror, named, ...places].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { [BOOKMARK_HEADER]: parts.join(", ") };
}

/**
 * Gives back what a request brought of a database or an object that its answer did not come from: so
 * a caller who keeps the newest header, and nothing else, keeps them all.
 */
export const carriesBookmarks: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const header = c.req.header(BOOKMARK_HEADER);
  if (header === undefined) return;
  const brought = readBookmarks(header);
  const given = readBookmarks(c.res.headers.get(BOOKMARK_HEADER) ?? "");
  if (brought === undefined || given === undefined) return;
  const positions = newest(brought.positions, given.positions);
  const all = bookmarkHeaders({ ...brought, ...given, positions });
  for (const [name, value] of Object.entries(all)) c.res.headers.set(name, value);
};

/** Of each object the later position. */
function newest(brought: Seen["positions"], given: Seen["positions"]): Map<string, number> {
  const all = new Map(brought);
  for (const [name, position] of given ?? []) {
    const later = Math.max(position, all.get(name) ?? 0);
    all.delete(name);
    all.set(name, later);
  }
  return all;
}
