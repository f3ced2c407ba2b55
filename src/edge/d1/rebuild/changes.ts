import {
  type Changes,
  OWNED_TABLES,
  type OwnedRows,
  type OwnedTable,
  type Scalar,
  type TableChange,
  type TableRow,
} from "../../rebuild.ts";
import { ARRIVAL_COLUMNS, SHAPES } from "./tables.ts";

/** Tables of which rows too many are never a log's to take away: others write them as well. */
const SHARED: ReadonlySet<OwnedTable> = new Set(["breaks"]);

/**
 * What must change in a table so that it has the rows that a log tells; nothing where it has. Gaps that
 * were closed before then need not be there: they are deleted once they are old.
 */
export function changesOf(found: OwnedRows, wanted: OwnedRows, closedByMs: number): Changes {
  const changes: Partial<Record<OwnedTable, TableChange>> = {};
  for (const table of OWNED_TABLES) {
    const change = changeOf(table, found[table], { wanted: wanted[table], closedByMs });
    if (change.wrong.length + change.right.length > 0) changes[table] = change;
  }
  return changes;
}

function changeOf(
  table: OwnedTable,
  found: ReadonlyMap<string, TableRow>,
  {
    wanted,
    closedByMs,
  }: { readonly wanted: ReadonlyMap<string, TableRow>; readonly closedByMs: number },
): TableChange {
  const wrong = [...found].flatMap(([key, row]) => {
    const must = wanted.get(key);
    // A transfer is never changed: what stands there otherwise goes, and comes anew.
    if (must !== undefined && table === "transfers") return isTold(table, must, row) ? [] : [row];
    return must !== undefined || SHARED.has(table) || isPrimary(table, row) ? [] : [row];
  });
  const right = [...wanted].flatMap(([key, row]) => {
    const there = found.get(key);
    if (there === undefined && isForgotten(table, row, closedByMs)) return [];
    const must = there === undefined ? row : asMet(table, row, there);
    return there !== undefined && isTold(table, must, there) ? [] : [must];
  });
  return { wrong, right };
}

const isForgotten = (table: OwnedTable, row: TableRow, closedByMs: number): boolean =>
  table === "gaps" && row["stage"] === "closed" && Number(row["at_ms"]) < closedByMs;

/** What a person can send again is kept nowhere else. */
const isPrimary = (table: OwnedTable, row: TableRow): boolean =>
  table === "held" && (row["message"] ?? null) !== null;

/** A row as it has to be where one of its key stands already. */
function asMet(table: OwnedTable, row: TableRow, there: TableRow): TableRow {
  const isOlder = table === "events" && (there["digest"] ?? null) !== null;
  const kept = [...SHAPES[table].first, ...(isOlder ? ARRIVAL_COLUMNS : [])];
  return { ...row, ...pick(there, kept) };
}

const isTold = (table: OwnedTable, row: TableRow, there: TableRow): boolean =>
  isAnothers(table, row, there) ||
  SHAPES[table].told.every((name) => (row[name] ?? null) === (there[name] ?? null));

/** A name that two subjects claim is whose came first. */
const isAnothers = (table: OwnedTable, row: TableRow, there: TableRow): boolean =>
  (table === "aliases" || table === "messages") && row["subject"] !== there["subject"];

const pick = (row: TableRow, names: readonly string[]): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
