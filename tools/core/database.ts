import { DatabaseSync } from "node:sqlite";

const LIMBS = [0, 1, 2, 3, 4, 5, 6, 7];
const limbColumns = LIMBS.map((at) => `s${at} INTEGER NOT NULL`).join(", ");

/** The names of the columns that sums of hashes are kept in, the lowest 32 bits first. */
export const LIMB_NAMES: readonly string[] = LIMBS.map((at) => `s${at}`);

/**
 * Every state that a line or balance ever had, each with the change that made it and the one that
 * ended it: so an answer can be given as of any change.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO meta VALUES ('change', 0), ('epoch', 0);

  CREATE TABLE IF NOT EXISTS points (change INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY, until INTEGER,
    line_id TEXT NOT NULL, distributor_id TEXT NOT NULL, order_id TEXT, component TEXT NOT NULL,
    level INTEGER, paid_level INTEGER, cv_x100 INTEGER, rate_ppm INTEGER,
    currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, reversals TEXT NOT NULL,
    status TEXT NOT NULL, period_id TEXT NOT NULL, run_id TEXT NOT NULL,
    effective_ms INTEGER NOT NULL, available_ms INTEGER, updated_ms INTEGER NOT NULL,
    shard INTEGER NOT NULL, hour_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS versions_line ON versions (line_id);
  CREATE INDEX IF NOT EXISTS versions_hour ON versions (shard, hour_ms);
  CREATE INDEX IF NOT EXISTS versions_updated ON versions (updated_ms);
  CREATE INDEX IF NOT EXISTS versions_until ON versions (until) WHERE until IS NOT NULL;

  CREATE TABLE IF NOT EXISTS cells (
    hour_ms INTEGER NOT NULL, shard INTEGER NOT NULL, currency TEXT NOT NULL,
    lines INTEGER NOT NULL, left_minor INTEGER NOT NULL, ${limbColumns},
    PRIMARY KEY (shard, hour_ms, currency)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS balances (
    seq INTEGER NOT NULL, until INTEGER,
    distributor_id TEXT NOT NULL, bucket TEXT NOT NULL, currency TEXT NOT NULL,
    amount INTEGER NOT NULL, shard INTEGER NOT NULL, ${limbColumns}
  ) STRICT;
  CREATE INDEX IF NOT EXISTS balances_of ON balances (distributor_id, bucket, currency);
  CREATE INDEX IF NOT EXISTS balances_shard ON balances (shard, distributor_id);

  CREATE TABLE IF NOT EXISTS outbox (
    no INTEGER PRIMARY KEY, change INTEGER NOT NULL, stream TEXT, epoch INTEGER NOT NULL,
    seq INTEGER, line_id TEXT, envelope TEXT NOT NULL, state TEXT NOT NULL, due_ms INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS outbox_stream ON outbox (stream, epoch, seq)
    WHERE stream IS NOT NULL;
  CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (no) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS outbox_line ON outbox (line_id) WHERE line_id IS NOT NULL;

  CREATE TABLE IF NOT EXISTS distributors (
    distributor_id TEXT PRIMARY KEY, change INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** A file, or `:memory:`. Throws where the file is no database of ours. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  // A file that a crash left behind is whole; the last changes may be lost with the machine's power.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(SCHEMA);
  return database;
}
