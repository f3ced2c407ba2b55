import type { DispatchedLine } from "#src/core/ledger/line.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { readOrder } from "#src/core/order/state.ts";
import { nodesOfMove } from "#src/core/genealogy/tree-rules.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import type { Move } from "#src/core/subject/move.ts";
import {
  settle,
  settleAgain,
  settleDue,
  settleMove,
  settleSatisfied,
} from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import type { Lineages, Surroundings, Want } from "#src/core/subject/surroundings.ts";
import { MemoryStore } from "../../core/support/memory-store.ts";
import type { Mode } from "../naive/count.ts";
import type { PlainEvent } from "../naive/event.ts";
import { Mirror, type MirroredRow } from "./mirror.ts";
import {
  arrivalOfPlain,
  followAliases,
  kindOfSubject,
  type Message,
  needOf,
  paymentsIn,
  RULES,
} from "./post.ts";

/** What goes wrong while a batch is consumed. */
export interface Faults {
  /** The consumer dies when it wants to write the mirror for this time, counted from 1. */
  readonly diesAt?: number;
  /** Distributors whose objects do not answer when they are told of lines. */
  readonly unreachable?: (distributorId: string) => boolean;
  /** What others do after an order's surroundings were read and before it settles by them. */
  readonly meanwhile?: () => void;
}

/** A fact can set another one free that wants to look elsewhere. */
const LOOKS_MAX = 4;
const TREE_LOOKS_MAX = 50;

class Died extends Error {}

interface Work {
  readonly subject: string;
  /** All that it is asked, to ask it again. */
  readonly messages: Message[];
  arrivals: Arrival[];
  redrive: string[];
  readonly moves: Move[];
  isRepeated: boolean;
}

const workOn = (subject: string): Work => ({
  subject,
  messages: [],
  arrivals: [],
  redrive: [],
  moves: [],
  isRepeated: false,
});

interface Priced {
  readonly work: Work;
  readonly looked: Map<string, Lineages>;
}

/**
 * The pure core put together in memory as the queue's consumer puts it together (src/edge/queue):
 * objects are stores, D1 is a {@link Mirror}, and the queue is a list in the test's hands.
 */
export class Gateway {
  readonly stores = new Map<string, MemoryStore>();
  /** Parked events that no object has: nobody knows what they name. */
  readonly parked = new Map<string, Arrival>();
  /** Events set aside before any object had them: what they name is another order's. */
  readonly aside = new Map<string, Arrival>();
  readonly queue: Message[] = [];
  /** Every line that any distributor was told of, in its versions. */
  readonly dispatched: { readonly subject: string; readonly move: Move }[] = [];
  mirror = new Mirror();
  nowMs: number;
  readonly #mode: Mode;
  #plans: readonly Plan[];
  readonly #tenant: string;
  readonly #mirrored = new Map<string, number>();
  #written: MirroredRow[] = [];
  #deliveries = 0;

  constructor(given: {
    readonly tenant: string;
    readonly mode: Mode;
    readonly plans: readonly Plan[];
    readonly nowMs: number;
  }) {
    this.#tenant = given.tenant;
    this.#mode = given.mode;
    this.#plans = given.plans;
    this.nowMs = given.nowMs;
  }

  /** Takes in one delivery: each event gets a new id of ours, and stands in the queue. */
  accept(events: readonly PlainEvent[]): void {
    const arrivals = events.map((event) => {
      this.#deliveries += 1;
      const eventId = `evt_${this.#deliveries}`;
      return arrivalOfPlain(event, { tenant: this.#tenant, eventId, nowMs: this.nowMs });
    });
    this.queue.push({ kind: "delivery", arrivals, attempt: 0 });
  }

  /** Consumes messages of the queue as one batch, all of them by default. */
  run(faults: Faults = {}, messages = this.queue.splice(0)): void {
    if (messages.length === 0) return;
    try {
      this.#consume(messages, faults);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.queue.push(...messages.map(again));
    }
  }

  /** What cron does: finds what waits for something that is known by now, and changes untold. */
  sweep(): void {
    this.#wake((need) => this.mirror.knows(need));
    this.#recompute();
  }

  /** Runs until nothing is queued any more. */
  drain(): void {
    for (let i = 0; this.queue.length > 0; i += 1) {
      if (i > 100) throw new Error("The queue never empties");
      this.run();
    }
  }

  /** Everything that is not stored is gone, and read again from what is. */
  restart(): void {
    const rows = this.#written;
    const { outbox, missing } = this.mirror;
    this.mirror = new Mirror();
    this.#written = [];
    for (const row of rows) this.#write(row);
    // Of all others orders were told by then.
    this.mirror.outbox = outbox;
    this.mirror.missing = missing;
  }

  /** A further version of a plan: what was sold since it holds is priced anew. */
  savePlan(plan: Plan): void {
    this.#plans = [...this.#plans, plan];
    this.mirror.tell([{ node: "", at_ms: Date.parse(plan.effective_from) }]);
    this.#recompute();
  }

  move(subject: string, move: Move): void {
    this.queue.push({ kind: "subject", subject, moves: [move] });
  }

  isMirrored(subject: string): boolean {
    return (this.#mirrored.get(subject) ?? 0) === (this.stores.get(subject)?.position() ?? 0);
  }

  #consume(messages: readonly Message[], faults: Faults): void {
    let writings = 0;
    const mirror = (subjects: Iterable<string>) => {
      writings += 1;
      if (writings === faults.diesAt) throw new Died();
      return this.#catchUp(subjects);
    };
    const works = this.#worksOf(messages);
    const of = (...kinds: readonly string[]) =>
      works.filter(({ subject }) => kinds.includes(kindOfSubject(subject)));
    const others = of("distributor", "record");
    for (const work of others) this.#settle(work);
    const rows = mirror(others.map(({ subject }) => subject));
    const trees = of("tree");
    for (const work of trees) this.#settleTree(work);
    rows.push(...mirror(trees.map(({ subject }) => subject)));
    const orders = of("order").map((work): Priced => ({ work, looked: new Map() }));
    for (const order of orders) this.#look(order);
    faults.meanwhile?.();
    for (const order of orders) this.#settleOrder(order);
    const { untold, told } = this.#tell(orders, faults);
    const whole = orders.filter((order) => !untold.includes(order));
    rows.push(...mirror([...told, ...whole.map(({ work }) => work.subject)]));
    for (const { work } of untold) this.queue.push(...work.messages.map(again));
    const names = new Set(rows.flatMap(namesIn));
    this.#wake((need) => names.has(need) && this.mirror.knows(need));
    this.#recompute();
    this.#lookAgain(whole);
  }

  #wake(isMet: (need: string) => boolean): void {
    for (const [eventId, arrival] of this.parked) {
      if (!isMet(needOf(arrival) ?? "")) continue;
      this.parked.delete(eventId);
      this.queue.push({ kind: "delivery", arrivals: [arrival], attempt: 0 });
    }
    for (const [eventId, { subject, needs }] of this.mirror.held) {
      // A fact sets free what waits in its own object.
      if (!needs.startsWith("node:") || !isMet(needs)) continue;
      this.queue.push({ kind: "subject", subject, redrive: [eventId] });
    }
  }

  #worksOf(messages: readonly Message[]): readonly Work[] {
    const works = new Map<string, Work>();
    const find = (subject: string): Work => {
      const work = works.get(subject) ?? workOn(subject);
      works.set(subject, work);
      return work;
    };
    for (const message of messages) {
      if (message.kind === "delivery") continue;
      const work = find(message.subject);
      work.messages.push(message);
      work.isRepeated ||= (message.attempt ?? 0) > 0;
      work.moves.push(...(message.moves ?? []));
      work.redrive.push(...(message.redrive ?? []));
    }
    const subjectOf = (alias: string) => this.mirror.aliases.get(alias);
    const all = [...messages, ...this.#parkedFor(messages)];
    const { tasks, parked, aside } = followAliases(all, subjectOf);
    for (const arrival of parked) this.parked.set(arrival.eventId, arrival);
    for (const arrival of aside) {
      this.parked.delete(arrival.eventId);
      this.aside.set(arrival.eventId, arrival);
    }
    for (const { arrival, attempt } of tasks) {
      const work = find(arrival.event.key);
      work.messages.push({ kind: "delivery", arrivals: [arrival], attempt });
      work.arrivals.push(arrival);
      work.isRepeated ||= attempt > 0;
    }
    return [...works.values()];
  }

  /** What waits for payments of these messages comes with them; until that is mirrored it waits. */
  #parkedFor(messages: readonly Message[]): readonly Message[] {
    const names = paymentsIn(messages);
    const here = new Set(
      messages.flatMap((message) =>
        message.kind === "delivery" ? message.arrivals.map(({ eventId }) => eventId) : [],
      ),
    );
    const arrivals = [...this.parked.values()].filter(
      (arrival) => names.has(needOf(arrival) ?? "") && !here.has(arrival.eventId),
    );
    return arrivals.length === 0 ? [] : [{ kind: "delivery", arrivals, attempt: 0 }];
  }

  #settle(work: Work, surroundings?: Surroundings): readonly Want[] {
    const { subject } = work;
    const store = this.stores.get(subject) ?? new MemoryStore();
    this.stores.set(subject, store);
    const wants = new Map<string, Want>();
    const desk = {
      store,
      rules: RULES[kindOfSubject(subject)],
      nowMs: this.nowMs,
      ...(surroundings === undefined ? {} : { surroundings }),
      wanted: (eventId: string, want: Want) => wants.set(eventId, want),
    };
    for (const stream of store.waitingStreams()) settleDue(stream, desk);
    for (const move of work.moves) settleMove(move, desk);
    const settlements = work.arrivals.map((arrival) => settle(arrival, desk));
    for (const eventId of work.redrive) settleAgain(eventId, desk);
    settleSatisfied(desk);
    const failed = settlements.find(({ kind }) => kind === "failed");
    if (failed?.kind === "failed") throw new Error(failed.error);
    // Those that were decided are not asked again; moves can come twice.
    work.arrivals = work.arrivals.filter((_, i) => settlements[i]?.kind === "wants");
    work.redrive = [...wants.keys()];
    return [...wants.values()];
  }

  #settleTree(work: Work): void {
    const asked = new Set(work.arrivals.flatMap(({ event }) => nodesOfMove(event)));
    for (let look = 0; look < TREE_LOOKS_MAX; look += 1) {
      const tree = this.mirror.tree([...asked]);
      const wants = this.#settle(work, { ...this.#around([]), tree });
      if (wants.length === 0) return;
      for (const { node } of wants) asked.add(node);
    }
    throw new Error("A move wants to look elsewhere for ever");
  }

  #around(lineages: readonly Lineages[]): Surroundings {
    return { mode: this.#mode, plans: this.#plans, lineages, closed: this.mirror.closed() };
  }

  /** What payments that tell their goods themselves, and computations anew, will want to see. */
  #look({ work, looked }: Priced, asked: readonly Want[] = foreseen(work)): void {
    for (const want of asked) {
      const name = nameOf(want);
      if (!looked.has(name)) looked.set(name, this.mirror.lineages(want));
    }
  }

  #settleOrder(order: Priced): void {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const wants = this.#settle(order.work, this.#around([...order.looked.values()]));
      if (wants.length === 0) return this.#awaitMissing(order);
      this.#look(order, wants);
    }
    this.queue.push(...order.work.messages.map(again));
  }

  /** An order keeps its lines where nobody can say who is above it by now. */
  #awaitMissing({ work: { moves }, looked }: Priced): void {
    for (const move of moves) {
      if (move.kind !== "recompute") continue;
      const { node } = move.want;
      const { sponsor, placement } = looked.get(nameOf(move.want)) ?? {};
      for (const way of [sponsor, placement]) {
        if (way === undefined || !("kind" in way) || way.kind !== "unknown") continue;
        this.mirror.missing.set(way.node, way.node === node);
      }
    }
  }

  /** Tells distributors the newest version of each line that the mirror does not have yet. */
  #tell(orders: readonly Priced[], { unreachable = () => false }: Faults) {
    const newest = new Map<string, Move & { kind: "line" }>();
    const untold: Priced[] = [];
    for (const order of orders) {
      const lines = this.#tail(order.work.subject).flatMap(({ entry }) => dispatched(entry));
      for (const move of lines) {
        const old = newest.get(move.line.line_id);
        if (old === undefined || old.line.ver < move.line.ver) newest.set(move.line.line_id, move);
      }
      if (lines.some(({ line }) => unreachable(line.distributor_id))) untold.push(order);
    }
    const told = new Set<string>();
    for (const [distributorId, moves] of Map.groupBy(newest.values(), ownerOf)) {
      if (unreachable(distributorId)) continue;
      const subject = `dist:${distributorId}`;
      this.#settle({ ...workOn(subject), moves });
      this.dispatched.push(...moves.map((move) => ({ subject, move })));
      told.add(subject);
    }
    return { untold, told };
  }

  #tail(subject: string): readonly MirroredRow[] {
    const rows = this.stores.get(subject)?.entries ?? [];
    return rows.slice(this.#mirrored.get(subject) ?? 0).map((entry) => ({ subject, entry }));
  }

  #catchUp(subjects: Iterable<string>): MirroredRow[] {
    return [...new Set(subjects)].flatMap((subject) => {
      const tail = this.#tail(subject);
      this.#mirrored.set(subject, this.stores.get(subject)?.position() ?? 0);
      for (const row of tail) this.#write(row);
      return tail;
    });
  }

  #write(row: MirroredRow): void {
    this.mirror.take(row);
    this.#written.push(row);
    const { event } = row.entry;
    if (event !== undefined) this.parked.delete(event.event_id);
  }

  #recompute(): void {
    const { changes, isRehung } = this.mirror.takeOutbox();
    if (isRehung) this.#wake((need) => need.startsWith("node:"));
    for (const { order_id, source_node, paid_ms } of this.mirror.touched(changes)) {
      if (source_node === null || paid_ms === null) continue;
      this.#sendRecompute(`order:${order_id}`, { node: source_node, at_ms: paid_ms });
    }
  }

  /** What became known while these orders were priced was told to the orders before them only. */
  #lookAgain(orders: readonly Priced[]): void {
    for (const { work, looked } of orders) {
      const wants = new Map<string, Want>(looked);
      const sale = this.#saleOf(work);
      if (sale !== undefined) wants.set(nameOf(sale), sale);
      for (const [name, { node, at_ms }] of wants) {
        const now = this.mirror.lineages({ node, at_ms });
        const isSame = JSON.stringify(now) === JSON.stringify(looked.get(name));
        if (!work.isRepeated && isSame) continue;
        this.#sendRecompute(work.subject, { node, at_ms });
        this.#redriveSales(work.subject);
      }
    }
  }

  /** What an earlier attempt has priced, and this one has no reason to look at. */
  #saleOf({ subject, isRepeated }: Work): Want | undefined {
    const { sale } = readOrder(this.stores.get(subject)?.view());
    if (!isRepeated || sale === undefined) return undefined;
    return { node: sale.source_node, at_ms: sale.paid_ms };
  }

  /** A sale that could not be priced is none that could be priced anew. */
  #redriveSales(subject: string): void {
    const redrive = [...this.mirror.held]
      .filter(([, held]) => held.subject === subject && held.needs.startsWith("node:"))
      .map(([eventId]) => eventId);
    if (redrive.length > 0) this.queue.push({ kind: "subject", subject, redrive });
  }

  #sendRecompute(subject: string, want: Want): void {
    const isAsked = this.queue.some(
      (message) =>
        message.kind === "subject" &&
        message.subject === subject &&
        message.moves?.some(
          (move) => move.kind === "recompute" && nameOf(move.want) === nameOf(want),
        ) === true,
    );
    if (!isAsked) this.move(subject, { kind: "recompute", event_id: "", want });
  }
}

const again = (message: Message): Message => ({
  ...message,
  attempt: (message.attempt ?? 0) + 1,
});

/** Names that a row made known, and what it was parked for. */
const namesIn = ({ entry: { effects, needs } }: MirroredRow): readonly string[] => [
  ...(needs === undefined ? [] : [needs]),
  ...(effects.aliases ?? []),
  ...(effects.edges ?? []).map(({ node }) => `node:${node}`),
];

const nameOf = ({ node, at_ms }: Want): string => JSON.stringify([node, at_ms]);

const ownerOf = ({ line }: { readonly line: DispatchedLine }): string => line.distributor_id;

const dispatched = ({ effects, event, cause }: Entry) =>
  (effects.dispatch ?? []).map((line) => ({
    kind: "line" as const,
    line,
    event_id: event?.event_id ?? cause?.event_id ?? "",
    occurred_ms: event?.occurred_ms ?? cause?.occurred_ms ?? line.effective_ms,
  }));

const foreseen = ({ arrivals, moves }: Work): readonly Want[] => [
  ...arrivals.flatMap(({ event: { type, data, occurredAtMs } }) => {
    const { source_node: node } = data;
    const isSale = type === "payment.confirmed" && typeof node === "string";
    return isSale ? [{ node, at_ms: occurredAtMs }] : [];
  }),
  ...moves.flatMap((move) => (move.kind === "recompute" ? [move.want] : [])),
];
