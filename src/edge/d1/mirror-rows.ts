import { formatInstant } from "../../core/contracts/instant.ts";
import { GENESIS } from "../../core/subject/chain.ts";
import type { Line } from "../../core/ledger/line.ts";
import { type Entry, HELD_OUTCOMES } from "../../core/subject/entry.ts";
import { mirroredLine, mirroredTransfers, originOf } from "../../core/subject/mirrored.ts";
import { entryOf } from "../log-entry.ts";
import type { MirrorTail } from "../mirror.ts";
import { lineDigest, transferDigest } from "./digest-rows.ts";

/**
 * The rows one batch hands to D1, each list as one JSON parameter of one statement. `t`, `s`, `p`
 * are tenant, subject and position: what the fence looks at.
 */
export interface MirrorRows {
  readonly tails: FencedTail[];
  readonly events: object[];
  readonly held: object[];
  readonly released: object[];
  readonly transfers: object[];
  readonly days: object[];
  readonly digests: object[];
  readonly lines: object[];
  readonly standings: object[];
  readonly frontlines: object[];
  readonly edges: object[];
  readonly orders: object[];
  readonly volumes: object[];
  readonly aliases: object[];
  readonly changes: object[];
  readonly messages: object[];
  readonly records: object[];
  readonly gaps: object[];
  readonly breaks: object[];
}

/** A tail as the fence reads it, and what the last row brings. */
interface FencedTail {
  readonly t: string;
  readonly s: string;
  /** The log's hashes by position, that of the base among them. */
  readonly h: Readonly<Record<string, string>>;
  readonly p: number;
  readonly e: string;
  readonly ms: number;
  readonly view: string | undefined;
  readonly name: string | undefined;
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
    digests: [],
    lines: [],
    standings: [],
    frontlines: [],
    edges: [],
    orders: [],
    volumes: [],
    aliases: [],
    changes: [],
    messages: [],
    records: [],
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
  const lines = new Map<string, Line & Place>();
  let order: object | undefined;
  let last = { p: base.position, e: base.position === 0 ? GENESIS : base.head, ms: 0 };
  for (const row of tail.rows) {
    const { position: p, hash } = row;
    const entry = entryOf(row);
    hashes[p] = hash;
    last = { p, e: hash, ms: entry.recorded_ms };
    layEvent(rows, { t, s, p }, entry, firsts);
    layEffects(rows, { t, s, p }, entry);
    // Lines are absolute: the last state of a tail says it all, in one row.
    for (const line of entry.effects.lines ?? []) lines.set(line.line_id, { t, s, p, ...line });
    if (entry.effects.order !== undefined) order = { t, s, p, ...entry.effects.order };
  }
  if (order !== undefined) rows.orders.push(order);
  for (const line of lines.values()) {
    const mirrored = mirroredLine(line);
    const { row, digest } = lineDigest(mirrored);
    rows.lines.push({ t, s, p: line.p, ...mirrored, digest });
    rows.digests.push({ t, s, p: line.p, ...row });
  }
  const { view, displayName } = tail.view ?? {};
  rows.tails.push({ t, s, h: hashes, p: last.p, e: last.e, ms: last.ms, view, name: displayName });
}

function layEvent(
  rows: MirrorRows,
  place: Place,
  { event, outcome, code, reason, of, needs, recorded_ms }: Entry,
  firsts: Map<string, string>,
): void {
  if (event === undefined || outcome === undefined) return;
  const sender = JSON.stringify([place.t, event.source, event.id]);
  const first = firsts.get(sender) ?? event.event_id;
  firsts.set(sender, first);
  const row = { ...place, ...event, outcome, code, reason, of, needs, recorded_ms };
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
  layGenealogy(rows, place, entry);
  rows.changes.push(...changesIn(place, entry));
  const { record } = effects;
  if (record !== undefined) {
    rows.records.push({ ...place, ...record, value: JSON.stringify(record.value), recorded_ms });
  }
  rows.messages.push(
    ...(effects.messages ?? []).map((message) => ({
      ...place,
      ...message,
      about: JSON.stringify(message.about),
      at_ms: recorded_ms,
    })),
  );
  rows.gaps.push(...(effects.gaps ?? []).map((gap) => ({ ...place, ...gap, at_ms: recorded_ms })));
  rows.breaks.push(
    ...(effects.breaks ?? []).map((found) => ({ ...place, ...found, found_ms: recorded_ms })),
  );
}

function layGenealogy(rows: MirrorRows, place: Place, { effects, recorded_ms }: Entry): void {
  rows.edges.push(...(effects.edges ?? []).map((edge) => ({ ...place, ...edge })));
  rows.volumes.push(...(effects.volumes ?? []).map((step) => ({ ...place, ...step })));
  rows.aliases.push(
    ...(effects.aliases ?? []).map((alias) => ({ ...place, alias, at_ms: recorded_ms })),
  );
}

/** What orders of the past may have to be priced by; D1 knows which of it is news to anybody. */
function changesIn(place: Place, entry: Entry): readonly object[] {
  const { standings = [], edges = [] } = entry.effects;
  const own = place.s.slice(place.s.indexOf(":") + 1);
  const { event_id } = originOf(entry);
  return [
    ...standings.map(({ kind, effective_ms: at, value: { status } }) => ({
      ...place,
      node: own,
      at,
      event_id,
      kind,
      status,
    })),
    ...edges.map(({ effective_ms: at, parent_id: parent, tree, node, node_kind, version }) => ({
      ...place,
      node,
      at,
      event_id,
      kind: "edge",
      tree,
      node_kind,
      version,
      parent,
    })),
  ];
}

function layTransfers(rows: MirrorRows, place: Place, entry: Entry): void {
  const known_day = dayOf(entry.recorded_ms);
  for (const transfer of mirroredTransfers(place.p, entry)) {
    const { debit, credit, currency, amount_minor, effective_ms } = transfer;
    rows.transfers.push({ ...place, ...transfer });
    rows.digests.push({ ...place, ...transferDigest({ ...transfer, subject: place.s }) });
    const when = { ...place, currency, day: dayOf(effective_ms), known_day };
    rows.days.push({ ...when, account: debit, amount: amount_minor });
    rows.days.push({ ...when, account: credit, amount: -amount_minor });
  }
}

/** The UTC day of an instant, `2026-07-01`. */
const dayOf = (ms: number): string => formatInstant(ms).slice(0, "yyyy-mm-dd".length);
