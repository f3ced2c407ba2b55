import { filtersOf } from "./form.js";
import { countText, isUndecided } from "./model.js";
import { element, fault, rowOf, soft, tableOf } from "./parts.js";

const PAGE_ITEMS = 50;

/**
 * A list of the API, a page at a time. `columns` as of a table, `query` what always narrows it,
 * `hint` a sentence about what stands there.
 */
export async function showList(context, { title, hint, path, fields = [], query = {}, columns }) {
  const { room, api, place, signal, announce } = context;
  const { wide, body } = tableOf(title, columns, []);
  const more = element("button", { type: "button" }, "More");
  const none = soft("Nothing");
  const faults = element("div");
  const asked = { ...query, ...pick(place.query, fields) };
  let cursor;
  let shown = 0;
  let isReading = false;
  wide.hidden = true;
  none.hidden = true;
  more.hidden = true;

  async function load() {
    if (isReading) return;
    isReading = true;
    const answer = await api.read(path, {
      query: { ...asked, limit: PAGE_ITEMS, cursor },
      signal,
    });
    isReading = false;
    if (!signal.aborted) take(answer);
  }

  function take(answer) {
    faults.replaceChildren(...(answer.ok ? [] : [fault(answer.text)]));
    if (!answer.ok) {
      // Where it broke off it can go on; what is refused to a role stays so.
      more.hidden = !isUndecided(answer.status, answer.code);
      more.textContent = "Try again";
      return;
    }
    const { items, next_cursor: next } = answer.body;
    body.append(...items.map((item) => rowOf(columns, item)));
    shown += items.length;
    cursor = next ?? undefined;
    more.textContent = "More";
    wide.hidden = shown === 0;
    none.hidden = shown > 0;
    none.textContent = cursor === undefined ? "Nothing" : "Nothing so far: there is more to search";
    leaveMore();
    announce(`${countText(shown)} shown${cursor === undefined ? "" : ", there is more"}`);
  }

  /** What has the focus must not vanish under it. */
  function leaveMore() {
    const hadFocus = document.activeElement === more;
    more.hidden = cursor === undefined;
    if (hadFocus && more.hidden) wide.focus();
  }

  more.addEventListener("click", () => void load());
  room.append(
    ...(hint === undefined ? [] : [soft(hint)]),
    ...(fields.length === 0 ? [] : [filtersOf(context, fields)]),
    faults,
    wide,
    none,
    element("p", {}, more),
  );
  await load();
}

/** Of an address only what the list can be narrowed by; all else is somebody's slip. */
const pick = (query, fields) =>
  Object.fromEntries(
    fields.flatMap(({ name }) => (query[name] === undefined ? [] : [[name, query[name]]])),
  );
