import type { EventOf } from "../contracts/catalogue.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, Write } from "../subject/state.ts";
import { breaksOf, withBreaks } from "./breaks.ts";
import { restated } from "./restated.ts";
import { tellingsOf } from "./retold.ts";
import { orderIdOf, type OrderState } from "./state.ts";
import {
  changedOrder,
  closedIn,
  factOf,
  goodsOf,
  keepOrder,
  known,
  type OrderFact,
  PLACED,
  tell,
  type Told,
} from "./told.ts";

type Placed = EventOf<"order.placed">;

/** What was ordered: what a payment does not say of what it was for, its order says. */
export function orderPlaced(event: Placed, told: Told): Act {
  const fact = factPlaced(event);
  const before = told.state.fact(fact.key);
  const again = before && placedAgain(event, before, told);
  const first = { told, writes: [tell(fact, told.eventId)] };
  return again ?? known(fact, before) ?? ordered(event, first);
}

const factPlaced = ({ data }: Placed, packaged = goodsOf(data).package): OrderFact =>
  factOf(PLACED, [{ ...goodsOf(data), package: packaged }, data.buyer_kind]);

/** Of two tellings of an order one can leave its package out; nothing where that is not all. */
function placedAgain(event: Placed, before: Fact, told: Told): Act | undefined {
  const { eventId: of, essence } = before;
  const { package: packaged = null } = told.order.placed ?? {};
  const isMore = packaged === null && factPlaced(event, null).essence === essence;
  const isLess = goodsOf(event.data).package === null;
  if (isLess && factPlaced(event, packaged).essence === essence) return { kind: "repeat", of };
  return isMore ? ordered(event, { told, of, writes: [tell(factPlaced(event), of)] }) : undefined;
}

interface Ordered {
  readonly told: Told;
  readonly writes: readonly Write[];
  /** The event that told it first, with less. */
  readonly of?: string;
}

function ordered(event: Placed, { told, writes, of }: Ordered): Act {
  const { key, data, occurredAtMs: occurred_ms } = event;
  const anew: OrderState = { ...told.order, placed: goodsOf(data) };
  const { sale } = anew;
  const tellings = tellingsOf(told);
  const breaks = breaksOf(orderIdOf(key), anew, tellings);
  const effects = withBreaks(breaks);
  const is = sale && restated({ told, key, occurred_ms, anew, tellings, effects, writes }, sale);
  if (is !== undefined && is.kind !== "stays") return is;
  const after = is === undefined ? anew : { ...anew, sale: is.sale };
  const isNews = breaks.length > breaksOf(orderIdOf(key), told.order, tellings).length;
  if (of !== undefined && !isNews) {
    return { kind: "repeat", of, writes: [...writes, keepOrder(after)] };
  }
  const change = {
    key,
    before: told.order,
    after,
    changed: [],
    effects,
    writes,
    closed: closedIn(told),
  };
  return { kind: "effect", ...changedOrder(change) };
}
