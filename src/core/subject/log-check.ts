import { type Balances, post } from "../ledger/transfer.ts";
import { firstBroken, GENESIS, type LogRow, type Sha256 } from "./chain.ts";
import type { Entry } from "./entry.ts";
import { type MirroredLine, mirroredLine, mirroredTransfers } from "./mirrored.ts";

/** Rows of a table, however many and in whatever order: their number and Σ SHA-256 of their texts. */
export interface RowSum {
  readonly rows: number;
  /** Mod 2^256, hex. */
  readonly sum: string;
}

/** What a log comes to, and what the mirror must have of it. */
export interface LogSums {
  readonly position: number;
  readonly head: string;
  /** When the row at the position was recorded; 0 where there is none. */
  readonly recorded_ms: number;
  readonly transfers: RowSum;
  readonly lines: RowSum;
  /** By the log's transfers; zero balances left out. */
  readonly balances: Balances;
}

const MODULUS = 1n << 256n;

/** Adds up rows by their JSON: addition, as the same row twice must not cancel out. */
export function sumRows(rows: Iterable<object>, sha256: Sha256): RowSum {
  let [count, sum] = [0, 0n];
  for (const row of rows) {
    count += 1;
    sum += BigInt(`0x${sha256(JSON.stringify(row))}`);
  }
  return { rows: count, sum: (sum % MODULUS).toString(16) };
}

export const NO_ROWS: RowSum = { rows: 0, sum: "0" };

/** What two lots of rows come to together. */
export const addSums = (a: RowSum, b: RowSum): RowSum => ({
  rows: a.rows + b.rows,
  sum: ((BigInt(`0x${a.sum}`) + BigInt(`0x${b.sum}`)) % MODULUS).toString(16),
});

export const isSameSum = (a: RowSum, b: RowSum): boolean => a.rows === b.rows && a.sum === b.sum;

/** Reads a log from its beginning, in parts, and computes all of it again. */
export class LogCheck {
  readonly #sha256: Sha256;
  #position = 0;
  #head = GENESIS;
  #recordedMs = 0;
  #transfers = { rows: 0, sum: 0n };
  #balances: Balances = {};
  /** Lines are absolute: the last state of each counts. */
  readonly #lines = new Map<string, MirroredLine>();

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  get position(): number {
    return this.#position;
  }

  /** Takes the next rows; answers with the first one that the chain does not hold, if there is one. */
  take(rows: readonly LogRow[]): number | undefined {
    const from = { position: this.#position, hash: this.#head };
    const broken = firstBroken(rows, from, this.#sha256);
    if (broken !== undefined) return broken;
    for (const { position, hash, entry } of rows) {
      this.#takeEntry(position, parseEntry(entry));
      this.#position = position;
      this.#head = hash;
    }
    return undefined;
  }

  #takeEntry(position: number, entry: Entry): void {
    const { rows, sum } = sumRows(mirroredTransfers(position, entry), this.#sha256);
    this.#recordedMs = entry.recorded_ms;
    this.#transfers.rows += rows;
    this.#transfers.sum += BigInt(`0x${sum}`);
    this.#balances = post(this.#balances, entry.effects.transfers ?? []);
    for (const line of entry.effects.lines ?? []) this.#lines.set(line.line_id, mirroredLine(line));
  }

  sums(): LogSums {
    const { rows, sum } = this.#transfers;
    return {
      position: this.#position,
      head: this.#head,
      recorded_ms: this.#recordedMs,
      transfers: { rows, sum: (sum % MODULUS).toString(16) },
      lines: sumRows(this.#lines.values(), this.#sha256),
      balances: withoutZeros(this.#balances),
    };
  }
}

/** Accounts and currencies in which something stands, in one order. */
export function withoutZeros(balances: Balances): Balances {
  const accounts = Object.entries(balances).map(([account, amounts]) => {
    const kept = Object.entries(amounts).filter(([, amount]) => BigInt(amount) !== 0n);
    return [account, Object.fromEntries(kept.toSorted(byName))] as const;
  });
  return Object.fromEntries(
    accounts.filter(([, amounts]) => Object.keys(amounts).length > 0).toSorted(byName),
  );
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b);

// Own text: canonical JSON of an entry whose hash was just checked.
const parseEntry = (text: string): Entry => JSON.parse(text);
