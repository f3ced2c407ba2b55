import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Ancestor, Lineage, LineageGap } from "#src/core/genealogy/lineage.ts";
import type { Json } from "#src/core/json.ts";
import { orderRules } from "#src/core/order/rules.ts";
import { type OrderState, readOrder } from "#src/core/order/state.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import type { Break, Effects, OrderRow } from "#src/core/subject/entry.ts";
import { settle, settleAgain, settleMove, type Settlement } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import type { Lineages, Surroundings, Want } from "#src/core/subject/surroundings.ts";
import { arrive, type Envelope, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** When the sample's payment occurred. */
export const SOLD_MS = NOW_MS;

export const LEVEL = {
  kind: "unilevel",
  code: "level",
  tree: "sponsor",
  max_level: 2,
  pool_ppm: 400_000,
  rates_ppm: { Member: [50_000, 50_000] },
  compression: "none",
} as const;

/** 4.00 on each of two levels for the sample's CV of 200.00, as in W1. */
export const PLAN: Plan = {
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 14,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: [{ code: "Member" }],
  components: [LEVEL],
};

const person = (id: string, depth: number): Ancestor => ({
  id,
  depth,
  leg: null,
  status: "active",
  rank: null,
  pv_x100: null,
});

/** The way up through these people, nearest first. */
export function lineageOf(
  { node, at_ms }: Want,
  upline: readonly string[],
  tree: Lineage["tree"] = "sponsor",
): Lineage {
  const above = upline.map((id, i) => person(id, i + 1));
  return { node, at_ms, tree, source: person(node, 0), upline: above };
}

export interface World {
  readonly mode?: Surroundings["mode"];
  readonly plans?: readonly Plan[];
  readonly closed?: readonly string[];
  /** Above whoever buys, nearest first; or why nobody knows. */
  readonly upline?: Way;
  /** In the placement tree, where that is another way up. */
  readonly placement?: Way;
}

type Way = readonly string[] | LineageGap;

function lineagesOf(want: Want, upline: Way, placement: Way): Lineages {
  const wayUp = (way: Way, tree: Lineage["tree"]) =>
    "kind" in way ? way : lineageOf(want, way, tree);
  return { ...want, sponsor: wayUp(upline, "sponsor"), placement: wayUp(placement, "placement") };
}

/** What an order is told of the world, with the answers to these wants. */
export const around = (
  { mode = "mirror", plans = [PLAN], closed = [], upline = ["A", "S"], placement = upline }: World,
  wants: readonly Want[],
): Surroundings => ({
  mode,
  plans,
  closed,
  lineages: wants.map((want) => lineagesOf(want, upline, placement)),
});

/** One order's object, its surroundings read whenever it wants to see them. */
export class TestOrder {
  readonly store = new MemoryStore();
  world: World;
  #told = 0;

  constructor(world: World = {}) {
    this.world = world;
  }

  /** Tells it a sample with some members replaced; answers with the outcome and its code. */
  tell(
    type: EventType,
    data: Readonly<Record<string, Json>> = {},
    envelope: Envelope = {},
  ): string {
    this.#told += 1;
    const arrival = arrive(type, { id: `${type} ${this.#told}`, ...envelope }, data);
    // The consumer has followed a payment's name to its order by then.
    const isFollowed = /^(?:payment|dispute):/.test(arrival.event.key);
    const key = isFollowed ? "order:O1" : arrival.event.key;
    return this.take({ ...arrival, event: { ...arrival.event, key } });
  }

  take(arrival: Arrival): string {
    const wants = new Map<string, Want>();
    const settlement = this.#settle(arrival, wants);
    // What it has set free may want to see more.
    for (const eventId of wants.keys()) {
      if (eventId !== arrival.eventId) settleAgain(eventId, this.#desk([...wants.values()]));
    }
    if (settlement.kind === "failed") return settlement.error;
    return settlement.kind === "settled" ? this.#outcomeAt(settlement.position) : "wants";
  }

  /** Prices the sale anew; answers with what changed, or nothing where nothing did. */
  recompute(): Effects | undefined {
    const before = this.store.position();
    const want = { node: "B", at_ms: SOLD_MS };
    settleMove({ kind: "recompute", event_id: "later", want }, this.#desk([want]));
    return this.store.entries[before]?.effects;
  }

  /** How an event that the sender named so ended. */
  outcomeOf(id: string): string | undefined {
    const seen = this.store.seen("core", id);
    return seen === undefined ? undefined : this.#outcomeAt(seen.position);
  }

  get state(): OrderState {
    return readOrder(this.store.view());
  }

  get effects(): readonly Effects[] {
    return this.store.entries.map(({ effects }) => effects);
  }

  get row(): OrderRow | undefined {
    return this.effects.findLast(({ order }) => order !== undefined)?.order;
  }

  get breaks(): readonly Break[] {
    return this.effects.flatMap(({ breaks }) => breaks ?? []);
  }

  get messages(): readonly string[] {
    return this.effects.flatMap(({ messages }) => messages?.map(({ key }) => key) ?? []);
  }

  /** Account → sum of all currencies, debit above zero, without zeros. */
  get balances(): Record<string, number> {
    const sums = new Map<string, number>();
    for (const { debit, credit, amount_minor } of this.effects.flatMap((e) => e.transfers ?? [])) {
      sums.set(debit, (sums.get(debit) ?? 0) + amount_minor);
      sums.set(credit, (sums.get(credit) ?? 0) - amount_minor);
    }
    return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0));
  }

  /** `A 400-160`, of each line as it stands. */
  get lines(): readonly string[] {
    return this.state.lines.map(
      ({ distributor_id, amount_minor, reversed_minor }) =>
        `${distributor_id} ${amount_minor}-${reversed_minor}`,
    );
  }

  /** Period → distributor → [PV, CV, GV] of all steps, without zeros. */
  get volumes(): Record<string, Record<string, readonly number[]>> {
    const sums: Record<string, Record<string, number[]>> = {};
    for (const step of this.effects.flatMap(({ volumes }) => volumes ?? [])) {
      const people = (sums[step.period_id] ??= {});
      const [pv = 0, cv = 0, gv = 0] = people[step.distributor_id] ?? [];
      people[step.distributor_id] = [pv + step.pv_x100, cv + step.cv_x100, gv + step.gv_x100];
    }
    for (const [period, people] of Object.entries(sums)) {
      for (const [id, points] of Object.entries(people)) {
        if (points.every((each) => each === 0)) delete people[id];
      }
      if (Object.keys(people).length === 0) delete sums[period];
    }
    return sums;
  }

  #settle(arrival: Arrival, wants: Map<string, Want>): Settlement {
    const wanted = (eventId: string, want: Want) => wants.set(eventId, want);
    const first = settle(arrival, { ...this.#desk([]), wanted });
    return first.kind === "wants" ? settle(arrival, this.#desk([first.want])) : first;
  }

  #desk(wants: readonly Want[]) {
    const surroundings = around(this.world, wants);
    return { store: this.store, rules: orderRules, nowMs: NOW_MS, surroundings };
  }

  #outcomeAt(position: number): string {
    const { outcome, code } = this.store.entries[position - 1] ?? {};
    return code === undefined ? String(outcome) : `${outcome} ${code}`;
  }
}

/** A sale of the customer C that pays 4.00 a level by {@link PLAN}. */
export const SALE_OF_C = {
  order_id: "O1",
  currency: "USD",
  net_minor: 25_000,
  tax_minor: 0,
  shipping_minor: 0,
  amount_minor: 25_000,
  cv_x100: 20_000,
  pv_x100: 20_000,
  source_node: "C",
  order_kind: "store",
};
