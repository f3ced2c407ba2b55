import { showList } from "./list.js";
import { hashOf } from "./model.js";
import { link, when } from "./parts.js";
import { toned } from "./words.js";

/** Who posts to the tenant. */
export const showSources = (context) =>
  showList(context, {
    title: "Sources",
    hint: "By name. Of a secret only its last four characters are known here.",
    path: ["sources"],
    columns: [
      { name: "Source", cell: ({ source }) => link(hashOf("sources", [source]), source) },
      { name: "Sender", cell: ({ sender }) => sender },
      { name: "State", cell: ({ state }) => toned(state) },
      { name: "Paused", cell: ({ paused_at: time }) => when(time) },
      { name: "Scheme", cell: ({ auth }) => auth.scheme },
      { name: "Secrets", cell: ({ auth }) => auth.secrets.join(", ") },
      { name: "Changed", cell: ({ updated_at: time }) => when(time) },
      {
        name: "Look",
        cell: ({ source }) => link(hashOf("events", [], { source }), `Events of ${source}`),
      },
    ],
  });
