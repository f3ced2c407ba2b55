import fc from "fast-check";
import type { Plan } from "#src/core/plans/plan.ts";
import type { Mode } from "../naive/count.ts";
import type { PlainEvent } from "../naive/event.ts";
import { naive } from "../naive/naive.ts";
import { buildCompany, companyDraft } from "./company.ts";
import { coreDraft, coreEvents } from "./core.ts";
import { type Of, rarely, shuffledItems } from "./pick.ts";
import { planDraft, plansOf } from "./plan.ts";
import { orphan, saleDraft, saleEvents } from "./sales.ts";

export const TENANT = "acme";

/** What happened to a whole company, and what its senders told of it. */
export interface History {
  readonly tenant: string;
  readonly mode: Mode;
  readonly plans: readonly Plan[];
  /** Each once. In whatever order they arrive, the end is the same, but for {@link first}. */
  readonly events: readonly PlainEvent[];
  /** The same again, under their own ids or under others. */
  readonly repeats: readonly PlainEvent[];
  /**
   * Ids that have to arrive before all others: who hangs where and stands how, in companies that
   * pay at once. A line that is available already is not computed again.
   */
  readonly first: ReadonlySet<string>;
  /** A move told of after a sale may leave GV where the sale found it. */
  readonly hasMoves: boolean;
}

/** Leaves parts out, for tests of a part of the ledger. */
export interface HistoryOptions {
  readonly modes?: readonly [Mode, ...Mode[]];
  /** At most so many sales; 6 by default. */
  readonly sales?: number;
  /** Without what the core tells of its own. */
  readonly isWithoutCore?: boolean;
}

const draftOf = ({ modes = ["mirror", "gateway_final"], sales = 6 }: HistoryOptions) =>
  fc.record({
    mode: fc.constantFrom(...modes),
    plan: planDraft,
    company: companyDraft,
    sales: fc.array(saleDraft, { minLength: 1, maxLength: sales }),
    core: coreDraft,
    hasOrphan: rarely(10),
    repeated: fc.array(fc.nat({ max: 9 }), { minLength: 12, maxLength: 12 }),
  });

/** Random companies whose facts do not contradict each other. */
export const histories = (options: HistoryOptions = {}): fc.Arbitrary<History> =>
  draftOf(options).map((draft) => build(draft, options));

function build(draft: Of<ReturnType<typeof draftOf>>, options: HistoryOptions): History {
  const company = buildCompany(draft.company, draft.plan);
  const plans = plansOf(draft.plan, {
    width: company.width,
    hasCustomers: company.customers.length > 0,
    isIncomplete: company.missing !== undefined,
  });
  const sales = draft.sales.flatMap((sale, nth) => saleEvents(sale, nth, company));
  const told = [...company.events, ...sales, ...(draft.hasOrphan ? [orphan()] : [])];
  const given = { tenant: TENANT, mode: draft.mode, plans };
  const core = options.isWithoutCore
    ? []
    : coreEvents(draft.core, {
        mode: draft.mode,
        lines: naive({ ...given, events: told }).lines,
        people: company.ids.filter((id) => id !== company.missing),
      });
  const events = [...told, ...core];
  const paysAtOnce =
    draft.mode === "gateway_final" && (draft.plan.paysAtOnce || core.some(freesOurs));
  return {
    ...given,
    events,
    repeats: events.flatMap((event, i) => repeat(event, draft.repeated[i % 12] ?? 0)),
    first: new Set(paysAtOnce ? company.events.map(({ id }) => id) : []),
    hasMoves: company.hasMoves,
  };
}

/** Our own lines are named for their order. */
const freesOurs = ({ type, data: { line_id } }: PlainEvent): boolean =>
  type === "commission.released" && typeof line_id === "string" && line_id.startsWith("O");

function repeat(event: PlainEvent, how: number): PlainEvent[] {
  if (how === 0) return [event];
  return how === 1 ? [{ ...event, id: `${event.id}~` }] : [];
}

/** The events of a history with their repeats, in an order in which they may arrive. */
export const shuffled = ({ events, repeats, first }: History): fc.Arbitrary<PlainEvent[]> => {
  const all = [...events, ...repeats];
  const isFirst = ({ id }: PlainEvent) => first.has(id.replace("~", ""));
  return fc
    .tuple(
      shuffledItems(all.filter(isFirst)),
      shuffledItems(all.filter((event) => !isFirst(event))),
    )
    .map(([before, after]) => [...before, ...after]);
};
