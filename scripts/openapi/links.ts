import { LinkBody } from "../../src/edge/http/links.ts";
import type { Operation } from "./operation.ts";

const TOKEN =
  "upt_eyJkIjoiMTAwMSIsImUiOjE3ODI5MDA5MDAwMDB9.0123456789abcdefghijABCDEFGHIJ0123456789abc";

/** Links to a distributor's own page. */
export const LINKS: Readonly<Record<string, Operation>> = {
  "POST /v1/tenants/{tenant}/distributors/{distributor}/links": {
    id: "createLink",
    tag: "Status",
    summary: "Makes a link to a distributor's own page that soon ends",
    description:
      "Good for this distributor's own reads alone, and for no more than the role that makes it may see: names stay masked in what `support` makes. It is stored nowhere and cannot be taken back; it ends by itself, after an hour at most.",
    permission: "link:write",
    body: { schema: LinkBody, example: { expires_in_s: 900 } },
    answer: {
      status: 201,
      name: "NewLink",
      example: {
        url: `https://gateway.example/me/acme/1001#${TOKEN}`,
        token: TOKEN,
        expires_at: "2026-07-01T10:15:00.000Z",
        scopes: ["status:read", "line:read", "ledger:read", "report:read"],
      },
    },
  },
};
