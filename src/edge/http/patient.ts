import type { Log } from "../log.ts";
import { isReadOutage, isSevered, isTurnedAway, rootOf } from "../outage.ts";
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
 * As long as D1 lets one query run: what is over by then was not slow but stalled. Together with the
 * 30 s that a Worker may go on behind its answer no longer than an `Idempotency-Key` stays taken.
 */
const WRITE_MS_MAX = 30_000;

export interface PatientPorts {
  /** Lets work go on behind the answer. */
  readonly aside: (work: Promise<void>) => void;
  readonly log: Log;
}

/** A write of which nobody knows whether it was done, or still will be. */
export class OutcomeUnknown extends Overloaded {
  /** What becomes of it, should it end. */
  readonly outcome: Promise<Response>;

  constructor(outcome: Promise<Response>, cause: unknown) {
    super("Cannot tell whether it was written: what is written to is out", { cause });
    this.outcome = outcome;
  }
}

/** Whether a failure, wherever in a write, leaves open what became of what failed. */
export const isUndecided = (error: unknown): boolean => isReadOutage(error) && !isTurnedAway(error);

/** A write that writes nothing: it says what would be. */
export const isHarmless = ({ permission }: Pick<Route, "permission">): boolean =>
  permission.endsWith(":read");

/** What a route does, for no longer than it may take. What is out by then is {@link Overloaded}. */
export function patient(route: Route, ports: PatientPorts): Route["handle"] {
  if (route.permission === "public") return route.handle;
  return route.method === "GET" ? reading(route) : writing(route, ports);
}

/**
 * A read whose connection breaks is begun once more, in a session of its own; who is full is not asked
 * again at once.
 */
function reading({ handle, isHeavy, isInParts }: Route): Route["handle"] {
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

/** A write is never begun again, and goes on behind its answer: it may be half done. */
function writing(route: Route, { aside, log }: PatientPorts): Route["handle"] {
  return async (c) => {
    // As slow as its sender is: a body that is larger than usual is there before the time runs.
    if (route.bodyBytesMax !== undefined) await c.req.arrayBuffer();
    const outcome = Promise.resolve(c).then(route.handle);
    try {
      return await within(WRITE_MS_MAX, () => outcome);
    } catch (error) {
      if (!isReadOutage(error)) throw error;
      const late = (failure: unknown): void => {
        if (failure === error) return;
        const { tenant } = c.get("tenant") ?? {};
        const said = { request_id: c.get("requestId"), tenant };
        log("error", "request.failed_late", { ...said, method: c.req.method, error: failure });
      };
      aside(outcome.then(() => undefined, late));
      // Who is turned away at a later step has left all as it was before no more.
      const isOpen = isUndecided(error) || c.get("isSaved") === true;
      if (isOpen && !isHarmless(route)) throw new OutcomeUnknown(outcome, error);
      throw new Overloaded("Cannot write: what is written to is out", { cause: error });
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
