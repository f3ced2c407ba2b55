/**
 * The tables of every subject's object, as steps that are applied once each, in order. The log is
 * append-only, held so by triggers: an object's history is its proof.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE log (position INTEGER PRIMARY KEY, hash TEXT NOT NULL, entry TEXT NOT NULL) STRICT;
   CREATE TRIGGER log_no_update BEFORE UPDATE ON log
     BEGIN SELECT RAISE(ABORT, 'The log is append-only'); END;
   CREATE TRIGGER log_no_delete BEFORE DELETE ON log
     BEGIN SELECT RAISE(ABORT, 'The log is append-only'); END;
   CREATE TABLE seen (source TEXT, id TEXT, payload_sha256 TEXT NOT NULL, event_id TEXT NOT NULL,
     position INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
   CREATE TABLE facts (key TEXT PRIMARY KEY, essence TEXT NOT NULL, event_id TEXT NOT NULL,
     state TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE registers (register TEXT, epoch INTEGER, digits INTEGER, rev TEXT,
     payload_sha256 TEXT NOT NULL, event_id TEXT NOT NULL, effective_ms INTEGER NOT NULL,
     value TEXT NOT NULL, PRIMARY KEY (register, epoch, digits, rev)) STRICT, WITHOUT ROWID;
   CREATE TABLE streams (source TEXT, epoch INTEGER, next INTEGER NOT NULL, gap_since_ms INTEGER,
     gap_stage TEXT, PRIMARY KEY (source, epoch)) STRICT, WITHOUT ROWID;
   CREATE TABLE buffered (source TEXT, epoch INTEGER, seq INTEGER, arrival TEXT NOT NULL,
     bytes INTEGER NOT NULL, PRIMARY KEY (source, epoch, seq)) STRICT, WITHOUT ROWID;
   CREATE TABLE kept (event_id TEXT PRIMARY KEY, kept TEXT NOT NULL, needs TEXT) STRICT, WITHOUT ROWID;
   CREATE INDEX kept_needs ON kept (needs) WHERE needs IS NOT NULL;
   CREATE TABLE own (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  // The turn that a kept event took, as `turnTaken` names it.
  `ALTER TABLE kept ADD COLUMN turn TEXT;
   UPDATE kept SET turn = 'turn:'
     || json_array(kept ->> '$.arrival.event.source', kept ->> '$.arrival.event.epoch')
     || ':' || (kept ->> '$.arrival.event.seq')
     WHERE kept ->> '$.arrival.event.seq' IS NOT NULL
       AND coalesce(kept ->> '$.code', 'id_reused') NOT IN ('seq_taken', 'gap_overflow', 'id_reused');
   CREATE INDEX kept_turn ON kept (turn) WHERE turn IS NOT NULL;`,
];

/** Whether an object has ever been written to: a read of an unknown subject leaves no tables. */
export const hasTables = ({ sql }: DurableObjectStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'log'").toArray().length > 0;

/** Brings an object's storage to the newest step; the steps it lacks and their marks commit together. */
export function prepareTables(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const done = hasTables(storage)
    ? sql.exec<{ done: number }>("SELECT count(*) AS done FROM steps").one().done
    : 0;
  const lacking = STEPS.slice(done);
  if (lacking.length === 0) return;
  // One script: an object is born with its first event, and each further call would delay it.
  const marks = lacking.map((_, i) => `INSERT INTO steps VALUES (${done + i});`);
  storage.transactionSync(() => {
    sql.exec(
      [
        "CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY) STRICT;",
        ...lacking,
        ...marks,
      ].join("\n"),
    );
  });
}
