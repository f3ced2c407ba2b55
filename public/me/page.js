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
} from "./model.js";

const BUCKETS = [
  ["available", "Available"],
  ["held", "Held"],
  ["pending", "Pending"],
  ["in_transit", "On its way to you"],
];
/** Lists go by id, and the newest can be anywhere: so many pages of 200 are looked through. */
const LINE_PAGES_MAX = 25;
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

const here = pageOf(location.pathname);
const token = here && takeToken(here.key);
let known = NOTHING;

/** Out of the address at once: there it would be copied, bookmarked and sent on. */
function takeToken(key) {
  // A token has no character that would have to be written otherwise.
  const given = location.hash.slice(1);
  if (given !== "") {
    history.replaceState(null, "", location.pathname);
    sessionStorage.setItem(`upline.me:${key}`, given);
    return given;
  }
  return sessionStorage.getItem(`upline.me:${key}`) ?? undefined;
}

function say(text) {
  const notice = at("notice");
  notice.textContent = text;
  notice.hidden = false;
}

function pairs(list, entries) {
  list.replaceChildren(
    ...entries.flatMap(([term, text, className]) => [
      element("dt", term),
      element("dd", text, className),
    ]),
  );
}

function showBalances(balances) {
  const parts = Object.entries(balances).flatMap(([currency, buckets]) => {
    const list = element("dl");
    pairs(
      list,
      BUCKETS.map(([bucket, name]) => {
        const amount = buckets[bucket];
        const isBelow = amount.amount.startsWith("-");
        const label = isBelow && bucket === "available" ? "You owe" : name;
        return [label, moneyText(amount), isBelow ? "below" : bucket === "available" ? "owed" : ""];
      }),
    );
    return [element("h3", currency), list];
  });
  at("balances").replaceChildren(
    ...(parts.length === 0 ? [element("p", "Nothing yet", "none")] : parts),
  );
}

function showLines(lines, balances) {
  const rows = lines.map((line) => {
    const row = element("tr");
    const like = balances[line.currency]?.available.amount ?? ".00";
    const amount = decimalOf(BigInt(line.amount_minor) - BigInt(line.reversed_minor), like);
    row.append(
      element("td", line.effective_at.slice(0, 10)),
      element("td", line.order_id ?? "–"),
      element(
        "td",
        line.level === null ? line.component : `${line.component}, level ${line.level}`,
      ),
      element("td", line.state),
      element("td", moneyText({ amount, currency: line.currency }), "money"),
    );
    return row;
  });
  at("lines").replaceChildren(...rows);
  at("no-lines").hidden = rows.length > 0;
}

function showPerson({ name, distributor_id, status, joined_at }) {
  at("name").textContent = name ?? distributor_id;
  const since = joined_at === null ? "" : `, since ${joined_at.slice(0, 10)}`;
  at("standing").textContent = `${distributor_id}: ${status ?? "not enrolled"}${since}`;
}

const guessed = (text, source) => (source === "estimate" ? `${text} (estimate)` : text);

function showRanks(ranks) {
  pairs(at("ranks"), [
    ["Paid as", guessed(ranks?.pay_rank ?? "–", ranks?.source)],
    ["Highest reached", ranks?.career_rank ?? "–"],
  ]);
}

function showVolumes(volumes) {
  pairs(at("volumes"), [
    ["Period", guessed(volumes?.period_id ?? "–", volumes?.source)],
    ["Personal", pointsText(volumes?.pv_x100)],
    ["Group", pointsText(volumes?.gv_x100)],
  ]);
}

function show() {
  const { status, lines } = known;
  if (status === null) return;
  showPerson(status);
  showRanks(status.ranks);
  showVolumes(status.volumes);
  showBalances(status.balances);
  showLines(lines, status.balances);
  at("as-of").textContent = `As of ${new Date(status.as_of).toLocaleString()}`;
}

async function read(path, headers = {}) {
  const response = await fetch(new URL(path, location.href), {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
  if (response.ok) return response;
  throw new Error(refusalText(response.status) ?? `Error ${response.status}`);
}

/** Lines of the period that is shown; a link may show none, and then nothing is said of them. */
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
  } catch {
    // The status stands without them.
  }
}

/** Members that the feed cannot tell: read again, unless something newer was heard meanwhile. */
async function readAgain(members) {
  const status = await (await read(`${here.path}?consistency=strong`)).json();
  const told = Object.fromEntries(members.map((name) => [name, status[name]]));
  known = { ...known, status: { ...known.status, ...told } };
  show();
}

function hear(message) {
  const isFirst = known.status === null;
  known = heard(known, message);
  show();
  at("earnings").disabled = false;
  if (isFirst || message.reset === true) void readLines();
  const stale = message.stale ?? [];
  if (stale.length > 0) readAgain(stale).catch(() => {});
}

function tell(state, reason) {
  const shown = at("connection");
  if (shown.dataset.state !== state) {
    shown.dataset.state = state;
    shown.textContent = STATES[state];
  }
  if (reason !== undefined) say(reason);
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

if (token === undefined) {
  tell("ended", "Please open this page by the link that you were given.");
} else {
  at("earnings").addEventListener("click", () => void downloadStatement());
  void follow({ path: here.path, token, lastId: () => known.lastId, hear, tell });
}
