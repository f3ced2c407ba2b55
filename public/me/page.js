import { follow } from "./live.js";
import {
  decimalOf,
  heard,
  moneyText,
  NOTHING,
  pageOf,
  pointsText,
  refusalText,
  withLines,
  withRead,
} from "./model.js";

const BUCKETS = [
  ["available", "Available"],
  ["held", "Held"],
  ["pending", "Pending"],
  ["in_transit", "On its way to you"],
];
/** Lists go by id, and the newest can be anywhere: so many pages of 200 are looked through. */
const LINE_PAGES_MAX = 25;
/** A read can be overtaken by what is heard meanwhile, and is made again. */
const READS_MAX = 5;
const STATES = {
  connecting: "Connecting …",
  live: "Live",
  waiting: "Offline, trying again …",
  ended: "Not connected",
};

const at = (id) => document.getElementById(id);

/** Text alone: nothing of what is shown is ever read as markup. */
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

/** What each part of the page was made of last. */
const shown = new Map();

/** Makes a part of the page anew where it says something else by now: what is set is read aloud. */
function put(id, what, make) {
  const text = JSON.stringify(what ?? null);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  at(id).replaceChildren(...make());
}

const here = pageOf(location.pathname);
const place = here && `upline.me:${here.key}`;
const token = here && takeToken();
let known = NOTHING;
/** Members that the feed could not tell and no read has told yet. */
const unread = new Set();
let isReading = false;

/** The tab's memory; none where a browser is set to keep nothing. */
function memory() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** Out of the address at once: there it would be copied, bookmarked and sent on. */
function takeToken() {
  // A token has no character that would have to be written otherwise.
  const given = location.hash.slice(1);
  if (given !== "") {
    history.replaceState(null, "", location.pathname);
    memory()?.setItem(place, given);
    return given;
  }
  return memory()?.getItem(place) ?? undefined;
}

function say(text) {
  const notice = at("notice");
  notice.textContent = text;
  notice.hidden = false;
}

const pairs = (entries) =>
  entries.flatMap(([term, text, className]) => [
    element("dt", term),
    element("dd", text, className),
  ]);

function balancesOf(balances) {
  const parts = Object.entries(balances).flatMap(([currency, buckets]) => {
    const list = element("dl");
    const entries = BUCKETS.map(([bucket, name]) => {
      const amount = buckets[bucket];
      const isBelow = amount.amount.startsWith("-");
      const label = isBelow && bucket === "available" ? "You owe" : name;
      return [label, moneyText(amount), isBelow ? "below" : bucket === "available" ? "owed" : ""];
    });
    list.replaceChildren(...pairs(entries));
    return [element("h3", currency), list];
  });
  return parts.length === 0 ? [element("p", "Nothing yet", "none")] : parts;
}

function rowOf(line, balances) {
  const row = element("tr");
  const like = balances[line.currency]?.available.amount ?? ".00";
  const amount = decimalOf(BigInt(line.amount_minor) - BigInt(line.reversed_minor), like);
  row.append(
    element("td", line.effective_at.slice(0, 10)),
    element("td", line.order_id ?? "–"),
    element("td", line.level === null ? line.component : `${line.component}, level ${line.level}`),
    element("td", line.state),
    element("td", moneyText({ amount, currency: line.currency }), "money"),
  );
  return row;
}

function showPerson({ name, distributor_id, status, joined_at }) {
  at("name").textContent = name ?? distributor_id;
  const since = joined_at === null ? "" : `, since ${joined_at.slice(0, 10)}`;
  at("standing").textContent = `${distributor_id}: ${status ?? "not enrolled"}${since}`;
}

const guessed = (text, source) => (source === "estimate" ? `${text} (estimate)` : text);

const ranksOf = (ranks) =>
  pairs([
    ["Paid as", guessed(ranks?.pay_rank ?? "–", ranks?.source)],
    ["Highest reached", ranks?.career_rank ?? "–"],
  ]);

const volumesOf = (volumes) =>
  pairs([
    ["Period", guessed(volumes?.period_id ?? "–", volumes?.source)],
    ["Personal", pointsText(volumes?.pv_x100)],
    ["Group", pointsText(volumes?.gv_x100)],
  ]);

function show() {
  const { status, lines } = known;
  if (status === null) return;
  const { ranks, volumes, balances } = status;
  showPerson(status);
  put("ranks", ranks, () => ranksOf(ranks));
  put("volumes", volumes, () => volumesOf(volumes));
  put("balances", balances, () => balancesOf(balances));
  put("lines", lines, () => lines.map((line) => rowOf(line, balances)));
  at("no-lines").hidden = lines.length > 0;
  at("as-of").textContent = `As of ${new Date(status.as_of).toLocaleString()}`;
}

async function read(path, headers = {}) {
  const response = await fetch(new URL(path, location.href), {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
  if (response.ok) return response;
  const { status } = response;
  throw new Error(refusalText(status) ?? `Error ${status}`, { cause: status });
}

/** Lines of the period that is shown; a link may show none. */
async function readLines() {
  const period = known.status?.volumes?.period_id;
  const filter = period === undefined ? "" : `&period_id=${encodeURIComponent(period)}`;
  try {
    let cursor = "";
    for (let i = 0; i < LINE_PAGES_MAX && cursor !== null; i += 1) {
      const next = cursor === "" ? "" : `&cursor=${cursor}`;
      const page = await (await read(`${here.path}/lines?limit=200${filter}${next}`)).json();
      known = { ...known, lines: withLines(page.items, known.lines) };
      cursor = page.next_cursor;
      show();
    }
  } catch (error) {
    // The status stands without them. A link shows reports and lines, or neither.
    if (error instanceof Error && error.cause === 403) at("details").hidden = true;
  }
}

/** Reads what the feed could not tell. What fails is tried again after the next message. */
async function readAgain() {
  if (isReading) return;
  isReading = true;
  try {
    for (let i = 0; i < READS_MAX && unread.size > 0; i += 1) {
      const names = [...unread];
      const status = await (await read(`${here.path}?consistency=strong`)).json();
      const next = withRead(known, names, status);
      if (next === undefined) continue;
      known = next;
      for (const name of names) unread.delete(name);
      show();
    }
  } catch {
    // Those that are missing still are.
  } finally {
    isReading = false;
  }
}

function hear(message) {
  const isFirst = known.status === null;
  known = heard(known, message);
  show();
  at("earnings").disabled = false;
  if (isFirst || message.reset === true) void readLines();
  if (message.type === "status") unread.clear();
  for (const name of message.stale ?? []) unread.add(name);
  void readAgain();
}

function tell(state, reason) {
  const connection = at("connection");
  if (connection.dataset.state !== state) {
    connection.dataset.state = state;
    connection.textContent = STATES[state];
  }
  if (state === "live") void readAgain();
  if (reason === undefined) return;
  memory()?.removeItem(place);
  say(reason);
}

/** A link cannot bring the credential along, so the file is fetched and handed over. */
async function downloadStatement() {
  const month = new Date().toISOString().slice(0, 7);
  try {
    const response = await read(`${here.path}/earnings/${month}`, { Accept: "text/csv" });
    const link = element("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `earnings-${month}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    say(error instanceof Error ? error.message : "The statement cannot be read");
  }
}

// Another link to this page, opened in its tab, loads nothing by itself.
addEventListener("hashchange", () => {
  if (location.hash === "" || here === undefined) return;
  takeToken();
  location.reload();
});

if (token === undefined) {
  tell("ended", "Please open this page by the link that you were given.");
} else {
  at("earnings").addEventListener("click", () => void downloadStatement());
  void follow({ path: here.path, token, lastId: () => known.lastId, hear, tell });
}
