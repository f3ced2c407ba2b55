import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { type ApiContext, param, type Route } from "./route.ts";

interface AuditEntry {
  readonly auditId: string;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: unknown;
}

/** Every write that somebody made, newest first. */
export interface AuditTrail {
  list(tenant: string, page: { after?: string; limit: number }): Promise<readonly AuditEntry[]>;
}

/** `GET /v1/tenants/{t}/audit` */
export function auditRoutes({ audit }: { readonly audit: AuditTrail }): readonly Route[] {
  async function list(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}), { isList: true });
    if (!query.ok) return query.refusal;
    const page = readPage(c, z.string());
    if (!page.ok) return page.refusal;
    const { limit } = page.value;
    const rows = await audit.list(param(c, "tenant"), { ...page.value, limit: limit + 1 });
    return Response.json(pageOf(rows, page.value, { show, at: ({ auditId }) => auditId }));
  }
  return [
    { method: "GET", path: "/v1/tenants/:tenant/audit", permission: "audit:read", handle: list },
  ];
}

const show = ({ auditId, atMs, actor, action, target, detail }: AuditEntry) => ({
  audit_id: auditId,
  at: formatInstant(atMs),
  actor,
  action,
  target,
  detail,
});
