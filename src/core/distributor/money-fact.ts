import { canonicalJson } from "../canonical.ts";
import type { CatalogueEvent, EventOf } from "../contracts/catalogue.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import type { Json } from "../json.ts";
import type { Line } from "../ledger/line.ts";
import type { Fact, SubjectState } from "../subject/state.ts";

/** The strict events that move money in a distributor's accounts. */
export type MoneyEvent = Extract<
  CatalogueEvent,
  {
    readonly type:
      | "commission.posted"
      | "commission.reversed"
      | "commission.released"
      | "adjustment.posted"
      | "payout.initiated"
      | "payout.settled"
      | "payout.failed";
  }
>;

/** What reconciliation corrects of a line; it has no place in a stream. */
export type CorrectionEvent = EventOf<"recon.correction">;

/** A fact's business key, and what two tellings of it must agree on. */
export interface MoneyFact {
  readonly key: string;
  readonly essence: string;
}

export const lineKey = (lineId: string): string => `line:${lineId}`;
export const releaseKey = (lineId: string): string => `release:${lineId}`;
export const payoutKey = (payoutId: string): string => `payout:${payoutId}`;
/** A prefix of its own: a payout may well be named `PO1:end`. */
const payoutEndKey = (payoutId: string): string => `payout_end:${payoutId}`;

/** A break is healed by a correction once. */
const correctionKey = (breakId: string): string => `correction:${breakId}`;

const fact = (key: string, essence: readonly Json[]): MoneyFact => ({
  key,
  essence: canonicalJson(essence),
});

/**
 * Shop, core and bank can tell one fact under several ids. The key says which fact it is; amounts,
 * currencies and what the money hangs on must agree, or it is another fact (DOMAIN «Ordering and
 * idempotency», layer 2). Lines, reversals and adjustments share one space of line ids.
 */
export function moneyFactOf(event: MoneyEvent | CorrectionEvent): MoneyFact {
  switch (event.type) {
    case "commission.posted":
      return lineFact(event);
    case "commission.reversed": {
      const { line_id, reverses_line_id, amount_minor, currency } = event.data;
      return fact(lineKey(line_id), ["reversal", reverses_line_id, amount_minor, currency]);
    }
    case "commission.released":
      return fact(releaseKey(event.data.line_id), ["release"]);
    case "adjustment.posted": {
      const { line_id, amount_minor, currency, effective_at } = event.data;
      const effectiveMs = parseInstantOrDay(effective_at) ?? null;
      return fact(lineKey(line_id), ["adjustment", amount_minor, currency, effectiveMs]);
    }
    case "payout.initiated":
      return payoutFact(event.data);
    case "payout.settled":
      return fact(payoutEndKey(event.data.payout_id), ["settled"]);
    case "payout.failed":
      return fact(payoutEndKey(event.data.payout_id), ["failed", event.data.fee_kept]);
    case "recon.correction":
      return correctionFact(event.data);
  }
}

function lineFact(event: EventOf<"commission.posted">): MoneyFact {
  const { line_id, order_id, component, level, paid_level, rate_ppm, period_id } = event.data;
  const { amount_minor, currency } = event.data;
  const place = [order_id ?? null, component, level ?? null, paid_level ?? null, rate_ppm ?? null];
  const time = [period_id, event.occurredAtMs, bucketAt(event)];
  return fact(lineKey(line_id), ["commission", ...place, ...time, amount_minor, currency]);
}

/**
 * Where a line lands: held until it is released, or payable at once where its holdback had ended by
 * the time it occurred. The wall clock has no say: a replay must end the same.
 */
export function bucketAt({
  data: { available_at },
  occurredAtMs,
}: EventOf<"commission.posted">): "held" | "available" {
  const availableMs = available_at === undefined ? undefined : parseInstantOrDay(available_at);
  return availableMs !== undefined && availableMs <= occurredAtMs ? "available" : "held";
}

function correctionFact(data: CorrectionEvent["data"]): MoneyFact {
  const { break_id, line_id, amount_minor, currency, effective_at, period_id, to } = data;
  const effectiveMs = effective_at === undefined ? null : (parseInstantOrDay(effective_at) ?? null);
  const place = [effectiveMs, period_id ?? null, to ?? null, data.line_amount_minor ?? null];
  const essence = ["correction", line_id, amount_minor, currency, ...place];
  return fact(correctionKey(break_id), essence);
}

function payoutFact(data: EventOf<"payout.initiated">["data"]): MoneyFact {
  const { payout_id, gross_minor, net_minor, fee_minor, withholding_minor, currency } = data;
  const parts = [gross_minor, net_minor, fee_minor ?? 0, withholding_minor ?? 0];
  return fact(payoutKey(payout_id), ["payout", ...parts, currency]);
}

/** Whether a fact under the name of a line is a reversal of another one, of whatever amount. */
export function isReversalOf({ essence }: Fact, lineId: string): boolean {
  // Own text: what moneyFactOf() wrote.
  const [kind, of]: readonly Json[] = JSON.parse(essence);
  return kind === "reversal" && of === lineId;
}

/** A line's fact holds the line; reversals and adjustments have line ids too, but no line. */
const lineOf = (told: Fact | undefined): Line | undefined =>
  told === undefined || told.state === "" ? undefined : parseLine(told.state);

// Own text: what the rules of money wrote.
const parseLine = (text: string): Line => JSON.parse(text);

/** The core's line of this id, as it stands. */
export const coreLineOf = (state: SubjectState, lineId: string): Line | undefined =>
  lineOf(state.fact(lineKey(lineId)));
