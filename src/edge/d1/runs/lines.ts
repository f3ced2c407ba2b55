import type { PeriodLine } from "../../../core/runs/cuts.ts";
import { rowsOf } from "../reads/session.ts";

/** Rows of a tenant's lines looked through in one query: no index leads to a period's. */
const LOOKED_MAX = 20_000;
const NAMED_MAX = 2000;

export interface LinesAsked {
  readonly tenant: string;
  readonly periodId: string;
  readonly origin: "core" | "gateway";
}

/** A part of a period's lines; it may hold none, and yet go on. */
export interface LinesFound {
  readonly items: readonly PeriodLine[];
  readonly next?: string;
}

const PART = `WITH part AS MATERIALIZED (
    SELECT distributor_id, line_id, order_id, component, level, rate_ppm, amount_minor,
      reversed_minor, currency, state, effective_ms, period_id, origin
    FROM lines WHERE tenant = ?1 AND (distributor_id, line_id) > (?2, ?3)
    ORDER BY distributor_id, line_id LIMIT ?4)`;

const FOUND = `${PART} SELECT line_id, distributor_id, order_id, component, level, rate_ppm,
    amount_minor, reversed_minor, currency, state, effective_ms
  FROM part WHERE period_id = ?5 AND origin = ?6 AND state IN ('held', 'available')
    AND amount_minor > 0`;

const END = `${PART} SELECT distributor_id AS distributorId, line_id AS lineId, n FROM
    (SELECT distributor_id, line_id, count(*) OVER () AS n FROM part)
  ORDER BY distributor_id DESC, line_id DESC LIMIT 1`;

/** Lines of a period that count: neither provisional nor undone. In the order of their keys. */
export async function periodLines(
  db: D1Database,
  { tenant, periodId, origin }: LinesAsked,
  cursor: string | undefined,
): Promise<LinesFound> {
  const [distributor = "", line = ""]: readonly string[] =
    cursor === undefined ? [] : JSON.parse(cursor);
  const place = [tenant, distributor, line, LOOKED_MAX];
  const session = db.withSession("first-primary");
  const [found, end] = await session.batch([
    session.prepare(FOUND).bind(...place, periodId, origin),
    session.prepare(END).bind(...place),
  ]);
  const items = resultsOf<PeriodLine>(found);
  const [last] = resultsOf<{ distributorId: string; lineId: string; n: number }>(end);
  if (last === undefined || last.n < LOOKED_MAX) return { items };
  return { items, next: JSON.stringify([last.distributorId, last.lineId]) };
}

const resultsOf = <Row>(result: D1Result | undefined): readonly Row[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statement names its columns
  (result?.results ?? []) as readonly Row[];

const AMOUNTS = `SELECT j.value ->> 1 AS lineId, l.amount_minor AS amount FROM json_each(?2) j
  CROSS JOIN lines l ON l.tenant = ?1 AND l.distributor_id = j.value ->> 0
    AND l.line_id = j.value ->> 1`;

/** What the mirror has of these lines, by line id; nothing of those it does not know. */
export async function lineAmounts(
  db: D1Database,
  tenant: string,
  named: readonly { readonly distributor_id: string; readonly line_id: string }[],
): Promise<ReadonlyMap<string, number>> {
  const session = db.withSession("first-primary");
  const amounts = new Map<string, number>();
  for (let i = 0; i < named.length; i += NAMED_MAX) {
    const names = named
      .slice(i, i + NAMED_MAX)
      .map(({ distributor_id, line_id }) => [distributor_id, line_id]);
    const rows = await rowsOf<{ lineId: string; amount: number }>(session, AMOUNTS, [
      tenant,
      JSON.stringify(names),
    ]);
    for (const { lineId, amount } of rows) amounts.set(lineId, amount);
  }
  return amounts;
}
