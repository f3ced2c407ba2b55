import type { GatewayEvent } from "../contracts/event.ts";
import type { Period } from "../plans/period.ts";
import type { Plan } from "../plans/plan.ts";
import { evaluateRanks, type FormerRank } from "../plans/ranks.ts";
import { compareRevisions } from "../ordering/rev.ts";
import type { Person } from "./people.ts";

/** The source of events that the gateway itself makes: no source of a tenant can be named so. */
export const RUN_SOURCE = "upline:run";

/** For how many periods in a row somebody has missed the rank that grace keeps; only those above 0. */
export type Grace = Readonly<Record<string, number>>;

export interface RankChange {
  readonly distributor_id: string;
  readonly pay_rank: string;
  readonly career_rank: string;
  readonly epoch: number;
  /** Above every revision in force: revisions compare across periods. */
  readonly rev: string;
}

export interface RankRun {
  /** By distributor; who has the rank already is left out. */
  readonly changes: readonly RankChange[];
  readonly grace: Grace;
}

export interface RankOccasion {
  readonly period: Period;
  readonly attempt: number;
  /** What the run of the period before left. */
  readonly grace: Grace;
}

/**
 * The pay ranks of a period that is over, bottom-up with grace (DOMAIN §4.6), as far as they differ
 * from those in force. Nobody is below the lowest rank of the plan: so a person without one is paid.
 */
export function evaluateRun(
  plan: Plan,
  people: readonly Person[],
  { period, attempt, grace }: RankOccasion,
): RankRun {
  const nodes = people.map(({ id, sponsor_id: parent_id, pv_x100, gv_x100 }) => ({
    id,
    parent_id,
    pv_x100,
    gv_x100,
  }));
  const standings = evaluateRanks(plan, nodes, formerRanks(people, grace));
  const base = { epoch: 0, rev: String(BigInt(period.end_ms) * 1000n + BigInt(attempt)) };
  const missed = [...standings].filter(([, { periods_below }]) => periods_below > 0);
  return {
    changes: people.flatMap((person) => {
      const pay_rank = standings.get(person.id)?.rank ?? plan.ranks[0]?.code;
      if (pay_rank === undefined || person.standing?.pay_rank === pay_rank) return [];
      const career_rank = higher(plan, careerOf(person), pay_rank);
      return [{ distributor_id: person.id, pay_rank, career_rank, ...revisionAfter(person, base) }];
    }),
    grace: Object.fromEntries(missed.map(([id, { periods_below }]) => [id, periods_below])),
  };
}

const formerRanks = (people: readonly Person[], grace: Grace): ReadonlyMap<string, FormerRank> =>
  new Map(
    people.flatMap(({ id, former_rank: rank }) =>
      rank === null ? [] : [[id, { rank, periods_below: grace[id] ?? 0 }]],
    ),
  );

const careerOf = ({ standing, former_rank }: Person): string | null =>
  standing?.career_rank ?? former_rank;

function higher({ ranks }: Plan, career: string | null, reached: string): string {
  const placeOf = (rank: string | null) => ranks.findIndex(({ code }) => code === rank);
  return career !== null && placeOf(career) > placeOf(reached) ? career : reached;
}

interface Revision {
  readonly epoch: number;
  readonly rev: string;
}

function revisionAfter({ standing }: Person, base: Revision): Revision {
  if (standing === null || compareRevisions(base, standing) > 0) return base;
  return { epoch: standing.epoch, rev: String(BigInt(standing.rev) + 1n) };
}

/** The event that tells a distributor of the rank: in force from the period's end on. */
export const rankChanged = (
  change: RankChange,
  { period, run_id }: { readonly period: Period; readonly run_id: string },
): GatewayEvent => {
  const { distributor_id, pay_rank, career_rank, epoch, rev } = change;
  const { period_id, end_ms } = period;
  return {
    id: `${run_id}:${distributor_id}:${rev}`,
    source: RUN_SOURCE,
    type: "rank.changed",
    version: 1,
    occurredAtMs: end_ms,
    key: `dist:${distributor_id}`,
    epoch,
    rev,
    data: { distributor_id, period_id, pay_rank, career_rank, reason: `Run ${run_id}` },
  };
};
