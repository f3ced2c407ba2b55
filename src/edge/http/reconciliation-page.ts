import { escapeHtml, htmlPage, pageLook } from "./html.ts";
import type { ShownReconciliation } from "./reconciliation-shown.ts";

const LOOK = pageLook(`
@page { size: A4; margin: 15mm }
body { font: 11pt/1.4 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; margin: 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem }
dd { margin: 0 }
table { width: 100%; border-collapse: collapse; margin: 1.5rem 0; break-inside: avoid }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem }
th { text-align: left; font-weight: normal }
thead th { font-weight: bold }
td, thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .3rem; border-bottom: 1px solid #ccc }
p { font-size: .9rem }
.error { border-left: .3rem solid #a00; padding-left: .6rem; font-size: 1rem }
@media print { body { margin: 0; padding: 0; max-width: none } }
`);

export const reconciliationPageHeaders = () => LOOK.headers;

/** A run's report as a page to print: complete without its style, and without any script. */
export function reconciliationPage(run: ShownReconciliation): string {
  const { report, error } = run;
  const body = `<h1>Reconciliation: ${KINDS[run.kind]}</h1>
<dl>
${[
  ["Run", run.run_id],
  ["State", STATES[run.state]],
  ["Started by", run.cause],
  ["Started", run.started_at],
  ["Ended", run.ended_at ?? "not yet"],
  ...(run.from === null ? [] : [["Looked at from", run.from]]),
  ...(run.to === null ? [] : [["to before", run.to]]),
  ["Coverage", report.coverage_percent === null ? "not known yet" : `${report.coverage_percent} %`],
]
  .map(([term = "", text = ""]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`)
  .join("\n")}
</dl>
${error === null ? "" : `<p class="error">${TROUBLE[run.state]} (${escapeHtml(error.kind)}): ${escapeHtml(error.detail)}</p>`}
<table>
<caption>What was looked at</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Count</th></tr></thead>
<tbody>
${COUNTS.map(([name, label]) => rowOf(label, [report[name]])).join("\n")}
${rowOf("Oldest that is open, found at", [report.oldest_open_at ?? "none is open"])}
</tbody>
</table>
${classesOf(run)}
<p>Counts are lines, or distributors where balances are compared. A difference that
changed on either side only just now is in flight: it is counted, and judged by a later run. Times
are UTC.</p>`;
  return htmlPage(LOOK, `Reconciliation ${escapeHtml(run.run_id)}`, body);
}

const KINDS: Readonly<Record<ShownReconciliation["kind"], string>> = {
  window: "what took effect lately",
  balances: "balances",
  lines: "all lines",
  objects: "objects and mirror",
  gap: "a gap in a stream",
  poll: "polling",
};

const STATES: Readonly<Record<ShownReconciliation["state"], string>> = {
  running: "Running: all figures are those so far",
  done: "Done",
  failed: "Failed: all figures are those until then",
};

const TROUBLE: Readonly<Record<ShownReconciliation["state"], string>> = {
  running: "Last kept from going on",
  done: "Went on after",
  failed: "Failed",
};

const COUNTS = [
  ["expected", "Of the core, in the range"],
  ["covered", "Of those, held against ours"],
  ["compared", "Compared one by one"],
  ["differing", "Differing"],
  ["in_flight", "In flight"],
  ["healed", "Healed"],
  ["open", "Open"],
  ["contradicted", "Told twice by the core, and not alike"],
  ["requests", "Requests to the core"],
  ["bytes", "Bytes from the core"],
] as const satisfies readonly (readonly [keyof ShownReconciliation["report"], string])[];

function classesOf({ report: { by_class } }: ShownReconciliation): string {
  const classes = Object.entries(by_class);
  if (classes.length === 0) return "<p>No differences were found.</p>";
  const rows = classes.map(([name, { found, added, healed, open }]) =>
    rowOf(escapeHtml(name), [found, added, healed, open]),
  );
  return `<table>
<caption>Differences by class</caption>
<thead><tr><th scope="col">Class</th><th scope="col">Found</th><th scope="col">For the first time</th><th scope="col">Healed</th><th scope="col">Open</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

const rowOf = (label: string, cells: readonly (string | number)[]): string =>
  `<tr><th scope="row">${label}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
