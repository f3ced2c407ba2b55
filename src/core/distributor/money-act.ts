import { assert } from "../assert.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import { leftOf, releaseCoreLine, reverseToldLine } from "../ledger/correction.ts";
import {
  adjust,
  type Line,
  type LineChange,
  type LineRefusal,
  postLine,
  releaseLine,
} from "../ledger/line.ts";
import { failPayout, initiatePayout, type Payout, settlePayout } from "../ledger/payout.ts";
import { bucketOf } from "../ledger/transfer.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, SubjectState, Write } from "../subject/state.ts";
import { balanceOf, readView } from "./view.ts";
import { ownLineOf, releasedByCore, supersedeOwn } from "./own-act.ts";
import {
  bucketAt,
  coreLineOf,
  lineKey,
  type MoneyEvent,
  type MoneyFact,
  payoutKey,
  releaseKey,
} from "./money-fact.ts";

export interface Told {
  readonly eventId: string;
  readonly receivedAtMs: number;
  readonly state: SubjectState;
}

/** Posts a fact nobody told before, or says why the ledger cannot take it. */
export function actOnMoney(event: MoneyEvent, fact: MoneyFact, told: Told): Act {
  switch (event.type) {
    case "commission.posted":
      return linePosted(event, fact, told);
    case "commission.reversed":
    case "commission.released":
      return lineChanged(event, fact, told);
    case "adjustment.posted":
      return adjusted(event, fact, told);
    case "payout.initiated":
      return payoutInitiated(event, fact, told);
    case "payout.settled":
    case "payout.failed":
      return payoutEnded(event, fact, told);
  }
}

type Event<Type extends MoneyEvent["type"]> = Extract<MoneyEvent, { readonly type: Type }>;

function linePosted(event: Event<"commission.posted">, fact: MoneyFact, told: Told): Act {
  const { data, occurredAtMs } = event;
  const { level, paid_level } = data;
  const line: Line = {
    line_id: data.line_id,
    distributor_id: distributorOf(event),
    order_id: data.order_id ?? null,
    component: data.component,
    level: paid_level ?? level ?? null,
    depth: level ?? null,
    rate_ppm: data.rate_ppm ?? null,
    amount_minor: data.amount_minor,
    reversed_minor: 0,
    currency: data.currency,
    state: bucketAt(event),
    period_id: data.period_id,
    effective_ms: occurredAtMs,
  };
  const { state, eventId, receivedAtMs: nowMs } = told;
  const { effects: ours, writes } = supersedeOwn(line, { state, eventId, nowMs });
  const posted = postedLine(line, state);
  return {
    kind: "effect",
    effects: {
      // Ours first: under one name the last one counts, and that is the core's.
      lines: [...(ours.lines ?? []), posted.line],
      transfers: [...(ours.transfers ?? []), ...posted.transfers],
      ...(ours.breaks === undefined || ours.breaks.length === 0 ? {} : { breaks: ours.breaks }),
    },
    writes: [tell(fact, told, stateOf(posted.line)), ...writes],
  };
}

/** Payable at once where its release came first, and was applied to the line of ours of its name. */
function postedLine(line: Line, state: SubjectState): LineChange {
  const posted = postLine(line);
  if (state.fact(releaseKey(line.line_id)) === undefined) return posted;
  const released = releaseLine(posted.line);
  assert(typeof released === "object", `Line ${line.line_id} was posted, and cannot be released`);
  return { line: released.line, transfers: [...posted.transfers, ...released.transfers] };
}

function lineChanged(
  event: Event<"commission.reversed" | "commission.released">,
  fact: MoneyFact,
  told: Told,
): Act {
  const reversal = event.type === "commission.reversed" ? event.data : undefined;
  const lineId = reversal?.reverses_line_id ?? event.data.line_id;
  const line = coreLineOf(told.state, lineId);
  if (line === undefined) return ownChanged(event, lineId, { fact, told });

  const change =
    reversal === undefined
      ? releaseCoreLine(line)
      : reverseToldLine(line, { ...reversal, occurred_ms: event.occurredAtMs });
  return typeof change === "string" ? refusal(change, line) : changedLine(change, fact, told);
}

/** A line of the core's as a fact left it; one that was told before stays as it was told. */
export function changedLine({ line, transfers }: LineChange, fact: MoneyFact, told: Told): Act {
  const key = lineKey(line.line_id);
  const posted = told.state.fact(key);
  const writes: readonly Write[] =
    posted === undefined ? [] : [{ put: "fact", key, fact: { ...posted, state: stateOf(line) } }];
  const news = told.state.fact(fact.key) === undefined ? [tell(fact, told, "")] : [];
  return { kind: "effect", effects: { lines: [line], transfers }, writes: [...writes, ...news] };
}

/** The core speaks of a line that is ours, unless it means one of its own that is still to come. */
function ownChanged(
  { type }: Event<"commission.reversed" | "commission.released">,
  lineId: string,
  { fact, told }: { readonly fact: MoneyFact; readonly told: Told },
): Act {
  const own = ownLineOf(told.state, lineId);
  if (own === undefined) return missing("line", lineId, lineKey(lineId));
  if (type === "commission.reversed") return notTheCores("line_of_gateway", lineId);
  if (own.provisional === true) return notTheCores("line_provisional", lineId);
  const { effects, writes } = releasedByCore(own, told);
  return { kind: "effect", effects, writes: [...writes, tell(fact, told, "")] };
}

function adjusted(event: Event<"adjustment.posted">, fact: MoneyFact, told: Told): Act {
  const { data, occurredAtMs } = event;
  const effective_ms = parseInstantOrDay(data.effective_at) ?? occurredAtMs;
  const effects: Effects = {
    effective_ms,
    transfers: adjust({ ...data, distributor_id: distributorOf(event) }),
  };
  return { kind: "effect", effects, writes: [tell(fact, told, "")] };
}

function payoutInitiated(event: Event<"payout.initiated">, fact: MoneyFact, told: Told): Act {
  const { data } = event;
  const payout: Payout = {
    payout_id: data.payout_id,
    distributor_id: distributorOf(event),
    gross_minor: data.gross_minor,
    net_minor: data.net_minor,
    fee_minor: data.fee_minor ?? 0,
    withholding_minor: data.withholding_minor ?? 0,
    currency: data.currency,
  };
  const breaks = overdrawn(payout, told.state);
  return {
    kind: "effect",
    effects: { transfers: initiatePayout(payout), ...(breaks.length > 0 ? { breaks } : {}) },
    writes: [tell(fact, told, JSON.stringify(payout))],
  };
}

/** P9: a payout the core has started is a fact; that it exceeds what was payable is for a person. */
function overdrawn(payout: Payout, state: SubjectState): readonly Break[] {
  const account = bucketOf(payout.distributor_id, "available");
  const payable = -balanceOf(readView(state.view()), account, payout.currency);
  if (payable >= BigInt(payout.gross_minor)) return [];
  return [
    {
      break_id: `PAYOUT_ABOVE_AVAILABLE:${payout.payout_id}`,
      class: "PAYOUT_ABOVE_AVAILABLE",
      reference: payout.payout_id,
      detail: `Payout of ${payout.gross_minor} ${payout.currency}, payable were ${payable}`,
    },
  ];
}

function payoutEnded(
  event: Event<"payout.settled" | "payout.failed">,
  fact: MoneyFact,
  told: Told,
): Act {
  const { payout_id } = event.data;
  const payout = payoutOf(told.state.fact(payoutKey(payout_id)));
  if (payout === undefined) return missing("payout", payout_id, payoutKey(payout_id));
  const transfers =
    event.type === "payout.settled"
      ? settlePayout(payout)
      : failPayout(payout, event.data.fee_kept);
  return { kind: "effect", effects: { transfers }, writes: [tell(fact, told, "")] };
}

/** Some of these events name their distributor in the key alone: `dist:{distributor_id}`. */
const distributorOf = ({ key }: MoneyEvent): string => key.slice("dist:".length);

export const tell = ({ key, essence }: MoneyFact, { eventId }: Told, state: string): Write => ({
  put: "fact",
  key,
  fact: { essence, eventId, state },
});

const stateOf = (line: Line): string => JSON.stringify(line);

const payoutOf = (fact: Fact | undefined): Payout | undefined =>
  fact === undefined ? undefined : parsePayout(fact.state);

// Own text: what payoutInitiated() wrote.
const parsePayout = (text: string): Payout => JSON.parse(text);

/** What is told of has not arrived: applied by itself once `needs` has. */
export const missing = (what: "line" | "payout", id: string, needs: string): Act => ({
  kind: "impossible",
  code: `${what}_unknown`,
  reason: `No ${what} "${id}" is known here; applied by itself should it still arrive`,
  needs,
});

const NOT_THE_CORES = {
  line_of_gateway:
    "is the gateway's own, and taken back by the refund or dispute of its order alone",
  line_provisional: "is provisional, and pays nobody before the core has posted its own",
} as const;

/** DOMAIN §3.3 «Who reverses»: what the gateway counts itself is not changed by others. */
export const notTheCores = (code: keyof typeof NOT_THE_CORES, lineId: string): Act => ({
  kind: "impossible",
  code,
  reason: `Line "${lineId}" ${NOT_THE_CORES[code]}; applied by itself should the core post a line of this name`,
  needs: lineKey(lineId),
});

const REFUSALS = {
  line_not_held: ({ state }: Line) => `the line is ${state}`,
  reversal_exceeds_line: (line: Line) =>
    `${line.suspense?.amount_minor ?? leftOf(line)} ${line.currency} are left of the line`,
  currency_mismatch: ({ currency }: Line) => `the line is in ${currency}`,
} satisfies Record<LineRefusal, (line: Line) => string>;

export const refusal = (code: LineRefusal, line: Line): Act => ({
  kind: "impossible",
  code,
  reason: `Cannot change line "${line.line_id}": ${REFUSALS[code](line)}`,
});
