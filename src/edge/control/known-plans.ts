import type { Plan } from "../../core/plans/plan.ts";
import { createKnown } from "./known.ts";

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
  const known = createKnown<readonly Plan[]>({
    read: async (tenants) =>
      new Map(await Promise.all(tenants.map(async (of) => [of, await read(of)] as const))),
    none: [],
    freshMs: FRESH_MS,
    nowMs,
  });
  return {
    of: async (tenant) => (await known.of([tenant])).get(tenant) ?? [],
    forget: known.forget,
  };
}
