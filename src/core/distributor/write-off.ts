import { canonicalJson } from "../canonical.ts";
import { BAD_DEBT, bucketOf, receivableOf, transferOf } from "../ledger/transfer.ts";
import type { Move } from "../subject/move.ts";
import type { Moved } from "../subject/rules.ts";
import type { Fact, SubjectState } from "../subject/state.ts";
import { balanceOf, type DistributorView, readView, statusAt } from "./view.ts";

type WriteOff = Extract<Move, { readonly kind: "write_off" }>;

/** Why nothing is written off. */
export type WriteOffRefusal = "not_terminated" | "nothing_owed";

/** What there is to write off, and what of it this act would. Minor units; debts are above zero. */
export interface WriteOffJudged {
  readonly owed_minor: bigint;
  readonly amount_minor: bigint;
  readonly refusal?: WriteOffRefusal;
}

/** What became of an act, as its fact keeps it. */
export interface WriteOffDone {
  readonly amount_minor: number;
  readonly refusal?: WriteOffRefusal;
}

export const writeOffKey = (actId: string): string => `write_off:${actId}`;

/** What two tellings of one act must agree on. */
export const writeOffEssence = ({
  step,
  currency,
  amount_minor,
}: Pick<WriteOff, "step" | "currency" | "amount_minor">): string =>
  canonicalJson([step, currency, amount_minor]);

// Own text: what writtenOff() wrote.
export const readWriteOff = ({ state }: Fact): WriteOffDone => JSON.parse(state);

/**
 * P14: the debt of somebody who left is moved out of the payable balance for collection, and what
 * cannot be collected becomes a loss. Never more than there is. Whoever has not left pays his debt
 * from what he earns; what was moved out before he came back can still be lost.
 */
export function judgeWriteOff(
  view: DistributorView,
  { distributor_id, step, currency, amount_minor }: Omit<WriteOff, "kind" | "act_id">,
  nowMs: number,
): WriteOffJudged {
  const isFirst = step === "receivable";
  const account = isFirst ? bucketOf(distributor_id, "available") : receivableOf(distributor_id);
  const balance = balanceOf(view, account, currency);
  const owed_minor = balance > 0n ? balance : 0n;
  const asked = BigInt(amount_minor);
  if (isFirst && statusAt(view, nowMs) !== "terminated") {
    return { owed_minor, amount_minor: 0n, refusal: "not_terminated" };
  }
  if (owed_minor === 0n) return { owed_minor, amount_minor: 0n, refusal: "nothing_owed" };
  return { owed_minor, amount_minor: owed_minor < asked ? owed_minor : asked };
}

/**
 * The same act again is nothing, and an act that found no debt stays one that found none: delivered
 * once more, it must not write off what is owed only since.
 */
export function writtenOff(move: WriteOff, state: SubjectState, nowMs: number): Moved | undefined {
  const key = writeOffKey(move.act_id);
  if (state.fact(key) !== undefined) return undefined;
  const { amount_minor, refusal } = judgeWriteOff(readView(state.view()), move, nowMs);
  const receivable = receivableOf(move.distributor_id);
  const isFirst = move.step === "receivable";
  const transfers = transferOf({
    rule: "P14",
    debit: isFirst ? receivable : BAD_DEBT,
    credit: isFirst ? bucketOf(move.distributor_id, "available") : receivable,
    amount_minor: Number(amount_minor),
    currency: move.currency,
    reference: move.act_id,
  });
  const done: WriteOffDone = {
    amount_minor: Number(amount_minor),
    ...(refusal === undefined ? {} : { refusal }),
  };
  const fact: Fact = {
    essence: writeOffEssence(move),
    eventId: move.act_id,
    state: JSON.stringify(done),
  };
  return {
    cause: { kind: "act", event_id: move.act_id, occurred_ms: nowMs },
    effects: transfers.length === 0 ? {} : { transfers },
    writes: [{ put: "fact", key, fact }],
  };
}
