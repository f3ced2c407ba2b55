import fc from "fast-check";
import type { PlainEvent } from "../naive/event.ts";
import { enrolled, linked, moved, ranked, snapshot, statusChanged } from "../naive/told.ts";
import { instant, iso, type Of, pick, rarely, some } from "./pick.ts";
import { type planDraft, rankCodes, STATUSES } from "./plan.ts";

const person = fc.record({
  sponsor: some,
  placement: fc.option(some, { freq: 1 }),
  isTop: rarely(12),
  status: fc.constantFrom("active", "active", "active", "active", "grace", "suspended"),
  joinedAt: fc.constantFrom("2026-01-01", "2026-01-01", "2026-04-10", "2026-06-01T10:00:00.000Z"),
});

export const companyDraft = fc.record({
  people: fc.array(person, { minLength: 3, maxLength: 25 }),
  customers: fc.array(
    fc.record({ enroller: some, next: fc.option(fc.record({ enroller: some, at: instant })) }),
    { maxLength: 5 },
  ),
  /** Who is never enrolled, if anybody. */
  missing: fc.option(some, { freq: 9 }).map((nth) => nth ?? undefined),
  isComplete: fc.boolean(),
  moves: fc.array(
    fc.record({
      who: some,
      parent: some,
      tree: fc.constantFrom("sponsor", "placement"),
      at: instant,
    }),
    { maxLength: 4 },
  ),
  statuses: fc.array(fc.record({ who: some, status: fc.constantFrom(...STATUSES), at: instant }), {
    maxLength: 6,
  }),
  ranks: fc.array(fc.record({ who: some, rank: some, at: instant }), { maxLength: 12 }),
  volumes: fc.array(
    fc.record({ who: some, pv: fc.constantFrom(0, 4999, 5000, 9000), at: instant }),
    { maxLength: 5 },
  ),
  lostMove: rarely(10),
});

/** A company and what was told of it; nobody ever sponsors or places somebody enrolled earlier. */
export interface BuiltCompany {
  readonly ids: readonly string[];
  readonly customers: readonly string[];
  /** Never enrolled: all below have to wait. */
  readonly missing: string | undefined;
  readonly hasMoves: boolean;
  readonly width: number;
  readonly events: readonly PlainEvent[];
}

export function buildCompany(
  draft: Of<typeof companyDraft>,
  plan: Of<typeof planDraft>,
): BuiltCompany {
  const ids = draft.people.map((_, i) => `D${i}`);
  const customers = draft.customers.map((_, i) => `C${i}`);
  const missing =
    draft.isComplete || draft.missing === undefined ? undefined : pick(ids, draft.missing);
  const isWhole = missing === undefined;
  const people = draft.people.map((each, i) => {
    const isTop = i === 0 || (each.isTop && isWhole);
    const placement = isWhole && !isTop && each.placement !== null;
    return enrolled(pick(ids, i), {
      status: each.status,
      joined_at: each.joinedAt,
      ...(!isTop && { sponsor_id: pick(ids.slice(0, i), each.sponsor) }),
      ...(placement && { placement_id: pick(ids.slice(0, i), each.placement ?? 0) }),
    });
  });
  const moves = movesOf(draft, ids, missing);
  return {
    ids,
    customers,
    missing,
    hasMoves: moves.length > 0,
    width: ids.length + customers.length,
    events: [
      ...people.filter(({ data }) => data["distributor_id"] !== missing),
      ...linksOf(draft, ids, customers),
      ...moves.filter((_, i) => !(draft.lostMove && i === 0)),
      ...standingsOf(draft, ids, rankCodes(plan)),
    ],
  };
}

function linksOf(
  draft: Of<typeof companyDraft>,
  ids: readonly string[],
  customers: readonly string[],
): PlainEvent[] {
  return draft.customers.flatMap(({ enroller, next }, i) => {
    const first = linked(pick(customers, i), pick(ids, enroller));
    if (next === null) return [first];
    const again = linked(pick(customers, i), pick(ids, next.enroller), {
      rev: 2,
      occurred_at: iso(next.at),
    });
    return [first, { ...again, data: { ...again.data, effective_at: iso(next.at) } }];
  });
}

/** A parent always stands before its children in the list, so that no move makes a circle. */
function movesOf(
  draft: Of<typeof companyDraft>,
  ids: readonly string[],
  missing: string | undefined,
): PlainEvent[] {
  const wanted = draft.moves.flatMap(({ who, parent, tree, at }) => {
    const place = 1 + (who % (ids.length - 1));
    const to = pick(ids.slice(0, place), parent);
    const id = pick(ids, place);
    if (id === missing || to === missing) return [];
    // Who stands at the top of one tree only would make the other one's fall-back matter.
    const isTop = draft.people[place]?.isTop === true && missing === undefined;
    return isTop ? [] : [{ id, tree: missing === undefined ? tree : "sponsor", to, at } as const];
  });
  return wanted.map(({ id, tree, to, at }, i) =>
    moved(id, { tree, parent_id: to, effective_at: iso(at) }, { seq: i + 1, occurred_at: iso(at) }),
  );
}

/** Revisions are told apart over all periods, since the standings of all of them compete. */
function standingsOf(
  draft: Of<typeof companyDraft>,
  ids: readonly string[],
  codes: readonly string[],
): PlainEvent[] {
  return [
    ...draft.statuses.map(({ who, status, at }, i) =>
      statusChanged(pick(ids, who), { status, effective_at: iso(at), rev: i + 1 }),
    ),
    ...draft.ranks.map(({ who, rank, at }, i) =>
      ranked(pick(ids, who), pick(codes, rank), { rev: i + 1, occurred_at: iso(at) }),
    ),
    ...draft.volumes.map(({ who, pv, at }, i) =>
      snapshot(pick(ids, who), pv, { rev: i + 1, occurred_at: iso(at) }),
    ),
  ];
}
