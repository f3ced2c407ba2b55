import type { DemoEvent, Envelope } from "./event.ts";

/** What the books must say. Written from DOMAIN §3 alone and importing nothing of `src/`. */
export interface Books {
  /** `{currency} {account}` to minor units, debit above zero; no zeros. */
  readonly balances: ReadonlyMap<string, bigint>;
  readonly people: ReadonlyMap<string, Standing>;
  /** By event id: the few that are impossible are quarantined. */
  readonly outcomes: ReadonlyMap<string, "applied" | "quarantined">;
}

export interface Standing {
  status: string;
  frontline: number;
  rank?: Revision;
  volume?: Revision;
}

interface Revision {
  readonly period: string;
  readonly rev: number;
  readonly data: Envelope["data"];
}

interface Line {
  left: bigint;
  bucket: "held" | "available";
  readonly currency: string;
}

interface Ledger {
  readonly balances: Map<string, bigint>;
  readonly people: Map<string, Standing>;
  readonly outcomes: Map<string, "applied" | "quarantined">;
  readonly lines: Map<string, Line>;
  readonly payouts: Map<string, Envelope["data"]>;
  readonly statusRevs: Map<string, number>;
}

/**
 * Adds up what was told, naively: every stream from its first to its last event, the bank's after
 * the core's, as whoever ends a payout needs its beginning.
 */
export function keepBooks(events: readonly DemoEvent[]): Books {
  const ledger: Ledger = {
    balances: new Map(),
    people: new Map(),
    outcomes: new Map(),
    lines: new Map(),
    payouts: new Map(),
    statusRevs: new Map(),
  };
  for (const source of ["core", "bank"]) {
    for (const event of events) {
      if (event.envelope === undefined || event.source !== source) continue;
      const isPossible = book(ledger, event.envelope);
      ledger.outcomes.set(event.envelope.id, isPossible ? "applied" : "quarantined");
    }
  }
  for (const [account, amount] of ledger.balances) {
    if (amount === 0n) ledger.balances.delete(account);
  }
  return ledger;
}

type Booking = (ledger: Ledger, person: string, event: Envelope) => boolean;

const BOOKINGS: Readonly<Record<string, Booking>> = {
  "commission.posted": bookLine,
  "commission.released": bookRelease,
  "commission.reversed": bookReversal,
  "adjustment.posted": bookAdjustment,
  "payout.initiated": bookPayout,
  "payout.settled": bookSettlement,
  "payout.failed": bookFailure,
  "distributor.enrolled": bookEnrolment,
  "distributor.status_changed": bookStatus,
  "rank.changed": (ledger, person, event) => bookRevision(ledger, person, event, "rank"),
  "volume.snapshot": (ledger, person, event) => bookRevision(ledger, person, event, "volume"),
};

function book(ledger: Ledger, event: Envelope): boolean {
  const booking = BOOKINGS[event.type];
  if (booking === undefined) throw new Error(`Cannot book a "${event.type}"`);
  return booking(ledger, event.key.slice("dist:".length), event);
}

interface Move {
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly currency: string;
}

function move({ balances }: Ledger, { debit, credit, amount, currency }: Move): void {
  const sides = [
    [`${currency} ${debit}`, amount],
    [`${currency} ${credit}`, -amount],
  ] as const;
  for (const [account, by] of sides) balances.set(account, (balances.get(account) ?? 0n) + by);
}

const minor = (data: Envelope["data"], name: string): bigint => BigInt(Number(data[name] ?? 0));
const text = (data: Envelope["data"], name: string): string => String(data[name]);

/** P3 */
function bookLine(ledger: Ledger, person: string, { data, occurred_at: at }: Envelope): boolean {
  const end = data["available_at"];
  const bucket = typeof end === "string" && end <= at ? "available" : "held";
  const line: Line = {
    left: minor(data, "amount_minor"),
    bucket,
    currency: text(data, "currency"),
  };
  ledger.lines.set(text(data, "line_id"), line);
  const credit = `dist:${person}:${bucket}`;
  move(ledger, { debit: "exp:commission", credit, amount: line.left, currency: line.currency });
  return true;
}

/** P4 */
function bookRelease(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const line = ledger.lines.get(text(data, "line_id"));
  if (line === undefined) return false;
  if (line.bucket === "available") return true;
  const [debit, credit] = [`dist:${person}:held`, `dist:${person}:available`];
  move(ledger, { debit, credit, amount: line.left, currency: line.currency });
  line.bucket = "available";
  return true;
}

/** P5 */
function bookReversal(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const line = ledger.lines.get(text(data, "reverses_line_id"));
  const amount = minor(data, "amount_minor");
  if (line === undefined || amount > line.left) return false;
  line.left -= amount;
  const debit = `dist:${person}:${line.bucket}`;
  move(ledger, { debit, credit: "exp:commission", amount, currency: line.currency });
  return true;
}

/** P8 */
function bookAdjustment(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const credit = `dist:${person}:available`;
  const amount = minor(data, "amount_minor");
  move(ledger, { debit: "exp:commission", credit, amount, currency: text(data, "currency") });
  return true;
}

/** Where the parts of a payout go, and how much of it. */
const partsOf = (person: string, data: Envelope["data"]) =>
  [
    [`dist:${person}:in_transit`, minor(data, "net_minor")],
    ["rev:payout_fee", minor(data, "fee_minor")],
    ["tax:withholding", minor(data, "withholding_minor")],
  ] as const;

/** P9 */
function bookPayout(ledger: Ledger, person: string, { data }: Envelope): boolean {
  ledger.payouts.set(text(data, "payout_id"), data);
  const debit = `dist:${person}:available`;
  for (const [credit, amount] of partsOf(person, data)) {
    move(ledger, { debit, credit, amount, currency: text(data, "currency") });
  }
  return true;
}

/** P10 */
function bookSettlement(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const payout = ledger.payouts.get(text(data, "payout_id"));
  if (payout === undefined) return false;
  const [debit, credit] = [`dist:${person}:in_transit`, "cash:bank"];
  const amount = minor(payout, "net_minor");
  move(ledger, { debit, credit, amount, currency: text(payout, "currency") });
  return true;
}

/** P11 */
function bookFailure(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const payout = ledger.payouts.get(text(data, "payout_id"));
  if (payout === undefined) return false;
  const credit = `dist:${person}:available`;
  for (const [debit, amount] of partsOf(person, payout)) {
    if (debit === "rev:payout_fee" && data["fee_kept"] === true) continue;
    move(ledger, { debit, credit, amount, currency: text(payout, "currency") });
  }
  return true;
}

function bookEnrolment(ledger: Ledger, person: string, { data }: Envelope): boolean {
  const { status } = standingOf(ledger, person);
  if (status === "") standingOf(ledger, person).status = text(data, "status");
  if (data["sponsor_id"] !== undefined) standingOf(ledger, text(data, "sponsor_id")).frontline += 1;
  return true;
}

function bookStatus(ledger: Ledger, person: string, { data, rev = 0 }: Envelope): boolean {
  if (rev < (ledger.statusRevs.get(person) ?? 0)) return true;
  ledger.statusRevs.set(person, rev);
  standingOf(ledger, person).status = text(data, "status");
  return true;
}

/** Shown is the latest period, and of it the highest revision. */
function bookRevision(
  ledger: Ledger,
  person: string,
  { data, rev = 0 }: Envelope,
  name: "rank" | "volume",
): boolean {
  const standing = standingOf(ledger, person);
  const period = text(data, "period_id");
  const shown = standing[name];
  const isLater =
    shown === undefined || period > shown.period || (period === shown.period && rev > shown.rev);
  if (isLater) standing[name] = { period, rev, data };
  return true;
}

function standingOf({ people }: Ledger, person: string): Standing {
  const known = people.get(person);
  if (known !== undefined) return known;
  const standing: Standing = { status: "", frontline: 0 };
  people.set(person, standing);
  return standing;
}
