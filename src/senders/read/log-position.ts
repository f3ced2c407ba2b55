import { type Loose, textOf } from "./loose.ts";

/** Parts of an LSN of SQL Server, `00000027:00000758:0005`: log file, block, record in the block. */
const LSN = /^([\da-f]{8}):([\da-f]{8}):([\da-f]{4})$/i;
const DIGITS = /^\d+$/;
const REV_CHARS_MAX = 38;
/** Log files that a transaction of SQL Server may have written before the one it commits in. */
const FILES_BEFORE_MAX = 99;

/** What stands before the names of `source` where they come by other ways. */
const PREFIX = /^(?:__)?(?:source_|iodebezium)?/;

/**
 * The members of a `source` by one spelling each: `commit_lsn` of an envelope, `__source_commit_lsn`
 * of an unwrapped record and `iodebeziumcommitlsn` of a CloudEvent are all `commitlsn`.
 */
export const barelyNamed = (source: Loose): Loose =>
  Object.fromEntries(
    Object.entries(source).map(([name, value]) => [
      name.replace(PREFIX, "").replaceAll("_", "").toLowerCase(),
      value,
    ]),
  );

/**
 * Where a change stands in its database's log, as digits that compare as an integer. `source` is
 * barely named. Nothing for a database whose positions are no numbers (Vitess, Cassandra, a gtid
 * alone): its changes cannot be put in order by what they tell.
 * https://debezium.io/documentation/reference/stable/connectors/
 */
export function revOf(source: Loose): string | undefined {
  return postgres(source) ?? mysql(source) ?? sqlServer(source) ?? oracle(source) ?? mongo(source);
}

/** Also CockroachDB's and YugabyteDB's of the same name. */
const postgres = (source: Loose): string | undefined => joined([[digitsOf(source["lsn"]), 20]]);

/** Connectors whose changes have a place in a log by which {@link revOf} puts them in order. */
const NUMBERED: ReadonlySet<string> = new Set([
  "postgresql",
  "yugabytedb",
  "mysql",
  "mariadb",
  "sqlserver",
  "oracle",
  "mongodb",
]);
const PLACES = ["lsn", "file", "commitlsn", "scn", "ord"];

/**
 * What orders rows that a snapshot read without a place in the log, among themselves: their moment.
 * Nothing for a database whose changes tell no place either: what orders those is for a mapping to
 * say, and would stand beside moments.
 */
export function snapshotRevOf(source: Loose, toldAtMs: number | undefined): string | undefined {
  const connector = textOf(source["connector"]);
  const isNumbered =
    connector === undefined
      ? PLACES.some((name) => name in source)
      : NUMBERED.has(connector.toLowerCase());
  return isNumbered ? String(toldAtMs ?? 0) : undefined;
}

/**
 * MySQL and MariaDB: number of the log file, position in it as 12 digits, row in the event as 6.
 * `mysql-bin.000003`, 154, 0 is 3000000000154000000. File numbers begin anew with another primary.
 */
function mysql({ file, pos, row }: Loose): string | undefined {
  const number = /\.(\d{1,10})$/.exec(textOf(file) ?? "")?.[1];
  return joined([
    [number, 10],
    [digitsOf(pos), 12],
    [digitsOf(row) ?? "0", 6],
  ]);
}

/**
 * SQL Server: the commit's LSN (8, 10 and 5 digits) and behind it where in that transaction: log
 * files before the commit's as 99 less them, block as 8 digits, record as 4, serial number as 1. The
 * commit leads, for a transaction that was open while a snapshot was read has older changes than
 * the snapshot and ends after it.
 */
function sqlServer(source: Loose): string | undefined {
  const commit = lsnOf(source["commitlsn"]);
  const change = lsnOf(source["changelsn"]);
  if (commit === undefined) return undefined;
  const place = change ?? { file: commit.file, block: 0, slot: 0 };
  return joined([
    [String(commit.file), 8],
    [String(commit.block), 10],
    [String(commit.slot), 5],
    [digitsOf(FILES_BEFORE_MAX - commit.file + place.file), 2],
    [String(place.block), 8],
    [String(place.slot), 4],
    [digitsOf(source["eventserialno"]) ?? "0", 1],
  ]);
}

function lsnOf(value: unknown): { file: number; block: number; slot: number } | undefined {
  const [, file, block, slot] = LSN.exec(textOf(value) ?? "") ?? [];
  if (file === undefined || block === undefined || slot === undefined) return undefined;
  const [a, b, c] = [file, block, slot].map((part) => Number.parseInt(part, 16));
  return { file: a ?? 0, block: b ?? 0, slot: c ?? 0 };
}

/** Oracle: the SCN of the commit, as with SQL Server, and that of the change as 19 digits. */
function oracle(source: Loose): string | undefined {
  const scn = digitsOf(source["scn"]);
  return joined([
    [digitsOf(source["commitscn"]) ?? scn, 19],
    [scn, 19],
  ]);
}

/** MongoDB: the second of the oplog in milliseconds, and the place within it as 10 digits. */
const mongo = ({ tsms, ord }: Loose): string | undefined =>
  joined([
    [digitsOf(tsms), 15],
    [digitsOf(ord), 10],
  ]);

/** Digits, or an integer; those beyond 2^53 are read as text. */
function digitsOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && DIGITS.test(text) ? text : undefined;
}

type Part = readonly [digits: string | undefined, width: number];

/** One integer of several, each in its width; nothing where one is not told or is too wide. */
function joined(parts: readonly Part[]): string | undefined {
  const texts: string[] = [];
  for (const [digits, width] of parts) {
    const plain = digits?.replace(/^0+(?=\d)/, "");
    if (plain === undefined || plain.length > width) return undefined;
    texts.push(plain.padStart(width, "0"));
  }
  const text = texts.join("").replace(/^0+(?=\d)/, "");
  return text.length <= REV_CHARS_MAX ? text : undefined;
}
