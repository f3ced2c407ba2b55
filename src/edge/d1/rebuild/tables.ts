import type { OwnedTable } from "../../rebuild.ts";
import { LINE_COLUMNS, TRANSFER_COLUMNS } from "../reconciliation/subject-rows.ts";

/** How rows of a table follow from a log. */
export interface TableShape {
  /** Beside the tenant. */
  readonly key: readonly string[];
  /** Held against the log, and written. */
  readonly told: readonly string[];
  /** Written with a row that is missing, and left as they are in one that is there. */
  readonly first: readonly string[];
  /** Told once: a later row of the log with the same key does not change them. */
  readonly lasting: readonly string[];
  /** Of two rows of a log with one key the first one stands, or the last. */
  readonly stands: "first" | "last";
}

const shape = (
  key: readonly string[],
  told: readonly string[],
  more: Partial<Pick<TableShape, "first" | "lasting" | "stands">> = {},
): TableShape => ({ key, told, first: [], lasting: [], stands: "last", ...more });

/** An event that waited for a person before an object took it has these from then, and a digest. */
export const ARRIVAL_COLUMNS = ["occurred_ms", "received_ms", "delivery_id", "archive"] as const;

/**
 * The tables whose rows belong to one log each. Their statements in `project.ts` say the same: what a
 * conflict updates there is `told` here.
 */
export const SHAPES: Readonly<Record<OwnedTable, TableShape>> = {
  transfers: shape(
    ["subject", "position", "n"],
    TRANSFER_COLUMNS.filter((name) => name !== "position" && name !== "n"),
  ),
  lines: shape(
    ["distributor_id", "line_id"],
    LINE_COLUMNS.filter((name) => name !== "distributor_id" && name !== "line_id"),
  ),
  standings: shape(
    ["distributor_id", "kind", "period_id", "epoch", "rev"],
    ["effective_ms", "value"],
  ),
  edges: shape(["tree", "node", "version"], ["node_kind", "effective_ms", "parent_id", "leg"], {
    stands: "first",
  }),
  orders: shape(
    ["order_id"],
    [
      "state",
      "payment_id",
      "source_node",
      "order_kind",
      "currency",
      "net_minor",
      "tax_minor",
      "shipping_minor",
      "amount_minor",
      "fee_minor",
      "returned_minor",
      "cv_x100",
      "pv_x100",
      "paid_ms",
      "period_id",
      "lines",
      "manifest",
    ],
  ),
  records: shape(["kind", "id"], ["epoch", "rev", "occurred_ms", "recorded_ms", "value"]),
  aliases: shape(["alias"], ["subject"], { stands: "first" }),
  messages: shape(["message_key"], ["kind", "subject", "about", "created_ms"], {
    stands: "first",
  }),
  // When the core was asked for it, no log knows.
  gaps: shape(["subject", "source", "epoch", "from_seq"], ["to_seq", "since_ms", "stage"], {
    first: ["at_ms"],
  }),
  events: shape(
    ["event_id"],
    [
      "source",
      "sender_id",
      "type",
      "subject",
      "outcome",
      "code",
      "of",
      "position",
      "recorded_ms",
      ...ARRIVAL_COLUMNS,
    ],
    { first: ["repeated"], lasting: ARRIVAL_COLUMNS },
  ),
  held: shape(["event_id"], ["state", "key", "code", "reason", "needs", "message"], {
    first: ["source", "sender_id", "type", "since_ms"],
  }),
  // A break is a person's: one that is there stays as it is.
  breaks: shape(["break_id"], [], {
    first: ["class", "subject", "reference", "detail", "found_ms"],
    stands: "first",
  }),
};

export const columnsOf = ({ key, told, first }: TableShape): readonly string[] => [
  ...key,
  ...told,
  ...first,
];
