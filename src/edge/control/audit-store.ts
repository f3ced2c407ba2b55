import { and, desc, eq, lt } from "drizzle-orm";
import { audit } from "./tables.ts";
import type { Store } from "./store.ts";

/** One write that somebody made. */
export interface AuditEntry {
  readonly auditId: string;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: unknown;
}

/** The trail is written by {@link Store.commit} alone; here it is read, newest first. */
export function auditStore({ db }: Pick<Store, "db">) {
  return {
    async list(
      tenant: string,
      { after, limit }: { after?: string; limit: number },
    ): Promise<readonly AuditEntry[]> {
      const older = after === undefined ? undefined : lt(audit.auditId, after);
      const rows = await db
        .select()
        .from(audit)
        .where(and(eq(audit.tenant, tenant), older))
        .orderBy(desc(audit.auditId))
        .limit(limit);
      return rows.map(({ auditId, atMs, actor, action, target, detail }) => ({
        auditId,
        atMs,
        actor,
        action,
        target,
        detail: JSON.parse(detail),
      }));
    },
  };
}
