import type { Route } from "./route.ts";

export interface HealthPorts {
  /** Which build answers: the version that Cloudflare gave it. */
  readonly version: string;
  readonly environment: string;
}

/** `GET /healthz`: that this Worker runs. It asks nothing behind it, or one outage becomes two. */
export const healthRoutes = ({ version, environment }: HealthPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/healthz",
    permission: "public",
    handle: () => Response.json({ status: "ok", version, environment }),
  },
];
