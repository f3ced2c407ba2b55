import { quotasOf } from "./published.ts";
import { DESTINATIONS_MAX } from "./room.ts";

/** More sources than a tenant has, unless it was given more: failing ones are few. */
export const POLLED_MAX = 500;

/** What of a tenant's control tables can be an alert. */
export interface ControlAlerts {
  /** It mirrors a core: runs of reconciliation say something of it. */
  readonly isMirroring: boolean;
  readonly eventsPerDay?: number;
  /** By name, those behind one. */
  readonly paused: readonly { readonly source: string; readonly pausedMs: number }[];
  /** Sources that are polled and not paused, by name, those behind one: {@link POLLED_MAX} of them. */
  readonly polled: readonly string[];
  /** All of them by name; none where nobody asks. */
  readonly destinations: readonly {
    readonly destination: string;
    readonly createdMs: number;
    readonly pausedMs: number | null;
    readonly pausedFor: "person" | "gone" | null;
  }[];
  /** By id, those behind one. */
  readonly failed: readonly {
    readonly runId: string;
    readonly endedMs: number;
    readonly reason: string | null;
  }[];
}

export interface ControlAsked {
  readonly tenant: string;
  /** Undefined where nobody asks for them. */
  readonly pausedAfter: string | undefined;
  readonly polledAfter: string | undefined;
  readonly failedAfter: string | undefined;
  readonly isOutbound: boolean;
  readonly limit: number;
}

const TENANT = `SELECT json_object('quotas', quotas,
    'isMirroring', mode = 'mirror' AND core_url IS NOT NULL) AS found
  FROM tenants WHERE tenant = ?1`;

// Behind nothing at all where nobody asks.
const PAUSED = `SELECT json_object('source', source, 'pausedMs', paused_ms) AS found
  FROM sources WHERE tenant = ?1 AND source > ?2 AND paused_ms IS NOT NULL
  ORDER BY source LIMIT ?3`;

const POLLED = `SELECT json_quote(source) AS found FROM sources
  WHERE tenant = ?1 AND source > ?2 AND paused_ms IS NULL
    AND json_extract(options, '$.poll') IS NOT NULL
  ORDER BY source LIMIT ?3`;

const FAILED = `SELECT json_object('runId', run_id, 'endedMs', coalesce(ended_ms, started_ms),
    'reason', progress ->> 'reason') AS found
  FROM runs WHERE tenant = ?1 AND run_id > ?2 AND state = 'failed' ORDER BY run_id LIMIT ?3`;

const DESTINATIONS = `SELECT json_object('destination', destination, 'createdMs', created_ms, 'pausedMs', paused_ms,
    'pausedFor', paused_for) AS found
  FROM destinations WHERE tenant = ?1 AND destination > ?2 ORDER BY destination LIMIT ?3`;

/** Own text: what the statements above build. */
const rows = <Row>(result: D1Result<{ found: string }> | undefined): readonly Row[] =>
  (result?.results ?? []).map(({ found }): Row => JSON.parse(found));

/** One batch of the control tables. */
export async function controlAlerts(
  session: D1DatabaseSession,
  { tenant, pausedAfter, polledAfter, failedAfter, isOutbound, limit }: ControlAsked,
): Promise<ControlAlerts> {
  const list = (sql: string, after: string | undefined, most = limit) =>
    session.prepare(sql).bind(tenant, after ?? "", after === undefined ? 0 : most);
  const [settings, paused, polled, failed, destinations] = await session.batch<{ found: string }>([
    session.prepare(TENANT).bind(tenant),
    list(PAUSED, pausedAfter),
    list(POLLED, polledAfter, POLLED_MAX),
    list(FAILED, failedAfter),
    list(DESTINATIONS, isOutbound ? "" : undefined, DESTINATIONS_MAX),
  ]);
  const [known] = rows<{ quotas: string | null; isMirroring: number }>(settings);
  const eventsPerDay = known === undefined ? undefined : quotasOf(known).events_per_day;
  return {
    isMirroring: known?.isMirroring === 1,
    ...(eventsPerDay === undefined ? {} : { eventsPerDay }),
    paused: rows(paused),
    polled: rows(polled),
    failed: rows(failed),
    destinations: rows(destinations),
  };
}
