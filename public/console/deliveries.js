import { actionsOf } from "./act.js";
import { anyOf } from "./form.js";
import { showList } from "./list.js";
import { hashOf, spanText } from "./model.js";
import { link, when } from "./parts.js";
import { toned } from "./words.js";

const STATES = ["pending", "delivered", "dead", "cancelled"];

/** What is sent, or was, to the tenant's own destinations. */
export const showDeliveries = (context) =>
  showList(context, {
    title: "Deliveries",
    hint: "Notices to your destinations.",
    path: ["deliveries"],
    fields: [
      { name: "state", label: "State", options: anyOf(STATES) },
      { name: "destination", label: "Destination" },
      { name: "type", label: "Type" },
      { name: "event_id", label: "Event" },
    ],
    columns: [
      { name: "Delivery", cell: ({ delivery_id: id }) => link(hashOf("deliveries", [id]), id) },
      { name: "State", cell: ({ state }) => toned(state) },
      { name: "Destination", cell: ({ destination }) => destinationOf(destination) },
      { name: "Type", cell: ({ type }) => type },
      { name: "Event", cell: ({ event_id: id }) => eventOf(id) },
      { name: "About", kind: "text", cell: ({ subject }) => subject },
      { name: "Attempts", kind: "number", cell: ({ attempts }) => attempts },
      { name: "Last one", kind: "text", cell: ({ last_attempt: last }) => attemptText(last) },
      { name: "Next one", cell: ({ next_attempt_at: time }) => when(time) },
      { name: "Made", cell: ({ created_at: time }) => when(time) },
      {
        name: "Do",
        cell: ({ delivery_id: id, state }) => actionsOf(context, id, [retryOf(id, state)]),
      },
    ],
  });

const destinationOf = (name) => link(hashOf("look", ["destinations", name]), name);

const eventOf = (id) => (id === undefined || id === null ? "–" : link(hashOf("events", [id]), id));

function attemptText(last) {
  if (last === undefined || last === null) return "–";
  const { status, error, took_ms: tookMs } = last;
  const came = [status, error].filter((one) => one !== undefined && one !== null).join(", ");
  return `${came === "" ? "–" : came}, after ${spanText(tookMs)}`;
}

const BEGINS = "is sent again from the beginning of its schedule";
const GOES_ON = "is due now, and goes on with its schedule from where it is";

const retryOf = (id, state) => ({
  name: "Retry",
  path: ["deliveries", id, "retry"],
  question: {
    title: "Send this once more?",
    text: `${id} ${state === "pending" ? GOES_ON : BEGINS}. Its receiver can tell it by its id if it has it already.`,
    yes: "Retry",
  },
  done: "To be sent again.",
});
