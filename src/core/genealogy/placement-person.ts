import { compareRevisions, type Revision } from "../ordering/rev.ts";

/** A revision of an enrolment, and the matrix that the person joined. */
export interface Recruit extends Revision {
  readonly id: string;
  readonly sponsor_id: string | null;
  readonly placement_id: string | null;
  readonly joined_ms: number;
  /** Null where the plan of that time had no matrix: then there is a slot for everybody. */
  readonly width: number | null;
}

/** Where a person hangs from an instant on; null at the top. */
export type Segment = readonly [fromMs: number, parent: string | null];

/** What all revisions of an enrolment come to, in whatever order they were told. */
export interface Person extends Pick<Recruit, "sponsor_id" | "joined_ms" | "width"> {
  readonly told: Revision;
  /** The highest that names a placement. */
  readonly placed: (Revision & { readonly parent: string }) | null;
  /** The earliest time of joining that any of them named. */
  readonly from_ms: number;
  /** How many edges were logged for it, and where the last ones said that it hangs. */
  readonly edges: number;
  readonly logged: readonly Segment[] | null;
}

/** As in the mirror: the highest revision counts, and of those that name a placement the highest. */
export function withRevision(known: Person | null, recruit: Recruit): Person {
  const { epoch, rev, sponsor_id, placement_id, joined_ms, width } = recruit;
  const told = { epoch, rev };
  const placed = placement_id === null ? null : { ...told, parent: placement_id };
  const fresh = { told, sponsor_id, joined_ms, width };
  if (known === null) return { ...fresh, placed, from_ms: joined_ms, edges: 0, logged: null };
  const isPlacedHigher =
    placed !== null && (known.placed === null || compareRevisions(placed, known.placed) > 0);
  return {
    ...known,
    ...(compareRevisions(told, known.told) < 0 ? {} : fresh),
    placed: isPlacedHigher ? placed : known.placed,
    from_ms: Math.min(known.from_ms, joined_ms),
  };
}
