import { type PagePorts, serveFiles } from "./page-files.ts";
import { problem } from "./problem.ts";
import { param, type Route } from "./route.ts";

/** What the page loads; everything else under `/console/` does not exist. */
const FILES: ReadonlySet<string> = new Set([
  "page.js",
  "page.css",
  "api.js",
  "model.js",
  "words.js",
  "parts.js",
  "form.js",
  "list.js",
  "act.js",
  "fresh.js",
  "overview.js",
  "held.js",
  "events.js",
  "event.js",
  "breaks.js",
  "reconciliations.js",
  "sources.js",
  "deliveries.js",
  "audit.js",
  "look.js",
]);

const PAGE = "/console/page";

/**
 * `GET /console`: the operators' page. It is the same for everybody and holds nothing: what it shows
 * and does goes through the API, with the credential that somebody signs in with there.
 */
export const consoleRoutes = (ports: PagePorts): readonly Route[] => {
  const serve = serveFiles(ports);
  return [
    {
      method: "GET",
      path: "/console",
      permission: "public",
      handle: (c) => serve(c, PAGE),
    },
    {
      method: "GET",
      path: "/console/:file",
      permission: "public",
      handle: (c) => {
        const file = param(c, "file");
        return FILES.has(file) ? serve(c, `/console/${file}`) : problem("not_found");
      },
    },
  ];
};
