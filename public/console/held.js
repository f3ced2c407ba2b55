import { actionsOf } from "./act.js";
import { anyOf } from "./form.js";
import { showList } from "./list.js";
import { hashOf } from "./model.js";
import { link, when } from "./parts.js";
import { toned } from "./words.js";

const STATES = ["parked", "buffered", "quarantined", "conflict", "dead"];

/** Events that wait for something or somebody. */
export const showHeld = (context) =>
  showList(context, {
    title: "Held events",
    hint: "Events that wait for something or somebody, oldest first.",
    path: ["held"],
    fields: [{ name: "state", label: "State", options: anyOf(STATES) }],
    columns: [
      { name: "Event", cell: ({ event_id: id }) => link(hashOf("events", [id]), id) },
      { name: "State", cell: ({ state }) => toned(state) },
      { name: "Source", cell: ({ source }) => source },
      { name: "Type", cell: ({ type }) => type },
      { name: "About", cell: ({ key }) => key },
      { name: "Why", kind: "text", cell: ({ code, reason }) => `${code}: ${reason}` },
      { name: "Since", cell: ({ since }) => when(since) },
      { name: "Do", cell: ({ id }) => actionsOf(context, id, actionsWith(id)) },
    ],
  });

// Which of them can be done is for the gateway to say: it also says why not.
const actionsWith = (id) => [
  {
    name: "Retry",
    path: ["held", id, "retry"],
    question: {
      title: "Decide this event anew?",
      text: `${id} goes through the queue again. It may be held again.`,
      yes: "Retry",
    },
    done: "Sent again: it is decided anew.",
  },
  {
    name: "Discard",
    path: ["held", id, "discard"],
    question: {
      title: "Let go of this event?",
      text: `${id} will not be applied, and is not kept here any more. Nobody can take that back.`,
      yes: "Discard",
    },
    done: "Discarded.",
  },
];
