import { DurableObject } from "cloudflare:workers";

const SHA = "0".repeat(64);

/** The tables of the gateway's objects: being born costs the same. */
const TABLES = `CREATE TABLE log (position INTEGER PRIMARY KEY, hash TEXT NOT NULL, entry TEXT NOT NULL) STRICT;
  CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'The log is append-only'); END;
  CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'The log is append-only'); END;
  CREATE TABLE seen (source TEXT, id TEXT, payload TEXT, event_id TEXT, position INTEGER, outcome TEXT,
    PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (key TEXT PRIMARY KEY, essence TEXT, event_id TEXT, state TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE registers (register TEXT, epoch INTEGER, digits INTEGER, rev TEXT, payload TEXT, event_id TEXT,
    effective_ms INTEGER, value TEXT, PRIMARY KEY (register, epoch, digits, rev)) STRICT, WITHOUT ROWID;
  CREATE TABLE streams (source TEXT, epoch INTEGER, next INTEGER, gap_since_ms INTEGER, gap_stage TEXT,
    PRIMARY KEY (source, epoch)) STRICT, WITHOUT ROWID;
  CREATE TABLE buffered (source TEXT, epoch INTEGER, seq INTEGER, arrival TEXT, bytes INTEGER,
    PRIMARY KEY (source, epoch, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE kept (event_id TEXT PRIMARY KEY, kept TEXT, needs TEXT) STRICT, WITHOUT ROWID;
  CREATE INDEX kept_needs ON kept (needs) WHERE needs IS NOT NULL;
  CREATE TABLE own (name TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE steps (step INTEGER PRIMARY KEY) STRICT;
  INSERT INTO steps VALUES (0);
  ALTER TABLE kept ADD COLUMN turn TEXT;
  UPDATE kept SET turn = '' WHERE turn IS NOT NULL;
  CREATE INDEX kept_turn ON kept (turn) WHERE turn IS NOT NULL;
  INSERT INTO steps VALUES (1);`;

interface Row {
  readonly key: string;
  readonly entry: string;
  readonly state: string;
  readonly view: string;
  /** The id of an event; a line has none. */
  readonly id?: string;
}

/** An object that keeps what it is given. */
export abstract class Subject<Env> extends DurableObject<Env> {
  #position = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    const isBorn = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'log'").toArray().length > 0;
    if (!isBorn) ctx.storage.transactionSync(() => sql.exec(TABLES));
    const last = sql.exec<{ position: number }>("SELECT position FROM log ORDER BY 1 DESC LIMIT 1");
    this.#position = last.next().value?.position ?? 0;
  }

  /** As many rows as the gateway's object writes: four an event, three a line. */
  insert(rows: readonly Row[]): number {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      for (const { key, entry, state, view, id } of rows) {
        this.#position += 1;
        sql.exec("INSERT INTO log VALUES (?, ?, ?)", this.#position, SHA, entry);
        if (id !== undefined) {
          const at = this.#position;
          sql.exec(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)",
            "core",
            id,
            SHA,
            id,
            at,
            "applied",
          );
        }
        sql.exec("INSERT INTO facts VALUES (?, ?, ?, ?)", key, SHA, key, state);
        sql.exec("INSERT OR REPLACE INTO own VALUES (?, ?)", "view", view);
      }
    });
    return this.#position;
  }
}
