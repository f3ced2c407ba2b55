import { uuidV7 } from "../event-id.ts";
import type { Act } from "./store.ts";

const TRAIL = `INSERT INTO audit (tenant, audit_id, at_ms, actor, action, target, detail)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`;

/** What somebody did that changes no control table. */
export interface Deed {
  readonly tenant: string;
  readonly action: string;
  readonly target: string;
  readonly detail: object;
}

/** Leaves a deed in the audit trail, before it is done: rather one too many than one too few. */
export async function recordDeed(
  control: D1Database,
  { tenant, action, target, detail }: Deed,
  { actor, nowMs }: Act,
): Promise<void> {
  await control
    .prepare(TRAIL)
    .bind(tenant, uuidV7(nowMs), nowMs, actor, action, target, JSON.stringify(detail))
    .run();
}
