import { type Fact, factsOf, type Held } from "./event.ts";

interface Strict {
  readonly id: string;
  readonly source: string;
  readonly key: string;
  readonly epoch: number;
  readonly seq?: number;
}

/**
 * The events of strict streams that have their turn, in order: of each (source, key, epoch) the
 * contiguous ones from 1 on (DOMAIN §2.2). What is behind a gap is buffered.
 */
export function strictOrder<Event extends Strict>(
  events: readonly Event[],
  held: Held,
): readonly Fact<Event>[] {
  const streams = Map.groupBy(events, ({ source, key, epoch }) =>
    JSON.stringify([key, source, epoch]),
  );
  return [...streams]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, told]) => {
      const facts = factsOf(told, ({ seq }) => String(seq));
      const at = (seq: number) => facts.find(({ event }) => event.seq === seq);
      const turns: Fact<Event>[] = [];
      for (let seq = 1; ; seq += 1) {
        const fact = at(seq);
        if (fact === undefined) break;
        turns.push(fact);
      }
      for (const fact of facts) if (!turns.includes(fact)) held.put(fact.ids, "buffered");
      return turns;
    });
}
