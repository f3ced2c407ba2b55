/** Where a look through the orders goes on. */
export interface OrderCursor {
  readonly tenant: string;
  readonly orderId: string;
}

export interface BrokenManifest extends OrderCursor {
  readonly detail: string;
}

export interface ManifestPage {
  readonly broken: readonly BrokenManifest[];
  readonly next?: OrderCursor;
}

// Lines of nothing are no lines: a computation emptied them. What was told to have been paid on
// already (BACKDATED) stands against the manifest on purpose, and is for a person.
const PAGE = `SELECT o.tenant, o.order_id AS orderId, o.lines, o.manifest,
    (SELECT count(*) FROM lines l INDEXED BY lines_order WHERE l.tenant = o.tenant
      AND l.order_id = o.order_id AND l.origin = 'gateway' AND l.amount_minor > 0) AS arrived,
    (SELECT json_group_array(json_array(currency, amount, reversed)) FROM (
      SELECT l.currency, CAST(SUM(l.amount_minor) AS TEXT) AS amount,
        CAST(SUM(l.reversed_minor) AS TEXT) AS reversed
      FROM lines l INDEXED BY lines_order WHERE l.tenant = o.tenant AND l.order_id = o.order_id
        AND l.origin = 'gateway' AND l.amount_minor > 0
      GROUP BY l.currency ORDER BY l.currency)) AS sums,
    EXISTS (SELECT 1 FROM lines l INDEXED BY lines_order JOIN breaks b ON b.tenant = l.tenant
        AND b.break_id >= 'BACKDATED:' || l.line_id || ':' AND b.break_id < 'BACKDATED:' || l.line_id || ';'
      WHERE l.tenant = o.tenant AND l.order_id = o.order_id) AS isBackdated
  FROM orders o WHERE (o.tenant, o.order_id) > (?1, ?2) AND o.paid_ms IS NOT NULL
  ORDER BY o.tenant, o.order_id LIMIT ?3`;

interface Row extends OrderCursor {
  readonly lines: number;
  readonly manifest: string;
  readonly arrived: number;
  readonly sums: string;
  readonly isBackdated: number;
}

/** Orders whose lines in the mirror are not what they sent out (DOMAIN §3.1 «manifest»). */
export async function brokenManifests(
  db: D1Database,
  after: OrderCursor | undefined,
  limit: number,
): Promise<ManifestPage> {
  const { tenant = "", orderId = "" } = after ?? {};
  const { results } = await db.prepare(PAGE).bind(tenant, orderId, limit).all<Row>();
  const broken = results
    .filter((row) => row.isBackdated === 0 && !isWhole(row))
    .map((row) => ({
      tenant: row.tenant,
      orderId: row.orderId,
      detail: `Sent out were ${row.lines} lines, ${row.manifest}; the mirror has ${row.arrived}, ${row.sums}`,
    }));
  const last = results.length < limit ? undefined : results.at(-1);
  if (last === undefined) return { broken };
  return { broken, next: { tenant: last.tenant, orderId: last.orderId } };
}

const isWhole = ({ lines, arrived, manifest, sums }: Row): boolean =>
  lines === arrived && (lines === 0 || manifest === sums);
