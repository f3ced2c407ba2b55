import type { Log } from "../../log.ts";
import type { Place } from "../../subject-rows.ts";

/** Subjects that are kept by name between runs; of a tenant with more all sums wait. */
const PLACES_MAX = 500;
/** How many are told of by name. */
const NAMED_MAX = 10;

/**
 * Whose sums are not made anew in this walk, as rows that may be wrong still would make them wrong. Once
 * a person has accepted that somebody stays frozen, nothing is left out of theirs: sums say what the
 * rows say, and would never be looked at again.
 */
export interface LeftOut {
  /** Tenants that are leaving, lost, or of whom too many subjects could not be looked at. */
  readonly unsettled?: readonly string[];
  /** Subjects that are frozen, or could not be looked at: sums that their rows are part of wait. */
  readonly unlooked?: readonly Place[];
}

/** With some tenants and subjects more. */
export function leavingOut(
  { unsettled = [], unlooked = [] }: LeftOut,
  more: { readonly tenants: readonly string[]; readonly places: readonly Place[] },
): Required<LeftOut> {
  const places = [...unlooked, ...more.places];
  const crowd = places.slice(PLACES_MAX).map(({ tenant }) => tenant);
  return {
    unsettled: [...new Set([...unsettled, ...more.tenants, ...crowd])],
    unlooked: places.slice(0, PLACES_MAX),
  };
}

/** Whether all sums of a tenant wait. */
export const isWholeLeftOut = ({ unsettled = [] }: LeftOut, tenant: string): boolean =>
  unsettled.includes(tenant);

/** Subjects of a tenant. */
export const unlookedOf = ({ unlooked = [] }: LeftOut, tenant: string): readonly string[] => [
  ...new Set(unlooked.filter((place) => place.tenant === tenant).map(({ subject }) => subject)),
];

/** Tenants of whom any sum waits. */
export const tenantsLeftOut = ({ unsettled = [], unlooked = [] }: LeftOut): readonly string[] => [
  ...new Set([...unsettled, ...unlooked.map(({ tenant }) => tenant)]),
];

/** A person is told once it was so in the walk before, too. */
export function tellLeftOut(
  tenant: string,
  leftOut: LeftOut,
  { isAgain, log }: { readonly isAgain: boolean; readonly log: Log },
): void {
  const subjects = unlookedOf(leftOut, tenant);
  if (subjects.length === 0) return;
  const named = subjects.slice(0, NAMED_MAX);
  const of = { tenant, subjects: subjects.length, named };
  if (isAgain) log("error", "sums_left_out", { alert: true, ...of });
  else log("warn", "sums_left_out", of);
}
