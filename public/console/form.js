import { hashOf } from "./model.js";
import { element, placed } from "./parts.js";

/**
 * What narrows a list. A field is `{name, label, options?}`. Asking changes the address, so that what
 * is seen can be linked; asked for the same again it is read anew.
 */
export function filtersOf({ place, reload }, fields) {
  const controls = fields.map((field) => [field, controlOf(field, place.query[field.name] ?? "")]);
  const form = element(
    "form",
    { class: "filters", role: "search", autocomplete: "off", novalidate: true },
    ...controls.map(([{ label }, control]) =>
      element("label", { class: "field" }, element("span", {}, label), control),
    ),
    element("button", { type: "submit" }, "Show"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = Object.fromEntries(
      controls.map(([{ name }, control]) => [name, control.value.trim()]),
    );
    const hash = placed(hashOf(place.view, place.rest, query));
    if (hash === location.hash) reload();
    else location.hash = hash;
  });
  return form;
}

function controlOf({ name, options }, value) {
  if (options === undefined) {
    const input = element("input", { name, type: "text", spellcheck: "false", maxlength: "256" });
    input.value = value;
    return input;
  }
  const select = element(
    "select",
    { name },
    ...options.map(([option, text]) => element("option", { value: option }, text)),
  );
  // What the address says and no option: shown as it is, and the API says what is wrong with it.
  if (!options.some(([option]) => option === value)) {
    select.append(element("option", { value }, value));
  }
  select.value = value;
  return select;
}

/** Options of a filter: what each means is its own name, and none of them narrows nothing. */
export const anyOf = (names, all = "all") => [["", all], ...names.map((name) => [name, name])];
