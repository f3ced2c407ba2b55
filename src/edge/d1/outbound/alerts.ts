import { type AlertKind, type Shelf, shelfOf } from "../../../core/operation/alerts.ts";
import {
  deadDeliveriesAlert,
  type DeadDeliveries,
  FAILING_MS_MIN,
  failingDestinationAlert,
  goneDestinationAlert,
  type LateDeliveries,
} from "../../../core/operation/outbound-alerts.ts";

/** Dead deliveries that are counted into alerts of one tenant: it counts no further. */
const DEAD_ROWS_MAX = 10_000;
/** Pending deliveries of one destination that are looked at, those first that are due first. */
const PENDING_ROWS_MAX = 1000;

/** A destination as it stands in the control tables. */
export interface StandingDestination {
  readonly destination: string;
  readonly createdMs: number;
  readonly pausedMs: number | null;
  readonly pausedFor: "person" | "gone" | null;
}

type Question = readonly [name: string, sql: string, values: readonly (string | number)[]];

interface Asked {
  readonly after: (kind: AlertKind) => string | undefined;
  readonly destinations: readonly StandingDestination[];
  readonly nowMs: number;
}

// Of those of a destination that was removed nothing can be done, though another one has its name now:
// they are forgotten in time.
const DEAD = `SELECT json_object('destination', destination, 'deliveries', count(*),
    'sinceMs', min(ended_ms)) AS found
  FROM (SELECT destination, destination_ms, ended_ms FROM deliveries INDEXED BY deliveries_dead
    WHERE tenant = ?1 AND state = 'dead' LIMIT ${DEAD_ROWS_MAX})
  WHERE (destination, destination_ms) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
  GROUP BY destination`;

/** When the first attempt of its schedule failed; when it was due where none was made. */
const SINCE = `iif(step > 0 AND json_valid(attempts),
  coalesce(json_extract(attempts, '$[#-' || step || '].at_ms'), due_ms), due_ms)`;

const LATE = `SELECT found FROM (SELECT (SELECT iif(count(*) = 0, NULL, json_object('destination', d.value,
      'deliveries', count(*), 'tried', sum(step > 0), 'sinceMs', min(since)))
    FROM (SELECT step, ${SINCE} AS since FROM deliveries INDEXED BY deliveries_due
      WHERE tenant = ?1 AND destination = d.value AND due_ms IS NOT NULL
      ORDER BY due_ms LIMIT ${PENDING_ROWS_MAX})
    WHERE since <= ?3) AS found
  FROM json_each(?2) d) WHERE found IS NOT NULL`;

const names = (of: readonly StandingDestination[]): string =>
  JSON.stringify(of.map(({ destination }) => destination));

const made = (of: readonly StandingDestination[]): string =>
  JSON.stringify(of.map(({ destination, createdMs }) => [destination, createdMs]));

/** What is to be asked of the mirror: nothing where nobody wants to know, or there is no destination. */
export function deliveryQuestions({ after, destinations, nowMs }: Asked): readonly Question[] {
  if (destinations.length === 0) return [];
  const sending = destinations.filter(({ pausedMs }) => pausedMs === null);
  return [
    ...(after("delivery_dead") === undefined
      ? []
      : [["delivery_dead", DEAD, [made(destinations)]] as const]),
    ...(after("destination_failing") === undefined
      ? []
      : [["destination_failing", LATE, [names(sending), nowMs - FAILING_MS_MIN]] as const]),
  ];
}

/** What was found, as alerts; those of destinations that are gone follow from how they stand. */
export function deliveryShelves(
  rows: <Row>(name: string) => readonly Row[],
  { after, destinations, nowMs }: Asked,
): readonly Shelf[] {
  const dead = rows<DeadDeliveries>("delivery_dead").map(deadDeliveriesAlert);
  const late = rows<LateDeliveries>("destination_failing").map((found) =>
    failingDestinationAlert(found, nowMs),
  );
  const gone = destinations.flatMap(({ destination, pausedMs, pausedFor }) =>
    pausedFor === "gone" && pausedMs !== null
      ? [goneDestinationAlert({ destination, pausedMs })]
      : [],
  );
  return [
    shelfOf("delivery_dead", dead, after("delivery_dead") ?? ""),
    shelfOf("destination_failing", [...late, ...gone], after("destination_failing") ?? ""),
  ];
}
