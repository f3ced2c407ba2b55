import { within } from "../within.ts";
import { createMemory } from "./memory.ts";

const TENANTS_MAX = 500;

export interface KnownPorts<Value> {
  /** Of these tenants, from where it is kept; one that is not among the answers has `none`. */
  readonly read: (tenants: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  readonly none: Value;
  /** For how long it is believed without asking again. */
  readonly freshMs: number;
  /** So long whoever knows an older value waits for a newer one; absent: until it is there, or cannot be. */
  readonly renewalMsMax?: number;
  readonly nowMs: () => number;
}

export interface Known<Value> {
  /**
   * As it was at most so long ago, for every tenant that is asked about; older where it cannot be read
   * now. Throws where it cannot be read and this isolate does not know it of one of them.
   */
  readonly of: (tenants: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** This isolate has changed it: it is read again. */
  readonly forget: (tenant: string) => void;
}

/** What an isolate knows of tenants, for whoever may not ask for it each time. */
export function createKnown<Value>(ports: KnownPorts<Value>): Known<Value> {
  const { read, none, freshMs, renewalMsMax, nowMs } = ports;
  const memory = createMemory<Value>(TENANTS_MAX);
  let forgotten = 0;

  async function renew(tenants: readonly string[]): Promise<ReadonlyMap<string, Value>> {
    const before = forgotten;
    const found = await read(tenants);
    const readMs = nowMs();
    const values = new Map(tenants.map((tenant) => [tenant, found.get(tenant) ?? none]));
    // Something was changed while it was read: this may be what was there before.
    if (before !== forgotten) return values;
    for (const [tenant, value] of values) {
      memory.set(tenant, { value, readMs, freshUntilMs: readMs + freshMs });
    }
    return values;
  }

  /** Believed for once more, so that not everybody waits for what cannot be read. */
  function keep(tenants: readonly string[]): void {
    const freshUntilMs = nowMs() + freshMs;
    for (const tenant of tenants) {
      const remembered = memory.get(tenant);
      if (remembered !== undefined) memory.set(tenant, { ...remembered, freshUntilMs });
    }
  }

  return {
    async of(tenants) {
      const asked = [...new Set(tenants)];
      const atMs = nowMs();
      const known = new Map(
        asked.flatMap((tenant) => {
          const remembered = memory.get(tenant);
          return remembered === undefined ? [] : [[tenant, remembered] as const];
        }),
      );
      const stale = asked.filter((tenant) => (known.get(tenant)?.freshUntilMs ?? 0) <= atMs);
      const values = new Map([...known].map(([tenant, { value }]) => [tenant, value]));
      if (stale.length === 0) return values;
      if (asked.some((tenant) => !known.has(tenant))) {
        return new Map([...values, ...(await renew(stale))]);
      }
      try {
        const renewal = () => renew(stale);
        const renewed = renewalMsMax === undefined ? renewal() : within(renewalMsMax, renewal);
        return new Map([...values, ...(await renewed)]);
      } catch {
        keep(stale);
        return values;
      }
    },
    forget(tenant) {
      forgotten += 1;
      memory.delete(tenant);
    },
  };
}
