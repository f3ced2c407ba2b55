import type { ListedPlace, Place } from "../../subject-rows.ts";
import { RECORD_KINDS } from "../record-kinds.ts";
import { listed, type ListedRow, LISTED } from "./unreadable.ts";

/*
 * Subjects that the mirror has rows of, and no row that says how far they are mirrored. Each table is
 * read by its primary key, between two subjects that the mirror knows. What none of them names, as
 * somebody of whom everything is held, its anchor names a day later.
 */

/** Sorts behind every name. */
export const END = "\u{10FFFF}";

/** Subjects after one place up to another, and that one. */
export interface Between {
  readonly after: Place;
  readonly end: Place;
  /** Tenants that the mirror has subjects of in between. */
  readonly tenants: readonly string[];
}

interface Query {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const isKnown = (tenant: string, subject: string) =>
  `EXISTS (SELECT 1 FROM subjects s WHERE s.tenant = ${tenant} AND s.subject = ${subject})`;

/** Tables sorted by subject. */
const OF_SUBJECTS = ["transfers", "anchors"] as const;

/** Nothing bounds what is behind all names: some that are no text sort there. */
const upTo = (columns: string, { tenant }: Place): string =>
  tenant === END ? "" : `AND (${columns}) <= (?3, ?4)`;

const ofSubjects = (table: string, end: Place): string => `SELECT ${LISTED} FROM (
    SELECT DISTINCT tenant, subject FROM ${table}
    WHERE (tenant, subject) > (?1, ?2) ${upTo("tenant, subject", end)}) x
  WHERE NOT ${isKnown("x.tenant", "x.subject")} ORDER BY tenant, subject LIMIT ?5`;

/** Tables sorted by the ids of one kind of subject. */
const OF_IDS = [
  { table: "lines", id: "distributor_id", prefix: "dist:" },
  { table: "standings", id: "distributor_id", prefix: "dist:" },
  { table: "orders", id: "order_id", prefix: "order:" },
] as const;

const ofIds = ({ table, id, prefix }: (typeof OF_IDS)[number], end: Place): string =>
  `SELECT ${LISTED} FROM (SELECT tenant, '${prefix}' || id AS subject FROM (
    SELECT DISTINCT tenant, ${id} AS id FROM ${table}
    WHERE (tenant, ${id}) > (?1, ?2) ${upTo(`tenant, ${id}`, end)}) x
  WHERE NOT ${isKnown("x.tenant", `'${prefix}' || x.id`)} ORDER BY tenant, id LIMIT ?5)`;

const OF_RECORDS = `SELECT ${LISTED} FROM (
    SELECT x.tenant, (j.value ->> 'p') || x.id AS subject FROM json_each(?1) j CROSS JOIN records x
    ON x.tenant = j.value ->> 't' AND x.kind = j.value ->> 'k'
      AND x.id > j.value ->> 'low' AND x.id <= j.value ->> 'high') y
  WHERE NOT ${isKnown("y.tenant", "y.subject")} ORDER BY tenant, subject LIMIT ?2`;

/** Moves, and slots that were found, are a tree's own. */
const OF_TREES = `SELECT NULL AS bytes, j.value AS tenant, 'tree:' || j.value AS subject FROM json_each(?1) j
  WHERE NOT ${isKnown("j.value", "'tree:' || j.value")} AND EXISTS (SELECT 1 FROM edges e
    WHERE e.tenant = j.value AND e.tree IN ('sponsor', 'placement')
      AND (e.version >= 'm' OR (e.version >= 'd' AND e.version < 'e')))
  ORDER BY 1 LIMIT ?2`;

/** The id that a subject's name stands at among those of a kind, which all begin alike. */
function boundOf(prefix: string, subject: string): string {
  if (subject.startsWith(prefix)) return subject.slice(prefix.length);
  return subject < prefix ? "" : END;
}

/** The ids of a kind that lie in between, of one tenant or of the first and the last. */
function idsOf(prefix: string, { after, end }: Between) {
  const [low, high] = [boundOf(prefix, after.subject), boundOf(prefix, end.subject)];
  return { low, high, isEmpty: after.tenant === end.tenant && low === high };
}

function queriesOf(between: Between, limit: number): readonly Query[] {
  const { after, end } = between;
  const ids = OF_IDS.flatMap((of): readonly Query[] => {
    const { low, high, isEmpty } = idsOf(of.prefix, between);
    if (isEmpty) return [];
    return [{ sql: ofIds(of, end), values: [after.tenant, low, end.tenant, high, limit] }];
  });
  const named = (sql: string, rows: readonly unknown[]): readonly Query[] =>
    rows.length === 0 ? [] : [{ sql, values: [JSON.stringify(rows), limit] }];
  return [
    ...OF_SUBJECTS.map((table) => ({
      sql: ofSubjects(table, end),
      values: [after.tenant, after.subject, end.tenant, end.subject, limit],
    })),
    ...ids,
    ...named(OF_RECORDS, recordsIn(between)),
    ...named(OF_TREES, treesIn(between)),
  ];
}

/** Which registers of which tenants lie in between. */
const recordsIn = ({ after, end, tenants }: Between): readonly object[] =>
  tenants.flatMap((t) =>
    [...RECORD_KINDS].flatMap(([name, k]) => {
      const p = `${name}:`;
      const low = t === after.tenant ? boundOf(p, after.subject) : "";
      const high = t === end.tenant ? boundOf(p, end.subject) : END;
      return low === high ? [] : [{ t, k, p, low, high }];
    }),
  );

const treesIn = ({ after, end, tenants }: Between): readonly string[] =>
  tenants.filter((tenant) => {
    const tree = `tree:${tenant}`;
    const isAfter = tenant !== after.tenant || tree > after.subject;
    return isAfter && (tenant !== end.tenant || tree <= end.subject);
  });

/**
 * Subjects in between of which only rows are there, each once: all of them, or, where some table
 * names more than `limit`, those up to an earlier end. The end is the beginning where there are so
 * many whose names are no text, and are no place to go on from: those alone, to be taken away.
 */
export async function straysIn(
  db: D1Database,
  between: Between,
  limit: number,
): Promise<{ readonly strays: readonly ListedPlace[]; readonly end: Place }> {
  const asked = queriesOf(between, limit + 1);
  const found = (
    await db.batch<ListedRow>(asked.map(({ sql, values }) => db.prepare(sql).bind(...values)))
  ).map(({ results }) => results.map(listed));
  const cut = found.find(({ length }) => length > limit);
  const unreadable = cut?.filter(({ bytes }) => bytes !== undefined) ?? [];
  if (unreadable.length > 0) return { strays: unreadable, end: between.after };
  const last = cut?.[limit - 1];
  if (last !== undefined) return straysIn(db, { ...between, end: last }, limit);
  const strays = new Map(found.flat().map((one) => [JSON.stringify(one), one]));
  return { strays: [...strays.values()], end: between.end };
}
