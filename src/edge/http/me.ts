import { type PagePorts, serveFiles } from "./page-files.ts";
import { problem } from "./problem.ts";
import { param, type Route } from "./route.ts";

/** What the page loads; everything else under `/me/` does not exist. */
const FILES: ReadonlySet<string> = new Set(["page.js", "live.js", "model.js", "page.css"]);

const PAGE = "/me/page";

/**
 * `GET /me/{tenant}/{distributor}`: a distributor's own page. It is the same for everybody and holds
 * nothing: the credential stands behind the `#`, which no browser sends, and what is shown is read
 * with it. So nobody learns from it who exists.
 */
export const meRoutes = (ports: PagePorts): readonly Route[] => {
  const serve = serveFiles(ports);
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
