import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./route.ts";

/** `If-None-Match` compares weakly (RFC 9110 §13.1.2). */
const strong = (text: string): string => text.trim().replace(/^W\//, "");

const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

/**
 * The tag of an answer that also tells when it was made: of what it tells beside that. Weak, as two
 * answers with this tag differ in that moment.
 */
export const tagOfRest = (rest: unknown): Readonly<Record<"ETag", string>> => ({
  ETag: `W/"${digestOf(JSON.stringify(rest))}"`,
});

/**
 * Gives each answer of a GET, and so of a HEAD, its ETag, and 304 to who has it already. Streams pass
 * untouched: hono/etag would read a live stream to an end that never comes.
 */
export const entityTag: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const type = c.res.headers.get("Content-Type") ?? "";
  const isWhole = /^(?:application\/json|text\/csv|text\/html)\b/.test(type);
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (!isRead || c.res.status !== 200 || !isWhole) return;
  const tagged = await tag(c.res, c.req.header("If-None-Match") ?? "");
  // Hono copies the headers of an answer that is replaced, unless it is taken away first.
  c.res = undefined;
  c.res = tagged;
};

async function tag(response: Response, known: string): Promise<Response> {
  const body = await response.text();
  const headers = new Headers(response.headers);
  const own = headers.get("ETag") ?? `"${digestOf(body)}"`;
  headers.set("ETag", own);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
  const tags = known.split(",").map(strong);
  if (!tags.includes("*") && !tags.includes(strong(own))) return new Response(body, { headers });
  headers.delete("Content-Type");
  return new Response(null, { status: 304, headers });
}
