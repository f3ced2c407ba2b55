import type {
  Part,
  Reader,
  Reading,
  ReconciliationRow,
  ReconciliationSearch,
  ReconciliationsFound,
} from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

export const RECONCILIATION_COLUMNS = `run_id AS runId, kind, state, cause, started_ms AS startedMs,
  ended_ms AS endedMs, cursor, report`;

/**
 * D1 is one thread: a search for what is rare looks at so many rows, then answers with what it
 * found and where to go on.
 */
const SEARCHED_ROWS_MAX = 5000;

// Rebuilds are kept there, too, and shown apart.
const LOOKED_AT = `reconciliation_runs
  WHERE tenant = ?1 AND run_id < ?2 AND kind <> 'rebuild' ORDER BY run_id DESC`;

const LIST = `SELECT ${RECONCILIATION_COLUMNS} FROM ${LOOKED_AT} LIMIT ?3`;

const SEARCH = `SELECT ${RECONCILIATION_COLUMNS} FROM (SELECT * FROM ${LOOKED_AT} LIMIT ?6)
  WHERE (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR state = ?5) ORDER BY run_id DESC LIMIT ?3`;

const SEARCHED_TO = `SELECT run_id AS runId FROM ${LOOKED_AT} LIMIT 1 OFFSET ?3`;

const ONE = `SELECT ${RECONCILIATION_COLUMNS} FROM reconciliation_runs
  WHERE tenant = ?1 AND run_id = ?2 AND kind <> 'rebuild'`;

/** Sorts behind every id of a run. */
const NEWEST = "~";

/** Runs of reconciliation, newest first: their ids sort by time. */
export const reconciliationReads = (mirrorOf: MirrorOf) => ({
  async list(
    reader: Reader,
    { kind, state }: ReconciliationSearch,
    { after = NEWEST, limit }: Part<string>,
  ): Promise<Reading<ReconciliationsFound>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, after, limit];
    if (kind === undefined && state === undefined) {
      return readingOf(session, { rows: await rowsOf<ReconciliationRow>(session, LIST, values) });
    }
    const search = [...values, kind ?? null, state ?? null, SEARCHED_ROWS_MAX];
    const rows = await rowsOf<ReconciliationRow>(session, SEARCH, search);
    if (rows.length === limit) return readingOf(session, { rows });
    const to = [reader.tenant, after, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<{ runId: string }>(session, SEARCHED_TO, to);
    return readingOf(session, last === undefined ? { rows } : { rows, searchedTo: last.runId });
  },

  async one(reader: Reader, runId: string): Promise<Reading<ReconciliationRow | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<ReconciliationRow>(session, ONE, [reader.tenant, runId]);
    return readingOf(session, row);
  },
});
