/** Where a walk over a table's rows has come to: their key, but for the tenant. */
export type SumPlace = readonly (string | number)[];

/** What a row says of one sum: what it adds to it, or what it is. */
export interface SumRow {
  readonly bucket: number;
  /** Which sum it is. */
  readonly key: string;
  readonly amounts: readonly bigint[];
}

export interface SumPage {
  readonly rows: readonly SumRow[];
  /** Absent at the end. */
  readonly next?: SumPlace;
}

/** Some buckets of a tenant's. */
export interface SumSlice {
  readonly tenant: string;
  readonly buckets: readonly number[];
  /** Subjects whose rows may be wrong: sums that these are part of stay as they are. */
  readonly leftOut?: readonly string[];
}
