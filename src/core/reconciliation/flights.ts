import { localSide } from "./break-id.ts";
import type { Difference } from "./differ.ts";

/** A line that runs have found in flight, one after the other. */
export interface Flight {
  /** When the first of them did, UTC milliseconds. */
  readonly since_ms: number;
  /** How the mirror had it, as break ids see it. */
  readonly local: string;
}

/** By distributor and line, as {@link flightName} writes it. */
export type Flights = ReadonlyMap<string, Flight>;

/** So long a difference may be explained by what has just changed; longer nothing is on its way. */
export const FLIGHT_MS_MAX = 24 * 3_600_000;

export const flightName = ({
  distributor_id,
  line_id,
}: Pick<Difference, "distributor_id" | "line_id">): string =>
  JSON.stringify([distributor_id, line_id]);

/**
 * Whether a line was in flight for a day, and the mirror has had it the same way all the time: a core
 * that says of a line that it has just changed, whenever it is asked, would hide it for ever.
 */
export function isStranded(difference: Difference, flights: Flights, nowMs: number): boolean {
  const flight = flights.get(flightName(difference));
  return (
    flight !== undefined &&
    flight.local === localSide(difference.local) &&
    nowMs - flight.since_ms >= FLIGHT_MS_MAX
  );
}
