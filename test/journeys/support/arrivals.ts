import fc from "fast-check";
import { type Of, pick, shuffledItems, some } from "../../support/histories/pick.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import { ordersOf } from "./streams.ts";
import { SOURCE } from "./tenant.ts";

/** Tells what any sender may tell: sales and what goes back of them. */
export const SHOP = "shop";

export interface Delivery {
  readonly source: string;
  readonly events: readonly PlainEvent[];
}

/** Deliveries one after the other; several of these at the same time. */
type Lane = readonly Delivery[];

export interface Arrival {
  readonly lanes: readonly Lane[];
}

const SEED = 4;
const TOGETHER_MAX = 4;

/** Facts of a business id: whoever tells them, and under whichever id, they count once. */
const isCommutative = ({ type }: PlainEvent): boolean =>
  /^(?:order|payment|refund|chargeback)\./.test(type);

/**
 * Ways in which these events can arrive: every order there is, or so many of them at random, but
 * the same each time. In each of them every event comes twice, and facts that any sender may tell
 * also from another sender under another id.
 */
export function arrivalsOf(events: readonly PlainEvent[], count: number): readonly Arrival[] {
  const told = [...new Map(events.map((event) => [event.id, event])).values()];
  const every = factorial(told.length) <= count ? ordersOf(told) : undefined;
  const repeats = fc.sample(repeatsOf(told.length), { seed: SEED, numRuns: count });
  const orders = every ?? fc.sample(shuffledItems(told), { seed: SEED, numRuns: count });
  return orders.map((order, nth) => arrivalOf(order, pick(repeats, nth), nth % 2 === 0));
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Where an event's repeats come, who tells it first, and how many events come in one delivery. */
const REPEAT = fc.record({
  again: some,
  copied: some,
  byShop: fc.boolean(),
  together: fc.integer({ min: 1, max: TOGETHER_MAX }),
});

const repeatsOf = (length: number) => fc.array(REPEAT, { minLength: length, maxLength: length });

interface Telling {
  readonly event: PlainEvent;
  readonly source: string;
  /** Its place in the order: the first tellings have 0, 1, 2, … */
  readonly at: number;
  readonly together: number;
}

function arrivalOf(
  order: readonly PlainEvent[],
  repeats: readonly Of<typeof REPEAT>[],
  isOrderly: boolean,
): Arrival {
  const later = (at: number, slot: number) => at + ((order.length - at) * (slot + 1)) / 1001;
  const tellings = order.flatMap((event, at): Telling[] => {
    const { again, copied, byShop, together } = pick(repeats, at);
    const source = isCommutative(event) && byShop ? SHOP : SOURCE;
    const twice = [
      { event, source, at, together },
      { event, source, at: later(at, again), together },
    ];
    if (!isCommutative(event)) return twice;
    const copy = { ...event, id: `copy-${event.id}` };
    const other = source === SHOP ? SOURCE : SHOP;
    return [...twice, { event: copy, source: other, at: later(at, copied), together }];
  });
  const inOrder = tellings.toSorted((a, b) => a.at - b.at);
  if (isOrderly) return { lanes: [deliveriesOf(inOrder)] };
  const bySource = Map.groupBy(inOrder, ({ source }) => source);
  return { lanes: [...bySource.values()].map(deliveriesOf) };
}

function deliveriesOf(tellings: readonly Telling[]): Lane {
  const lane: { source: string; events: PlainEvent[]; together: number }[] = [];
  for (const { event, source, together } of tellings) {
    const last = lane.at(-1);
    if (last?.source === source && last.events.length < last.together) last.events.push(event);
    else lane.push({ source, events: [event], together });
  }
  return lane;
}
