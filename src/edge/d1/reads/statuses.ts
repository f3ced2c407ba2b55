import type { DistributorRead, DistributorRow, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

// One query, two rows by their primary keys: a status is read more often than anything else.
const STATUS = `SELECT d.view_position AS position, d.as_of_ms AS asOfMs, d.display_name AS displayName, d.view,
    f.distributors AS frontline
  FROM (SELECT ?1 AS tenant, ?2 AS distributor_id) k
  LEFT JOIN subjects d ON d.tenant = k.tenant AND d.subject = 'dist:' || k.distributor_id
  LEFT JOIN frontlines f ON f.tenant = k.tenant AND f.distributor_id = k.distributor_id`;

type Row = { [Name in keyof DistributorRow]: DistributorRow[Name] | null } & {
  readonly frontline: number | null;
};

/** Statuses as the mirror has them. */
export const statusReads = (mirrorOf: MirrorOf) => ({
  async read(reader: Reader, distributorId: string): Promise<Reading<DistributorRead>> {
    const session = sessionOf(mirrorOf, reader);
    const [found] = await rowsOf<Row>(session, STATUS, [reader.tenant, distributorId]);
    const row = found === undefined ? undefined : known(found);
    const frontline = found?.frontline ?? 0;
    return readingOf(session, row === undefined ? { frontline } : { row, frontline });
  },
});

function known({ position, asOfMs, displayName, view }: Row): DistributorRow | undefined {
  if (position === null || asOfMs === null || view === null) return undefined;
  return { position, asOfMs, displayName, view };
}
