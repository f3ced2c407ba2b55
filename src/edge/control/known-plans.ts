import type { Plan } from "../../core/plans/plan.ts";
import { createMemory } from "./memory.ts";

const TENANTS_MAX = 500;
const FRESH_MS = 30_000;

export interface KnownPlansPorts {
  /** Every version of a tenant's plans, from where they are kept. */
  readonly read: (tenant: string) => Promise<readonly Plan[]>;
  readonly nowMs: () => number;
}

export interface KnownPlans {
  /** Every version, as it was up to 30 s ago; older where it cannot be read now. */
  readonly of: (tenant: string) => Promise<readonly Plan[]>;
  /** This isolate has changed them: they are read again. */
  readonly forget: (tenant: string) => void;
}

/** Plans for the reads that may not ask for them each time. */
export function knownPlans({ read, nowMs }: KnownPlansPorts): KnownPlans {
  const memory = createMemory<readonly Plan[]>(TENANTS_MAX);
  return {
    async of(tenant) {
      const known = memory.get(tenant);
      if (known !== undefined && known.freshUntilMs > nowMs()) return known.value;
      try {
        const value = await read(tenant);
        const readMs = nowMs();
        memory.set(tenant, { value, readMs, freshUntilMs: readMs + FRESH_MS });
        return value;
      } catch (error) {
        if (known === undefined) throw error;
        return known.value;
      }
    },
    forget: (tenant) => memory.delete(tenant),
  };
}
