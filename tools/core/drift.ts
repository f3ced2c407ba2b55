import type { DatabaseSync } from "node:sqlite";
import { createRandom } from "../../scripts/demo/random.ts";
import { leftOf, type Line } from "./line.ts";
import type { Ledger } from "./ledger.ts";
import type { Outbox } from "./outbox.ts";
import { sell } from "./sales.ts";

/** How core and mirror are made to differ. None of it is told, unless it says so. */
export const DRIFTS = {
  lose: "new lines, whose events have their places in the streams and are never sent",
  add: "new lines that no event was ever made of",
  delay: "new lines, whose events are sent `by_ms` later (default 60000)",
  remove: "lines that the core has no more",
  amount: "lines with another amount: `by_minor` more (default: from 1 to 500)",
  currency: "lines in another currency, of the same amount",
  release: "held lines that are payable",
  hold: "payable lines that are held again",
  reverse: "lines that a part was taken back of: `by_minor`, or half",
  time: "lines that took effect `by_ms` later (default two hours)",
  duplicate: "copies of lines, under ids that end in -2",
  repeat: "events of lines that are sent once more",
  balance: "distributors who have `by_minor` more (default 100) than their lines say",
} as const;

export type DriftKind = keyof typeof DRIFTS;

export interface Drift {
  readonly kind: DriftKind;
  /** How many lines, chosen by the seed among those that it can happen to. */
  readonly count: number;
  readonly seed: number;
  /** These lines and no others, instead. */
  readonly lineIds?: readonly string[];
  /** When the core says that it changed them; now where absent. */
  readonly atMs?: number;
  readonly byMs?: number;
  readonly byMinor?: number;
  /** New lines take effect from here on; an hour ago where absent. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

interface Books {
  readonly database: DatabaseSync;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly nowMs: () => number;
}

const HOUR_MS = 3_600_000;

/** Does it, and tells the ids of the lines that differ now. */
export function drift(books: Books, asked: Drift): readonly string[] {
  const { kind } = asked;
  if (kind === "lose" || kind === "add" || kind === "delay") return sellSilently(books, asked);
  const lines = chosen(books, asked);
  if (kind === "repeat") books.outbox.again(lines.map(({ line_id }) => line_id));
  else books.ledger.transact(() => lines.forEach((line) => change(books, line, asked)));
  return lines.map(({ line_id }) => (kind === "duplicate" ? `${line_id}-2` : line_id));
}

const EVENTS = { lose: "withheld", add: "none", delay: "waiting" } as const;

function sellSilently(books: Books, asked: Drift): readonly string[] {
  const { kind, count, seed, byMs = 60_000 } = asked;
  if (kind !== "lose" && kind !== "add" && kind !== "delay") return [];
  const nowMs = asked.atMs ?? books.nowMs();
  const known = books.database.prepare("SELECT distributor_id FROM distributors").all();
  return sell(books, {
    lines: count,
    seed,
    distributors: 1,
    among: known.map((row) => String(row["distributor_id"])),
    fromMs: asked.fromMs ?? nowMs - HOUR_MS,
    toMs: asked.toMs ?? nowMs,
    currency: "USD",
    events: EVENTS[kind],
    nowMs,
    ...(kind === "delay" && { dueMs: books.nowMs() + byMs }),
  });
}

type Change = (line: Line, asked: Drift, random: ReturnType<typeof createRandom>) => Partial<Line>;

/** What becomes of a line. */
const CHANGES: Partial<Readonly<Record<DriftKind, Change>>> = {
  amount: ({ amount_minor }, { byMinor }, random) => ({
    amount_minor: amount_minor + (byMinor ?? random.between(1, 500)),
  }),
  currency: ({ currency }) => ({ currency: currency === "EUR" ? "USD" : "EUR" }),
  release: () => ({ status: "available" }),
  hold: () => ({ status: "held" }),
  reverse: (line, { byMinor }) => {
    const amount_minor = Math.min(leftOf(line), byMinor ?? Math.ceil(leftOf(line) / 2));
    const line_id = `${line.line_id}-R${line.reversals.length + 1}`;
    return { reversals: [...line.reversals, { line_id, amount_minor }] };
  },
  time: ({ effective_ms }, { byMs = 2 * HOUR_MS }) => ({ effective_ms: effective_ms + byMs }),
  duplicate: ({ line_id }) => ({ line_id: `${line_id}-2` }),
};

function change({ ledger, nowMs }: Books, line: Line, asked: Drift): void {
  const updated_ms = asked.atMs ?? nowMs();
  if (asked.kind === "remove") {
    ledger.remove(line.line_id);
  } else if (asked.kind === "balance") {
    ledger.nextChange();
    const { distributor_id: distributorId, currency, status: bucket } = line;
    ledger.credit({ distributorId, bucket, currency }, asked.byMinor ?? 100);
  } else {
    const random = createRandom(asked.seed ^ ledger.change());
    ledger.put({ ...line, ...CHANGES[asked.kind]?.(line, asked, random), updated_ms });
  }
}

/** The lines that it happens to: those that are named, or some of those it can happen to. */
function chosen(books: Books, asked: Drift): readonly Line[] {
  const named = asked.lineIds?.map((lineId) => {
    const line = books.ledger.line(lineId);
    if (line === undefined) throw new RangeError(`Cannot change line "${lineId}": there is none`);
    return line;
  });
  return named ?? picked(books, asked);
}

const FITS: Partial<Readonly<Record<DriftKind, (line: Line) => boolean>>> = {
  release: (line) => line.status === "held" && leftOf(line) > 0,
  hold: (line) => line.status === "available" && leftOf(line) > 0,
  reverse: (line) => leftOf(line) > 0,
  amount: (line) => leftOf(line) > 0,
  currency: (line) => leftOf(line) > 0,
  duplicate: (line) => !line.line_id.endsWith("-2"),
};

/** So often it is tried per line that is wanted: among those of the books few may fit. */
const TRIES = 200;

function picked({ database, ledger }: Books, { kind, count, seed }: Drift): readonly Line[] {
  const random = createRandom(seed);
  const next = database.prepare(
    "SELECT line_id FROM versions WHERE seq >= ? AND until IS NULL ORDER BY seq LIMIT 1",
  );
  const lines = new Map<string, Line>();
  for (let tries = count * TRIES; tries > 0 && lines.size < count; tries -= 1) {
    const row = next.get(random.between(0, ledger.change()));
    const line = row === undefined ? undefined : ledger.line(String(row["line_id"]));
    if (line !== undefined && (FITS[kind]?.(line) ?? true)) lines.set(line.line_id, line);
  }
  if (lines.size < count) {
    throw new RangeError(
      `Cannot ${kind} ${count} lines: found ${lines.size} that it can happen to`,
    );
  }
  return [...lines.values()];
}
