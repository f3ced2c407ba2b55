import type { MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";
import type { ApiEnv } from "./route.ts";

/** Ids of 128 characters, percent-encoded, several of them in one path. */
const PATH_CHARS_MAX = 4096;
/** A cursor of 4 096 and filters of 256 characters each, percent-encoded. */
const QUERY_CHARS_MAX = 8192;
const PARAMETERS_MAX = 32;
/** Cloudflare's own headers among them. */
const HEADERS_MAX = 100;
const HEADER_CHARS_MAX = 16_384;
const HEADERS_CHARS_MAX = 32_768;

/**
 * Bounds what comes before a body: the first thing that is looked at, alike for everybody. Ingest
 * has bounds of its own.
 */
export const bounded: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const address = new URL(c.req.url);
  c.set("address", address);
  return faultOf(address, c.req.raw.headers) ?? (await next());
};

function faultOf({ pathname, search }: URL, headers: Headers): Response | undefined {
  if (pathname.length > PATH_CHARS_MAX) return tooLong("path", PATH_CHARS_MAX);
  if (search.length > QUERY_CHARS_MAX) return tooLong("query", QUERY_CHARS_MAX);
  if (search.split("&").length > PARAMETERS_MAX) {
    const message = `Must be at most ${PARAMETERS_MAX} parameters`;
    return problem("parameter_invalid", { errors: [{ path: "", rule: "count", message }] });
  }
  const broken = search
    .slice(1)
    .split("&")
    .find((pair) => !isUtf8(pair));
  if (broken !== undefined) {
    const [path = ""] = broken.split("=");
    const errors = [{ path, rule: "encoding", message: "Must be UTF-8, percent-encoded" }];
    return problem("parameter_invalid", { errors });
  }
  let [count, chars] = [0, 0];
  for (const [name, value] of headers) {
    count += 1;
    chars += name.length + value.length;
    if (value.length <= HEADER_CHARS_MAX) continue;
    const detail = `The header ${name} must have at most ${HEADER_CHARS_MAX} characters`;
    return problem("headers_too_large", { detail });
  }
  if (count > HEADERS_MAX) {
    return problem("headers_too_many", { detail: `At most ${HEADERS_MAX} are taken` });
  }
  if (chars <= HEADERS_CHARS_MAX) return undefined;
  const detail = `Together they must have at most ${HEADERS_CHARS_MAX} characters`;
  return problem("headers_too_large", { detail });
}

function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const tooLong = (part: string, charsMax: number): Response =>
  problem("uri_too_long", { detail: `The ${part} must have at most ${charsMax} characters` });

/** A refusal to create one more of what a tenant has a limited number of. */
export const limitReached = (path: "sources" | "keys", limit: number): Response =>
  problem("limit_reached", {
    errors: [{ path, rule: "quota", message: `A tenant has at most ${limit}, by its quotas` }],
  });

/** The same where the number is fixed for every tenant. */
export const countReached = (path: "destinations" | "subscriptions", limit: number): Response =>
  problem("limit_reached", {
    errors: [{ path, rule: "quota", message: `A tenant has at most ${limit}` }],
  });
