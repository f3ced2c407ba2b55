import { asOf, signedTransfer, type Transfer } from "../ledger/transfer.ts";
import { postFee, postSale, postUnapplied } from "./posting.ts";
import type { Extra, OrderState, PaymentKept } from "./state.ts";
import { moneyTaken, postTakings } from "./takings.ts";

/**
 * All that the payments of an order and their returns come to in the ledger, each as of its own time
 * (P1, P2, P6, P7, P13). Fees of disputes are not among it, nor what an older version dated itself.
 */
function bookedOf({ sale, returns, extras }: OrderState): readonly Transfer[] {
  return [
    ...(sale === undefined
      ? []
      : [
          ...asOf(sale.paid_ms, postSale({ ...sale, fee_minor: null })),
          ...feeOf(sale),
          ...postTakings(sale, returns),
        ]),
    ...extras.flatMap(moneyOf),
  ];
}

function feeOf({ payment_id: reference, currency, fee_minor, fee_ms }: PaymentKept) {
  return fee_ms === undefined
    ? []
    : asOf(fee_ms, postFee({ amount_minor: fee_minor ?? 0, currency, reference }));
}

function moneyOf(extra: Extra): readonly Transfer[] {
  const { payment_id: reference, currency, amount_minor, paid_ms, returns = [] } = extra;
  const money = postUnapplied({ amount_minor, currency, reference });
  return [
    ...(paid_ms === undefined ? money : asOf(paid_ms, money)),
    ...feeOf(extra),
    ...moneyTaken(returns).flatMap(({ at_ms, id, minor }) =>
      asOf(at_ms, postUnapplied({ amount_minor: -minor, currency, reference: id })),
    ),
  ];
}

/**
 * What has to be posted so that the ledger has the one where it had the other. What takes effect
 * with the entry itself bears no date; nor does what nobody has dated.
 */
export function rebooked(
  before: OrderState,
  after: OrderState,
  entryMs: number,
): readonly Transfer[] {
  const sums = new Map<string, Transfer>();
  const add = ({ effective_ms = entryMs, ...transfer }: Transfer, sign: 1 | -1) => {
    const { rule, currency, reference, amount_minor } = transfer;
    const [debit = "", credit = ""] = [transfer.debit, transfer.credit].toSorted();
    const name = JSON.stringify([rule, debit, credit, currency, reference, effective_ms]);
    const minor = (debit === transfer.debit ? sign : -sign) * amount_minor;
    const sum = (sums.get(name)?.amount_minor ?? 0) + minor;
    sums.set(name, { ...transfer, debit, credit, amount_minor: sum, effective_ms });
  };
  for (const transfer of bookedOf(after)) add(transfer, 1);
  for (const transfer of bookedOf(before)) add(transfer, -1);
  return [...sums.values()].flatMap(({ effective_ms = entryMs, ...transfer }) => {
    const posted = signedTransfer(transfer);
    return effective_ms === entryMs ? posted : asOf(effective_ms, posted);
  });
}
