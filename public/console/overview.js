import { keepFresh } from "./fresh.js";
import { countText, hashOfHref, shareText, spanText } from "./model.js";
import { at, element, facts, fault, link, section, soft, tableOf, when } from "./parts.js";
import { toned } from "./words.js";

const ALERTS_MAX = 50;

/** How things stand, read again while somebody looks. */
export async function showOverview({ room, api, signal, announce }) {
  const parts = [
    partOf("Pipeline", ["pipeline"], {}, pipelineOf),
    partOf("Alerts", ["alerts"], { limit: ALERTS_MAX }, (body) => alertsOf(body, api.tenant)),
    partOf("How fast lines are visible", ["sla"], {}, slaOf),
  ];
  const asOf = element("p", { class: "soft", id: "as-of" });
  room.append(...parts.map(({ shown }) => shown), asOf);

  async function read() {
    const open = parts.filter(({ state }) => !state.isDenied);
    const answers = await Promise.all(
      open.map(({ path, query }) => api.read(path, { query, signal })),
    );
    if (signal.aborted) return "over";
    for (const [i, part] of open.entries()) showPart(part, answers[i]);
    tellAlerts(parts[1].state, announce);
    if (parts.every(({ state }) => state.isDenied)) return "over";
    const failed = answers.filter(({ ok, status }) => !ok && status !== 403);
    if (failed.length > 0) return { retryMs: Math.max(...failed.map(({ retryMs }) => retryMs)) };
    asOf.replaceChildren("As of ", when(new Date().toISOString()), ", read again every 5 s");
  }

  await keepFresh(read, signal, (ms) => {
    if (ms !== undefined) asOf.textContent = `Not all can be read; next try in ${spanText(ms)}`;
  });
}

function partOf(title, path, query, make) {
  const inner = element("div", {}, soft("…"));
  return { path, query, make, inner, shown: section(title, inner), state: {} };
}

/** Made anew only where it says something else by now. */
function showPart({ inner, make, state }, answer) {
  const text = JSON.stringify(answer.ok ? answer.body : answer.text);
  state.isDenied = answer.status === 403;
  if (answer.ok) state.body = answer.body;
  if (state.text === text) return;
  state.text = text;
  const focused = inner.contains(document.activeElement) ? document.activeElement : undefined;
  inner.replaceChildren(...(answer.ok ? make(answer.body) : [fault(answer.text)]));
  if (focused !== undefined) focusLike(focused, inner);
}

/** The focus stays on what is the same thing as before, or near it. */
function focusLike(focused, inner) {
  const href = focused.getAttribute("href");
  const links = [...inner.querySelectorAll("a")];
  const same = links.find((one) => one.getAttribute("href") === href);
  (same ?? inner.querySelector("[role=region]") ?? at("main")).focus();
}

/** Not every few seconds: only where there are more or fewer than before. */
function tellAlerts(state, announce) {
  if (state.body === undefined) return;
  const count = state.body.items.length;
  if (count === state.count) return;
  state.count = count;
  announce(count === 1 ? "1 alert" : `${countText(count)} alerts`);
}

const pipelineOf = (body) => [
  facts([
    ["Idle", body.idle ? "yes" : "no"],
    ["In flight", countText(body.in_flight)],
    ["Parked", link("#/held?state=parked", countText(body.parked))],
    ["Buffered", link("#/held?state=buffered", countText(body.buffered))],
    ["Not mirrored yet", countText(body.unmirrored)],
    ["Oldest in the queues", body.oldest_ms === 0 ? "–" : spanText(body.oldest_ms)],
  ]),
];

function alertsOf({ items, next_cursor: next }, tenant) {
  if (items.length === 0) return [soft("None: nothing for anybody to look at")];
  const columns = [
    { name: "Kind", cell: ({ kind }) => kind },
    { name: "Severity", cell: ({ severity }) => toned(severity) },
    { name: "What", kind: "text", cell: ({ detail, href }) => linked(href, detail, tenant) },
    { name: "About", kind: "text", cell: (alert) => aboutOf(alert) },
    { name: "Since", cell: ({ since }) => when(since) },
  ];
  const { wide } = tableOf("Alerts", columns, items);
  return next === null ? [wide] : [wide, soft(`The first ${items.length}: there are more`)];
}

/** An alert's id says what it is about behind its kind, where that is no subject. */
const aboutOf = ({ subject, kind, alert_id: id }) => subject ?? id.slice(kind.length + 1);

function linked(href, text, tenant) {
  const hash = hashOfHref(href, tenant);
  return hash === undefined ? text : link(hash, text);
}

function slaOf({ from, to, objectives, burn }) {
  const columns = [
    { name: "Within", cell: ({ within_ms: ms }) => spanText(ms) },
    { name: "Share", kind: "number", cell: ({ share_ppm: ppm }) => shareText(ppm) },
    { name: "To be", kind: "number", cell: ({ target_ppm: ppm }) => shareText(ppm) },
    { name: "Lines", kind: "number", cell: ({ total }) => countText(total) },
    { name: "Late", kind: "number", cell: ({ bad }) => countText(bad) },
    { name: "Budget left", kind: "number", cell: (one) => shareText(one.budget_left_ppm) },
    { name: "Burning", cell: ({ within_ms: ms }) => burningOf(burn, ms) },
  ];
  const { wide } = tableOf("Commission lines that were visible in time", columns, objectives);
  return [wide, element("p", { class: "soft" }, "From ", when(from), " to ", when(to))];
}

/** The gravest rule that fires, as the API orders them. */
const burningOf = (burn, ms) =>
  toned(burn.find(({ within_ms: within, firing }) => within === ms && firing)?.severity ?? "no");
