/** The sections of the page, in the order of its navigation. */
export const SECTIONS = [
  ["overview", "Overview"],
  ["held", "Held"],
  ["events", "Events"],
  ["breaks", "Breaks"],
  ["reconciliations", "Reconciliations"],
  ["sources", "Sources"],
  ["deliveries", "Deliveries"],
  ["audit", "Audit trail"],
];

/** How often what is looked at is read again. */
export const FRESH_MS = 5000;
const WAIT_MS_MAX = 300_000;

/** Lists that have a view of their own, and those of them whose items have one. */
const LISTS = new Set(["held", "events", "breaks", "reconciliations", "sources", "deliveries"]);
const WITH_ITEMS = new Set(["events", "breaks", "reconciliations", "sources", "deliveries"]);

/** A segment of an address; one that is no percent-encoding is taken as it stands. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Ids are texts of others, and can be cut in the middle of a character. */
const encoded = (text) => encodeURIComponent(String(text).toWellFormed());

/**
 * The place that is named behind `#`: `#acme` says for which tenant to sign in, `#/held?state=dead`
 * what to look at there, `#acme/held` both.
 */
export function placeOf(hash) {
  const [way = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const [tenant = "", view = "", ...rest] = way.split("/").map(decoded);
  return {
    tenant: tenant === "" ? undefined : tenant,
    view: view === "" ? "overview" : view,
    rest: rest.filter((part) => part !== ""),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The other way round. What is empty narrows nothing, and is left out. */
export function hashOf(view, rest = [], query = {}) {
  return `#/${[view, ...rest].map(encoded).join("/")}${queryText(query)}`;
}

/** As much of an address as stands behind its path: empty, or with its question mark. */
function queryText(query) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** The same place with its tenant in front: whoever opens or reloads it is asked for that one's key. */
export const hashIn = (tenant, hash) => hash.replace(/^#?(?=[/?]|$)/, () => `#${encoded(tenant)}`);

/** Whether there can be a tenant of that name. */
export const isTenantName = (text) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);

/**
 * The API's path of something of a tenant; undefined where there can be none: a browser takes `.`
 * and `..` for steps, however they are written.
 */
export function pathOf(tenant, parts, query = {}) {
  const all = [tenant, ...parts];
  if (all.some((part) => part === "" || part === "." || part === "..")) return undefined;
  return `/v1/tenants/${all.map(encoded).join("/")}${queryText(query)}`;
}

/** Where the page shows what the API has under an address; undefined where that is not the tenant's. */
export function hashOfHref(href, tenant) {
  const prefix = `/v1/tenants/${encoded(tenant)}/`;
  if (!href.startsWith(prefix)) return undefined;
  const [way = "", search = ""] = href.slice(prefix.length).split(/\?(.*)/s);
  const [view = "", ...rest] = way.split("/").map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  const isOurs = rest.length === 0 ? LISTS.has(view) : rest.length === 1 && WITH_ITEMS.has(view);
  return isOurs ? hashOf(view, rest, query) : hashOf("look", [view, ...rest], query);
}

/**
 * How long to wait until the next read: the usual time, after failures twice as long each time, half
 * of it by chance, and never less than the answer asked for.
 */
export function waitMs(failures, chance, askedMs = 0) {
  if (failures === 0) return FRESH_MS;
  const most = Math.min(WAIT_MS_MAX, FRESH_MS * 2 ** Math.min(failures, 10));
  return Math.max(Math.round(most / 2 + (chance * most) / 2), Math.min(askedMs, WAIT_MS_MAX));
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110 §10.2.3); 0 where it says nothing. */
export function retryAfterMs(text, nowMs) {
  if (text === null || text === "") return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

const REFUSALS = new Map([
  [401, "This key does not hold, or no longer: it is unknown, expired or revoked."],
  [403, "Your role, or the scopes of your key, do not allow this."],
  [404, "There is nothing here, or nothing that this key may know of."],
  [429, "Too many requests, or the tenant's quota is used up: try again later."],
  [503, "The gateway is overloaded, or something that it needs is out: try again later."],
]);

/** What a refusal means; `status` is absent where no answer came, `problem` where it was none of ours. */
export function refusalText(status, problem = {}) {
  if (status === undefined) return "The gateway cannot be reached.";
  const known = REFUSALS.get(status);
  const { title, detail, errors = [] } = problem ?? {};
  const said = [detail, ...errors.map(({ path, message }) => `${path}: ${message}`)]
    .filter((text) => typeof text === "string" && text !== "")
    .join(" ");
  const head = known ?? `${title ?? "The request failed"} (${status}).`;
  return said === "" ? head : `${head} ${said}`;
}

/** Whether a write may have been done although nobody said so: the same one has to be sent again. */
export const isUndecided = (status, code) =>
  status === undefined || status === 429 || status >= 500 || code === "idempotency_in_progress";

/** A RFC 3339 time of the API for a person, to the second. */
export const timeText = (time) => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

export const isTime = (value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);

/** Parts of a million as a percentage: cut off, as 99.999 of a hundred are not all. */
export function shareText(ppm) {
  if (ppm === null || ppm === undefined) return "–";
  const hundredths = Math.trunc(ppm / 100);
  const [sign, size] = [hundredths < 0 ? "−" : "", Math.abs(hundredths)];
  return `${sign}${Math.trunc(size / 100)}.${String(size % 100).padStart(2, "0")} %`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];

/** A length of time in its two greatest units: `3 min 4 s`; below a second in milliseconds. */
export function spanText(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  let left = ms;
  const parts = UNITS.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.join(" ");
}

/** The time between two times of the API; nothing where one is missing. */
export const spanBetween = (from, to) =>
  isTime(from) && isTime(to) ? Date.parse(to) - Date.parse(from) : undefined;

/** A count with its thousands apart. */
export const countText = (count) => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** An amount as the API tells it: the digits are the API's, and none is added. */
export const moneyText = (money) =>
  money === null || money === undefined ? "–" : `${money.amount} ${money.currency}`;

/** A name that nothing else has. `randomUUID` is there on secure addresses alone, and a console on one's own network is not one. */
export const freshName = () => [...crypto.getRandomValues(new Uint32Array(4))].join("-");
