import type { BalanceVector, OwnMoney } from "../../../core/reconciliation/balances.ts";
import type { LocalLine } from "../../../core/reconciliation/differ.ts";
import { rowsOf } from "../reads/session.ts";
import { LOCAL } from "./lines.ts";
import type { OpenRun } from "./runs.ts";

type Run = Pick<OpenRun, "tenant" | "runId">;

/** Lines of the gateway's own in a bucket that the core has too: left from when it was final. */
const GATEWAYS = `FROM lines g WHERE g.tenant = ?1 AND g.origin = 'gateway'
  AND g.state IN ('held', 'available')`;

const AFTER = `SELECT substr(subject, 6) AS id, view ->> '$.balances' AS balances FROM subjects
  WHERE tenant = ?1 AND subject > 'dist:' || ?2 AND subject < 'dist;'
    AND (?3 IS NULL OR subject <= 'dist:' || ?3) ORDER BY subject LIMIT ?4`;

const GATEWAYS_BETWEEN = `SELECT g.distributor_id AS id, g.state, g.currency,
    CAST(sum(g.amount_minor - g.reversed_minor) AS TEXT) AS amount
  ${GATEWAYS} AND g.distributor_id > ?2 AND g.distributor_id <= ?3 GROUP BY 1, 2, 3`;

interface AfterRow {
  readonly id: string;
  readonly balances: string | null;
}

interface GatewayRow {
  readonly id: string;
  readonly state: "held" | "available";
  readonly currency: string;
  readonly amount: string;
}

/** Distributors of a tenant and what is on their accounts, in the order of their ids as UTF-8. */
export async function balancesAfter(
  db: D1Database,
  tenant: string,
  {
    after = "",
    upTo,
    limit,
  }: {
    readonly after: string | undefined;
    readonly upTo: string | undefined;
    readonly limit: number;
  },
): Promise<readonly OwnMoney[]> {
  const session = db.withSession("first-primary");
  const found = await rowsOf<AfterRow>(session, AFTER, [tenant, after, upTo ?? null, limit]);
  const last = found.at(-1);
  if (last === undefined) return [];
  const own = await rowsOf<GatewayRow>(session, GATEWAYS_BETWEEN, [tenant, after, last.id]);
  const gateway = Map.groupBy(own, ({ id }) => id);
  return found.map(({ id, balances }) => ({
    distributor_id: id,
    balances: parseBalances(balances),
    gateway: vectorOf(gateway.get(id) ?? []),
  }));
}

function vectorOf(
  rows: readonly Pick<GatewayRow, "state" | "currency" | "amount">[],
): BalanceVector {
  const of = (bucket: GatewayRow["state"]) =>
    rows.filter(({ state }) => state === bucket).map((row) => [row.currency, row.amount] as const);
  return { held: Object.fromEntries(of("held")), available: Object.fromEntries(of("available")) };
}

/** Of a distributor's latest transfers; where more of them are young, nobody says which lines they moved. */
const RECENT_MAX = 200;

// All of one distributor in one row, and all distributors in one batch: balance and lines agree.
const NOW = `WITH recent AS MATERIALIZED (SELECT reference, recorded_ms FROM transfers
    WHERE tenant = ?1 AND subject = 'dist:' || ?2 ORDER BY position DESC, n DESC LIMIT ${RECENT_MAX}),
  young AS (SELECT reference FROM recent WHERE recorded_ms >= ?3),
  asked AS (SELECT value AS line_id FROM json_each(?4)
    UNION SELECT reference FROM young WHERE (SELECT count(*) FROM young) < ${RECENT_MAX})
  SELECT s.view ->> '$.balances' AS balances, s.frozen_ms IS NOT NULL AS isFrozen,
    (SELECT max(recorded_ms) FROM recent) AS changed_ms,
    (SELECT count(*) FROM young) >= ${RECENT_MAX} AS isBusy,
    (SELECT json_group_array(${LOCAL}) FROM asked a CROSS JOIN lines l ON l.tenant = ?1
      AND l.distributor_id = ?2 AND l.line_id = a.line_id AND l.origin = 'core') AS lines,
    (SELECT json_group_array(json_object('state', state, 'currency', currency, 'amount', amount))
      FROM (SELECT g.state, g.currency,
          CAST(sum(g.amount_minor - g.reversed_minor) AS TEXT) AS amount
        ${GATEWAYS} AND g.distributor_id = ?2 GROUP BY 1, 2)) AS gateway
  FROM subjects s WHERE s.tenant = ?1 AND s.subject = 'dist:' || ?2`;

interface NowRow {
  readonly balances: string | null;
  readonly isFrozen: number;
  readonly changed_ms: number | null;
  readonly isBusy: number;
  readonly lines: string;
  readonly gateway: string;
}

/**
 * What these distributors have, as of one instant: with the lines that are named, and with those of
 * which a transfer was recorded since then. Those of whom the mirror knows nothing are left out.
 */
export async function moneyNow(
  db: D1Database,
  tenant: string,
  {
    asked,
    sinceMs,
  }: {
    readonly asked: readonly {
      readonly distributor_id: string;
      readonly line_ids: readonly string[];
    }[];
    readonly sinceMs: number;
  },
) {
  if (asked.length === 0) return [];
  const session = db.withSession("first-primary");
  const queries = asked.map(({ distributor_id, line_ids }) =>
    session.prepare(NOW).bind(tenant, distributor_id, sinceMs, JSON.stringify(line_ids)),
  );
  const found = await session.batch<NowRow>(queries);
  return found.flatMap(({ results: [row] }, i) => {
    const { distributor_id = "" } = asked[i] ?? {};
    if (row === undefined) return [];
    return [
      {
        distributor_id,
        balances: parseBalances(row.balances),
        gateway: vectorOf(parseGateway(row.gateway)),
        isFrozen: row.isFrozen === 1,
        changed_ms: row.changed_ms,
        isBusy: row.isBusy === 1,
        lines: parseLines(row.lines),
      },
    ];
  });
}

// Own text: what evolve() wrote, and columns of the schema as the query names them.
const parseBalances = (text: string | null): OwnMoney["balances"] =>
  text === null ? {} : JSON.parse(text);
const parseLines = (text: string): readonly LocalLine[] => JSON.parse(text);
const parseGateway = (text: string): readonly GatewayRow[] => JSON.parse(text);

/** A distributor whose balances the core has otherwise. */
interface Found {
  readonly distributor_id: string;
  readonly core: BalanceVector;
}

const PUT = `INSERT INTO differences (tenant, run_id, distributor_id, line_id, core, mirror)
  SELECT ?1, ?2, value ->> 'distributor_id', '', value -> 'core', NULL FROM json_each(?3)
  WHERE true ON CONFLICT DO UPDATE SET core = excluded.core, mirror = NULL`;
const READ = `SELECT distributor_id, core FROM differences WHERE tenant = ?1 AND run_id = ?2
    AND line_id = '' AND mirror IS NULL AND distributor_id > ?3 ORDER BY distributor_id LIMIT ?4`;
const MARK = `UPDATE differences SET mirror = (SELECT value -> 'mark' FROM json_each(?3)
    WHERE value ->> 'distributor_id' = distributor_id)
  WHERE tenant = ?1 AND run_id = ?2 AND line_id = ''
    AND distributor_id IN (SELECT value ->> 'distributor_id' FROM json_each(?3))`;
const DROP = `DELETE FROM differences WHERE tenant = ?1 AND run_id = ?2 AND line_id = ''
  AND distributor_id IN (SELECT value FROM json_each(?3))`;

/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 500;

async function each(
  db: D1Database,
  { tenant, runId }: Run,
  { sql, rows }: { readonly sql: string; readonly rows: readonly unknown[] },
): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const part = JSON.stringify(rows.slice(i, i + ROWS_AT_ONCE));
    await db.prepare(sql).bind(tenant, runId, part).run();
  }
}

/** Keeps whose balances differ, without any mark. */
export const putBalances = (db: D1Database, run: Run, found: readonly Found[]): Promise<void> =>
  each(db, run, { sql: PUT, rows: found });

/** Those that bear no mark yet, in the order of their ids. */
export async function readBalances(
  db: D1Database,
  { tenant, runId }: Run,
  { after = "", limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly Found[]> {
  type Row = { readonly distributor_id: string; readonly core: string };
  const values = [tenant, runId, after, limit];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), READ, values);
  return rows.map(({ distributor_id, core }) => ({ distributor_id, core: parseVector(core) }));
}

// Own text: what putBalances() wrote.
const parseVector = (text: string): BalanceVector => JSON.parse(text);

/** Notes what was made of distributors; see {@link closeBalances}. */
export const markBalances = (
  db: D1Database,
  run: Run,
  marks: readonly { readonly distributor_id: string; readonly mark: object }[],
): Promise<void> => each(db, run, { sql: MARK, rows: marks });

export const dropBalances = (
  db: D1Database,
  run: Run,
  distributorIds: readonly string[],
): Promise<void> => each(db, run, { sql: DROP, rows: distributorIds });

const CLOSE = `UPDATE breaks INDEXED BY breaks_open
  SET resolved_ms = ?3, outcome = iif(action = 'none', 'gone', 'healed')
  WHERE tenant = ?1 AND run_id IS NOT NULL AND resolved_ms IS NULL AND class = 'BALANCE_ONLY'
    AND NOT EXISTS (SELECT 1 FROM differences d WHERE d.tenant = ?1 AND d.run_id = ?2
      AND d.distributor_id = breaks.distributor_id AND d.line_id = ''
      AND (d.mirror ->> 'in_flight' = 1 OR d.mirror ->> 'break_id' = breaks.break_id))`;

/**
 * Closes breaks of balances that a run over all distributors has not found again; those of whoever is
 * in flight wait.
 */
export async function closeBalances(
  db: D1Database,
  { tenant, runId }: Run,
  nowMs: number,
): Promise<void> {
  await db.prepare(CLOSE).bind(tenant, runId, nowMs).run();
}
