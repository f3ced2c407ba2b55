import * as z from "zod";
import { scopesOfLink, seesPersonalData } from "../../core/access.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Caller } from "../control/directory.ts";
import { readJson } from "./body.ts";
import { signLink } from "./link-token.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";

/** Nobody can take a link back: it has to end by itself, and soon. */
const LIFE_S_MAX = 3600;
const LIFE_S_DEFAULT = 900;

export interface LinkPorts {
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

export const LinkBody = z.strictObject({
  expires_in_s: z
    .int()
    .min(1)
    .max(LIFE_S_MAX)
    .default(LIFE_S_DEFAULT)
    .describe(`Seconds, ${LIFE_S_MAX} at most`),
});

/** `POST …/distributors/{id}/links`: a way into a distributor's own page, for a while. */
export const linkRoutes = (ports: LinkPorts): readonly Route[] => [
  {
    method: "POST",
    path: "/v1/tenants/:tenant/distributors/:distributor/links",
    permission: "link:write",
    handle: (c) => createLink(ports, c),
  },
];

async function createLink({ record, nowMs }: LinkPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, LinkBody);
  if (!body.ok) return body.refusal;
  const [caller, tenant] = [c.get("caller"), c.get("tenant")];
  const distributorId = param(c, "distributor");
  const act = actOf(c, nowMs());
  const expiresMs = act.nowMs + body.value.expires_in_s * 1000;
  const link = {
    distributorId,
    expiresMs,
    scopes: scopesOfLink(caller.role),
    isMasked: isMasked(caller),
  };
  const token = await signLink(tenant, link);
  const { scopes } = link;
  const expires_at = formatInstant(expiresMs);
  await record(
    {
      tenant: tenant.tenant,
      action: "link.create",
      target: `dist:${distributorId}`,
      detail: { expires_at, scopes },
    },
    act,
  );
  // Behind the number sign: a browser tells it to no server, no log and no other page.
  const page = `/me/${encodeURIComponent(tenant.tenant)}/${encodeURIComponent(distributorId)}#${token}`;
  const url = new URL(page, c.req.url).toString();
  const headers = { "Cache-Control": "no-store" };
  return Response.json({ url, token, expires_at, scopes }, { status: 201, headers });
}

// What an auditor or support may not read by themselves, they do not read through a link.
const isMasked = (caller: Caller): boolean => !seesPersonalData(caller);
