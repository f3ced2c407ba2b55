import { type ReferenceCore, startCore } from "../../../tools/core/core.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./gateway.ts";
import { openTenant, SECRET, SOURCE, type TestTenant } from "./tenant.ts";

/** A gateway and a reference core of its own, and a tenant that mirrors it. */
export interface Mirroring {
  readonly gateway: LocalGateway;
  readonly core: ReferenceCore;
  readonly tenant: TestTenant;
  readonly database: Awaited<ReturnType<LocalGateway["miniflare"]["getD1Database"]>>;
  /** Rows of a statement whose one parameter is the tenant. */
  readonly select: (sql: string) => Promise<readonly Record<string, unknown>[]>;
  /** Has runs of these kinds be over, as of a moment: cron starts none for a while behind it. */
  readonly haveRun: (
    kinds: readonly string[],
    at: { readonly namedMs: number; readonly startedMs: number },
  ) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** `graceS`: seconds a line has to have rested before a difference is a break. */
export async function startMirroring(name: string, graceS: number): Promise<Mirroring> {
  const state = makeStateDir();
  const gateway = await startLocal(state.stateDir, { RECONCILIATION_GRACE_S: String(graceS) });
  const database = await gateway.miniflare.getD1Database("MIRROR_0");
  const tenant = await openTenant(gateway.client, name);
  const url = `${gateway.url}/in/${name}/${SOURCE}`;
  const core = await startCore({ gateway: { url, secret: SECRET } });
  await gateway.client.must(`PUT /v1/tenants/${name}`, {
    name: "Acme",
    mode: "mirror",
    currency: "USD",
    core: { url: core.url, auth: core.auth },
  });
  return {
    gateway,
    core,
    tenant,
    database,
    select: async (sql) => {
      const { results = [] } = await database.prepare(sql).bind(name).run();
      return results.map((row) => ({ ...Object(row) }));
    },
    haveRun: async (kinds, { namedMs, startedMs }) => {
      for (const kind of kinds) {
        const time = namedMs.toString(16).padStart(12, "0");
        await database
          .prepare(
            `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, lease_ms,
               cursor, report) VALUES (?, ?, ?, 'done', 'cron', ?, 0, '{}', '{}')`,
          )
          .bind(name, `recon_${time.slice(0, 8)}-${time.slice(8)}-${kind}`, kind, startedMs)
          .run();
      }
    },
    stop: async () => {
      await gateway.stop();
      await core.close();
      state.remove();
    },
  };
}
