import { formatInstant } from "../../core/contracts/instant.ts";
import { toDecimal } from "../../core/money.ts";
import type { MonthStatus } from "../../core/statement/month.ts";
import { rowsOf, type StatementRow } from "../../core/statement/rows.ts";
import type { Statement } from "../../core/statement/statement.ts";
import { escapeHtml, htmlPage, printLook } from "./html.ts";

const LOOK = printLook(
  "42rem",
  `
td, thead th:last-child { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.sum th, .sum td { font-weight: bold; border-bottom: 2px solid #111 }
`,
);

export const statementHeaders = () => LOOK.headers;

interface Report {
  readonly distributorId: string;
  readonly month: string;
  readonly status: MonthStatus;
  readonly effectiveToMs: number;
  readonly knownAtMs: number;
  readonly statements: readonly Statement[];
}

/** A month's statements as a page to print: complete without its style, and without any script. */
export function statementPage(report: Report): string {
  const { distributorId, month, status, effectiveToMs, knownAtMs, statements } = report;
  const tables = statements.map((statement) => tableOf(statement, report));
  const body = `<h1>Earnings statement ${month}</h1>
<dl>
<dt>Distributor</dt><dd>${escapeHtml(distributorId)}</dd>
<dt>Status</dt><dd>${STATUS[status]}</dd>
<dt>Effective to</dt><dd>${formatInstant(effectiveToMs)}</dd>
<dt>Known at</dt><dd>${formatInstant(knownAtMs)}</dd>
</dl>
${tables.length === 0 ? "<p>Nothing moved and nothing is left.</p>" : tables.join("\n")}
<p>Amounts above zero are in the distributor's favour. Opening and closing balance are what is held
and what is available, together. Days are days in UTC.</p>`;
  return htmlPage(LOOK, `Earnings ${month}, ${escapeHtml(distributorId)}`, body);
}

const STATUS: Readonly<Record<MonthStatus, string>> = {
  open: "Open: not the whole month, all figures are estimates",
  complete: "Complete: the month is over, the period is not closed",
  closed: "Closed",
};

function tableOf(statement: Statement, { month }: Report): string {
  const { currency } = statement;
  const rows = rowsOf(statement).map((row) => {
    const kind = SUMS.has(row.section) ? ' class="sum"' : "";
    const amount = toDecimal(row.amount, currency);
    return `<tr${kind}><th scope="row">${labelOf(row)}</th><td>${amount}</td></tr>`;
  });
  return `<table>
<caption>${currency}, ${month}</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Amount in ${currency}</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

const SUMS: ReadonlySet<StatementRow["section"]> = new Set(["opening", "closing"]);

function labelOf({ section, component }: StatementRow): string {
  const label = LABELS[section];
  if (section !== "line" && section !== "reversal") return label;
  return `${label}: ${component === null ? "without component" : escapeHtml(component)}`;
}

const LABELS: Readonly<Record<StatementRow["section"], string>> = {
  opening: "Opening balance",
  line: "Commission",
  reversal: "Reversal",
  adjustments: "Adjustments",
  fees: "Payout fees",
  withholding: "Withholding tax",
  payouts: "Payouts, net",
  other: "Other",
  closing: "Closing balance",
  pending: "Pending at the end of the month (estimate, not in the balance)",
  in_transit: "On its way to the bank at the end of the month (not in the balance)",
};
