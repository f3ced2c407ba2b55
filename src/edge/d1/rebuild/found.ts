import {
  COUNTED_TABLES,
  type FoundSubject,
  type OwnedRows,
  type OwnedTable,
  type SubjectState,
  type TableRow,
} from "../../rebuild.ts";
import type { Place } from "../../subject-rows.ts";
import { RECORD_KINDS } from "../record-kinds.ts";
import { isSafe } from "../reconciliation/repair.ts";
import { isNotPlain, isReadable } from "../reconciliation/unreadable.ts";
import { columnsOf, SHAPES } from "./tables.ts";
import { keyOf, noRows } from "./wanted.ts";

/** A subject to be read, and the rows its log tells of in tables that are not sorted by subject. */
export interface Sought extends Place {
  readonly wanted: OwnedRows;
}

const json = (columns: readonly string[]) =>
  `json_object(${columns.map((column) => `'${column}', x."${column}"`).join(", ")})`;

/** Beside its columns, an event tells whether it waited for a person before an object took it. */
const EXTRA: Partial<Readonly<Record<OwnedTable, readonly string[]>>> = { events: ["digest"] };

/** Of a row whose key does not come out of D1 as it went in: a number beyond doubles, text that is none. */
const bytesOf = (key: readonly string[]): string => {
  const columns = key.map((name) => `x."${name}"`);
  const isOdd = columns.map(
    (column) =>
      `iif(typeof(${column}) = 'integer', NOT (${isSafe(column)}), ${isNotPlain(column)})`,
  );
  return `iif(${isOdd.join(" OR ")}, ${columns.map((name) => `hex(${name})`).join(" || ' ' || ")}, NULL)`;
};

const select = (table: OwnedTable, from: string) =>
  `SELECT j.value ->> 'place' AS place, '${table}' AS kind, ${bytesOf(SHAPES[table].key)} AS bytes,
    ${json([...columnsOf(SHAPES[table]), ...(EXTRA[table] ?? [])])} AS text
  FROM json_each(?1) j CROSS JOIN ${from} LIMIT ?2`;

const TENANT = "x.tenant = j.value ->> 't'";
const BY_SUBJECT = `${TENANT} AND x.subject = j.value ->> 's'`;
const BY_DISTRIBUTOR = `${TENANT} AND x.distributor_id = j.value ->> 'd'`;

/** Tables that are sorted by whom they are about: what is too much there is found as well. */
const OWN: readonly string[] = [
  select("transfers", `transfers x ON ${BY_SUBJECT}`),
  select("lines", `lines x ON ${BY_DISTRIBUTOR}`),
  select("standings", `standings x ON ${BY_DISTRIBUTOR}`),
  select("gaps", `gaps x ON ${BY_SUBJECT}`),
  select("orders", `orders x ON ${TENANT} AND x.order_id = j.value ->> 'o'`),
  select(
    "records",
    `records x ON ${TENANT} AND x.kind = j.value ->> 'k' AND x.id = j.value ->> 'i'`,
  ),
  select(
    "edges",
    `edges x ON ${TENANT} AND x.tree IN ('sponsor', 'placement') AND x.node = j.value ->> 'node'
      AND x.version >= j.value ->> 'low' AND x.version < j.value ->> 'high'`,
  ),
  // Moves, and slots that were found, are the tree's own, whoever they are about.
  select(
    "edges",
    `edges x ON ${TENANT} AND j.value ->> 'tree' = 1
      AND (x.version >= 'm' OR (x.version >= 'd' AND x.version < 'e'))`,
  ),
];

/** What is looked up by keys: `?1` has one row a key. */
const byKey = (table: OwnedTable): string => {
  const [key = ""] = SHAPES[table].key;
  return select(table, `${table} x ON ${TENANT} AND x."${key}" = j.value ->> 'key'`);
};
const BY_KEY = ["events", "held", "aliases", "messages", "breaks"] as const;

/** Every row of these subjects in tables that are not sorted by subject: each is read as a whole. */
const SCANNED: readonly string[] = [
  ...COUNTED_TABLES.map((table) => {
    const own = table === "events" ? " AND x.position IS NOT NULL" : "";
    return select(table, `${table} x ON ${BY_SUBJECT}${own}`);
  }),
  select("held", `held x ON ${TENANT} AND x.key = j.value ->> 's' AND x.message IS NULL`),
];

const STATE = `SELECT j.value ->> 'place' AS place, 'state' AS kind, NULL AS bytes, json_object('position', x.position,
    'head', x.head, 'frozenMs', x.frozen_ms, 'viewPosition', x.view_position, 'asOfMs', x.as_of_ms,
    'displayName', x.display_name, 'view', x.view) AS text
  FROM json_each(?1) j CROSS JOIN subjects x ON ${BY_SUBJECT} LIMIT ?2`;

interface Read {
  readonly place: number;
  readonly kind: OwnedTable | "state";
  readonly bytes: string | null;
  readonly text: string;
}

/**
 * What the mirror has of these subjects, as of one instant, on the primary. Nothing where a table has
 * more than `rowsMax` rows of them.
 */
export async function readFound(
  db: D1Database,
  sought: readonly Sought[],
  { rowsMax, isScanned }: { readonly rowsMax: number; readonly isScanned: boolean },
): Promise<readonly FoundSubject[] | undefined> {
  const named = JSON.stringify(sought.map(namesOf));
  const session = db.withSession("first-primary");
  const ask = (sql: string, of: string) => session.prepare(sql).bind(of, rowsMax + 1);
  const results = await session.batch<Read>([
    ask(STATE, named),
    ...[...OWN, ...(isScanned ? SCANNED : [])].map((sql) => ask(sql, named)),
    ...BY_KEY.map((table) => ask(byKey(table), JSON.stringify(keysIn(table, sought)))),
  ]);
  if (results.some((one) => one.results.length > rowsMax)) return undefined;
  const found = sought.map(({ tenant, subject }): Draft => ({ tenant, subject, rows: noRows() }));
  for (const read of results.flatMap((one) => one.results)) {
    const draft = found[read.place];
    if (draft !== undefined) take(draft, read);
  }
  return found;
}

interface Draft extends Place {
  state?: SubjectState;
  readonly rows: Record<OwnedTable, Map<string, TableRow>>;
}

function take(draft: Draft, { kind, bytes, text }: Read): void {
  if (kind === "state") {
    draft.state = parseState(text);
    return;
  }
  const row = parseRow(text);
  // No log tells of such a row: it is known by its bytes, by which alone it is found again.
  if (bytes !== null && isOdd(kind, row, bytes)) draft.rows[kind].set(bytes, { ...row, bytes });
  else draft.rows[kind].set(keyOf(kind, row), row);
}

const isOdd = (kind: OwnedTable, row: TableRow, bytes: string): boolean =>
  !bytes.split(" ").every(isReadable) ||
  SHAPES[kind].key.some(
    (name) => typeof row[name] === "number" && !Number.isSafeInteger(row[name]),
  );

// Own text: columns of the schema, as the queries name them.
const parseState = (text: string): SubjectState => JSON.parse(text);
const parseRow = (text: string): TableRow => JSON.parse(text);

/** What is held of any event of a log: also what should be over. */
const keysIn = (table: OwnedTable, sought: readonly Sought[]): readonly object[] =>
  sought.flatMap(({ tenant: t, wanted }, place) =>
    [...wanted[table === "held" ? "events" : table].values()].map((row) => ({
      place,
      t,
      key: row[SHAPES[table].key[0] ?? ""],
    })),
  );

function namesOf({ tenant: t, subject: s }: Place, place: number): object {
  const colon = s.indexOf(":");
  const [kind, id] = [s.slice(0, colon), s.slice(colon + 1)];
  const named = { place, t, s };
  switch (kind) {
    case "dist":
      return { ...named, d: id, node: id, low: "e", high: "f" };
    case "order":
      return { ...named, o: id };
    case "tree":
      return { ...named, tree: 1 };
    case "cust":
      return { ...named, k: RECORD_KINDS.get(kind), i: id, node: id, low: "c", high: "d" };
    default:
      return { ...named, k: RECORD_KINDS.get(kind), i: id };
  }
}
