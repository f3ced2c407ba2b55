import { escapeHtml, htmlPage, printLook } from "./html.ts";
import type { ShownReconciliation } from "./reconciliation-shown.ts";

const LOOK = printLook(
  "46rem",
  `
td, thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.classes th:first-child { width: 40% }
.classes thead th { overflow-wrap: normal }
.error { border-left: .3rem solid #a00; padding-left: .6rem; font-size: 1rem }
`,
);

export const reconciliationPageHeaders = () => LOOK.headers;

/** A run's report as a page to print: complete without its style, and without any script. */
export function reconciliationPage(run: ShownReconciliation): string {
  const { report, error } = run;
  const body = `<h1>Reconciliation: ${KINDS[run.kind]}</h1>
${error === null ? "" : `<p class="error">${TROUBLE[run.state]} (${escapeHtml(error.kind)}): ${escapeHtml(error.detail)}</p>`}
<dl>
${[
  ["Run", run.run_id],
  ["State", STATES[run.state]],
  ["Started by", run.cause],
  ["Started", run.started_at],
  ["Ended", run.ended_at ?? "not yet"],
  ...(run.ended_at === null ? [] : [["Took", tookOf(run.started_at, run.ended_at)]]),
  ...(run.from === null ? [] : [["Looked at from", run.from]]),
  ...(run.to === null ? [] : [["to before", run.to]]),
  [
    "Coverage",
    report.coverage_percent === null ? UNKNOWN[run.state] : `${report.coverage_percent} %`,
  ],
  ["Oldest open", report.oldest_open_at ?? "none is open"],
]
  .map(([term = "", text = ""]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`)
  .join("\n")}
</dl>
<table>
<caption>What was looked at</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Count</th></tr></thead>
<tbody>
${COUNTS.map(([name, label]) => rowOf(label, [report[name]])).join("\n")}
</tbody>
</table>
${classesOf(run)}
<p>Counts are lines, or balances where those are compared: of what differs then, distributors. A difference that
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

/** Of the core's lines, how many were held against ours. */
const UNKNOWN: Readonly<Record<ShownReconciliation["state"], string>> = {
  running: "not known yet",
  done: "not known",
  failed: "not known",
};

const NONE: Readonly<Record<ShownReconciliation["state"], string>> = {
  running: "No differences so far.",
  done: "No differences were found.",
  failed: "No differences were judged before it failed.",
};

/** A time that somebody waits: `1 min 4 s`. */
function tookOf(started: string, ended: string): string {
  const seconds = Math.max(0, Date.parse(ended) - Date.parse(started)) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds % 60)} s`;
}

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

function classesOf({ report: { by_class }, state }: ShownReconciliation): string {
  const classes = Object.entries(by_class);
  if (classes.length === 0) return `<p>${NONE[state]}</p>`;
  const rows = classes.map(([name, { found, added, healed, open }]) =>
    rowOf(escapeHtml(name), [found, added, healed, open]),
  );
  return `<table class="classes">
<caption>Differences by class</caption>
<thead><tr><th scope="col">Class</th><th scope="col">Found</th><th scope="col">New</th><th scope="col">Healed</th><th scope="col">Open</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

const rowOf = (label: string, cells: readonly (string | number)[]): string =>
  `<tr><th scope="row">${label}</th>${cells.map((cell) => `<td>${cellOf(cell)}</td>`).join("")}</tr>`;

const DIGITS = new Intl.NumberFormat("en");

const cellOf = (cell: string | number): string =>
  typeof cell === "number" ? DIGITS.format(cell) : cell;
