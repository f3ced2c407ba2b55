import { and, desc, eq, lt } from "drizzle-orm";
import type { ControlReader, Part, Reading } from "../reading.ts";
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
export const auditStore = (store: Pick<Store, "reads">) => ({
  async list(
    reader: ControlReader,
    { after, limit }: Part<string>,
  ): Promise<Reading<readonly AuditEntry[]>> {
    const older = after === undefined ? undefined : lt(audit.auditId, after);
    const session = store.reads(reader);
    const rows = await session.db
      .select()
      .from(audit)
      .where(and(eq(audit.tenant, reader.tenant), older))
      .orderBy(desc(audit.auditId))
      .limit(limit);
    return session.reading(
      rows.map(({ auditId, atMs, actor, action, target, detail }) => ({
        auditId,
        atMs,
        actor,
        action,
        target,
        detail: JSON.parse(detail),
      })),
    );
  },
});
