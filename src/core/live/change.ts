import { amountOf } from "../amount.ts";
import { formatInstant } from "../contracts/instant.ts";
import { isPast } from "../distributor/estimate.ts";
import { statusOf } from "../distributor/status.ts";
import { type DistributorView, readView } from "../distributor/view.ts";
import type { Line } from "../ledger/line.ts";
import { periodAt } from "../plans/period.ts";
import type { PeriodRule } from "../plans/plan.ts";
import type { LogRow } from "../subject/chain.ts";
import type { Effects, Entry, Standing } from "../subject/entry.ts";
import { placeId } from "./place.ts";

/** What one client is shown of a distributor, beside its status. */
export interface Sight {
  readonly distributorId: string;
  readonly lines: boolean;
  readonly transfers: boolean;
  /** It sees the whole name, which only a read can open; otherwise the masked one is sent. */
  readonly names: boolean;
  /** It may see who is below. */
  readonly below: boolean;
  /** How the tenant's first plan cuts periods: volumes of a past one are shown by nobody. */
  readonly rule?: PeriodRule;
}

/** A distributor as its object has it when a message is made. */
export interface Seen {
  readonly view: string | undefined;
  readonly displayName: string | undefined;
  readonly nowMs: number;
}

/**
 * What some rows of a distributor's log changed, as one message: `set` are members of the status as
 * they are now, `stale` those that only another read can tell. Every row belongs to one message, so
 * whoever has all messages has every change; where several follow at once, the first may show what
 * the last has made of a member.
 */
export function changeOf(
  after: number,
  rows: readonly [LogRow, ...LogRow[]],
  seen: Seen,
  sight: Sight,
) {
  const last = rows.at(-1) ?? rows[0];
  const told = rows.map((row) => ({ row, entry: parseEntry(row.entry) }));
  const effects = told.map(({ entry }) => entry.effects);
  return {
    type: "change",
    id: placeId(last),
    after,
    position: last.position,
    as_of: formatInstant(parseEntry(last.entry).recorded_ms),
    ...touched(effects, { position: last.position, seen, sight }),
    ...(sight.lines ? { lines: linesOf(effects) } : {}),
    ...(sight.transfers ? { transfers: told.flatMap(transfersOf) } : {}),
  } as const;
}

// Own text: what the object's store wrote.
const parseEntry = (text: string): Entry => JSON.parse(text);

interface Looked {
  readonly position: number;
  readonly seen: Seen;
  readonly sight: Sight;
}

function touched(effects: readonly Effects[], { position, seen, sight }: Looked) {
  const kinds = new Set(effects.flatMap(({ standings = [] }) => standings.map(({ kind }) => kind)));
  const view = readView(seen.view);
  const { distributorId } = sight;
  const { nowMs, displayName: name } = seen;
  const source = { distributorId, view, name, frontline: undefined, position, nowMs };
  const status = statusOf({ ...source, asOfMs: nowMs, seesBelow: sight.below });
  const isEnrolled = kinds.has("enrolment");
  const volume = kinds.has("volume") ? volumeShown(view, seen, sight) : undefined;
  const set = {
    ...(isEnrolled ? enrolmentOf(status, sight) : {}),
    ...(isEnrolled || kinds.has("status") ? { status: status.status } : {}),
    ...(kinds.has("rank") ? { ranks: status.ranks } : {}),
    ...(volume === undefined ? {} : { volumes: status.volumes }),
    ...(effects.some(({ transfers = [] }) => transfers.length > 0)
      ? { balances: status.balances }
      : {}),
  };
  return { set, stale: staleOf(view, { isEnrolled, sight, isCounted: volume !== undefined }) };
}

type Status = ReturnType<typeof statusOf>;

function enrolmentOf({ name, ...status }: Status, { names }: Sight) {
  const { sponsor_id, placement_id, leg, joined_at } = status;
  const country = "country" in status ? { country: status.country } : {};
  return { ...(names ? {} : { name }), ...country, sponsor_id, placement_id, leg, joined_at };
}

/** The core's volumes, unless a read would show what was counted in the running period. */
function volumeShown({ volume }: DistributorView, { nowMs }: Seen, { rule }: Sight) {
  if (volume === undefined || rule === undefined) return volume;
  return isBefore(volume, rule, nowMs) ? undefined : volume;
}

const isBefore = (volume: Standing, rule: PeriodRule, nowMs: number): boolean =>
  isPast(volume, { rule, period: periodAt(rule, nowMs), ranks: [] });

interface Known {
  readonly isEnrolled: boolean;
  readonly isCounted: boolean;
  readonly sight: Sight;
}

/** A whole name lies sealed; a rank that nobody told is estimated from volumes by the plan's rules. */
function staleOf({ rank }: DistributorView, { isEnrolled, isCounted, sight }: Known) {
  const isEstimated = isCounted && rank === undefined && sight.rule !== undefined;
  return [...(isEnrolled && sight.names ? ["name"] : []), ...(isEstimated ? ["ranks"] : [])];
}

/** Each line that was touched, once, as it stands after the last row; as `GET …/lines` shows it. */
function linesOf(effects: readonly Effects[]) {
  const lines = new Map<string, Line>();
  for (const line of effects.flatMap((effect) => effect.lines ?? [])) {
    lines.delete(line.line_id);
    lines.set(line.line_id, line);
  }
  return [...lines.values()].map((line) => ({
    line_id: line.line_id,
    distributor_id: line.distributor_id,
    order_id: line.order_id,
    component: line.component,
    level: line.level,
    depth: line.depth,
    rate_ppm: line.rate_ppm,
    amount_minor: line.amount_minor,
    reversed_minor: line.reversed_minor,
    currency: line.currency,
    state: line.state,
    period_id: line.period_id,
    effective_at: formatInstant(line.effective_ms),
  }));
}

/** As `GET …/ledger` shows them. */
function transfersOf({ row, entry }: { readonly row: LogRow; readonly entry: Entry }) {
  const { effects, event, cause, recorded_ms } = entry;
  const effectiveMs =
    effects.effective_ms ?? event?.occurred_ms ?? cause?.occurred_ms ?? recorded_ms;
  return (effects.transfers ?? []).map((transfer) => ({
    position: row.position,
    rule: transfer.rule,
    debit: transfer.debit,
    credit: transfer.credit,
    amount: amountOf(BigInt(transfer.amount_minor), transfer.currency),
    reference: transfer.reference,
    event_id: event?.event_id ?? cause?.event_id ?? null,
    effective_at: formatInstant(effectiveMs),
    recorded_at: formatInstant(recorded_ms),
  }));
}
