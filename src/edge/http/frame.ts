import type { ApiContext } from "./route.ts";

/**
 * An answer with these headers where it has none of the name: the answer itself, or a copy where its
 * headers cannot change, as those of other Workers, objects and assets. An upgrade to WebSocket passes
 * as it is: its headers reach nobody.
 */
export function withHeaders(
  response: Response,
  headers: Readonly<Record<string, string>>,
): Response {
  if (response.status === 101) return response;
  const missing = Object.entries(headers).filter(([name]) => !response.headers.has(name));
  try {
    return setAll(response, missing);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return setAll(new Response(response.body, response), missing);
  }
}

function setAll(response: Response, headers: readonly (readonly [string, string])[]): Response {
  for (const [name, value] of headers) response.headers.set(name, value);
  return response;
}

/** Hono copies the headers of an answer that is replaced, unless it is taken away first. */
export function replace(c: ApiContext, response: Response): void {
  if (response === c.res) return;
  c.res = undefined;
  c.res = response;
}
