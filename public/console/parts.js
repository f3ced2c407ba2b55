import { hashIn, isTime, timeText } from "./model.js";

export const at = (id) => document.getElementById(id);

/** Attributes by their names; what is undefined or false is left out. Children are nodes or text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(attribute, value === true ? "" : value);
  }
  // Text alone: nothing of what is shown is ever read as markup.
  made.append(...children.map((child) => (child instanceof Node ? child : String(child ?? "–"))));
  return made;
}

/** A time in UTC; the local one is its title. */
export function when(time) {
  if (!isTime(time)) return "–";
  const title = `Here: ${new Date(time).toLocaleString()}`;
  return element("time", { datetime: time, title }, timeText(time));
}

let home = "";

/** Says whose places are linked from now on: a link may be opened in a tab that knows nobody yet. */
export function linkWithin(tenant) {
  home = tenant;
}

export const placed = (hash) => hashIn(home, hash);

export const link = (hash, text) => element("a", { href: placed(hash) }, text);

/** One word that says how something stands; its tone is good, warn, bad or none. */
export const mark = (text, tone) => element("span", { class: "mark", "data-tone": tone }, text);

/** Names and what they stand for. */
export const facts = (entries) =>
  element(
    "dl",
    {},
    ...entries.map(([name, fact]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, fact)),
    ),
  );

/** One row of a table; the first cell is its head. */
export const rowOf = (columns, item) =>
  element(
    "tr",
    {},
    ...columns.map(({ cell, kind }, i) =>
      element(
        i === 0 ? "th" : "td",
        { class: kind, scope: i === 0 ? "row" : undefined },
        cell(item),
      ),
    ),
  );

/**
 * A table that can be moved sideways by itself, with the keyboard too. A column is
 * `{name, cell, kind?}`: kind is `number`, or `text` where it may break.
 */
export function tableOf(caption, columns, items) {
  const heads = columns.map(({ name, kind }) => element("th", { scope: "col", class: kind }, name));
  const body = element("tbody", {}, ...items.map((item) => rowOf(columns, item)));
  const table = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads)),
    body,
  );
  const wide = element("div", { class: "wide", role: "region", "aria-label": caption }, table);
  wide.tabIndex = 0;
  return { wide, body };
}

export const section = (title, ...children) =>
  element("section", { "aria-label": title }, element("h3", {}, title), ...children);

export const soft = (text) => element("p", { class: "soft" }, text);

/** What could not be read, and why. */
export const fault = (text) => element("p", { class: "notice", role: "alert" }, text);

/** Anything that JSON can say. */
export function anything(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (isTime(value)) return when(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    return element("ol", {}, ...value.map((one) => element("li", {}, anything(one))));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return "none";
  return facts(entries.map(([name, inner]) => [name, anything(inner)]));
}
