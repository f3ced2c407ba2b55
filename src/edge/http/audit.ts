import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { ControlReader, Part, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { answerControl, controlReaderOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

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
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly AuditEntry[]>>;
}

/** `GET /v1/tenants/{t}/audit` */
export function auditRoutes({ audit }: { readonly audit: AuditTrail }): readonly Route[] {
  async function list(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}), { isList: true });
    if (!query.ok) return query.refusal;
    const page = readPage(c, z.string(), query.value);
    if (!page.ok) return page.refusal;
    const reader = controlReaderOf(c);
    if (!reader.ok) return reader.refusal;
    const part = { ...page.value, limit: page.value.limit + 1 };
    const read = await audit.list(reader.value, part);
    return answerControl(c, pageOf(read.value, page.value, { show, at: placeOf }), read);
  }
  return [
    { method: "GET", path: "/v1/tenants/:tenant/audit", permission: "audit:read", handle: list },
  ];
}

const placeOf = ({ auditId }: AuditEntry): string => auditId;

const show = ({ auditId, atMs, actor, action, target, detail }: AuditEntry) => ({
  audit_id: auditId,
  at: formatInstant(atMs),
  actor,
  action,
  target,
  detail,
});
