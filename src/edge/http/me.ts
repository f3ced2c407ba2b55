import { problem } from "./problem.ts";
import { type ApiContext, param, type Route } from "./route.ts";

export interface MePorts {
  /** A static asset of this deployment, by its path. */
  readonly asset: (path: string) => Promise<Response>;
}

/** What the page loads; everything else under `/me/` does not exist. */
const FILES: ReadonlySet<string> = new Set(["page.js", "live.js", "model.js", "page.css"]);

/** The asset server shows a page under its name without the ending. */
const PAGE = "/me/page";

/**
 * `GET /me/{tenant}/{distributor}`: a distributor's own page. It is the same for everybody and holds
 * nothing: the credential stands behind the `#`, which no browser sends, and what is shown is read
 * with it. So nobody learns from it who exists.
 */
export const meRoutes = ({ asset }: MePorts): readonly Route[] => {
  const serve = async (c: ApiContext, path: string) => {
    const { body, status, headers } = await asset(path);
    if (status !== 200) throw new Error(`Cannot read ${path}: ${status}`);
    return new Response(body, { headers: headersOf(c, headers.get("Content-Type") ?? "") });
  };
  return [
    {
      method: "GET",
      // Not `:tenant`: nothing here is of one, and the page is there for those that do not exist.
      path: "/me/:company/:person",
      permission: "public",
      handle: (c) => serve(c, PAGE),
    },
    {
      method: "GET",
      path: "/me/:file",
      permission: "public",
      handle: (c) => {
        const file = param(c, "file");
        return FILES.has(file) ? serve(c, `/me/${file}`) : problem("not_found");
      },
    },
  ];
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
