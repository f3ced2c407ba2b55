import type { BreakRow, Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readRows, sessionOf } from "./session.ts";

const BREAKS = `SELECT break_id AS breakId, class, subject, reference, detail,
    found_ms AS foundMs, resolved_ms AS resolvedMs
  FROM breaks WHERE tenant = ?1 AND break_id > ?2 ORDER BY break_id LIMIT ?3`;

/** Differences that were found, by their ids. */
export const breakReads = (mirrorOf: MirrorOf) => ({
  list(reader: Reader, { after = "", limit }: Part<string>): Promise<Reading<readonly BreakRow[]>> {
    return readRows(sessionOf(mirrorOf, reader), BREAKS, [reader.tenant, after, limit]);
  },
});
