import createClient, { type Client } from "openapi-fetch";
import { bookmarkKeeper } from "./bookmarks.ts";
import { follow, type LiveEvent, type LiveOptions } from "./live.ts";
import { type Page, paginate } from "./pages.ts";
import { problemOf } from "./problem.ts";
import { pauseFor, type RetryOptions, withRetries } from "./retry.ts";
import type { paths } from "./schema.ts";

export type { LiveEvent, LiveOptions } from "./live.ts";
export type { Page } from "./pages.ts";
export { UplineProblem, type Violation } from "./problem.ts";
export type { RetryOptions } from "./retry.ts";
export type { components, operations, paths } from "./schema.ts";

export interface UplineOptions {
  /** Where the gateway is: `https://gateway.example`. */
  readonly baseUrl: string;
  /** An API key or a JWT; a function where it changes, asked before each attempt. */
  readonly token: string | (() => string | Promise<string>);
  readonly retry?: RetryOptions;
  /** In place of the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface Upline extends Client<paths> {
  /**
   * The body of an answer: `await upline.told(upline.GET(…))`. Refusals are thrown before; what is
   * left without a body is a 204 or a 304, for which it throws a TypeError.
   */
  told<Body>(answer: Promise<{ readonly data?: Body }>): Promise<NonNullable<Body>>;
  /** Every item of a list: `upline.paginate((cursor) => upline.GET(…, {params: {query: {cursor}}}))`. */
  paginate<Item>(
    read: (cursor?: string) => Promise<{ readonly data?: Page<Item> }>,
  ): AsyncGenerator<Item, void, undefined>;
  /** What changes of a distributor, as it changes. Ends with the signal. */
  live(
    place: { readonly tenant: string; readonly distributor: string },
    options?: LiveOptions,
  ): AsyncGenerator<LiveEvent, void, undefined>;
}

/**
 * A client of one gateway. Whatever is no success is thrown as an `UplineProblem`. Reads, and writes
 * with their `Idempotency-Key`, are sent again where the gateway is busy or the network fails; a
 * read sees at least what the answers before it have shown of the same tenant.
 */
export function createUpline(options: UplineOptions): Upline {
  const { baseUrl, token, retry } = options;
  const ownFetch = options.fetch ?? ((request: Request) => fetch(request));
  // Signed anew each time: a wait can outlast a token.
  const retrying = withRetries({ send: sign, pause: pauseFor, random: Math.random }, retry);
  const bookmarks = bookmarkKeeper();

  async function sign(request: Request): Promise<Response> {
    const own = typeof token === "function" ? await token() : token;
    request.headers.set("Authorization", `Bearer ${own}`);
    return ownFetch(request);
  }

  async function send(request: Request): Promise<Response> {
    bookmarks.bring(request);
    nameWrite(request);
    const response = await retrying(request);
    bookmarks.keep(request.url, response.headers);
    if (response.ok || response.status === 304) return response;
    throw await problemOf(response);
  }

  return {
    ...createClient<paths>({ baseUrl, fetch: send, pathSerializer: pathOf }),
    told,
    paginate: (read) => paginate((cursor) => told(read(cursor))),
    live: ({ tenant, distributor }, asked = {}) => {
      const path = pathOf("v1/tenants/{tenant}/distributors/{distributor}/live", {
        tenant,
        distributor,
      });
      const url = new URL(path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
      const open = async (headers: Readonly<Record<string, string>>, signal: AbortSignal) => {
        const request = new Request(url, { headers, signal });
        bookmarks.bring(request);
        const response = await sign(request);
        bookmarks.keep(request.url, response.headers);
        return response;
      };
      return follow({ open, pause: pauseFor, random: Math.random, problemOf }, asked);
    },
  };
}

async function told<Body>(answer: Promise<{ readonly data?: Body }>): Promise<NonNullable<Body>> {
  const { data } = await answer;
  if (data === undefined || data === null) throw new TypeError("The answer has no body");
  return data;
}

/**
 * A path with its parameters in place. A whole segment of nothing or of dots would be another path,
 * escaped or not: browsers and servers alike take it out.
 */
function pathOf(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (all, name: string) => {
    const value = params[name];
    if (typeof value !== "string" && typeof value !== "number") return all;
    if (/^\.{0,2}$/.test(`${value}`)) {
      throw new TypeError(`The path's ${name} cannot be "${value}"`);
    }
    return encodeURIComponent(value);
  });
}

/** Gives a write a name, so that it can be sent again and is done once. */
function nameWrite({ method, headers }: Request): void {
  if (method === "GET" || method === "HEAD" || headers.has("Idempotency-Key")) return;
  headers.set("Idempotency-Key", crypto.randomUUID());
}
