import type { ApiContext } from "./route.ts";

export interface PagePorts {
  /** A static asset of this deployment, by its path. */
  readonly asset: (path: string) => Promise<Response>;
}

/** Answers with one file of a page. Whoever serves it has made sure that it is there. */
export type ServeFile = (c: ApiContext, path: string) => Promise<Response>;

/**
 * Serves the files of pages that are the same for everybody and read what they show from the API.
 * The asset server shows a page under its name without the ending.
 */
export const serveFiles =
  ({ asset }: PagePorts): ServeFile =>
  async (c, path) => {
    const { body, status, headers } = await asset(path);
    if (status !== 200) throw new Error(`Cannot read ${path}: ${status}`);
    return new Response(body, { headers: headersOf(c, headers.get("Content-Type") ?? "") });
  };

function headersOf(c: ApiContext, type: string): HeadersInit {
  const { host, protocol } = new URL(c.req.url);
  const socket = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
  return {
    "Content-Type": type,
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    // Its own files and its own API: nothing of a page that somebody smuggles in could run or leave.
    "Content-Security-Policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      // Older browsers do not count a WebSocket of the same host among 'self'.
      `connect-src 'self' ${socket}`,
      "img-src data:",
      // What is shown is set as text: nothing can be made markup of, by mistake either.
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}
