import { formatInstant } from "../../core/contracts/instant.ts";
import { GENESIS } from "../../core/subject/chain.ts";
import { type Entry, HELD_OUTCOMES } from "../../core/subject/entry.ts";
import type { MirrorTail } from "../mirror.ts";

/**
 * The rows one batch hands to D1, each list as one JSON parameter of one statement. `t`, `s`, `p`
 * are tenant, subject and position: what the fence looks at.
 */
export interface MirrorRows {
  readonly tails: object[];
  readonly events: object[];
  readonly held: object[];
  readonly released: object[];
  readonly transfers: object[];
  readonly days: object[];
  readonly lines: object[];
  readonly standings: object[];
  readonly frontlines: object[];
  readonly gaps: object[];
  readonly breaks: object[];
}

interface Place {
  readonly t: string;
  readonly s: string;
  readonly p: number;
}

/** Lays out tails as rows. A sender's id that occurs twice among them is in the index once. */
export function mirrorRows(tails: readonly MirrorTail[]): MirrorRows {
  const rows: MirrorRows = {
    tails: [],
    events: [],
    held: [],
    released: [],
    transfers: [],
    days: [],
    lines: [],
    standings: [],
    frontlines: [],
    gaps: [],
    breaks: [],
  };
  const firsts = new Map<string, string>();
  for (const tail of tails) layTail(rows, tail, firsts);
  return rows;
}

function layTail(rows: MirrorRows, tail: MirrorTail, firsts: Map<string, string>): void {
  const { tenant: t, subject: s, base } = tail;
  const hashes: Record<string, string> = { [base.position]: base.head };
  const lines = new Map<string, object>();
  let last = { p: base.position, e: base.position === 0 ? GENESIS : base.head, ms: 0 };
  for (const { position: p, hash, entry: text } of tail.rows) {
    const entry: Entry = JSON.parse(text);
    hashes[p] = hash;
    last = { p, e: hash, ms: entry.recorded_ms };
    layEvent(rows, { t, s, p }, entry, firsts);
    layEffects(rows, { t, s, p }, entry);
    // Lines are absolute: the last state of a tail says it all, in one row.
    for (const line of entry.effects.lines ?? []) lines.set(line.line_id, { t, s, p, ...line });
  }
  rows.lines.push(...lines.values());
  const { view, displayName } = tail.view ?? {};
  rows.tails.push({ t, s, h: hashes, p: last.p, e: last.e, ms: last.ms, view, name: displayName });
}

function layEvent(
  rows: MirrorRows,
  place: Place,
  { event, outcome, code, reason, of, recorded_ms }: Entry,
  firsts: Map<string, string>,
): void {
  if (event === undefined || outcome === undefined) return;
  const sender = JSON.stringify([place.t, event.source, event.id]);
  const first = firsts.get(sender) ?? event.event_id;
  firsts.set(sender, first);
  const row = { ...place, ...event, outcome, code, reason, of, recorded_ms };
  rows.events.push({ ...row, repeated: first === event.event_id ? 0 : 1 });
  if (HELD_OUTCOMES.has(outcome)) rows.held.push(row);
  else rows.released.push({ ...place, event_id: event.event_id });
}

function layEffects(rows: MirrorRows, place: Place, entry: Entry): void {
  const { effects, recorded_ms } = entry;
  const about = { ...place, id: place.s.slice("dist:".length) };
  layTransfers(rows, place, entry);
  rows.standings.push(
    ...(effects.standings ?? []).map((standing) => ({
      ...about,
      ...standing,
      value: JSON.stringify(standing.value),
    })),
  );
  rows.frontlines.push(...(effects.frontline ?? []).map((step) => ({ ...place, ...step })));
  rows.gaps.push(...(effects.gaps ?? []).map((gap) => ({ ...place, ...gap, at_ms: recorded_ms })));
  rows.breaks.push(
    ...(effects.breaks ?? []).map((found) => ({ ...place, ...found, found_ms: recorded_ms })),
  );
}

function layTransfers(
  rows: MirrorRows,
  place: Place,
  { effects, event, recorded_ms }: Entry,
): void {
  const { transfers = [], effective_ms = event?.occurred_ms ?? recorded_ms } = effects;
  const day = formatInstant(effective_ms).slice(0, "yyyy-mm-dd".length);
  for (const [n, transfer] of transfers.entries()) {
    const event_id = event?.event_id;
    rows.transfers.push({ ...place, ...transfer, n, effective_ms, recorded_ms, event_id });
    const { debit, credit, currency, amount_minor } = transfer;
    rows.days.push({ ...place, account: debit, currency, day, amount: amount_minor });
    rows.days.push({ ...place, account: credit, currency, day, amount: -amount_minor });
  }
}
