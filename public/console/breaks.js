import { showList } from "./list.js";
import { hashOf, moneyText } from "./model.js";
import { link, when } from "./parts.js";
import { toned } from "./words.js";

const STATES = [
  ["open", "open"],
  ["closed", "closed"],
  ["all", "all"],
];

/** Differences that were found; those that are open where nothing else is asked for. */
export const showBreaks = (context) =>
  showList(
    { ...context, place: withState(context.place) },
    {
      title: "Breaks",
      hint: "Differences between the core, the mirror and the objects.",
      path: ["breaks"],
      fields: [
        { name: "state", label: "State", options: STATES },
        { name: "class", label: "Class" },
        { name: "distributor_id", label: "Distributor" },
        { name: "run_id", label: "Found by run" },
      ],
      columns: [
        { name: "Break", kind: "text", cell: ({ id }) => link(hashOf("breaks", [id]), id) },
        { name: "Class", cell: (one) => one.class },
        { name: "State", cell: ({ state }) => toned(state) },
        { name: "Severity", cell: ({ severity }) => toned(severity) },
        { name: "About", kind: "text", cell: ({ subject }) => subject },
        { name: "Amount", kind: "number", cell: ({ amount }) => moneyText(amount) },
        { name: "What", kind: "text", cell: ({ detail }) => detail },
        { name: "Found", cell: ({ found_at: time }) => when(time) },
      ],
    },
  );

const withState = (place) => ({ ...place, query: { state: "open", ...place.query } });
