import * as z from "zod";
import { amountOf, exactInteger } from "../../core/amount.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Part, Reader, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { RangeInstant, ReportTimes, timesOf } from "./report-times.ts";
import type { ApiContext, Route } from "./route.ts";

const DAY_MS = 86_400_000;
const RANGE_DAYS_MAX = 400;

const GROUPINGS = ["day", "month", "order_kind", "source_node", "currency"] as const;

/** Orders of a range, by what they are added up. */
interface Asked {
  readonly by: (typeof GROUPINGS)[number];
  /** Paid from then on, before then. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs?: number;
  readonly knownAtMs?: number;
}

interface SalesPlace {
  /** Empty for orders without kind or source. */
  readonly group: string;
  readonly currency: string;
}

/** Orders of one group and currency; amounts are decimal text of minor units. */
interface SalesRow extends SalesPlace {
  readonly orders: number;
  readonly gross: string;
  readonly net: string;
  readonly tax: string;
  readonly shipping: string;
  readonly returned: string;
  readonly fee: string;
  readonly cvX100: string;
  readonly pvX100: string;
  /** Currency and amount of the orders' lines; null where they are known as they stand only. */
  readonly commission: readonly (readonly [string, string])[] | null;
}

export interface ReportPorts {
  readonly reports: {
    /** By group and currency. */
    sales(
      reader: Reader,
      asked: Asked,
      part: Part<SalesPlace>,
    ): Promise<Reading<readonly SalesRow[]>>;
  };
}

export const SalesQuery = z.object({
  from: RangeInstant,
  to: RangeInstant,
  by: z.enum(GROUPINGS).default("day"),
  ...ReportTimes.shape,
});

const Place = z.object({ group: z.string(), currency: z.string() });

/** `GET …/reports/sales?from=&to=&by=` */
export const reportRoutes = (ports: ReportPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/reports/sales",
    isHeavy: true,
    permission: "report:read",
    handle: (c) => listSales(ports, c),
  },
];

async function listSales({ reports }: ReportPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, SalesQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const { from: fromMs, to: toMs, by } = query.value;
  if (toMs <= fromMs) return invalidParameter("to", "range", "Must be after from");
  if (toMs - fromMs > RANGE_DAYS_MAX * DAY_MS) {
    return invalidParameter("to", "range", `Must be at most ${RANGE_DAYS_MAX} days after from`);
  }
  const page = readPage(c, Place, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const asked = { by, fromMs, toMs, ...timesOf(query.value) };
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await reports.sales(reader.value, asked, part);
  const rows = pageOf(read.value, page.value, { show, at: placeOf });
  return answerRead({ from: formatInstant(fromMs), to: formatInstant(toMs), by, ...rows }, read);
}

const placeOf = ({ group, currency }: SalesRow): SalesPlace => ({ group, currency });

function show(row: SalesRow) {
  const { group, currency, orders, commission } = row;
  const amount = (minor: string) => amountOf(BigInt(minor), currency);
  return {
    group: group === "" ? null : group,
    currency,
    orders,
    gross: amount(row.gross),
    net: amount(row.net),
    tax: amount(row.tax),
    shipping: amount(row.shipping),
    returned: amount(row.returned),
    fee: amount(row.fee),
    cv_x100: exactInteger(BigInt(row.cvX100)),
    pv_x100: exactInteger(BigInt(row.pvX100)),
    commission: commission === null ? null : commissionOf(commission),
  };
}

const commissionOf = (sums: readonly (readonly [string, string])[]) =>
  sums
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => amountOf(BigInt(minor), currency));
