import { readyAsk } from "./act.js";
import { openApi } from "./api.js";
import { showAudit } from "./audit.js";
import { showBreaks } from "./breaks.js";
import { showDeliveries } from "./deliveries.js";
import { showEvent } from "./event.js";
import { showEvents } from "./events.js";
import { showHeld } from "./held.js";
import { showItem, showLook } from "./look.js";
import { freshName, hashIn, hashOf, isTenantName, placeOf, SECTIONS } from "./model.js";
import { showOverview } from "./overview.js";
import { at, element, fault, link, linkWithin } from "./parts.js";
import { showReconciliation, showReconciliations } from "./reconciliations.js";
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

/** Who is signed in, with the key: here, and written nowhere. Whoever reloads the page signs in again. */
let session;
let api;
let isSigningIn = false;
let lastTenant;
/** Marks the places of this tab's history as its: those of somebody who has signed out are another visit's. */
let visit = history.state?.visit ?? freshName();
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
  const place = placeHere();
  if (isOfOther(place.tenant)) {
    forgetAll();
    // Whoever made the link may have put any text there: it is not for this page to say.
    const isTenant = isTenantName(place.tenant);
    say(isTenant ? `This address is of tenant ${place.tenant}: sign in there.` : OF_NOBODY);
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

const OF_NOBODY = "This address is of no tenant: sign in again.";

/** The place that the address names; the beginning, where whoever was there has signed out since. */
function placeHere() {
  if ((history.state?.visit ?? visit) !== visit) goHome();
  const place = placeOf(location.hash);
  if (session !== undefined && !isOfOther(place.tenant)) {
    history.replaceState({ visit }, "", hashIn(session.tenant, location.hash));
  }
  return place;
}

const goHome = () => history.replaceState({ visit }, "", location.pathname);

/** Whose events are retried must not hang on which tab a link is opened in. */
const isOfOther = (tenant) =>
  session !== undefined && tenant !== undefined && tenant !== session.tenant;

function showSignIn({ tenant }) {
  document.title = "Upline console";
  const name = at("sign-in-tenant");
  if (tenant !== undefined && isTenantName(tenant)) name.value = tenant;
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

/** Of a session that is over nothing is heard any more. What was visited at another tenant was another visit. */
function begin(given) {
  if (lastTenant !== undefined && lastTenant !== given.tenant) visit = freshName();
  lastTenant = given.tenant;
  session = given;
  linkWithin(given.tenant);
  showSections();
  api = openApi(given, (text) => (session === given ? signOut(text) : undefined));
}

function forgetAll() {
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
  if (isSigningIn) return;
  const given = { tenant: at("sign-in-tenant").value.trim(), key: at("sign-in-key").value.trim() };
  if (given.tenant === "" || given.key === "") return say("A tenant and an API key are needed.");
  if (!/^[\x21-\x7e]+$/.test(given.key)) return say("This is no API key.");
  announce("Signing in …");
  isSigningIn = true;
  const answer = await openApi(given).read(["sources"], { query: { limit: 1 } });
  isSigningIn = false;
  announce("");
  if (KEEPS_OUT.has(answer.status)) return say(answer.text);
  at("sign-in-key").value = "";
  say();
  begin(given);
  // Whoever signs in elsewhere than an address says means that.
  if (isOfOther(placeOf(location.hash).tenant)) goHome();
  show({ takesFocus: true });
}

function showSections() {
  const entries = SECTIONS.map(([view, name]) => {
    const entry = link(hashOf(view), name);
    entry.dataset.view = view;
    return element("li", {}, entry);
  });
  at("sections").replaceChildren(...entries);
}

at("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn();
});
at("sign-out").addEventListener("click", () => {
  // Where somebody was is nobody's business afterwards.
  visit = freshName();
  goHome();
  signOut();
});
// A browser may keep a page that was left, and bring it back as it was.
addEventListener("pagehide", () => signOut());
at("skip").addEventListener("click", () => at("main").focus());
addEventListener("hashchange", () => {
  say();
  show({ takesFocus: true });
});
readyAsk();
show();
