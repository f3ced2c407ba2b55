import type { Part, Reader, Reading, TransferPlace, TransferRow } from "../../reading.ts";
import { TRANSFER_COLUMNS } from "./ledger.ts";
import { type MirrorOf, readingOf, readRows, rowsOf, sessionOf } from "./session.ts";

/** A subject's log as far as it is mirrored. */
interface ChainRow {
  readonly subject: string;
  readonly position: number;
  readonly head: string;
  readonly frozenMs: number | null;
}

/** With an order's row and manifest; null of all others. */
interface LogPlace extends ChainRow {
  readonly order: string | null;
  readonly sentLines: number | null;
  readonly sentSums: string | null;
}

interface AnchorRow {
  readonly subject: string;
  readonly day: string;
  readonly position: number;
  readonly head: string;
}

interface AnchorPlace {
  readonly subject: string;
  readonly day: string;
}

interface VolumePlace {
  readonly distributorId: string;
  readonly periodId: string;
}

interface VolumeRow extends VolumePlace {
  readonly pv: string;
  readonly cv: string;
  readonly gv: string;
}

const CHAIN = "subject, position, head, frozen_ms AS frozenMs FROM subjects WHERE tenant = ?1";

const CHAINS = `SELECT ${CHAIN} AND subject > ?2 ORDER BY subject LIMIT ?3`;

const ORDER = [
  "state",
  "payment_id",
  "source_node",
  "order_kind",
  "currency",
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "amount_minor",
  "fee_minor",
  "returned_minor",
  "cv_x100",
  "pv_x100",
  "period_id",
  "paid_ms",
];

// One statement, so that an order and its manifest are those of the position beside them.
const ONE = `SELECT s.subject, s.position, s.head, s.frozen_ms AS frozenMs,
    iif(o.order_id IS NULL, NULL, json_object(${ORDER.map((name) => `'${name}', o.${name}`).join()}))
      AS "order", o.lines AS sentLines, o.manifest AS sentSums
  FROM subjects s LEFT JOIN orders o
    ON o.tenant = ?1 AND o.order_id = substr(?2, 7) AND substr(?2, 1, 6) = 'order:'
  WHERE s.tenant = ?1 AND s.subject = ?2`;

const TRANSFERS = `SELECT ${TRANSFER_COLUMNS} FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND (position, n) > (?3, ?4) ORDER BY position, n LIMIT ?5`;

// Text, as a sum can pass 2^53.
const VOLUMES = `SELECT distributor_id AS distributorId, period_id AS periodId,
    CAST(pv_x100 AS TEXT) AS pv, CAST(cv_x100 AS TEXT) AS cv, CAST(gv_x100 AS TEXT) AS gv
  FROM volumes WHERE tenant = ?1 AND (distributor_id, period_id) > (?2, ?3)
  ORDER BY distributor_id, period_id LIMIT ?4`;

const ANCHORS = `SELECT subject, day, position, head FROM anchors
  WHERE tenant = ?1 AND (subject, day) > (?2, ?3) ORDER BY subject, day LIMIT ?4`;

/** Subjects looked at for one day's anchors: most have moved on few days. */
export const SEARCHED_ROWS_MAX = 5000;

// By subject and then its one row of the day: the days of all subjects would be many more.
const OF_DAY = `SELECT s.subject, a.day, a.position, a.head
  FROM (SELECT subject FROM subjects WHERE tenant = ?1 AND subject > ?2 ORDER BY subject LIMIT ?5) s
    CROSS JOIN anchors a ON a.tenant = ?1 AND a.subject = s.subject AND a.day = ?3
  ORDER BY s.subject LIMIT ?4`;

const SEARCHED_TO = `SELECT subject FROM subjects WHERE tenant = ?1 AND subject > ?2
  ORDER BY subject LIMIT 1 OFFSET ?3`;

/** How far the objects' logs are mirrored, and the heads that were anchored. */
export const chainReads = (mirrorOf: MirrorOf) => ({
  list(reader: Reader, { after = "", limit }: Part<string>): Promise<Reading<readonly ChainRow[]>> {
    return readRows(sessionOf(mirrorOf, reader), CHAINS, [reader.tenant, after, limit]);
  },

  async one(reader: Reader, subject: string): Promise<Reading<LogPlace | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<LogPlace>(session, ONE, [reader.tenant, subject]);
    return readingOf(session, row);
  },

  transfers(
    reader: Reader,
    subject: string,
    { after = { position: 0, n: 0 }, limit }: Part<TransferPlace>,
  ): Promise<Reading<readonly TransferRow[]>> {
    const values = [reader.tenant, subject, after.position, after.n, limit];
    return readRows(sessionOf(mirrorOf, reader), TRANSFERS, values);
  },

  volumes(
    reader: Reader,
    { after = { distributorId: "", periodId: "" }, limit }: Part<VolumePlace>,
  ): Promise<Reading<readonly VolumeRow[]>> {
    const values = [reader.tenant, after.distributorId, after.periodId, limit];
    return readRows(sessionOf(mirrorOf, reader), VOLUMES, values);
  },

  async anchors(
    reader: Reader,
    day: string | undefined,
    { after = { subject: "", day: "" }, limit }: Part<AnchorPlace>,
  ): Promise<Reading<{ readonly rows: readonly AnchorRow[]; readonly searchedTo?: AnchorPlace }>> {
    const session = sessionOf(mirrorOf, reader);
    const { tenant } = reader;
    if (day === undefined) {
      const values = [tenant, after.subject, after.day, limit];
      return readingOf(session, { rows: await rowsOf<AnchorRow>(session, ANCHORS, values) });
    }
    const values = [tenant, after.subject, day, limit, SEARCHED_ROWS_MAX];
    const rows = await rowsOf<AnchorRow>(session, OF_DAY, values);
    if (rows.length === limit) return readingOf(session, { rows });
    const to = [tenant, after.subject, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<{ subject: string }>(session, SEARCHED_TO, to);
    const searchedTo = last === undefined ? {} : { searchedTo: { subject: last.subject, day } };
    return readingOf(session, { rows, ...searchedTo });
  },
});
