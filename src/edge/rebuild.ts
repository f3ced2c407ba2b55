import type { Place } from "./subject-rows.ts";

/** A value of a column: what SQLite and JSON have in common. */
export type Scalar = string | number | null;

export type TableRow = Readonly<Record<string, Scalar>>;

/** Tables whose rows one object's log makes, each row whole. */
export const OWNED_TABLES = [
  "transfers",
  "lines",
  "standings",
  "edges",
  "orders",
  "records",
  "aliases",
  "messages",
  "gaps",
  "events",
  "held",
  "breaks",
] as const;

export type OwnedTable = (typeof OWNED_TABLES)[number];

/** Rows of one subject by table, and in each by their key. */
export type OwnedRows = Readonly<Record<OwnedTable, ReadonlyMap<string, TableRow>>>;

/** What a log adds to sums that stand for many objects: by the key of the row, its columns. */
export interface Shares {
  /** By `[distributor, period]`: points, own, commissionable, group. */
  readonly volumes: ReadonlyMap<string, readonly number[]>;
  /** By `[hour, shard, currency]`: items, amount, eight limbs. */
  readonly digests: ReadonlyMap<string, readonly number[]>;
}

/** A subject's row of the mirror. */
export interface SubjectState {
  readonly position: number;
  readonly head: string;
  readonly frozenMs: number | null;
  readonly viewPosition: number | null;
  readonly asOfMs: number | null;
  readonly displayName: string | null;
  readonly view: string | null;
}

/** What the mirror has of a subject, all as of one instant. */
export interface FoundSubject extends Place {
  readonly state?: SubjectState;
  readonly rows: OwnedRows;
}

/** What to change of one table's rows. */
export interface TableChange {
  /** Keys of rows that must not be, or not so. */
  readonly wrong: readonly TableRow[];
  readonly right: readonly TableRow[];
}

export type Changes = Partial<Readonly<Record<OwnedTable, TableChange>>>;

/** What became of a subject. */
export const SUBJECT_RESULTS = [
  /** The mirror had it as its log tells it. */
  "equal",
  /** Rows were written anew, at the position where the mirror stood. */
  "rewritten",
  /** The mirror gave up what it had: the log is mirrored from its beginning. */
  "begun_anew",
  /** A person decides first: object and mirror do not tell the same history. */
  "frozen",
  /** The roster knows it, and its object has nothing any more. */
  "not_found",
  /** Others name it, and nothing is there: nobody was enrolled under that id, say. */
  "nothing",
  /** Rows that no log tells of, of a subject that is none: taken away. */
  "taken_away",
  /** It has more rows than one look holds: its chain holds, and its rows are the walk's to compare. */
  "too_long",
  /** It could not be looked at, time and again. */
  "failed",
] as const;

export type SubjectResult = (typeof SUBJECT_RESULTS)[number];

/** How a subject was met, as a rebuild keeps it. */
export interface SubjectMark {
  readonly result: SubjectResult;
  /** Rows written, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows of the log by which it is told; the mirror is to reach it. */
  readonly until: number;
  /** Where the mirror stood: what its counts are of. */
  readonly at: number;
  /** Rows of tables that no key of the subject finds, as many as there must be. */
  readonly counts: Readonly<Record<CountedTable, number>>;
  /** What its log told up to where the rebuild began was not counted: sums that count it stay. */
  readonly isUnread?: true;
}

/** Tables that are looked up by keys of the log, so that rows too many are found by their number. */
export const COUNTED_TABLES = ["events", "aliases", "messages"] as const;

export type CountedTable = (typeof COUNTED_TABLES)[number];

/** A subject that a rebuild still has to look at. */
export interface ToLookAt extends Place {
  /** Where the mirror stood when the rebuild began: what its sums counted of it. */
  readonly before?: { readonly position: number; readonly head: string };
  /** What a daily roster says of it. */
  readonly roster?: { readonly position: number; readonly head: string };
}

/** A rebuild, as it is kept. */
export interface RebuildRow {
  readonly runId: string;
  readonly state: "running" | "done" | "failed";
  readonly cause: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** JSON of {@link RebuildCursor}. */
  readonly cursor: string;
  /** JSON of {@link RebuildReport}; `{}` before it began. */
  readonly report: string;
}

/** In this order. */
export const PHASES = ["begin", "names", "subjects", "settle", "strays", "totals"] as const;

export type Phase = (typeof PHASES)[number];

/** Where a rebuild goes on. */
export interface RebuildCursor {
  readonly asked: RebuildAsked;
  readonly phase: Phase;
  /** Names: which of their origins, and where in it. */
  readonly origin?: number;
  readonly days?: readonly string[];
  readonly place?: string;
  /** Subjects: whose turn it is by kind, and after whom. */
  readonly rank?: number;
  readonly after?: string;
  /** Which pass over the names this is: logs name others. */
  readonly pass?: number;
  /** Subjects: one whose log is read in parts, before the others go on. */
  readonly long?: LongLog;
  /** Settle: since when the mirror is waited for, and how often it was asked for again. */
  readonly sinceMs?: number;
  readonly again?: number;
  /** Strays: in which round, and whether it has found something. */
  readonly round?: number;
  readonly found?: boolean;
  /** Totals: which of them; rows of sums that were wrong. */
  readonly total?: number;
  readonly sums?: Readonly<Record<string, number>>;
  /** Steps in a row that failed. */
  readonly failures?: number;
}

/** A log that is too long for one look, as far as its chain was read. */
export interface LongLog {
  readonly subject: string;
  readonly position: number;
  readonly hash: string;
  /** How often it was decided on, and events came in between. */
  readonly tries: number;
}

/** What somebody wants rebuilt. */
export interface RebuildAsked {
  readonly reason: string;
  /** Frozen subjects whose objects a person declares to be right. */
  readonly thaw: readonly string[];
  /** Deliveries archived since then name subjects, too. */
  readonly archiveFromMs?: number;
  /** Sales paid since then are priced anew at the end. */
  readonly repriceFromMs?: number;
}

export interface RebuildReport {
  /** Subjects by name, wherever the name was found. */
  readonly named: number;
  /** Of those, looked at by now. */
  readonly looked_at: number;
  readonly results: Readonly<Partial<Record<SubjectResult, number>>>;
  /** Rows written by table; of sums, those that were not right. */
  readonly rows: Readonly<Record<string, number>>;
  /** Subjects whose mirror does not reach their log yet. */
  readonly behind: number;
  /** Sums that were left as they are, as not every log could be read. */
  readonly sums_left: boolean;
  /** Some of those that a person has to look at. */
  readonly frozen: readonly string[];
  readonly not_found: readonly string[];
  readonly failed: readonly string[];
  /** Why it failed, or what last kept it from going on. */
  readonly error?: string;
}

export const NO_REBUILD_REPORT: RebuildReport = {
  named: 0,
  looked_at: 0,
  results: {},
  rows: {},
  behind: 0,
  sums_left: false,
  frozen: [],
  not_found: [],
  failed: [],
};

/** By kind, in the order in which they need each other: the tree, people, registers, then orders. */
export const rankOf = (subject: string): number => {
  if (subject.startsWith("tree:")) return 0;
  if (subject.startsWith("dist:")) return 1;
  return subject.startsWith("order:") ? 3 : 2;
};

/** The last {@link rankOf}. */
export const RANK_MAX = 3;
