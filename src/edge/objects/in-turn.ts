import type { StreamId } from "../../core/subject/state.ts";
import { turnsOf } from "../../core/subject/turn.ts";

/** A range of the index: `;` follows `:`, with which the turns of a stream begin. */
export function turnRange(id: StreamId): readonly [string, string] {
  const turns = turnsOf(id);
  return [turns, `${turns.slice(0, -1)};`];
}

/** Since when the first of what waits behind a seq of a stream waits; 0 where one does not say. */
export const WAITING_SINCE = `SELECT coalesce(min(since), 0) AS first FROM (
    SELECT coalesce(arrival ->> '$.waitsSinceMs', 0) AS since FROM buffered
      WHERE source = ?1 AND epoch = ?2 AND seq > ?3
    UNION ALL SELECT coalesce(kept ->> '$.arrival.waitsSinceMs', 0) FROM kept
      WHERE needs >= ?4 AND needs < ?5 AND kept ->> '$.arrival.event.seq' > ?3)`;
