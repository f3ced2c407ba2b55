import type { Sha256 } from "../../../core/subject/chain.ts";
import type { MirroredLine, MirroredTransfer } from "../../../core/subject/mirrored.ts";
import type { Log } from "../../log.ts";
import type {
  DigestedLine,
  Place,
  Repair,
  SubjectRow,
  SubjectRows,
  WantedRows,
} from "../../subject-rows.ts";
import type { LogChecked, Mirrored, Tail } from "../../subject.ts";

export interface SubjectCheckPorts {
  /** Nothing where there are more rows than that. */
  readonly rows: (
    places: readonly Place[],
    rowsMax: number,
  ) => Promise<readonly SubjectRows[] | undefined>;
  /** Computes the object's log again up to a position, in parts, and its chain to the end. */
  readonly check: (place: Place, upTo: number) => Promise<LogChecked>;
  readonly wanted: (place: Place, upTo: number) => Promise<WantedRows>;
  /** What a line counts in the digests by. */
  readonly digestOf: (line: MirroredLine) => string | null;
  /** Ids of those lines in whose place of the digests anything is counted. */
  readonly counted: (
    tenant: string,
    lines: readonly DigestedLine[],
  ) => Promise<ReadonlySet<string>>;
  /** Makes an object's summary anew of its log. */
  readonly remakeView: (place: Place) => Promise<boolean>;
  readonly repair: (found: SubjectRows, repair: Repair) => Promise<void>;
  /** Takes away lines whose ids are no text, and are not found by what they are read as; how many. */
  readonly siftLines: (place: Place) => Promise<number>;
  /** What gives a subject its lost row back, as far as it was mirrored; nothing where there was none. */
  readonly lostRow: (place: Place) => Promise<(() => Promise<void>) | undefined>;
  /** Gives a subject whose row was set back a place at least as far as this. */
  readonly setForward: (place: Place, position: number) => Promise<void>;
  /** Its rows are taken away and come again, by somebody else. */
  readonly isRebuilt: (tenant: string) => Promise<boolean>;
  /**
   * Has the mirror filled with a whole log, of which it has rows and no position; absent where nobody
   * knows of any rows: then it may be on its way for the first time.
   */
  readonly mirrorAnew?: (place: Place) => Promise<void>;
  /** Whether anything beside its own row says that there ever was such a subject. */
  readonly hasTraces: (place: Place) => Promise<boolean>;
  readonly freeze: (place: Place, detail: string) => Promise<void>;
  readonly unfreeze: (place: Place, at: Mirrored) => Promise<void>;
  /** Before it is put right: who dies between the two reports again, and puts it right then. */
  readonly report: (place: Place, detail: string) => Promise<void>;
  readonly sha256: Sha256;
  readonly log: Log;
}

/** A transfer's place in its subject. */
export type TransferKey = readonly [position: number, n: number];

/** Reads and writes a subject a part at a time that is too large to be held as a whole. */
export interface LargePorts {
  readonly row: (place: Place) => Promise<SubjectRow | undefined>;
  /** In order, up to a position. */
  readonly transfersAfter: (
    place: Place,
    after: TransferKey,
    upTo: number,
  ) => Promise<readonly MirroredTransfer[]>;
  /** Behind where the mirror stands, as of one instant: none of them can be right. */
  readonly transfersBeyond: (place: Place) => Promise<readonly MirroredTransfer[]>;
  /** In the order of their ids. */
  readonly linesAfter: (place: Place, after?: string) => Promise<readonly DigestedLine[]>;
  /** How many rows these hand out at most. */
  readonly partRows: number;
  readonly logAfter: (place: Place, position: number) => Promise<Tail>;
  /** Rows as of a position; what later events wrote stays. */
  readonly repairPart: (
    place: Place & { readonly upTo: number },
    repair: Pick<Repair, "transfers" | "lines">,
  ) => Promise<void>;
}
