import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { rebooked } from "./booked.ts";
import { firstOf } from "./bought.ts";
import { timeOf } from "./earlier.ts";
import { exchange, room } from "./exchange.ts";
import { isSameGoods, type Tellings } from "./retold.ts";
import { soldAnew } from "./sold-earlier.ts";
import type { OrderState, Sale } from "./state.ts";
import type { Told } from "./told.ts";

/** More is known of an order that is sold: of one of its payments, or of what was ordered. */
export interface Restated {
  /** With the order as it was. */
  readonly told: Told;
  readonly key: string;
  /** When the event happened that tells it. */
  readonly occurred_ms: number;
  /** The order with what is known now, its sale counted as before. */
  readonly anew: OrderState;
  readonly tellings: Tellings;
  readonly effects: Effects;
  readonly writes: readonly Write[];
}

/** What is known now leaves lines and points as they are; this is the sale then. */
interface Stays {
  readonly kind: "stays";
  readonly sale: Sale;
}

/**
 * Sells an order anew by all that is known of it, whichever came last: by another of its payments, as
 * of another time, or with other goods.
 */
export function restated(given: Restated, sale: Sale): Act | Stays {
  const { told, anew, tellings } = given;
  const bought = firstOf(anew, tellings);
  if (bought === undefined) return { kind: "stays", sale };
  const { first, goods, borrowed } = bought;
  if (first.payment_id !== sale.payment_id) return exchange({ ...given, ...bought, old: sale });
  const { borrowed: _borrowed, ...rest } = sale;
  const isAlike = isSameGoods(sale, goods) && sale.borrowed === borrowed;
  const next = isAlike ? sale : { ...rest, ...goods, ...(borrowed && { borrowed }) };
  const { sale: before = sale } = told.order;
  const isOther = timeOf(next) < timeOf(before) || !isSameGoods(before, next);
  return (isOther ? anewly(given, next) : undefined) ?? { kind: "stays", sale: next };
}

/** The same payment, priced anew; what else became known of the order's money goes with it. */
function anewly(given: Restated, next: Sale): Act | undefined {
  const { told, key, occurred_ms, effects } = given;
  const anew = { ...given.anew, sale: asCounted(given.anew.sale ?? next, next) };
  // A return that did not fit the goods as they were counted can fit them now.
  const writes = [...given.writes, ...room(told)];
  const act = soldAnew(next, { told: { ...told, order: anew }, key, occurred_ms, effects, writes });
  if (act?.kind !== "effect") return act;
  const transfers = [...rebooked(told.order, anew, occurred_ms), ...(act.effects.transfers ?? [])];
  return { ...act, effects: { ...act.effects, transfers } };
}

/** Where no line follows them, other points and another package leave the lines as they are. */
const asCounted = (sale: Sale, { pv_x100, package: packaged }: Sale): Sale => ({
  ...sale,
  pv_x100,
  package: packaged,
});
