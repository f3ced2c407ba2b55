import fc from "fast-check";
import type { Json } from "#src/core/json.ts";
import type { History } from "../histories/history.ts";
import { pick, some } from "../histories/pick.ts";
import type { PlainEvent } from "../naive/event.ts";
import { Watch } from "./faults.ts";
import { type Faults, Gateway } from "./gateway.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-07-29T00:00:00.000Z");

const count = fc.integer({ min: 1, max: 4 });

/** What can happen between the beginning of a history and its end. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver"), count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("queue"), count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("run"), nth: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat"), nth: some }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("contradict"), nth: some }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("die"), at: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose"), nth: some }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("overtake"), count }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("echo"), nth: some }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep") }) },
);

/** What time and people do; a calculator without a clock cannot count that. */
const timely = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass"), days: fc.nat({ max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("due"), nth: some }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("void"), nth: some }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("write off"),
      nth: some,
      step: fc.constantFrom("receivable", "bad_debt"),
      amount: fc.oneof(fc.nat({ max: 500 }), fc.constant(9_000_000_000)),
    }),
  },
);

type Step =
  | (typeof step extends fc.Arbitrary<infer Of> ? Of : never)
  | (typeof timely extends fc.Arbitrary<infer Of> ? Of : never);

export interface Script {
  readonly steps: readonly Step[];
  readonly order: Order;
}

/** What puts arrivals in order. */
export interface Order {
  readonly keys: readonly number[];
  /** Whether it becomes known late how people stood and where they hung. */
  readonly isLate: boolean;
}

export const order: fc.Arbitrary<Order> = fc.record({
  keys: fc.array(fc.nat({ max: 9999 }), { minLength: 1, maxLength: 60 }),
  isLate: fc.boolean(),
});

export const script: fc.Arbitrary<Script> = fc.record({
  steps: fc.array(fc.oneof({ weight: 5, arbitrary: step }, { weight: 1, arbitrary: timely }), {
    maxLength: 20,
    size: "max",
  }),
  order,
});

const LATE: ReadonlySet<string> = new Set([
  "distributor.status_changed",
  "distributor.moved",
  "customer.linked",
  "rank.changed",
  "volume.snapshot",
]);

/** The events of a history and their repeats, in the order in which they first arrive. */
export function arrivalsOf(
  { events, repeats, first }: History,
  { keys, isLate }: Order,
): PlainEvent[] {
  const turnOf = (event: PlainEvent): number => {
    const isThere =
      event.type === "distributor.enrolled" ||
      (event.type === "customer.linked" && event.rev === 1);
    if (first.has(event.id.replace("~", "")) || (isLate && isThere)) return 0;
    return isLate && LATE.has(event.type) ? 2 : 1;
  };
  return [...events, ...repeats]
    .map((event, i) => ({ event, turn: turnOf(event), at: (pick(keys, i) * (i + 1)) % 9973 }))
    .toSorted((a, b) => a.turn - b.turn || a.at - b.at)
    .map(({ event }) => event);
}

export interface Played {
  readonly gateway: Gateway;
  readonly watch: Watch;
  /** What was not as it has to be after some step. */
  readonly faults: readonly string[];
  /** Ids of events that contradict what was applied before. */
  readonly contradictions: readonly string[];
}

/** Plays a history by a script, looks at the books after every step, and then plays it to its end. */
export function play(history: History, given: Script): Played {
  const player = new Player(history, arrivalsOf(history, given.order));
  for (const each of given.steps) player.take(each);
  return player.finish();
}

class Player {
  readonly #gateway: Gateway;
  readonly #watch: Watch;
  readonly #coming: PlainEvent[];
  readonly #arrived: PlainEvent[] = [];
  readonly #faults: string[] = [];
  readonly #contradictions: string[] = [];
  #acts = 0;

  constructor({ tenant, mode, plans }: History, arrivals: readonly PlainEvent[]) {
    this.#gateway = new Gateway({ tenant, mode, plans, nowMs: START_MS });
    this.#watch = new Watch(this.#gateway);
    this.#coming = [...arrivals];
  }

  take(each: Step): void {
    this.#take(each);
    this.#look(each.do);
  }

  finish(): Played {
    while (this.#coming.length > 0) {
      this.#next(6);
      this.#gateway.run();
      this.#look("deliver");
    }
    this.#settleDown();
    this.#gateway.restart();
    this.#gateway.sweep();
    this.#settleDown();
    this.#faults.push(...this.#watch.end());
    return {
      gateway: this.#gateway,
      watch: this.#watch,
      faults: this.#faults,
      contradictions: this.#contradictions,
    };
  }

  #settleDown(): void {
    this.#gateway.sweep();
    this.#gateway.drain();
    this.#look("end");
  }

  #look(after: string): void {
    this.#faults.push(...this.#watch.step().map((fault) => `after ${after}: ${fault}`));
  }

  #next(events: number): void {
    this.#accept(this.#coming.splice(0, events));
  }

  #accept(delivery: readonly PlainEvent[]): void {
    if (delivery.length === 0) return;
    this.#arrived.push(...delivery);
    this.#gateway.accept(delivery);
  }

  #deliver(events: number, faults: Faults = {}): void {
    this.#next(events);
    this.#gateway.run(faults);
  }

  #take(each: Step): void {
    const gateway = this.#gateway;
    switch (each.do) {
      case "deliver":
        return this.#deliver(each.count);
      case "queue":
        return this.#next(each.count);
      case "run":
        if (gateway.queue.length === 0) return undefined;
        return gateway.run({}, gateway.queue.splice(each.nth % gateway.queue.length, 1));
      case "repeat":
        if (this.#arrived.length === 0) return undefined;
        return gateway.accept([pick(this.#arrived, each.nth)]);
      case "contradict":
        return this.#contradict(each.nth);
      case "die":
        return this.#deliver(2, { diesAt: each.at });
      case "lose":
        return this.#deliver(2, { unreachable: (id) => Number(id.slice(1)) % 3 === each.nth % 3 });
      case "overtake":
        return this.#overtake(each.count);
      case "echo":
        return this.#echo(each.nth);
      case "restart":
        return gateway.restart();
      case "sweep":
        return gateway.sweep();
      case "pass":
        gateway.nowMs += each.days * DAY_MS;
        return undefined;
      case "write off":
        return this.#writeOff(each);
      case "due":
      case "void":
        return this.#ownLine(each);
    }
  }

  /** Other consumers learn who stands how while this one has looked around and not yet settled. */
  #overtake(events: number): void {
    const sale = this.#coming.findIndex(({ type }) => type === "payment.confirmed");
    this.#accept(this.#coming.splice(Math.max(0, sale), 1));
    const batch = this.#gateway.queue.splice(0);
    const meanwhile = () => {
      const known = this.#coming.filter(({ type }) => LATE.has(type)).slice(0, events);
      for (const event of known) this.#coming.splice(this.#coming.indexOf(event), 1);
      this.#accept(known);
      this.#gateway.run();
    };
    this.#gateway.run({ meanwhile }, batch);
  }

  /** A distributor is told once more of a line as it was some time ago. */
  #echo(nth: number): void {
    const { dispatched } = this.#gateway;
    if (dispatched.length === 0) return;
    const { subject, move } = pick(dispatched, nth);
    this.#gateway.move(subject, move);
  }

  #contradict(nth: number): void {
    const applied = this.#arrived.filter((event) => this.#isApplied(event));
    if (applied.length === 0) return;
    const event = pick(applied, nth);
    const data = otherParts(event, nth) ?? contradicted(event.data);
    if (data === undefined) return;
    this.#acts += 1;
    const id = `${event.id}!${this.#acts}`;
    this.#contradictions.push(id);
    this.#gateway.accept([{ ...event, id, data }]);
  }

  #isApplied({ source = "core", id }: PlainEvent): boolean {
    return [...this.#gateway.stores.values()].some(
      (store) => store.seen(source, id)?.outcome === "applied",
    );
  }

  #writeOff({ nth, step: which, amount }: Extract<Step, { do: "write off" }>): void {
    const subjects = this.#distributors();
    if (subjects.length === 0) return;
    const subject = pick(subjects, nth);
    this.#acts += 1;
    this.#gateway.move(subject, {
      kind: "write_off",
      act_id: `act-${this.#acts}`,
      distributor_id: subject.slice("dist:".length),
      step: which,
      currency: "USD",
      amount_minor: amount,
    });
  }

  #ownLine({ do: kind, nth }: Extract<Step, { do: "due" | "void" }>): void {
    const lines = this.#distributors().flatMap((subject) =>
      [...(this.#gateway.stores.get(subject)?.facts.keys() ?? [])]
        .filter((key) => key.startsWith("own:"))
        .map((key) => ({ subject, line_id: key.slice("own:".length) })),
    );
    if (lines.length === 0) return;
    const { subject, line_id } = pick(lines, nth);
    this.#gateway.move(subject, { kind, line_id });
  }

  #distributors(): readonly string[] {
    return [...this.#gateway.stores.keys()].filter((subject) => subject.startsWith("dist:"));
  }
}

/** The same amount made of other parts, for every second one that tells its parts. */
function otherParts({ data }: PlainEvent, nth: number): PlainEvent["data"] | undefined {
  const { net_minor, tax_minor } = data;
  if (nth % 2 === 0 || net_minor === tax_minor) return undefined;
  if (typeof net_minor !== "number" || typeof tax_minor !== "number") return undefined;
  return { ...data, net_minor: tax_minor, tax_minor: net_minor };
}

/** The same fact with other particulars, where there is something to tell otherwise. */
function contradicted(data: PlainEvent["data"]): PlainEvent["data"] | undefined {
  const more = (name: string) => {
    const amount: Json | undefined = data[name];
    return typeof amount === "number" ? { [name]: amount + 1 } : {};
  };
  const other = {
    ...more("amount_minor"),
    ...more("net_minor"),
    ...more("gross_minor"),
    ...more("pv_x100"),
    ...(data["status"] === undefined ? {} : { status: "contradicted" }),
    ...(data["tree"] === undefined ? {} : { parent_id: "D0", effective_at: "2026-01-02" }),
  };
  return Object.keys(other).length === 0 ? undefined : { ...data, ...other };
}
