import type { KnownSubscription } from "../../core/outbound/wants.ts";
import type { Log } from "../log.ts";
import { createKnown, type Known } from "./known.ts";

/** How long it may take until a change is heeded by every isolate. */
const FRESH_MS = 10_000;
/** The live path waits no longer for what it knows in an older state. */
const RENEWAL_MS_MAX = 1000;

export interface KnownSubscriptionsPorts {
  readonly control: D1Database;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Subscriptions of tenants as an isolate knows them, each tenant's by name. */
export type KnownSubscriptions = Known<readonly KnownSubscription[]>;

/** Subscriptions for the projection: as they were up to 10 s ago, older where they cannot be read now. */
export const knownSubscriptions = ({
  control,
  log,
  nowMs,
}: KnownSubscriptionsPorts): KnownSubscriptions =>
  createKnown<readonly KnownSubscription[]>({
    read: (tenants) => readSubscriptions(control, tenants, log),
    none: [],
    freshMs: FRESH_MS,
    renewalMsMax: RENEWAL_MS_MAX,
    nowMs,
  });

// From the primary: what was saved a moment ago counts. One whose destination is gone wants nothing;
// a paused destination is told once it is resumed.
const SUBSCRIPTIONS = `SELECT s.tenant, s.subscription, s.destination, s.types, s.sources,
    s.except_sources AS exceptSources, s.since_ms AS sinceMs, d.created_ms AS destinationMs
  FROM json_each(?1) asked JOIN subscriptions s ON s.tenant = asked.value
    JOIN destinations d ON d.tenant = s.tenant AND d.destination = s.destination
  ORDER BY s.tenant, s.subscription`;

interface Row {
  readonly tenant: string;
  readonly subscription: string;
  readonly destination: string;
  readonly types: string;
  readonly sources: string | null;
  readonly exceptSources: string | null;
  readonly sinceMs: number;
  readonly destinationMs: number;
}

async function readSubscriptions(
  control: D1Database,
  tenants: readonly string[],
  log: Log,
): Promise<ReadonlyMap<string, readonly KnownSubscription[]>> {
  const session = control.withSession("first-primary");
  const { results } = await session.prepare(SUBSCRIPTIONS).bind(JSON.stringify(tenants)).all<Row>();
  const byTenant = Map.groupBy(results, ({ tenant }) => tenant);
  return new Map([...byTenant].map(([of, rows]) => [of, rows.flatMap((row) => opened(row, log))]));
}

/** One that somebody has spoilt by hand is told to the log: it must not stop those beside it. */
function opened(row: Row, log: Log): readonly KnownSubscription[] {
  const { tenant, subscription, destination, sinceMs, destinationMs } = row;
  const types = namesIn(row.types);
  const sources = row.sources === null ? null : namesIn(row.sources);
  const exceptSources = row.exceptSources === null ? null : namesIn(row.exceptSources);
  if (types === undefined || sources === undefined || exceptSources === undefined) {
    log("error", "subscription_unreadable", { alert: true, tenant, subscription });
    return [];
  }
  return [
    {
      subscription,
      destination,
      types,
      ...(sources === null ? {} : { sources }),
      ...(exceptSources === null ? {} : { exceptSources }),
      sinceMs,
      destinationMs,
    },
  ];
}

function namesIn(text: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text);
    const isNames = Array.isArray(names) && names.every((name) => typeof name === "string");
    return isNames ? names : undefined;
  } catch {
    // No JSON: not what we write.
    return undefined;
  }
}
