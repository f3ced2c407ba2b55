import { openPeriod } from "../plans/open-period.ts";
import { periodAt, periodOf } from "../plans/period.ts";
import { proRata } from "../plans/rounding.ts";
import type { VolumeStep } from "../subject/entry.ts";
import { fitting, nameOf, shareOf, untoldOf } from "./returned.ts";
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
  const counted = fitting(sale, returns)
    .filter(({ undone }) => !undone)
    .toSorted((a, b) => a.occurred_ms - b.occurred_ms || (nameOf(a) < nameOf(b) ? -1 : 1));
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
function partOf(one: Return, sale: Sale): number {
  if (sale.amount_minor === 0) return 1;
  if (sale.net_minor === 0) return one.amount_minor;
  const shared = proRata(sale.net_minor, untoldOf(one), sale.amount_minor, "down");
  return (one.parts?.net_minor ?? 0) + shared;
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
  const [old, now] = [partsOf(before, after), partsOf(after, before)];
  const periods = new Set([...Object.keys(old.volumes), ...Object.keys(now.volumes)]);
  const steps = [...periods].flatMap((period) => [
    ...stepsOf(period, old, { sign: -1, closed }),
    ...stepsOf(period, now, { sign: 1, closed }),
  ]);
  return merged(steps).filter(
    ({ pv_x100, cv_x100, gv_x100 }) => pv_x100 !== 0 || cv_x100 !== 0 || gv_x100 !== 0,
  );
}

/** What an order counts, for whom, and by which periods; those of the other where it has none itself. */
interface Counted {
  readonly volumes: OrderState["volumes"];
  readonly source: string | undefined;
  readonly terms: VolumeTerms | undefined;
}

const partsOf = ({ volumes, sale, terms }: OrderState, other: OrderState): Counted => ({
  volumes,
  source: sale?.source_node,
  terms: terms ?? other.terms,
});

/** Points of whoever bought, and as group volume of those above. */
function stepsOf(
  period: string,
  { volumes, source, terms }: Counted,
  { sign, closed }: { readonly sign: 1 | -1; readonly closed: readonly string[] },
): readonly VolumeStep[] {
  const { pv_x100, cv_x100 } = volumes[period] ?? ZERO;
  const period_id = openFrom(period, terms, closed);
  const gv_x100 = sign * pv_x100;
  const own = { pv_x100: gv_x100, cv_x100: sign * cv_x100, gv_x100 };
  const above = { pv_x100: 0, cv_x100: 0, gv_x100 };
  return [
    ...(source === undefined ? [] : [{ period_id, distributor_id: source, ...own }]),
    ...(terms?.path ?? []).map((distributor_id) => ({ period_id, distributor_id, ...above })),
  ];
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
