import { readyAsk } from "./act.js";
import { openApi } from "./api.js";
import { showAudit } from "./audit.js";
import { showBreaks } from "./breaks.js";
import { showDeliveries } from "./deliveries.js";
import { showEvent } from "./event.js";
import { showEvents } from "./events.js";
import { showHeld } from "./held.js";
import { showItem, showLook } from "./look.js";
import { hashOf, placeOf, SECTIONS } from "./model.js";
import { showOverview } from "./overview.js";
import { at, element, fault, link } from "./parts.js";
import { showReconciliation, showReconciliations } from "./reconciliations.js";
import { forget, remember, remembered } from "./session.js";
import { showSources } from "./sources.js";

/** The view of a section, and that of one thing in it. */
const VIEWS = new Map([
  ["overview", [showOverview]],
  ["held", [showHeld]],
  ["events", [showEvents, showEvent]],
  ["breaks", [showBreaks, showItem]],
  ["reconciliations", [showReconciliations, showReconciliation]],
  ["sources", [showSources, showItem]],
  ["deliveries", [showDeliveries, showItem]],
  ["audit", [showAudit]],
  ["look", [undefined, showLook]],
]);

/**
 * Answers with which nobody is let in: the key does not hold, or not there, or nobody could say. With
 * any other the page is of use: a role may not see everything, and during an outage some of it works.
 */
const KEEPS_OUT = new Set([undefined, 401, 404, 429]);

let session;
let api;
/** Ends what the view that is shown has under way. */
let leave = new AbortController();

const announce = (text) => {
  at("status").textContent = text;
};

function say(text = "") {
  at("notice").textContent = text;
  at("notice").hidden = text === "";
}

/** Shows the place that the address names, or who may see it has to sign in first. */
function show({ takesFocus = false } = {}) {
  leave.abort();
  leave = new AbortController();
  announce("");
  const place = placeOf(location.hash);
  if (isOfOther(place.tenant)) {
    forgetAll();
    say(`This address is of tenant ${place.tenant}: sign in there.`);
  }
  const isIn = session !== undefined;
  at("sign-in").hidden = isIn;
  at("nav").hidden = !isIn;
  at("who").hidden = !isIn;
  at("tenant").textContent = session?.tenant ?? "";
  at("room").replaceChildren();
  if (isIn) showPlace(place, takesFocus);
  else showSignIn(place);
}

/** Whose events are retried must not hang on which tab a link is opened in. */
const isOfOther = (tenant) =>
  session !== undefined && tenant !== undefined && tenant !== session.tenant;

function showSignIn({ tenant }) {
  document.title = "Upline console";
  const name = at("sign-in-tenant");
  if (tenant !== undefined) name.value = tenant;
  at(name.value === "" ? "sign-in-tenant" : "sign-in-key").focus();
}

function showPlace(place, takesFocus) {
  const [, name = "Details"] = SECTIONS.find(([view]) => view === place.view) ?? [];
  const views = VIEWS.get(place.view) ?? [];
  const view = views[Math.min(place.rest.length, 1)];
  document.title = `${name}: Upline console`;
  for (const one of at("sections").querySelectorAll("a")) {
    if (one.dataset.view === place.view) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  // What comes late for a view that was left finds a room that nobody sees.
  const room = element("div");
  const title = element("h2", { id: "title", tabindex: "-1" }, titleOf(place, name));
  at("room").replaceChildren(title, room);
  if (takesFocus) title.focus();
  if (view === undefined) return room.append(fault("There is no such section."));
  const { signal } = leave;
  const context = {
    room,
    api,
    place,
    signal,
    announce: (text) => (signal.aborted ? undefined : announce(text)),
    reload: () => show({ takesFocus: true }),
  };
  void view(context).catch(() => room.append(fault("What the gateway answered cannot be shown.")));
}

const titleOf = ({ view, rest }, name) =>
  rest.length === 0 ? name : `${name}: ${(view === "look" ? rest : rest.slice(0, 1)).join(", ")}`;

/** Of a session that is over nothing is heard any more. */
function begin(given) {
  session = given;
  api = openApi(given, (text) => (session === given ? signOut(text) : undefined));
}

function forgetAll() {
  forget();
  session = undefined;
  api = undefined;
}

/** Also where a key is refused that held before: then it says so. */
function signOut(text) {
  if (session === undefined) return;
  at("sign-in-tenant").value = session.tenant;
  forgetAll();
  say(text);
  show();
}

async function signIn() {
  const given = { tenant: at("sign-in-tenant").value.trim(), key: at("sign-in-key").value.trim() };
  if (given.tenant === "" || given.key === "") return say("A tenant and an API key are needed.");
  if (!/^[\x21-\x7e]+$/.test(given.key)) return say("This is no API key.");
  announce("Signing in …");
  const answer = await openApi(given).read(["sources"], { query: { limit: 1 } });
  announce("");
  if (KEEPS_OUT.has(answer.status)) return say(answer.text);
  at("sign-in-key").value = "";
  say();
  remember(given);
  begin(given);
  // Whoever signs in elsewhere than an address says means that.
  if (isOfOther(placeOf(location.hash).tenant)) history.replaceState(null, "", location.pathname);
  show({ takesFocus: true });
}

at("sections").append(
  ...SECTIONS.map(([view, name]) => {
    const entry = link(hashOf(view), name);
    entry.dataset.view = view;
    return element("li", {}, entry);
  }),
);
at("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn();
});
at("sign-out").addEventListener("click", () => {
  signOut();
  // Where somebody was is nobody's business afterwards.
  history.replaceState(null, "", location.pathname);
});
at("skip").addEventListener("click", () => at("main").focus());
addEventListener("hashchange", () => {
  say();
  show({ takesFocus: true });
});
readyAsk();
const known = remembered();
if (known !== undefined) begin(known);
show();
