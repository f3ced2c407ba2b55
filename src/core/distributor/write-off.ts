import { BAD_DEBT, bucketOf, receivableOf, transferOf } from "../ledger/transfer.ts";
import type { Move } from "../subject/move.ts";
import type { Moved } from "../subject/rules.ts";
import type { SubjectState } from "../subject/state.ts";
import { balanceOf, readView } from "./view.ts";

type WriteOff = Extract<Move, { readonly kind: "write_off" }>;

/**
 * P14: the debt of somebody who left is moved out of the payable balance for collection, and what
 * cannot be collected becomes a loss. Never more than is owed; the same act again is nothing.
 */
export function writtenOff(move: WriteOff, state: SubjectState, nowMs: number): Moved | undefined {
  const key = `write_off:${move.act_id}`;
  const view = readView(state.view());
  if (state.fact(key) !== undefined) return undefined;
  const payable = bucketOf(move.distributor_id, "available");
  const receivable = receivableOf(move.distributor_id);
  const isFirst = move.step === "receivable";
  const owed = balanceOf(view, isFirst ? payable : receivable, move.currency);
  const amount = owed < BigInt(move.amount_minor) ? owed : BigInt(move.amount_minor);
  if (amount <= 0n) return undefined;
  const transfers = transferOf({
    rule: "P14",
    debit: isFirst ? receivable : BAD_DEBT,
    credit: isFirst ? payable : receivable,
    amount_minor: Number(amount),
    currency: move.currency,
    reference: move.act_id,
  });
  return {
    cause: { kind: "act", event_id: move.act_id, occurred_ms: nowMs },
    effects: { transfers },
    writes: [{ put: "fact", key, fact: { essence: "", eventId: move.act_id, state: "" } }],
  };
}
