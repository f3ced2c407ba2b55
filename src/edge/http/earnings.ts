import { amountOf } from "../../core/amount.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import { toDecimal } from "../../core/money.ts";
import { type Cell, csvOf } from "../../core/statement/csv.ts";
import {
  type Month,
  type MonthStatus,
  monthStatus,
  parseMonth,
} from "../../core/statement/month.ts";
import { rowsOf } from "../../core/statement/rows.ts";
import { type Movement, type Statement, statementsOf } from "../../core/statement/statement.ts";
import type { Marked, Reader, Reading } from "../reading.ts";
import { notAcceptable, preferred } from "./accept.ts";
import { statementHeaders, statementPage } from "./earnings-page.ts";
import { tagOfRest } from "./etag.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, invalidParameter, mirrorBookmark, readerOf } from "./reader.ts";
import { ReportTimes } from "./report-times.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** A month of one distributor, as the mirror has it. */
interface Earnings {
  /** False where nobody of this id was ever heard of. */
  readonly isKnown: boolean;
  /** When it was recorded that the core closed the month's period. */
  readonly closedMs: number | null;
  /** Of everything that took effect before the end that was asked for and was known by then. */
  readonly movements: readonly Movement[];
}

export interface EarningsPorts {
  readonly earnings: {
    month(
      reader: Reader,
      asked: Month & { readonly distributorId: string; readonly knownAtMs: number },
    ): Promise<Reading<Earnings>>;
  };
  readonly nowMs: () => number;
}

/** A month's statements, one a currency, with the two instants that make them repeatable. */
export interface MonthReport {
  readonly distributorId: string;
  readonly month: string;
  readonly status: MonthStatus;
  readonly fromMs: number;
  /** The last millisecond that counts: the month's, or an earlier one that was asked for. */
  readonly effectiveToMs: number;
  readonly knownAtMs: number;
  readonly statements: readonly Statement[];
}

export const EarningsQuery = ReportTimes;

const OFFERED = ["application/json", "text/csv", "text/html"] as const;
type Media = (typeof OFFERED)[number];

/** `GET …/distributors/{id}/earnings/{yyyy-mm}` */
export const earningsRoutes = (ports: EarningsPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/earnings/:month",
    isHeavy: true,
    permission: "report:read",
    handle: (c) => getEarnings(ports, c),
  },
];

async function getEarnings({ earnings, nowMs }: EarningsPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, EarningsQuery);
  if (!query.ok) return query.refusal;
  const month = parseMonth(param(c, "month"));
  if (month === undefined) {
    return invalidParameter("month", "format", "Must be a month from 1970-01 to 9999-11");
  }
  const { as_of: asOfMs = month.toMs - 1 } = query.value;
  if (asOfMs < month.fromMs) {
    return invalidParameter("as_of", "range", "Must not be before the month");
  }
  const media = preferred(c.req.header("Accept"), OFFERED);
  if (media === undefined) return notAcceptable(OFFERED);
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;

  const now = nowMs();
  // Nobody knows the future: what is answered now can be asked for again and is the same.
  const knownAtMs = Math.min(query.value.known_at ?? now, now);
  const distributorId = param(c, "distributor");
  const effectiveToMs = Math.min(asOfMs, month.toMs - 1);
  const asked = { ...month, toMs: effectiveToMs + 1, distributorId, knownAtMs };
  const read = await earnings.month(reader.value, asked);
  const { isKnown, closedMs, movements } = read.value;
  if (!isKnown) return problem("not_found");
  const report: MonthReport = {
    distributorId,
    month: month.month,
    status: monthStatus(month, { asOfMs, knownAtMs, closedMs }),
    fromMs: month.fromMs,
    effectiveToMs,
    knownAtMs,
    statements: statementsOf(distributorId, movements),
  };
  return answerMonth(media, report, { read, isOfNow: knownAtMs === now });
}

/** As JSON, CSV or a page. As known now, it names a moment that nobody asked for, and that is no change. */
function answerMonth(
  media: Media,
  report: MonthReport,
  { read, isOfNow }: { readonly read: Marked; readonly isOfNow: boolean },
): Response {
  const answer =
    media === "application/json" ? answerRead(show(report), read) : render(media, report, read);
  answer.headers.set("Vary", "Accept");
  if (!isOfNow) return answer;
  const { ETag } = tagOfRest([media, bodyOf(media, { ...report, knownAtMs: 0 })]);
  answer.headers.set("ETag", ETag);
  return answer;
}

/** As CSV or as a page, with the bookmark of the read. */
function render(
  media: Exclude<Media, "application/json">,
  report: MonthReport,
  read: Marked,
): Response {
  const headers = new Headers(mirrorBookmark(read));
  const own = media === "text/csv" ? csvHeaders(report) : statementHeaders();
  for (const [name, value] of Object.entries(own)) headers.set(name, value);
  headers.set("Cache-Control", "private, no-cache");
  return new Response(bodyOf(media, report), { headers });
}

function bodyOf(media: Media, report: MonthReport): string {
  if (media === "application/json") return JSON.stringify(show(report));
  return media === "text/csv" ? statementCsv(report) : statementPage(report);
}

const show = (report: MonthReport) => ({
  distributor_id: report.distributorId,
  month: report.month,
  status: report.status,
  effective_from: formatInstant(report.fromMs),
  effective_to: formatInstant(report.effectiveToMs),
  known_at: formatInstant(report.knownAtMs),
  statements: report.statements.map(showStatement),
});

function showStatement({ currency, lines, reversals, ...totals }: Statement) {
  const amount = (minor: bigint) => amountOf(minor, currency);
  const components = (sums: Statement["lines"]) =>
    sums.map((sum) => ({ component: sum.component, amount: amount(sum.amount) }));
  return {
    currency,
    opening: amount(totals.opening),
    lines: components(lines),
    reversals: components(reversals),
    adjustments: amount(totals.adjustments),
    fees: amount(totals.fees),
    withholding: amount(totals.withholding),
    payouts: amount(totals.payouts),
    other: amount(totals.other),
    closing: amount(totals.closing),
    pending: amount(totals.pending),
    in_transit: amount(totals.in_transit),
  };
}

const csvHeaders = ({ month }: MonthReport) => ({
  "Content-Type": "text/csv; charset=utf-8; header=present",
  "Content-Disposition": `attachment; filename="earnings-${month}.csv"`,
});

const CSV_COLUMNS = [
  "distributor_id",
  "month",
  "status",
  "effective_to",
  "known_at",
  "currency",
  "section",
  "component",
  "amount",
  "amount_minor",
];

function statementCsv(report: MonthReport): string {
  const { distributorId, month, status, effectiveToMs, knownAtMs } = report;
  const times = [effectiveToMs, knownAtMs].map(formatInstant);
  const place = [distributorId, month, status, ...times].map((text): Cell => ({ text }));
  const rows = report.statements.flatMap((statement) =>
    rowsOf(statement).map(({ section, component, amount }): readonly Cell[] => [
      ...place,
      { text: statement.currency },
      { text: section },
      { text: component ?? "" },
      { number: toDecimal(amount, statement.currency) },
      { number: String(amount) },
    ]),
  );
  return csvOf(CSV_COLUMNS, rows);
}
