import { assert } from "../assert.ts";
import type { Plan } from "./plan.ts";
import { safe } from "./rounding.ts";
import { ALL_PPM, moneyOf, type Pricing } from "./sale.ts";

/** A line of the period that closes; minor units of the plan's currency, from 0. */
export interface CappedLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly component: string;
  readonly level: number | null;
  readonly effective_ms: number;
  readonly amount_minor: number;
}

/** Who gives way where there is less than was earned. */
type Divide = (lines: readonly CappedLine[], limit: bigint) => readonly bigint[];

/**
 * The lines of a period with what the plan's caps leave of them, in the order given (DOMAIN §4.7):
 * first each person's, then the company's, which is a share of what the period's CV is worth.
 * Whatever the mode, the amounts add up to the smaller of their sum and the cap, to the unit.
 *
 * - `pro_rata`: all give way alike, by largest remainder, ties to the smaller distributor id, among
 *   lines of one distributor to the smaller line id.
 * - `priority`: components in the order of the plan, lower levels first, are paid in full as long as
 *   it lasts; components that the plan does not list come last. Among equals the earlier is paid.
 * - `hard_stop`: the earlier is paid, whatever it is; nothing more once the cap is reached.
 */
export function applyCaps<Line extends CappedLine>(
  plan: Plan,
  lines: readonly Line[],
  cv_x100: bigint,
): readonly Line[] {
  const { caps } = plan;
  if (caps === undefined) return lines;
  assert(
    lines.every(({ amount_minor }) => amount_minor >= 0),
    "Cannot cap a line below 0",
  );
  const divide = DIVIDE[caps.mode](plan);
  let left = lines;
  if (caps.per_distributor_minor !== undefined) {
    const limit = BigInt(caps.per_distributor_minor);
    left = cutEach(left, ({ distributor_id }) => distributor_id, { limit, divide });
  }
  const companyPpm = caps.company_ppm_of_cv_value;
  if (companyPpm === undefined) return left;
  const limit = companyLimit(plan, { cv_x100, ppm: companyPpm });
  return cutEach(left, () => "company", { limit, divide });
}

/** Rounded down whatever the plan says: a cap that is rounded up is passed. */
function companyLimit(pricing: Pricing, { cv_x100, ppm }: { cv_x100: bigint; ppm: number }) {
  const weight = cv_x100 * BigInt(ALL_PPM) * BigInt(ppm);
  const { currency, volume } = pricing;
  const limit = moneyOf({ currency, volume, rounding: "down" }, weight);
  return limit > 0n ? limit : 0n;
}

interface Cut {
  readonly limit: bigint;
  readonly divide: Divide;
}

/** Cuts the lines of each group that together pass the limit. */
function cutEach<Line extends CappedLine>(
  lines: readonly Line[],
  groupOf: (line: Line) => string,
  { limit, divide }: Cut,
): readonly Line[] {
  const left = new Map<Line, number>();
  for (const group of Map.groupBy(lines, groupOf).values()) {
    if (sumOf(group) <= limit) continue;
    const amounts = divide(group, limit);
    for (const [index, line] of group.entries()) left.set(line, safe(amounts[index] ?? 0n));
  }
  return lines.map((line) => {
    const amount_minor = left.get(line);
    return amount_minor === undefined ? line : { ...line, amount_minor };
  });
}

const DIVIDE: Readonly<Record<NonNullable<Plan["caps"]>["mode"], (plan: Plan) => Divide>> = {
  pro_rata: () => largestRemainder,
  priority: (plan) => inTurn(byPriority(plan)),
  hard_stop: () => inTurn(byTime),
};

/** Each its share floored, and the units left over to the largest fractions. */
const largestRemainder: Divide = (lines, limit) => {
  const sum = sumOf(lines);
  const shares = lines.map((line, index) => {
    const exact = BigInt(line.amount_minor) * limit;
    return { index, line, floor: exact / sum, remainder: exact % sum };
  });
  const left = limit - shares.reduce((all, { floor }) => all + floor, 0n);
  const favoured = shares
    .toSorted((a, b) => compare(b.remainder, a.remainder) || byId(a.line, b.line))
    .slice(0, safe(left));
  const amounts = shares.map(({ floor }) => floor);
  for (const { index, floor } of favoured) amounts[index] = floor + 1n;
  return amounts;
};

type Order = (a: CappedLine, b: CappedLine) => number;

/** One after the other in full; the one that passes the limit takes what is left of it. */
const inTurn =
  (order: Order): Divide =>
  (lines, limit) => {
    const amounts = lines.map(() => 0n);
    const turns = lines.map((line, index) => ({ line, index }));
    let left = limit;
    for (const { line, index } of turns.toSorted((a, b) => order(a.line, b.line))) {
      const wanted = BigInt(line.amount_minor);
      const paid = wanted < left ? wanted : left;
      amounts[index] = paid;
      left -= paid;
    }
    return amounts;
  };

const byId: Order = (a, b) =>
  compare(a.distributor_id, b.distributor_id) || compare(a.line_id, b.line_id);

const byTime: Order = (a, b) => a.effective_ms - b.effective_ms || compare(a.line_id, b.line_id);

function byPriority({ components }: Plan): Order {
  const places = new Map(components.map(({ code }, index) => [code, index]));
  const placeOf = ({ component }: CappedLine) => places.get(component) ?? components.length;
  return (a, b) => placeOf(a) - placeOf(b) || (a.level ?? 0) - (b.level ?? 0) || byTime(a, b);
}

const sumOf = (lines: readonly CappedLine[]) =>
  lines.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n);

function compare<Value extends string | bigint>(a: Value, b: Value): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
