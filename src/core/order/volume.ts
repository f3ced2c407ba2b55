import { periodAt } from "../plans/period.ts";
import { proRata } from "../plans/rounding.ts";
import type { VolumeStep } from "../subject/entry.ts";
import type { OrderState, Points, Return, Sale, VolumeTerms } from "./state.ts";

const ZERO: Points = { pv_x100: 0, cv_x100: 0 };

/**
 * The points an order counts in each period: the sale's, less what returns take from the period
 * they happened in, or from the sale's own where the plan says so (DOMAIN §3.3). Counted from all
 * returns in the order of their time, so that no order of arrival matters.
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
    .filter(({ won }) => !won)
    .toSorted((a, b) => a.occurred_ms - b.occurred_ms || (a.id < b.id ? -1 : 1));
  let before: Points = ZERO;
  let net = 0;
  for (const [i, one] of counted.entries()) {
    const isLast = i === counted.length - 1;
    net = isLast ? state.returned.net_minor : net + netOf(one, sale);
    const after = pointsAt(sale, terms, net);
    add(periodOf(one, sale.period_id, terms), {
      pv_x100: before.pv_x100 - after.pv_x100,
      cv_x100: before.cv_x100 - after.cv_x100,
    });
    before = after;
  }
  return volumes;
}

const periodOf = (one: Return, original: string, terms: VolumeTerms): string =>
  terms.refund_volume === "original" ? original : periodAt(terms.period, one.occurred_ms).period_id;

const netOf = ({ parts, amount_minor }: Return, sale: Sale): number =>
  parts?.net_minor ?? proRata(sale.net_minor, amount_minor, sale.amount_minor, "down");

const pointsAt = (sale: Sale, { rounding }: VolumeTerms, net: number): Points => ({
  pv_x100: proRata(sale.pv_x100, net, sale.net_minor, rounding),
  cv_x100: proRata(sale.cv_x100, net, sale.net_minor, rounding),
});

/** What has to be added to everybody's volumes, from what was posted to what is right now. */
export function volumeSteps(before: OrderState, after: OrderState): readonly VolumeStep[] {
  const old = before.volumes;
  const now = after.volumes;
  const source = after.sale?.source_node;
  if (source === undefined) return [];
  const paths = [before.terms?.path ?? [], after.terms?.path ?? []];
  const steps = [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((period_id) => {
    const [from, to] = [old[period_id] ?? ZERO, now[period_id] ?? ZERO];
    const pv_x100 = to.pv_x100 - from.pv_x100;
    const cv_x100 = to.cv_x100 - from.cv_x100;
    return [
      { period_id, distributor_id: source, pv_x100, cv_x100, gv_x100: pv_x100 },
      ...upward(paths, [from.pv_x100, to.pv_x100], period_id),
    ];
  });
  return steps.filter(
    ({ pv_x100, cv_x100, gv_x100 }) => pv_x100 !== 0 || cv_x100 !== 0 || gv_x100 !== 0,
  );
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
