import { showList } from "./list.js";
import { when } from "./parts.js";

/** Who did what. */
export const showAudit = (context) =>
  showList(context, {
    title: "Audit trail",
    hint: "Newest first.",
    path: ["audit"],
    columns: [
      { name: "When", cell: ({ at }) => when(at) },
      { name: "Who", kind: "text", cell: ({ actor }) => actor },
      { name: "Did", cell: ({ action }) => action },
      { name: "To", kind: "text", cell: ({ target }) => target },
      { name: "Detail", kind: "text", cell: ({ detail }) => JSON.stringify(detail) },
    ],
  });
