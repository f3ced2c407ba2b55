import { openPeriod } from "../plans/open-period.ts";
import { periodAt, periodOf } from "../plans/period.ts";
import { proRata } from "../plans/rounding.ts";
import type { VolumeStep } from "../subject/entry.ts";
import { shareOf } from "./returned.ts";
import type { OrderState, Points, Return, Sale, VolumeTerms } from "./state.ts";

const ZERO: Points = { pv_x100: 0, cv_x100: 0 };

/**
 * The points an order counts in each period: the sale's, less what returns take from the period
 * they happened in, or from the sale's own where the plan says so (DOMAIN §3.3). Counted from all
 * returns in the order of their time, so that no order of arrival matters, and as if no period
 * were ever closed: see {@link volumeSteps}.
 */
export function volumesOf(state: OrderState): Readonly<Record<string, Points>> {
  const { sale, terms, returns } = state;
  if (sale?.period_id == null || terms === undefined) return {};
  const volumes: Record<string, Points> = {};
  const add = (period: string, { pv_x100, cv_x100 }: Points) => {
    const old = volumes[period] ?? ZERO;
    volumes[period] = { pv_x100: old.pv_x100 + pv_x100, cv_x100: old.cv_x100 + cv_x100 };
  };
  add(sale.period_id, sale);
  const counted = returns
    .filter(({ undone }) => !undone)
    .toSorted((a, b) => a.occurred_ms - b.occurred_ms || (a.id < b.id ? -1 : 1));
  const [all, whole] = shareOf(sale, state);
  let before: Points = ZERO;
  let part = 0;
  for (const [i, one] of counted.entries()) {
    const isLast = i === counted.length - 1;
    part = isLast ? all : Math.min(part + partOf(one, sale), whole);
    const points = (of: number) => proRata(of, part, whole, terms.rounding);
    const after = { pv_x100: points(sale.pv_x100), cv_x100: points(sale.cv_x100) };
    add(placeOf(one, sale.period_id, terms), {
      pv_x100: before.pv_x100 - after.pv_x100,
      cv_x100: before.cv_x100 - after.cv_x100,
    });
    before = after;
  }
  return volumes;
}

const placeOf = (one: Return, original: string, terms: VolumeTerms): string =>
  terms.refund_volume === "original" ? original : periodAt(terms.period, one.occurred_ms).period_id;

/** What a return takes of the whole that {@link shareOf} tells. */
function partOf({ parts, amount_minor }: Return, sale: Sale): number {
  if (sale.amount_minor === 0) return 1;
  if (sale.net_minor === 0) return amount_minor;
  return parts?.net_minor ?? proRata(sale.net_minor, amount_minor, sale.amount_minor, "down");
}

/**
 * What has to be added to everybody's volumes, from what was counted to what is right now. What
 * would change a closed period changes the next open one.
 */
export function volumeSteps(
  before: OrderState,
  after: OrderState,
  closed: readonly string[],
): readonly VolumeStep[] {
  const old = before.volumes;
  const now = after.volumes;
  const sources = [before.sale?.source_node, after.sale?.source_node];
  const paths = [before.terms?.path ?? [], after.terms?.path ?? []];
  const steps = [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((period) => {
    const [from, to] = [old[period] ?? ZERO, now[period] ?? ZERO];
    const period_id = openFrom(period, after.terms ?? before.terms, closed);
    return [
      ...bought(sources, [from, to], period_id),
      ...upward(paths, [from.pv_x100, to.pv_x100], period_id),
    ];
  });
  return merged(steps).filter(
    ({ pv_x100, cv_x100, gv_x100 }) => pv_x100 !== 0 || cv_x100 !== 0 || gv_x100 !== 0,
  );
}

/** The points of whoever bought; somebody else, where another payment is the sale now. */
function bought(
  [before, after]: readonly (string | undefined)[],
  [from, to]: readonly [Points, Points],
  period_id: string,
): readonly VolumeStep[] {
  const step = (distributor_id: string | undefined, sign: 1 | -1, points: Points) =>
    distributor_id === undefined
      ? []
      : [
          {
            period_id,
            distributor_id,
            pv_x100: sign * points.pv_x100,
            cv_x100: sign * points.cv_x100,
            gv_x100: sign * points.pv_x100,
          },
        ];
  return [...step(before, -1, from), ...step(after, 1, to)];
}

function openFrom(
  periodId: string,
  terms: VolumeTerms | undefined,
  closed: readonly string[],
): string {
  if (terms === undefined || !closed.includes(periodId)) return periodId;
  const period = periodOf(terms.period, periodId);
  return period === undefined ? periodId : openPeriod(terms.period, period, closed).period_id;
}

/** Those above get the points as group volume; whoever is above no longer gives them back. */
function upward(
  [before = [], after = []]: readonly (readonly string[])[],
  [from = 0, to = 0]: readonly number[],
  period_id: string,
): readonly VolumeStep[] {
  const steps = new Map<string, number>();
  for (const id of before) steps.set(id, -from);
  for (const id of after) steps.set(id, (steps.get(id) ?? 0) + to);
  return [...steps].map(([distributor_id, gv_x100]) => ({
    period_id,
    distributor_id,
    pv_x100: 0,
    cv_x100: 0,
    gv_x100,
  }));
}

/** Two periods can have become one. */
function merged(steps: readonly VolumeStep[]): readonly VolumeStep[] {
  const sums = new Map<string, VolumeStep>();
  for (const step of steps) {
    const name = JSON.stringify([step.period_id, step.distributor_id]);
    const sum = sums.get(name);
    if (sum === undefined) sums.set(name, step);
    else {
      sums.set(name, {
        ...step,
        pv_x100: sum.pv_x100 + step.pv_x100,
        cv_x100: sum.cv_x100 + step.cv_x100,
        gv_x100: sum.gv_x100 + step.gv_x100,
      });
    }
  }
  return [...sums.values()];
}
