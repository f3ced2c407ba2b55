import { isReadOutage, isSevered, rootOf } from "../outage.ts";
import { Overloaded } from "../overloaded.ts";
import { within } from "../within.ts";
import { BOOKMARK_HEADER } from "./bookmarks.ts";
import { bookmarkRefused } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

/** D1 has been seen to stall for a minute: a caller who is told so can ask again, elsewhere even. */
export const READ_MS_MAX = 10_000;
/** How long D1 lets one query run. */
const HEAVY_MS_MAX = 30_000;

/**
 * What a route does, and for reads no longer than they may take. One whose connection breaks is begun
 * once more, in a session of its own; who is full is not asked again at once.
 */
export function patient(route: Route): Route["handle"] {
  const { method, permission, handle, isHeavy, isInParts } = route;
  if (method !== "GET" || permission === "public") return handle;
  const msMax = isHeavy ? HEAVY_MS_MAX : READ_MS_MAX;
  return async (c) => {
    try {
      if (isInParts === true) return await handle(c);
      return await bounded(msMax, async () => handle(c));
    } catch (error) {
      if (isOfBookmark(c, error)) return bookmarkRefused();
      if (!isReadOutage(error)) throw error;
      throw new Overloaded("Cannot read: what is read from is out", { cause: error });
    }
  };
}

/** A part of a route that bounds its parts itself: as long as any read may take. */
export const readPatiently = <Value>(read: () => Promise<Value>): Promise<Value> =>
  bounded(READ_MS_MAX, read);

async function bounded<Value>(msMax: number, read: () => Promise<Value>): Promise<Value> {
  let isOver = false;
  try {
    return await within(msMax, async () => {
      try {
        return await read();
      } catch (error) {
        if (isOver || !isReadOutage(error) || !isSevered(error)) throw error;
        return read();
      }
    });
  } finally {
    isOver = true;
  }
}

/** The form of a bookmark is checked before; that there never was such a one, only D1 knows. */
const isOfBookmark = (c: ApiContext, error: unknown): boolean =>
  c.req.header(BOOKMARK_HEADER) !== undefined && /bookmark/i.test(String(rootOf(error)));
