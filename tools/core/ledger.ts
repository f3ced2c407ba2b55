import type { DatabaseSync } from "node:sqlite";
import { balanceLimbs, type Limbs, lineLimbs, shardOf } from "./digest.ts";
import { leftOf, type Line } from "./line.ts";
import { type Balance, type Cell, forgetAfter, ledgerRows } from "./rows.ts";

const HOUR_MS = 3_600_000;

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** The core's books: lines and balances, each change numbered, digests always up to date. */
export interface Ledger {
  /** How many changes there were. */
  readonly change: () => number;
  readonly epoch: () => number;
  /** All of it or nothing. What writes has to be called within. */
  readonly transact: <Value>(work: () => Value) => Value;
  /** The number of a change that touches no line: an event, an enrolment. */
  readonly nextChange: () => number;
  /** The line as it is now; undefined where there is none of this id. */
  readonly line: (lineId: string) => Line | undefined;
  /** Writes a new state of a line. */
  readonly put: (line: Line) => void;
  /** Takes a line out of the books, as if it had never been. */
  readonly remove: (lineId: string) => void;
  /** Credits a balance, or debits it below zero; no line says so. */
  readonly credit: (of: Balance, minor: number) => void;
  /**
   * Goes back to the state after a change, or after the transaction before it, in the next epoch.
   * Tells the change that it went back to.
   */
  readonly restore: (change: number) => number;
}

export function createLedger(database: DatabaseSync): Ledger {
  const books = { database, rows: ledgerRows(database), sums: openSums(), at: readMeta(database) };
  const { rows, sums, at } = books;
  return {
    change: () => at.change,
    epoch: () => at.epoch,
    transact: (work) => transact(books, work),
    nextChange: () => (at.change += 1),
    line: rows.current,
    put(line) {
      at.change += 1;
      end(books, line.line_id);
      sums.count(line, 1);
      const shard = sums.shard(line.distributor_id);
      rows.insert(line, { seq: at.change, shard, hourMs: hourOf(line.effective_ms) });
    },
    remove(lineId) {
      at.change += 1;
      end(books, lineId);
    },
    credit: sums.credit,
    restore: (to) => restore(books, to),
  };
}

interface Books {
  readonly database: DatabaseSync;
  readonly rows: ReturnType<typeof ledgerRows>;
  readonly sums: ReturnType<typeof openSums>;
  readonly at: { change: number; epoch: number };
}

function transact<Value>({ database, rows, sums, at }: Books, work: () => Value): Value {
  const before = { ...at };
  database.exec("BEGIN");
  try {
    const value = work();
    flush({ database, rows, sums, at });
    database.exec("COMMIT");
    return value;
  } catch (error) {
    database.exec("ROLLBACK");
    sums.clear();
    Object.assign(at, before);
    throw error;
  }
}

function flush({ rows, sums, at }: Books): void {
  for (const cell of sums.cells()) rows.addCell(cell);
  for (const { of, minor } of sums.credits()) {
    const amount = rows.balance(of) + BigInt(minor);
    rows.endBalance(of, at.change);
    if (amount === 0n) continue;
    const limbs = balanceLimbs(of.distributorId, of.bucket, of.currency, amount);
    const shard = sums.shard(of.distributorId);
    rows.insertBalance(of, { change: at.change, amount, shard, limbs });
  }
  sums.clear();
  rows.addPoint(at.change);
  rows.setMeta("change", at.change);
  rows.setMeta("epoch", at.epoch);
}

/** The state of a line that ends with the change under way. */
function end({ rows, sums, at }: Books, lineId: string): void {
  const before = rows.current(lineId);
  if (before === undefined) return;
  sums.count(before, -1);
  rows.end(lineId, at.change);
}

function restore(books: Books, to: number): number {
  const { database, rows, sums, at } = books;
  if (!Number.isInteger(to) || to < 0 || to > at.change) {
    throw new RangeError(`Cannot restore to change ${to}: there are ${at.change}`);
  }
  // A backup is never of half a transaction.
  const point = rows.pointBefore(to);
  transact(books, () => {
    const { gone, back } = forgetAfter(database, point);
    for (const line of gone) sums.count(line, -1);
    for (const line of back) sums.count(line, 1);
    // Balances went back by rows of their own.
    sums.forgetCredits();
    at.change = point;
    at.epoch += 1;
  });
  return point;
}

function readMeta(database: DatabaseSync): { change: number; epoch: number } {
  const rows = database.prepare("SELECT name, value FROM meta").all();
  const meta = new Map(rows.map((row) => [String(row["name"]), Number(row["value"])]));
  return { change: meta.get("change") ?? 0, epoch: meta.get("epoch") ?? 0 };
}

/** What a transaction adds to digests and balances, until it is written: once for each of them. */
function openSums() {
  const cells = new Map<string, Cell>();
  const credits = new Map<string, { readonly of: Balance; minor: number }>();
  const shards = new Map<string, number>();

  const shard = (distributorId: string): number => {
    const known = shards.get(distributorId) ?? shardOf(distributorId);
    shards.set(distributorId, known);
    return known;
  };

  function credit(of: Balance, minor: number): void {
    const name = [of.distributorId, of.bucket, of.currency].join("\n");
    const known = credits.get(name) ?? { of, minor: 0 };
    known.minor += minor;
    credits.set(name, known);
  }

  function count(line: Line, sign: 1 | -1): void {
    const left_minor = leftOf(line);
    const { distributor_id: distributorId, currency } = line;
    const of = { hourMs: hourOf(line.effective_ms), shard: shard(distributorId), currency };
    const name = [of.hourMs, of.shard, currency].join("\n");
    const cell = cells.get(name) ?? { ...of, lines: 0, leftMinor: 0, limbs: noLimbs() };
    cell.lines += sign;
    cell.leftMinor += sign * left_minor;
    addLimbs(cell.limbs, lineLimbs({ ...line, left_minor }), sign);
    cells.set(name, cell);
    credit({ distributorId, bucket: line.status, currency }, sign * left_minor);
  }

  return {
    shard,
    credit,
    count,
    cells: () => cells.values(),
    credits: () => [...credits.values()].filter(({ minor }) => minor !== 0),
    forgetCredits: () => {
      credits.clear();
    },
    clear: () => {
      cells.clear();
      credits.clear();
    },
  };
}

const noLimbs = (): number[] => [0, 0, 0, 0, 0, 0, 0, 0];

/** Without carry: a double holds two million of them exactly. */
function addLimbs(sum: number[], limbs: Limbs, sign: 1 | -1): void {
  limbs.forEach((limb, at) => {
    sum[at] = (sum[at] ?? 0) + sign * limb;
  });
}
