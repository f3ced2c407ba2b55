import { anyOf } from "./form.js";
import { showList } from "./list.js";
import { hashOf } from "./model.js";
import { link, when } from "./parts.js";
import { toned } from "./words.js";

const OUTCOMES = [
  "applied",
  "duplicate",
  "conflict",
  "parked",
  "buffered",
  "quarantined",
  "rejected",
  "dead",
];

/** What arrived, and what became of it. */
export const showEvents = (context) =>
  showList(context, {
    title: "Events",
    hint: "Newest first. A sender's id is its source's own: name both.",
    path: ["events"],
    fields: [
      { name: "source", label: "Source" },
      { name: "id", label: "Sender's id" },
      { name: "type", label: "Type" },
      { name: "subject", label: "About, as dist:1001" },
      { name: "outcome", label: "Outcome", options: anyOf(OUTCOMES) },
    ],
    columns: [
      { name: "Event", cell: ({ event_id: id }) => link(hashOf("events", [id]), id) },
      { name: "Outcome", cell: ({ outcome }) => toned(outcome) },
      { name: "Code", cell: ({ code }) => code },
      { name: "Source", cell: ({ source }) => source },
      { name: "Sender's id", kind: "text", cell: ({ id }) => id },
      { name: "Type", cell: ({ type }) => type },
      { name: "About", kind: "text", cell: ({ key }) => key },
      { name: "Received", cell: ({ received_at: time }) => when(time) },
    ],
  });
