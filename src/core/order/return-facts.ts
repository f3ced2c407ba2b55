import type { Fact, SubjectState, Write } from "../subject/state.ts";
import { type ReturnEvent, returnIdOf } from "./return-of.ts";
import type { OrderState, Parts, Return } from "./state.ts";
import { disputeKey, partsTold, refundKey, ROOM, tell } from "./told.ts";

/** What the fact of a refund or dispute keeps for its end. */
export interface Taken {
  readonly payment_id: string;
  readonly currency: string;
  /** What it took when it was applied: nothing, where its end was here before it. */
  readonly amount_minor: number;
  readonly fee_minor: number;
  /** As its first telling had them. Its order has the newest of those of a return that it keeps. */
  readonly parts?: Parts | null;
}

export const takenBy = ({ type, data }: ReturnEvent): Taken => ({
  payment_id: data.payment_id,
  currency: data.currency,
  amount_minor: data.amount_minor,
  fee_minor: type === "chargeback.opened" ? data.fee_minor : 0,
  parts: partsTold(data),
});

/** What the fact of a return keeps, as JSON. */
export const takenText = (event: ReturnEvent, amount_minor: number): string =>
  JSON.stringify({ ...takenBy(event), amount_minor } satisfies Taken);

// Own text: what takenText() wrote.
export const readTaken = ({ state }: Fact): Taken => JSON.parse(state);

/** The fact that a return is. */
export const returnKeyOf = (event: ReturnEvent): string =>
  event.type === "refund.completed" ? refundKey(returnIdOf(event)) : disputeKey(returnIdOf(event));

/** What the fact of an end keeps. */
export interface Over {
  /** As of when it was posted; absent where an older version kept none. */
  readonly ended_ms?: number;
  /** What of a dispute's fee it gave back; absent where an older version kept the time alone. */
  readonly fee_refunded_minor?: number;
}

export const overText = (over: Required<Over>): string => JSON.stringify(over);

// Own text: what overText() wrote.
export const readOver = ({ state }: Fact): Over => (state === "" ? {} : JSON.parse(state));

/** The facts that a return of an order and its end are. */
export const keysOf = ({ kind, id }: Return): { readonly own: string; readonly end: string } => ({
  own: kind === "refund" ? refundKey(id) : disputeKey(id),
  end: `${kind}_end:${id}`,
});

/** Of all payments of an order. */
export const returnsIn = ({ returns, extras }: OrderState): readonly Return[] => [
  ...returns,
  ...extras.flatMap((extra) => extra.returns ?? []),
];

/** The parts of a return that is known already; nothing where only its amount was told. */
export function partsKnown({ kind, id }: Return, order: OrderState, fact: Fact): Parts | undefined {
  const one = returnsIn(order).find((each) => each.kind === kind && each.id === id);
  return one?.parts ?? readTaken(fact).parts ?? undefined;
}

/**
 * Returns with the parts that they were told with. An older version gave those up for good that did
 * not fit their sale for a moment: their facts have them.
 */
export const withPartsTold = (returns: readonly Return[], state: SubjectState): readonly Return[] =>
  returns.map((one) => {
    const fact = one.parts === null ? state.fact(keysOf(one).own) : undefined;
    const parts = fact === undefined ? undefined : readTaken(fact).parts;
    return parts == null ? one : { ...one, parts };
  });

/** What did not fit may fit now, and is tried again. */
export const roomFor = (state: SubjectState, eventId: string): readonly Write[] =>
  state.waitingFor(ROOM).length === 0 ? [] : [tell({ key: ROOM, essence: "" }, eventId)];
