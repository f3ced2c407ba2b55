import { anyOf } from "./form.js";
import { showList } from "./list.js";
import { countText, hashOf, spanBetween, spanText } from "./model.js";
import { anything, element, facts, fault, link, section, soft, tableOf, when } from "./parts.js";
import { toned } from "./words.js";

const KINDS = ["window", "balances", "lines", "objects", "gap", "poll"];
const STATES = ["running", "done", "failed"];

/** Runs of reconciliation. */
export const showReconciliations = (context) =>
  showList(context, {
    title: "Reconciliations",
    hint: "Newest first. Each one leads to its report.",
    path: ["reconciliations"],
    fields: [
      { name: "kind", label: "Kind", options: anyOf(KINDS) },
      { name: "state", label: "State", options: anyOf(STATES) },
    ],
    columns: [
      { name: "Run", cell: ({ run_id: id }) => link(hashOf("reconciliations", [id]), id) },
      { name: "Kind", cell: ({ kind }) => kind },
      { name: "State", cell: ({ state }) => toned(state) },
      { name: "Coverage", kind: "number", cell: ({ report }) => percentOf(report) },
      { name: "Differing", kind: "number", cell: ({ report }) => countOf(report?.differing) },
      { name: "Healed", kind: "number", cell: ({ report }) => countOf(report?.healed) },
      { name: "Open", kind: "number", cell: ({ report }) => countOf(report?.open) },
      { name: "Started", cell: ({ started_at: time }) => when(time) },
      { name: "Took", kind: "number", cell: (run) => tookOf(run) },
      { name: "Failed for", kind: "text", cell: ({ error }) => error?.kind },
    ],
  });

const countOf = (count) => (count === undefined ? "–" : countText(count));
const percentOf = (report) =>
  typeof report?.coverage_percent === "string" ? `${report.coverage_percent} %` : "–";

function tookOf({ started_at: started, ended_at: ended }) {
  const ms = spanBetween(started, ended);
  return ms === undefined ? "–" : spanText(ms);
}

/** One run and its report. */
export async function showReconciliation({ room, api, place, signal, announce }) {
  const [id] = place.rest;
  const answer = await api.read(["reconciliations", id], { signal });
  if (signal.aborted) return;
  if (!answer.ok) return room.append(fault(answer.text));
  const { body } = answer;
  const { by_class: classes = {}, ...figures } = body.report ?? {};
  room.append(
    facts([
      ["Run", body.run_id],
      ["Kind", body.kind],
      ["State", toned(body.state)],
      ["Started by", body.cause],
      ["Started", when(body.started_at)],
      ["Ended", when(body.ended_at)],
      ["Took", tookOf(body)],
      ["Looked at from", when(body.from)],
      ["to before", when(body.to)],
    ]),
    ...(body.error === null ? [] : [fault(`Failed (${body.error.kind}): ${body.error.detail}`)]),
    section("Report", anything(figures)),
    section("By class", classesOf(classes)),
    element(
      "p",
      {},
      link(hashOf("breaks", [], { run_id: id, state: "all" }), "Breaks that it found first"),
    ),
  );
  announce(`Reconciliation ${body.state}`);
}

function classesOf(classes) {
  const rows = Object.entries(classes);
  if (rows.length === 0) return soft("No differences");
  const columns = [
    { name: "Class", cell: ([name]) => link(hashOf("breaks", [], { class: name }), name) },
    { name: "Found", kind: "number", cell: ([, { found }]) => countText(found) },
    { name: "New", kind: "number", cell: ([, { added }]) => countText(added) },
    { name: "Healed", kind: "number", cell: ([, { healed }]) => countText(healed) },
    { name: "Open", kind: "number", cell: ([, { open }]) => countText(open) },
  ];
  return tableOf("Differences by class", columns, rows).wide;
}
