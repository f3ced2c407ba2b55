import { asOf, opposite, type Transfer } from "../ledger/transfer.ts";
import type { PeriodRule } from "../plans/plan.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { isEarlier, periodsAt } from "./earlier.ts";
import { postDisputeFee } from "./posting.ts";
import { keysOf, overText, readOver, readTaken, withPartsTold } from "./return-facts.ts";
import { takenBack } from "./returned.ts";
import { NOTHING, type OrderState, type Return } from "./state.ts";

/** An order whose sale is another one, or counts by other plans, and what moves besides for that. */
export interface Recounted {
  readonly order: OrderState;
  /** Fees of disputes, which {@link rebooked} does not know. */
  readonly transfers: readonly Transfer[];
  readonly writes: readonly Write[];
}

interface Place {
  readonly state: SubjectState;
  readonly rules: readonly PeriodRule[];
}

/**
 * The order with its returns as they count for the sale that it has now: as of the earliest times
 * that were told of them, where plans see a difference by now that they did not see before, and in
 * the parts that they were told with, as far as those fit.
 */
export function recounted(
  order: OrderState,
  { state, around }: { readonly state: SubjectState; readonly around: Surroundings | undefined },
): Recounted {
  const { sale } = order;
  if (sale === undefined) return { order, transfers: [], writes: [] };
  const place = { state, rules: periodsAt(sale, around) };
  const transfers: Transfer[] = [];
  const writes: Write[] = [];
  const recount = (returns: readonly Return[]) =>
    withPartsTold(returns, state).map((one) => {
      const steps = [begunEarlier, endedEarlier];
      return steps.reduce((each, step) => {
        const redated = step(each, place);
        if (redated === undefined) return each;
        transfers.push(...redated.transfers);
        writes.push(...redated.writes);
        return redated.one;
      }, one);
    });
  const returns = recount(order.returns);
  const extras = order.extras.map((extra) =>
    extra.returns === undefined ? extra : { ...extra, returns: recount(extra.returns) },
  );
  const returned = takenBack(sale, returns) ?? NOTHING;
  return { order: { ...order, returns, extras, returned }, transfers, writes };
}

interface Redated extends Omit<Recounted, "order"> {
  readonly one: Return;
}

function begunEarlier(from: Return, { state, rules }: Place): Redated | undefined {
  const { told_ms, ...rest } = from;
  if (told_ms === undefined || !isEarlier(told_ms, from.occurred_ms, rules)) return undefined;
  const fact = state.fact(keysOf(from).own);
  const taken = fact === undefined ? undefined : readTaken(fact);
  const transfers =
    taken === undefined
      ? []
      : feeMoved(from, { ...taken, from_ms: from.occurred_ms, to_ms: told_ms });
  return { one: { ...rest, occurred_ms: told_ms }, transfers, writes: [] };
}

function endedEarlier(from: Return, { state, rules }: Place): Redated | undefined {
  const { ended_told_ms: to_ms, ...rest } = from;
  const { own, end } = keysOf(from);
  const [begun, ended] = [state.fact(own), state.fact(end)];
  if (to_ms === undefined || begun === undefined || ended === undefined) return undefined;
  const { ended_ms: from_ms, fee_refunded_minor = 0 } = readOver(ended);
  if (from_ms === undefined || !isEarlier(to_ms, from_ms, rules)) return undefined;
  const { currency } = readTaken(begun);
  const fact = { ...ended, state: overText({ ended_ms: to_ms, fee_refunded_minor }) };
  return {
    one: from.undone ? { ...rest, ended_ms: to_ms } : rest,
    transfers: feeMoved(from, { currency, fee_minor: -fee_refunded_minor, from_ms, to_ms }),
    writes: [{ put: "fact", key: end, fact }],
  };
}

interface FeeMoved {
  readonly currency: string;
  readonly fee_minor: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

function feeMoved({ id }: Return, { currency, fee_minor, from_ms, to_ms }: FeeMoved) {
  const fee = postDisputeFee({ currency, reference: id, amount_minor: fee_minor });
  return [...asOf(to_ms, fee), ...asOf(from_ms, opposite(fee))];
}
