import { type Bookmarks, bookmarksIn, newestOf, textOf } from "../../client/src/bookmarks.ts";
import { member, pause, readAnswer, retryAfterMs } from "../local/client.ts";

/** Where the verification reads: one tenant's API, by paths below the tenant's. */
export interface Source {
  /** The answer's body. Throws unless the answer is a success. */
  readonly get: (path: string) => Promise<unknown>;
}

/** An answer that is no success. */
export class Unanswered extends Error {
  readonly status: number;

  constructor(path: string, status: number, body: unknown) {
    super(`Cannot read ${path}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
  }
}

const ATTEMPTS_MAX = 10;
const BOOKMARK = "D1-Bookmark";

interface Gateway {
  readonly url: string;
  readonly tenant: string;
  readonly token: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/**
 * Reads over HTTP as any auditor does. Each read brings the bookmark of the one before, so that no
 * replica answers from further back than another did.
 */
export function openSource({ url, tenant, token, fetch: send }: Gateway): Source {
  let bookmarks: Bookmarks = new Map();

  async function attempt(path: string): Promise<Response | undefined> {
    const headers = {
      Authorization: `Bearer ${token}`,
      ...(bookmarks.size === 0 ? {} : { [BOOKMARK]: textOf(bookmarks) }),
    };
    try {
      return await send(`${url}/v1/tenants/${encodeURIComponent(tenant)}/${path}`, { headers });
    } catch {
      return undefined;
    }
  }

  async function get(path: string): Promise<unknown> {
    for (let n = 1; n <= ATTEMPTS_MAX; n += 1) {
      const response = await attempt(path);
      if (response !== undefined && !isBusy(response.status)) {
        const { status, headers, body } = await readAnswer(response);
        if (status !== 200) throw new Unanswered(path, status, body);
        bookmarks = newestOf(bookmarks, bookmarksIn(headers.get(BOOKMARK) ?? ""));
        return body;
      }
      await response?.body?.cancel();
      await pause(response === undefined ? 1000 : retryAfterMs(response.headers));
    }
    throw new Error(`Cannot read ${path} from ${url}: no answer in ${ATTEMPTS_MAX} attempts`);
  }

  return { get };
}

const isBusy = (status: number): boolean => status === 429 || status === 503;

/** Every item of a list, page by page. */
export async function* walk({ get }: Source, path: string): AsyncGenerator {
  let cursor: unknown;
  do {
    const onward = typeof cursor === "string" ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await get(`${path}${path.includes("?") ? "&" : "?"}limit=200${onward}`);
    const items: unknown = member(page, "items");
    if (Array.isArray(items)) yield* items;
    cursor = member(page, "next_cursor");
  } while (typeof cursor === "string");
}

/** Does it for each of these, a few at a time; the first failure ends it. */
export async function eachOf<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  lanes = 8,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  async function lane(): Promise<void> {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      await work(next.value);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}
