import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { LIMB_NAMES } from "./database.ts";
import type { BalanceBucket, Line } from "./line.ts";

export type Row = Record<string, unknown>;

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null);
/** Of a statement that reads integers as such. */
export const bigOf = (value: unknown): bigint => (typeof value === "bigint" ? value : 0n);
const numberOr = (value: unknown): number | null => (value === null ? null : Number(value));

/** A row of `versions` as the line that was written there. */
export function lineOfRow(row: Row): Line {
  const reversals: Line["reversals"] = JSON.parse(String(row["reversals"]));
  return {
    line_id: String(row["line_id"]),
    distributor_id: String(row["distributor_id"]),
    order_id: textOr(row["order_id"]),
    component: String(row["component"]),
    level: numberOr(row["level"]),
    paid_level: numberOr(row["paid_level"]),
    cv_x100: numberOr(row["cv_x100"]),
    rate_ppm: numberOr(row["rate_ppm"]),
    currency: String(row["currency"]),
    amount_minor: Number(row["amount_minor"]),
    reversals,
    status: row["status"] === "held" ? "held" : "available",
    period_id: String(row["period_id"]),
    run_id: String(row["run_id"]),
    effective_ms: Number(row["effective_ms"]),
    available_ms: numberOr(row["available_ms"]),
    updated_ms: Number(row["updated_ms"]),
  };
}

/** What a state is written with beside the line itself. */
interface Place {
  readonly seq: number;
  readonly shard: number;
  readonly hourMs: number;
}

const versionOf = (line: Line, { seq, shard, hourMs }: Place): SQLInputValue[] => [
  seq,
  line.line_id,
  line.distributor_id,
  line.order_id,
  line.component,
  line.level,
  line.paid_level,
  line.cv_x100,
  line.rate_ppm,
  line.currency,
  line.amount_minor,
  JSON.stringify(line.reversals),
  line.status,
  line.period_id,
  line.run_id,
  line.effective_ms,
  line.available_ms,
  line.updated_ms,
  shard,
  hourMs,
];

const VERSION_COLUMNS =
  "seq, line_id, distributor_id, order_id, component, level, paid_level, cv_x100, rate_ppm, currency, amount_minor, reversals, status, period_id, run_id, effective_ms, available_ms, updated_ms, shard, hour_ms";

const places = (count: number): string => Array.from({ length: count }, () => "?").join(", ");

const LIMBS = LIMB_NAMES.join(", ");
const ADDED_LIMBS = LIMB_NAMES.map((name) => `${name} = ${name} + excluded.${name}`).join(", ");

/** Hashed and counted by hour, shard and currency. */
export interface Cell {
  readonly hourMs: number;
  readonly shard: number;
  readonly currency: string;
  lines: number;
  leftMinor: number;
  readonly limbs: number[];
}

export interface Balance {
  readonly distributorId: string;
  readonly bucket: BalanceBucket;
  readonly currency: string;
}

/** The statements that the books are written with. */
export function ledgerRows(database: DatabaseSync) {
  const current = database.prepare("SELECT * FROM versions WHERE line_id = ? AND until IS NULL");
  const insert = database.prepare(
    `INSERT INTO versions (${VERSION_COLUMNS}) VALUES (${places(20)})`,
  );
  const end = database.prepare("UPDATE versions SET until = ? WHERE line_id = ? AND until IS NULL");
  const addCell = database.prepare(
    `INSERT INTO cells (hour_ms, shard, currency, lines, left_minor, ${LIMBS}) VALUES (${places(13)})
     ON CONFLICT DO UPDATE SET lines = lines + excluded.lines,
       left_minor = left_minor + excluded.left_minor, ${ADDED_LIMBS}`,
  );
  const balance = database.prepare(
    "SELECT amount FROM balances WHERE distributor_id = ? AND bucket = ? AND currency = ? AND until IS NULL",
  );
  balance.setReadBigInts(true);
  const endBalance = database.prepare(
    "UPDATE balances SET until = ? WHERE distributor_id = ? AND bucket = ? AND currency = ? AND until IS NULL",
  );
  const insertBalance = database.prepare(
    `INSERT INTO balances (seq, distributor_id, bucket, currency, amount, shard, ${LIMBS}) VALUES (${places(14)})`,
  );
  const addPoint = database.prepare("INSERT OR IGNORE INTO points VALUES (?)");
  const pointBefore = database.prepare(
    "SELECT max(change) AS change FROM points WHERE change <= ?",
  );
  const meta = database.prepare("UPDATE meta SET value = ? WHERE name = ?");
  return {
    current: (lineId: string): Line | undefined => {
      const row = current.get(lineId);
      return row === undefined ? undefined : lineOfRow(row);
    },
    insert: (line: Line, place: Place) => insert.run(...versionOf(line, place)),
    end: (lineId: string, change: number) => end.run(change, lineId),
    addCell: (cell: Cell) =>
      addCell.run(
        cell.hourMs,
        cell.shard,
        cell.currency,
        cell.lines,
        cell.leftMinor,
        ...cell.limbs,
      ),
    balance: ({ distributorId, bucket, currency }: Balance): bigint =>
      bigOf(balance.get(distributorId, bucket, currency)?.["amount"]),
    endBalance: ({ distributorId, bucket, currency }: Balance, change: number) =>
      endBalance.run(change, distributorId, bucket, currency),
    insertBalance: (
      { distributorId, bucket, currency }: Balance,
      {
        change,
        amount,
        shard,
        limbs,
      }: { change: number; amount: bigint; shard: number; limbs: readonly number[] },
    ) => insertBalance.run(change, distributorId, bucket, currency, amount, shard, ...limbs),
    addPoint: (change: number) => addPoint.run(change),
    pointBefore: (change: number): number => Number(pointBefore.get(change)?.["change"] ?? 0),
    setMeta: (name: "change" | "epoch", value: number) => meta.run(value, name),
  };
}

/**
 * Forgets what happened after a change, and tells what of the current lines is gone and what is back.
 */
export function forgetAfter(
  database: DatabaseSync,
  change: number,
): { readonly gone: readonly Line[]; readonly back: readonly Line[] } {
  const gone = database.prepare("SELECT * FROM versions WHERE seq > ? AND until IS NULL");
  const back = database.prepare("SELECT * FROM versions WHERE seq <= ? AND until > ?");
  const lines = {
    gone: gone.all(change).map(lineOfRow),
    back: back.all(change, change).map(lineOfRow),
  };
  for (const table of ["versions", "balances"]) {
    database.prepare(`DELETE FROM ${table} WHERE seq > ?`).run(change);
    database.prepare(`UPDATE ${table} SET until = NULL WHERE until > ?`).run(change);
  }
  database.prepare("DELETE FROM points WHERE change > ?").run(change);
  database.prepare("DELETE FROM outbox WHERE change > ?").run(change);
  database.prepare("DELETE FROM distributors WHERE change > ?").run(change);
  return lines;
}
