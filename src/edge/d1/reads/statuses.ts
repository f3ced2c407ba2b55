import type { DistributorRead, DistributorRow, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

// One query, three rows by their primary keys: a status is read more often than anything else.
const STATUS = `SELECT d.view_position AS position, d.as_of_ms AS asOfMs, d.display_name AS displayName, d.view,
    f.distributors AS frontline, v.pv_x100 AS pv, v.gv_x100 AS gv
  FROM (SELECT ?1 AS tenant, ?2 AS distributor_id) k
  LEFT JOIN subjects d ON d.tenant = k.tenant AND d.subject = 'dist:' || k.distributor_id
  LEFT JOIN frontlines f ON f.tenant = k.tenant AND f.distributor_id = k.distributor_id
  LEFT JOIN volumes v ON v.tenant = k.tenant AND v.distributor_id = k.distributor_id
    AND v.period_id = ?3`;

type Row = { [Name in keyof DistributorRow]: DistributorRow[Name] | null } & {
  readonly frontline: number | null;
  readonly pv: number | null;
  readonly gv: number | null;
};

interface Asked {
  readonly distributorId: string;
  /** The period whose volumes are shown, if any. */
  readonly periodId: string | undefined;
}

/** Statuses as the mirror has them. */
export const statusReads = (mirrorOf: MirrorOf) => ({
  async read(
    reader: Reader,
    { distributorId, periodId }: Asked,
  ): Promise<Reading<DistributorRead>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, distributorId, periodId ?? null];
    const [found] = await rowsOf<Row>(session, STATUS, values);
    return readingOf(session, found === undefined ? { frontline: 0 } : shown(found));
  },
});

function shown(found: Row): DistributorRead {
  const { frontline, pv, gv } = found;
  const row = known(found);
  return {
    ...(row === undefined ? {} : { row }),
    frontline: frontline ?? 0,
    ...(pv === null || gv === null ? {} : { counted: { pv_x100: pv, gv_x100: gv } }),
  };
}

function known({ position, asOfMs, displayName, view }: Row): DistributorRow | undefined {
  if (position === null || asOfMs === null || view === null) return undefined;
  return { position, asOfMs, displayName, view };
}
