import { answerWholeList } from "./listing.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { ControlReader, Part, Reading } from "../reading.ts";
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
  function list(c: ApiContext): Promise<Response> {
    return answerWholeList(c, audit, { show, at: placeOf });
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
