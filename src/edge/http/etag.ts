import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { replace, withHeaders } from "./frame.ts";
import type { ApiEnv } from "./route.ts";

/** `If-None-Match` compares weakly (RFC 9110 §13.1.2). */
const strong = (text: string): string => text.trim().replace(/^W\//, "");

const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

const tagOf = (text: string): string => `"${digestOf(text)}"`;

/** An answer in JSON with its tag: made while its text is at hand, or it would be read again for it. */
export function taggedJson(body: unknown, headers: Readonly<Record<string, string>>): Response {
  const text = JSON.stringify(body);
  const tagged = { "Content-Type": "application/json", ETag: tagOf(text), ...headers };
  return new Response(text, { headers: tagged });
}

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
  const tagged = withHeaders(await tag(c.res), { "Cache-Control": "private, no-cache" });
  replace(c, isKnown(c.req.header("If-None-Match"), tagged) ? notModified(tagged) : tagged);
};

/** The answer with a tag: its own, or that of its text. */
async function tag(response: Response): Promise<Response> {
  if (response.headers.has("ETag")) return response;
  const body = await response.text();
  const headers = new Headers(response.headers);
  headers.set("ETag", tagOf(body));
  return new Response(body, { headers });
}

function isKnown(known: string | undefined, { headers }: Response): boolean {
  if (known === undefined) return false;
  const tags = known.split(",").map(strong);
  return tags.includes("*") || tags.includes(strong(headers.get("ETag") ?? ""));
}

function notModified({ headers: given }: Response): Response {
  const headers = new Headers(given);
  headers.delete("Content-Type");
  return new Response(null, { status: 304, headers });
}
