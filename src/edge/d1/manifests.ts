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

// The core may give one of its lines the name of one of ours: then the mirror has the core's alone,
// and what the order sent under that name stands in the order's own state.
const HIDDEN = `SELECT o.value ->> 0 AS tenant, o.value ->> 1 AS orderId,
    own.value ->> 'currency' AS currency, count(*) AS lines,
    CAST(sum(own.value ->> 'amount_minor') AS TEXT) AS amount,
    CAST(sum(own.value ->> 'reversed_minor') AS TEXT) AS reversed
  FROM json_each(?1) o
    CROSS JOIN subjects s ON s.tenant = o.value ->> 0 AND s.subject = 'order:' || (o.value ->> 1)
    CROSS JOIN json_each(s.view, '$.lines') own
    CROSS JOIN lines l ON l.tenant = s.tenant AND l.distributor_id = own.value ->> 'distributor_id'
      AND l.line_id = own.value ->> 'line_id'
  WHERE l.origin = 'core' AND own.value ->> 'amount_minor' > 0
  GROUP BY 1, 2, 3`;

interface Hidden extends OrderCursor {
  readonly currency: string;
  readonly lines: number;
  readonly amount: string;
  readonly reversed: string;
}

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
  const suspects = results.filter((row) => row.isBackdated === 0 && !isWhole(row, []));
  const hidden = await hiddenLines(db, suspects);
  const broken = suspects
    .filter((row) => !isWhole(row, hidden.get(nameOf(row)) ?? []))
    .map((row) => ({
      tenant: row.tenant,
      orderId: row.orderId,
      detail: `Sent out were ${row.lines} lines, ${row.manifest}; the mirror has ${row.arrived}, ${row.sums}`,
    }));
  const last = results.length < limit ? undefined : results.at(-1);
  if (last === undefined) return { broken };
  return { broken, next: { tenant: last.tenant, orderId: last.orderId } };
}

const nameOf = ({ tenant, orderId }: OrderCursor): string => JSON.stringify([tenant, orderId]);

async function hiddenLines(
  db: D1Database,
  suspects: readonly OrderCursor[],
): Promise<ReadonlyMap<string, readonly Hidden[]>> {
  if (suspects.length === 0) return new Map();
  const names = suspects.map(({ tenant, orderId }) => [tenant, orderId]);
  const { results } = await db.prepare(HIDDEN).bind(JSON.stringify(names)).all<Hidden>();
  return Map.groupBy(results, nameOf);
}

/** Whether the lines that arrived are those sent out, but for the hidden ones. */
function isWhole({ lines, arrived, manifest, sums }: Row, hidden: readonly Hidden[]): boolean {
  const count = hidden.reduce((all, one) => all + one.lines, 0);
  if (lines !== arrived + count) return false;
  if (hidden.length === 0) return lines === 0 || manifest === sums;
  const left = new Map(sumsIn(manifest));
  for (const [currency, amount, reversed] of [...sumsIn(sums).map(flat), ...hidden.map(sumOf)]) {
    const [amounts, reversals] = left.get(currency) ?? [0n, 0n];
    left.set(currency, [amounts - amount, reversals - reversed]);
  }
  return [...left.values()].every(([amount, reversed]) => amount === 0n && reversed === 0n);
}

type Sum = readonly [amount: bigint, reversed: bigint];

/** Own text: `[[currency, Σ amount, Σ reversed], …]`. */
function sumsIn(text: string): readonly (readonly [currency: string, sum: Sum])[] {
  const sums: readonly (readonly [string, string, string])[] = JSON.parse(text);
  return sums.map(([currency, amount, reversed]) => [currency, [BigInt(amount), BigInt(reversed)]]);
}

const flat = ([currency, [amount, reversed]]: readonly [string, Sum]) =>
  [currency, amount, reversed] as const;

const sumOf = ({ currency, amount, reversed }: Hidden) =>
  [currency, BigInt(amount), BigInt(reversed)] as const;
