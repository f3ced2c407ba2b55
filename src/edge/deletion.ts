import type { Jurisdiction } from "./shards.ts";

export type DeletionState = "exporting" | "exported" | "purging" | "purged";

/** What a tenant had, and what is left of it, read back: without any personal data. */
export interface Leftovers {
  /** Rows by table; tables without any are left out. */
  readonly tables: Readonly<Record<string, number>>;
  /** Objects with anything in their storage. */
  readonly objects: number;
  readonly files: { readonly objects: number; readonly bytes: number };
}

/** The export, once it is whole. */
export interface ExportSummary {
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  readonly manifest_sha256: string;
  readonly made_at: string;
}

/**
 * What a deletion proves. `sha256` is that of the others as canonical JSON (RFC 8785). Times are
 * RFC 3339.
 */
export interface DeletionProof {
  readonly tenant: string;
  readonly deletion_id: string;
  readonly jurisdiction: Jurisdiction | null;
  readonly requested_at: string;
  readonly requested_by: string;
  readonly confirmed_by: string | null;
  readonly purge_began_at: string;
  readonly purged_at: string;
  /** Null where none was asked for. */
  readonly export_manifest_sha256: string | null;
  readonly before: Leftovers;
  readonly after: Leftovers;
  /**
   * Over every object's last head: SHA-256 of the digest so far (hex; empty at first) and the lines
   * `{subject}\n{position}\n{head}\n` of a page, page by page in the order of the subjects.
   */
  readonly heads_sha256: string;
  /** Copies of configuration that were taken from KV. */
  readonly copies: number;
  readonly data_key: "destroyed";
  readonly sha256: string;
}

/** Where a deletion goes on, and what it has counted so far. */
export interface DeletionProgress {
  readonly skip_export: boolean;
  readonly include_raw: boolean;
  readonly step: string;
  readonly cursor?: string;
  /** Parts of the export written so far. */
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  readonly export?: ExportSummary;
  readonly confirmed?: { readonly by: string; readonly at_ms: number };
  readonly purging_ms?: number;
  /** Lists of names that the purge works through, as parts in R2. */
  readonly lists?: {
    readonly subjects: number;
    /** Absent where the purge began before there were any. */
    readonly destinations?: number;
    readonly copies: number;
  };
  readonly copies?: number;
  readonly heads_sha256?: string;
  readonly before?: Leftovers;
  readonly after?: Leftovers;
  readonly proof?: DeletionProof;
  /** Messages that came too late. Counted beside the steps. */
  readonly dropped?: number;
  readonly lease_ms?: number;
}

/** A tenant that is being deleted, or has been. */
export interface Deletion {
  readonly tenant: string;
  readonly deletionId: string;
  readonly state: DeletionState;
  readonly shard: number;
  readonly jurisdiction?: Jurisdiction;
  readonly progress: DeletionProgress;
  readonly requestedBy: string;
  readonly requestedMs: number;
  readonly purgedMs?: number;
}

/** A page of one table's rows; `next` is where the following page begins, none after the last table. */
export interface RowsPage {
  readonly table: string;
  readonly rows: readonly object[];
  readonly next?: string;
}

/** A subject, as far as it is mirrored. */
export interface SubjectHead {
  readonly subject: string;
  readonly position: number;
  readonly head: string;
}
