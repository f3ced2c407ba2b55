import type { Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

/** A register's current revision as the mirror has it. */
interface RecordRow {
  readonly id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly occurredMs: number;
  readonly recordedMs: number;
  /** JSON of its open members. */
  readonly value: string;
}

type RecordSearch =
  | {
      readonly kind: "inventory";
      /** What the ids of the article begin with. */
      readonly ids?: string;
      readonly location?: string;
      readonly below?: number;
    }
  | {
      readonly kind: "ticket";
      readonly distributorId?: string;
      readonly status?: string;
      readonly open?: boolean;
    }
  | { readonly kind: "autoship" | "period" };

const COLUMNS =
  "id, epoch, rev, occurred_ms AS occurredMs, recorded_ms AS recordedMs, value FROM records";

/**
 * D1 is one thread: a search for what is rare looks at so many rows, then answers with what it
 * found and where to go on.
 */
export const SEARCHED_ROWS_MAX = 5000;

const LOOKED_AT = `SELECT ${COLUMNS}
  WHERE tenant = ?1 AND kind = ?2 AND id > ?3 AND id >= ?4 AND id < ?5 ORDER BY id`;

const searchOf = (matches: string) =>
  `SELECT * FROM (${LOOKED_AT} LIMIT ?7) WHERE ${matches} ORDER BY id LIMIT ?6`;

const SEARCHED_TO = `SELECT id FROM (${LOOKED_AT} LIMIT 1 OFFSET ?6)`;

const MATCHES: Readonly<Record<RecordSearch["kind"], string>> = {
  inventory: `(?8 IS NULL OR coalesce(value ->> 'location', '-') = ?8)
    AND (?9 IS NULL OR value ->> 'on_hand' < ?9)`,
  ticket: `(?8 IS NULL OR value ->> 'distributor_id' = ?8)
    AND (?9 IS NULL OR value ->> 'status' = ?9) AND (?10 IS NULL OR value ->> 'open' = ?10)`,
  autoship: "true",
  period: "true",
};

const ONE = `SELECT ${COLUMNS} WHERE tenant = ?1 AND kind = ?2 AND id = ?3`;

/** Sorts behind every id. */
const LAST = "\u{10FFFF}";

/** Registers that are not a distributor's, as the mirror has them. */
export const recordReads = (mirrorOf: MirrorOf) => ({
  async search(reader: Reader, search: RecordSearch, { after = "", limit }: Part<string>) {
    const session = sessionOf(mirrorOf, reader);
    const range = [reader.tenant, search.kind, after, ...idsOf(search)];
    const filters = filtersOf(search);
    const sql = searchOf(MATCHES[search.kind]);
    const values = [...range, limit, SEARCHED_ROWS_MAX, ...filters];
    const rows = await rowsOf<RecordRow>(session, sql, values);
    // Without a filter every row that was looked at was found.
    const isAll = filters.every((filter) => filter === null);
    if (rows.length === limit || isAll) return readingOf(session, { rows });
    const to = [...range, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<{ id: string }>(session, SEARCHED_TO, to);
    return readingOf(session, last === undefined ? { rows } : { rows, searchedTo: last.id });
  },

  async one(
    reader: Reader,
    kind: RecordSearch["kind"],
    id: string,
  ): Promise<Reading<RecordRow | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<RecordRow>(session, ONE, [reader.tenant, kind, id]);
    return readingOf(session, row);
  },
});

/** The range of ids: `;` follows the `:` with which the ids of one article begin. */
function idsOf(search: RecordSearch): readonly [string, string] {
  if (search.kind !== "inventory" || search.ids === undefined) return ["", LAST];
  return [search.ids, `${search.ids.slice(0, -1)};`];
}

function filtersOf(search: RecordSearch): readonly (string | number | null)[] {
  switch (search.kind) {
    case "inventory":
      return [search.location ?? null, search.below ?? null];
    case "ticket": {
      const open = search.open === undefined ? null : Number(search.open);
      return [search.distributorId ?? null, search.status ?? null, open];
    }
    case "autoship":
    case "period":
      return [];
  }
}
