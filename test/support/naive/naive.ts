import type { Plan } from "#src/core/plans/plan.ts";
import { type Balances, Book } from "./book.ts";
import { companyOf } from "./company.ts";
import { coreOf, countPayouts } from "./core-stream.ts";
import type { Count, Mode } from "./count.ts";
import { Held, type PlainEvent, readEvents } from "./event.ts";
import { countLines, type NaiveLine, type OrderBreakage } from "./lines.ts";
import { type Confirmations, countSales } from "./sales.ts";
import { countVolumes, type Volumes } from "./volumes.ts";

export interface NaiveInput {
  readonly tenant: string;
  readonly mode: Mode;
  /** Versions of one plan. */
  readonly plans: readonly Plan[];
  /** In any order, with repeats. */
  readonly events: readonly PlainEvent[];
  /**
   * Ids in the order of arrival; by default that of `events`. It decides only which of several
   * payments of an order is the first, and which of returns that exceed a sale together stand.
   */
  readonly arrivals?: readonly string[];
}

export interface NaiveResult {
  /** By currency and account, debit above zero, without zeros. */
  readonly balances: Balances;
  /** By id. */
  readonly lines: readonly NaiveLine[];
  readonly breakage: readonly OrderBreakage[];
  /** `gv_x100` as the tree is now: a move told of after a sale may have left it as it was. */
  readonly volumes: Volumes;
  /** By event id: the states in which it may end, where it ends without effect. */
  readonly held: Readonly<Record<string, readonly string[]>>;
  /** By payment id: how many confirmations there may be. */
  readonly confirmations: Confirmations;
  /** Why another order of arrival may end otherwise; empty where none does. */
  readonly doubts: readonly string[];
}

/**
 * What a company's books say after some events, by DOMAIN §2 to §5 and DESIGN §14 alone: all facts
 * at once, as if there were no arrival and no clock. Nothing is released, voided or run by time.
 */
export function naive({ tenant, mode, plans, events, arrivals }: NaiveInput): NaiveResult {
  const read = readEvents(events, tenant);
  const held = new Held();
  const book = new Book();
  const doubts: string[] = [];
  const order = arrivals ?? read.map(({ id }) => id);
  const count: Count = {
    mode,
    plans,
    events: read,
    company: companyOf(read, held),
    book,
    held,
    arrival: (ids) => Math.min(...ids.map((id) => order.indexOf(id)).filter((at) => at >= 0)),
    doubt: (why) => doubts.push(why),
  };
  const { sales, confirmations } = countSales(count);
  const core = coreOf(count);
  const { lines, breakage } = countLines(count, core, sales);
  countPayouts(count, core);
  return {
    balances: book.balances(),
    lines,
    breakage,
    volumes: countVolumes(count, sales),
    held: held.all(),
    confirmations,
    doubts,
  };
}
