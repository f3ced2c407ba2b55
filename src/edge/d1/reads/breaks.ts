import { RECON_SOURCE } from "../../../core/contracts/reconciliation.ts";
import type {
  BreakEnd,
  BreakFound,
  BreakName,
  BreakRow,
  BreakSearch,
  BreaksFound,
  Part,
  Reader,
  Reading,
  Unfrozen,
} from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

const COLUMNS = `break_id AS breakId, class, subject, reference, detail, found_ms AS foundMs,
  resolved_ms AS resolvedMs, outcome, run_id AS runId, distributor_id AS distributorId, currency,
  amount_minor AS amountMinor, core, mirror, action, why, resolution`;

/**
 * D1 is one thread: a search for what is rare looks at so many rows, then answers with what it
 * found and where to go on.
 */
export const SEARCHED_ROWS_MAX = 5000;

const LOOKED_AT = "breaks WHERE tenant = ?1 AND break_id > ?2 ORDER BY break_id";

// Of those that were ever found few are open: their index has to be named, and its own condition.
const OPEN = `breaks INDEXED BY breaks_open
  WHERE tenant = ?1 AND break_id > ?2 AND resolved_ms IS NULL ORDER BY break_id`;

const LIST = `SELECT ${COLUMNS} FROM ${LOOKED_AT} LIMIT ?3`;

// Breaks that an object's log tells of name their distributor as their subject alone.
const search = (rows: string) => ({
  found: `SELECT ${COLUMNS} FROM (SELECT * FROM ${rows} LIMIT ?8)
    WHERE (?4 IS NULL OR resolved_ms IS NOT NULL) AND (?5 IS NULL OR class = ?5)
      AND (?6 IS NULL OR distributor_id = ?6 OR subject = 'dist:' || ?6)
      AND (?7 IS NULL OR run_id = ?7) ORDER BY break_id LIMIT ?3`,
  searchedTo: `SELECT break_id AS breakId FROM ${rows} LIMIT 1 OFFSET ?3`,
});

const SEARCH = { open: search(OPEN), all: search(LOOKED_AT) };

const ONE = `SELECT ${COLUMNS} FROM breaks WHERE tenant = ?1 AND break_id = ?2`;

// The index's own condition has to stand here, or it cannot be used.
const TO_DECIDE = `SELECT ${COLUMNS},
    (SELECT json_object('position', s.position, 'head', s.head) FROM subjects s
      WHERE s.tenant = b.tenant AND s.subject = b.subject AND s.frozen_ms IS NOT NULL) AS frozen,
    EXISTS (SELECT 1 FROM events e WHERE e.tenant = b.tenant AND e.source = ?3
      AND e.sender_id = 'recon:' || b.break_id AND e.repeated = 0
      AND e.outcome NOT IN ('parked', 'buffered')) AS isHealingDone
  FROM breaks b WHERE tenant = ?1 AND break_id = ?2`;

// As it was when it was decided upon, or not at all. Opened again, its age is told of anew.
const END = `UPDATE breaks SET resolved_ms = ?3, outcome = ?4, resolution = ?5, told = NULL
  WHERE tenant = ?1 AND break_id = ?2 AND resolved_ms IS ?6 AND outcome IS ?7
    AND resolution IS ?8`;

// Only together with the break's end, and as far as the log was checked.
const UNFREEZE = `UPDATE subjects SET frozen_ms = NULL WHERE tenant = ?1 AND subject = ?3
  AND position = ?4 AND head = ?5 AND EXISTS (SELECT 1 FROM breaks b
    WHERE b.tenant = ?1 AND b.break_id = ?2 AND b.resolved_ms IS NULL)`;

interface FoundRow extends BreakRow {
  readonly frozen: string | null;
  readonly isHealingDone: number;
}

/** Differences that were found, by their ids. */
export const breakReads = (mirrorOf: MirrorOf) => ({
  async list(
    reader: Reader,
    { state, class: kind, distributorId, runId }: BreakSearch,
    { after = "", limit }: Part<string>,
  ): Promise<Reading<BreaksFound>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, after, limit];
    const isClosed = state === "closed" ? 1 : undefined;
    const filters = [isClosed, kind, distributorId, runId].map((filter) => filter ?? null);
    if (state === undefined && filters.every((filter) => filter === null)) {
      return readingOf(session, { rows: await rowsOf<BreakRow>(session, LIST, values) });
    }
    const { found, searchedTo } = SEARCH[state === "open" ? "open" : "all"];
    const asked = [...values, ...filters, SEARCHED_ROWS_MAX];
    const rows = await rowsOf<BreakRow>(session, found, asked);
    if (rows.length === limit) return readingOf(session, { rows });
    const to = [reader.tenant, after, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<{ breakId: string }>(session, searchedTo, to);
    return readingOf(session, last === undefined ? { rows } : { rows, searchedTo: last.breakId });
  },

  async one(reader: Reader, breakId: string): Promise<Reading<BreakRow | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<BreakRow>(session, ONE, [reader.tenant, breakId]);
    return readingOf(session, row);
  },

  /** From the primary: it is decided upon as it stands. */
  async toDecide({ tenant, shard, breakId }: BreakName): Promise<BreakFound | undefined> {
    const session = mirrorOf(shard).withSession("first-primary");
    const [found] = await rowsOf<FoundRow>(session, TO_DECIDE, [tenant, breakId, RECON_SOURCE]);
    if (found === undefined) return undefined;
    const { frozen, isHealingDone, ...row } = found;
    const stands = frozen === null ? {} : { frozen: parseStanding(frozen) };
    return { row, ...stands, isHealingDone: isHealingDone === 1 };
  },

  /** Undefined where it is not as it was any more: then nothing is written. */
  async end(
    { tenant, shard, breakId }: BreakName,
    seen: BreakEnd,
    end: BreakEnd & { readonly unfreezes?: Unfrozen },
  ): Promise<Reading<BreakRow> | undefined> {
    const session = mirrorOf(shard).withSession("first-primary");
    const write = session.prepare(END).bind(tenant, breakId, ...[end, seen].flatMap(endValues));
    const { unfreezes: to } = end;
    const before =
      to === undefined
        ? []
        : [session.prepare(UNFREEZE).bind(tenant, breakId, to.subject, to.position, to.head)];
    const [meta] = (await session.batch([...before, write])).map((done) => done.meta).slice(-1);
    const [row] = await rowsOf<BreakRow>(session, ONE, [tenant, breakId]);
    return meta?.changes === 0 || row === undefined ? undefined : readingOf(session, row);
  },
});

// Own text: what TO_DECIDE made.
const parseStanding = (text: string): NonNullable<BreakFound["frozen"]> => JSON.parse(text);

const endValues = ({ resolvedMs, outcome, resolution }: BreakEnd) => [
  resolvedMs,
  outcome,
  resolution,
];
