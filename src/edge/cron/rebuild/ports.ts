import type { RosterHead } from "../../archive/roster.ts";
import type { Log } from "../../log.ts";
import type { Message } from "../../message.ts";
import type { LogRow, Sha256 } from "../../../core/subject/chain.ts";
import type {
  Changes,
  FoundSubject,
  OwnedRows,
  RebuildCursor,
  RebuildReport,
  Shares,
  SubjectMark,
  SubjectState,
  ToLookAt,
} from "../../rebuild.ts";
import type { Place } from "../../subject-rows.ts";
import type { Mirrored, Tail } from "../../subject.ts";

/** A rebuild that is on its way. */
export interface OpenRebuild {
  readonly tenant: string;
  readonly runId: string;
  readonly cause: string;
  readonly startedMs: number;
  /** JSON of {@link RebuildCursor}. */
  readonly cursor: string;
  /** JSON of {@link RebuildReport}, or `{}`. */
  readonly report: string;
}

export type RebuildName = Pick<OpenRebuild, "tenant" | "runId">;

/** What a log tells, laid out as the mirror has it. */
export interface Laid {
  readonly rows: OwnedRows;
  readonly shares: Shares;
  take(rows: readonly LogRow[]): void;
}

export interface SubjectWrite extends Place {
  readonly state: SubjectState | undefined;
  readonly changes: Changes;
  readonly view?: Pick<SubjectState, "viewPosition" | "asOfMs" | "displayName" | "view">;
  readonly isReset: boolean;
  readonly thawed?: { readonly by: string; readonly reason: string; readonly nowMs: number };
  readonly mark: SubjectMark;
  readonly shares?: Shares;
}

/** A page of an origin of names. */
export interface NamesPage {
  readonly names: Iterable<string>;
  readonly next?: string;
}

export interface SubjectPorts {
  readonly positions: (
    places: readonly Place[],
  ) => Promise<readonly (Place & Mirrored & { readonly frozen: boolean })[]>;
  readonly head: (place: Place) => Promise<Mirrored>;
  readonly logAfter: (place: Place, position: number) => Promise<Tail>;
  /** Rows of one log that are laid out; {@link LOG_ROWS_MAX}. */
  readonly logRowsMax?: number;
  /** Rows of one table that are read of one subject; {@link ROWS_OF_ONE_MAX}. */
  readonly rowsOfOneMax?: number;
  /**
   * Freezes a subject whose rows are taken away a part at a time, with a reason that the next rebuild
   * knows, should this one die: nothing of its log is mirrored, or compared, until all are gone.
   */
  readonly hold: (place: Place) => Promise<void>;
  /** Whether a rebuild holds it, or held it and somebody else set it free. */
  readonly isHeld: (place: Place) => Promise<boolean>;
  /** Takes away some of the rows of a subject that is held, while it stands where it stood. */
  readonly takeAway: (place: Place & Mirrored) => Promise<void>;
  /** As of one instant; nothing where a table has more rows of them than that. */
  readonly found: (
    sought: readonly (Place & { readonly wanted: OwnedRows })[],
    limits: { readonly rowsMax: number; readonly isScanned: boolean },
  ) => Promise<readonly FoundSubject[] | undefined>;
  readonly layOut: (place: Place) => Laid;
  readonly changesOf: (found: OwnedRows, wanted: OwnedRows) => Changes;
  /** What the transfers that the mirror has of a frozen subject count in the digests. */
  readonly sharesOfRows: (found: FoundSubject, upTo: number) => Shares["digests"];
  readonly countsOf: (rows: OwnedRows) => SubjectMark["counts"];
  readonly nothing: () => OwnedRows;
  /** Those of these held events that a person let go of. */
  readonly discarded: (tenant: string, eventIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Writes what still is as it was read; answers whose mark stands. */
  readonly write: (
    run: RebuildName,
    writes: readonly SubjectWrite[],
  ) => Promise<ReadonlySet<string>>;
  readonly addNames: (run: RebuildName, names: Iterable<string>) => Promise<void>;
  readonly putMark: (
    run: RebuildName,
    marked: { readonly subject: string; readonly mark: SubjectMark },
  ) => Promise<void>;
  /** Stops a subject, one that the mirror has no row of, too, and tells somebody. */
  readonly freeze: (place: Place, detail: string) => Promise<void>;
  /** Leaves what was done in the audit trail and among the healed breaks. */
  readonly report: (place: Place, detail: string) => Promise<void>;
  readonly send: (message: Message) => Promise<void>;
  readonly sha256: Sha256;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** How rebuilds are kept, and how far they are. */
export interface RunPorts {
  /** Rebuilds of the shard that nobody is at, the oldest first. */
  readonly open: (limit: number) => Promise<readonly OpenRebuild[]>;
  readonly lease: (run: RebuildName, untilMs: number) => Promise<boolean>;
  readonly save: (
    run: RebuildName,
    kept: {
      readonly cursor: RebuildCursor;
      readonly report: RebuildReport;
      readonly leaseMs: number;
    },
  ) => Promise<void>;
  readonly end: (
    run: RebuildName,
    end: {
      readonly state: "done" | "failed";
      readonly report: RebuildReport;
      readonly nowMs: number;
    },
  ) => Promise<void>;
  /** Keeps where the mirror stands, and its sums, as of one instant. */
  readonly begin: (run: RebuildName) => Promise<void>;
  readonly progress: (
    run: RebuildName,
  ) => Promise<Omit<RebuildReport, "behind" | "sums_left" | "error">>;
  /** Whether every log was read that the sums counted when the rebuild began. */
  readonly hasReadAll: (run: RebuildName) => Promise<boolean>;
  /** Whether a subject of the tenant's is half taken away: no sum can be made of what is left. */
  readonly holdsSome: (run: RebuildName) => Promise<boolean>;
  readonly behind: (run: RebuildName, limit: number) => Promise<readonly string[]>;
  /** Sums that the mirror keeps of many logs, put right one after the other; how many rows were wrong. */
  readonly totals: readonly {
    readonly name: string;
    /** Whether it is told by the logs alone: then every one has to have been read. */
    readonly isOfLogs: boolean;
    readonly fix: (run: RebuildName) => Promise<number>;
  }[];
}

/** Where subjects are named, and whom to look at. */
export interface NamePorts {
  /** How many tables of the mirror name subjects. */
  readonly mirrorOrigins: number;
  readonly addMirrorNames: (run: RebuildName, origin: number) => Promise<void>;
  /** The days whose rosters together name everybody, the newest first. */
  readonly rosterDays: (tenant: string) => Promise<readonly string[]>;
  readonly roster: (
    asked: { readonly tenant: string; readonly day: string },
    place: string | undefined,
  ) => Promise<{ readonly heads: readonly RosterHead[]; readonly next?: string }>;
  readonly addRoster: (run: RebuildName, heads: readonly RosterHead[]) => Promise<void>;
  /** Subjects that deliveries name which were archived since then. */
  readonly archived: (
    asked: { readonly tenant: string; readonly fromMs: number },
    place: string | undefined,
  ) => Promise<NamesPage>;
  readonly toLookAt: (
    run: RebuildName,
    page: { readonly rank: number; readonly after: string; readonly limit: number },
  ) => Promise<readonly ToLookAt[]>;
  readonly suspects: (
    run: RebuildName,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly ToLookAt[]>;
}

export interface RebuildPorts extends RunPorts, NamePorts, SubjectPorts {}
