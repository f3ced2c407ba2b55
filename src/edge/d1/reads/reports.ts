import type { Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

type Grouping = "day" | "month" | "order_kind" | "source_node" | "currency";

interface Asked {
  readonly by: Grouping;
  /** Paid from then on, before then. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs?: number;
  readonly knownAtMs?: number;
}

interface SalesPlace {
  readonly group: string;
  readonly currency: string;
}

interface SalesRow extends SalesPlace {
  readonly orders: number;
  /** Decimal text, as sums can pass 2^53. */
  readonly gross: string;
  readonly net: string;
  readonly tax: string;
  readonly shipping: string;
  readonly returned: string;
  readonly fee: string;
  readonly cvX100: string;
  readonly pvX100: string;
  /** `[currency, amount]` of the orders' lines, which can be in another currency than the orders. */
  readonly commission: readonly (readonly [string, string])[] | null;
}

/** Days and months are those of UTC. Nobody and no kind sort first. */
const GROUPS: Readonly<Record<Grouping, string>> = {
  day: "strftime('%Y-%m-%d', o.paid_ms / 1000, 'unixepoch')",
  month: "strftime('%Y-%m', o.paid_ms / 1000, 'unixepoch')",
  order_kind: "coalesce(o.order_kind, '')",
  source_node: "coalesce(o.source_node, '')",
  currency: "o.currency",
};

// Without its index a planner without statistics walks the tenant's primary key.
const PAID = `FROM orders o INDEXED BY orders_paid`;
const WHERE_PAID = `WHERE o.tenant = ?1 AND o.paid_ms >= ?2 AND o.paid_ms < ?3 AND o.currency IS NOT NULL`;

/** The orders as they stand now. */
const CURRENT = (by: Grouping) => `SELECT o.order_id, ${GROUPS[by]} AS place, o.currency,
    o.amount_minor AS gross, o.net_minor AS net, o.tax_minor AS tax, o.shipping_minor AS shipping,
    o.returned_minor AS returned, o.fee_minor AS fee, o.cv_x100 AS cv, o.pv_x100 AS pv
  ${PAID} ${WHERE_PAID}`;

const RETURNS = "t.rule IN ('P6', 'P7')";
const SALES = "('rev:product', 'tax:sales', 'rev:shipping')";
const REFUNDS = "('rev:refund', 'tax:sales', 'rev:shipping')";
const sumIf = (condition: string) => `SUM(iif(${condition}, t.amount_minor, 0))`;
const soldAs = (account: string) => sumIf(`t.rule = 'P1' AND t.credit = '${account}'`);

/** The orders as their transfers had them: P1, P2, P6 and P7 of DOMAIN «Posting rules». */
const AS_OF = (by: Grouping) => `SELECT o.order_id, ${GROUPS[by]} AS place, o.currency,
    ${sumIf(`t.rule = 'P1' AND t.credit IN ${SALES}`)} AS gross, ${soldAs("rev:product")} AS net,
    ${soldAs("tax:sales")} AS tax, ${soldAs("rev:shipping")} AS shipping,
    ${sumIf(`${RETURNS} AND t.debit IN ${REFUNDS}`)}
      - ${sumIf(`${RETURNS} AND t.credit IN ${REFUNDS}`)} AS returned,
    ${sumIf("t.rule = 'P2' AND t.debit = 'exp:psp_fee'")}
      - ${sumIf("t.rule = 'P2' AND t.credit = 'exp:psp_fee'")} AS fee,
    o.cv_x100 AS cv, o.pv_x100 AS pv
  ${PAID} CROSS JOIN transfers t ON t.tenant = o.tenant AND t.subject = 'order:' || o.order_id
    AND t.currency = o.currency AND t.effective_ms <= ?7 AND t.recorded_ms <= ?8
  ${WHERE_PAID} GROUP BY o.order_id HAVING ${sumIf("t.rule = 'P1'")} > 0`;

const total = (name: string) => `CAST(SUM(${name}) AS TEXT) AS ${name}`;

const PAGE = `page AS MATERIALIZED (SELECT place, currency, COUNT(*) AS orders, ${[
  "gross",
  "net",
  "tax",
  "shipping",
  "returned",
  "fee",
  "cv",
  "pv",
]
  .map(total)
  .join(", ")}
  FROM sold WHERE (place, currency) > (?4, ?5) GROUP BY place, currency
  ORDER BY place, currency LIMIT ?6)`;

const COLUMNS = `p.place AS "group", p.currency, p.orders, p.gross, p.net, p.tax, p.shipping, p.returned,
  p.fee, p.cv AS cvX100, p.pv AS pvX100`;

// Lines by their orders, as they stand: what was superseded or is void pays nobody.
const currentSales = (by: Grouping) => `WITH sold AS MATERIALIZED (${CURRENT(by)}), ${PAGE},
  paid AS MATERIALIZED (SELECT s.place, s.currency, l.currency AS paid_in,
      SUM(l.amount_minor - l.reversed_minor) AS amount
    FROM page p CROSS JOIN sold s ON s.place = p.place AND s.currency = p.currency
    CROSS JOIN lines l INDEXED BY lines_order ON l.tenant = ?1 AND l.order_id = s.order_id
    WHERE l.state IN ('pending', 'held', 'available') GROUP BY 1, 2, 3)
  SELECT ${COLUMNS}, (SELECT json_group_array(json_array(paid_in, CAST(amount AS TEXT))) FROM paid
    WHERE paid.place = p.place AND paid.currency = p.currency) AS commission
  FROM page p ORDER BY p.place, p.currency`;

const salesAsOf = (by: Grouping) => `WITH sold AS MATERIALIZED (${AS_OF(by)}), ${PAGE}
  SELECT ${COLUMNS}, NULL AS commission FROM page p ORDER BY p.place, p.currency`;

interface Read extends Omit<SalesRow, "commission"> {
  readonly commission: string | null;
}

/** Sums over orders as the mirror has them. */
export const reportReads = (mirrorOf: MirrorOf) => ({
  /** A part of the groups; every part adds up all orders of the range again. */
  async sales(
    reader: Reader,
    { by, fromMs, toMs, asOfMs, knownAtMs }: Asked,
    { after = { group: "", currency: "" }, limit }: Part<SalesPlace>,
  ): Promise<Reading<readonly SalesRow[]>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, fromMs, toMs, after.group, after.currency, limit];
    const isCurrent = asOfMs === undefined && knownAtMs === undefined;
    const times = [asOfMs ?? Number.MAX_SAFE_INTEGER, knownAtMs ?? Number.MAX_SAFE_INTEGER];
    const rows = isCurrent
      ? await rowsOf<Read>(session, currentSales(by), values)
      : await rowsOf<Read>(session, salesAsOf(by), [...values, ...times]);
    return readingOf(session, rows.map(withCommission));
  },
});

const withCommission = (row: Read): SalesRow => ({
  ...row,
  commission: row.commission === null ? null : pairsIn(row.commission),
});

// Own text: what json_group_array() wrote.
const pairsIn = (text: string): readonly (readonly [string, string])[] => JSON.parse(text);
