import type { LineFilter, LinePlace, LineRow, Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readRows, sessionOf } from "./session.ts";

const COLUMNS = `line_id AS lineId, distributor_id AS distributorId, order_id AS orderId, component,
  level, depth, rate_ppm AS ratePpm, amount_minor AS amountMinor, reversed_minor AS reversedMinor,
  currency, state, period_id AS periodId, effective_ms AS effectiveMs`;

// A line of ours that a computation anew left nothing of is none.
const IS_LINE = "(amount_minor > 0 OR origin = 'core')";

const OF_DISTRIBUTOR = `SELECT ${COLUMNS} FROM lines
  WHERE tenant = ?1 AND distributor_id = ?2 AND line_id > ?3 AND ${IS_LINE}
    AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR period_id = ?5)
  ORDER BY line_id LIMIT ?6`;

// The index on orders ends in the primary key, so both orders of reading follow it. It is named,
// as the planner left to itself walks the primary key through the whole tenant.
const OF_BOTH = `SELECT ${COLUMNS} FROM lines INDEXED BY lines_order
  WHERE tenant = ?1 AND distributor_id = ?2 AND line_id > ?3 AND ${IS_LINE}
    AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR period_id = ?5) AND order_id = ?7
  ORDER BY line_id LIMIT ?6`;

const OF_ORDER = `SELECT ${COLUMNS} FROM lines INDEXED BY lines_order
  WHERE tenant = ?1 AND order_id = ?2 AND ${IS_LINE} AND (distributor_id, line_id) > (?3, ?4)
  ORDER BY distributor_id, line_id LIMIT ?5`;

/** Commission lines as the mirror has them. */
export const lineReads = (mirrorOf: MirrorOf) => ({
  ofDistributor(
    reader: Reader,
    filter: LineFilter & { readonly distributorId: string },
    { after = "", limit }: Part<string>,
  ): Promise<Reading<readonly LineRow[]>> {
    const { distributorId, state = null, periodId = null, orderId } = filter;
    const values = [reader.tenant, distributorId, after, state, periodId, limit];
    const session = sessionOf(mirrorOf, reader);
    return orderId === undefined
      ? readRows(session, OF_DISTRIBUTOR, values)
      : readRows(session, OF_BOTH, [...values, orderId]);
  },

  ofOrder(
    reader: Reader,
    orderId: string,
    { after = { distributorId: "", lineId: "" }, limit }: Part<LinePlace>,
  ): Promise<Reading<readonly LineRow[]>> {
    const values = [reader.tenant, orderId, after.distributorId, after.lineId, limit];
    return readRows(sessionOf(mirrorOf, reader), OF_ORDER, values);
  },
});
