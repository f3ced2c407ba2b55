import {
  type Changes,
  OWNED_TABLES,
  type OwnedTable,
  type Shares,
  type SubjectMark,
  type SubjectState,
  type TableRow,
} from "../../rebuild.ts";
import type { Place } from "../../subject-rows.ts";
import { inChunks } from "./chunks.ts";
import { HELD, HELD_BEFORE } from "./freeze.ts";
import { MARK, MARKED } from "./marks.ts";
import { KIND_OF_SUBJECT, type RunName, type ShareKind } from "./scratch.ts";
import { ADD_SHARES } from "./sums.ts";
import { columnsOf, SHAPES } from "./tables.ts";

/** What a rebuild writes of one subject, all of it or nothing. */
export interface SubjectWrite extends Place {
  /** The subject's row as it was read: what moved meanwhile is looked at again. */
  readonly state: SubjectState | undefined;
  readonly changes: Changes;
  /** The summary as its object has it, where the mirror's is another. */
  readonly view?: Pick<SubjectState, "viewPosition" | "asOfMs" | "displayName" | "view">;
  /** The mirror forgets how far it was: the log is mirrored from its beginning. */
  readonly isReset: boolean;
  /** Who says that the object of a frozen subject is right. */
  readonly thawed?: { readonly by: string; readonly reason: string; readonly nowMs: number };
  readonly mark: SubjectMark;
  /** What the sums that were kept at the beginning counted of it; where it was not counted yet. */
  readonly shares?: Shares;
}

/** Those of the subjects that still are as they were read. */
const OK = `WITH ok AS MATERIALIZED (
  SELECT j.value ->> 't' AS tenant, j.value ->> 's' AS subject
  FROM json_each(?1) j LEFT JOIN subjects x
    ON x.tenant = j.value ->> 't' AND x.subject = j.value ->> 's'
  WHERE coalesce(x.position, -1) = j.value ->> 'p' AND coalesce(x.head, '') = j.value ->> 'h'
    AND coalesce(x.frozen_ms, -1) = j.value ->> 'f')`;

const ROWS = `json_each(?2) r CROSS JOIN ok ON ok.subject = r.value ->> 's'`;

const column = (name: string): string => `r.value -> 'r' ->> '${name}'`;
const columns = (names: readonly string[]): string => names.map(column).join(", ");
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** Another row has this sender's id already: the unique index holds the first one. */
const REPEATED = `CASE WHEN ${column("repeated")} = 1 OR EXISTS (SELECT 1 FROM events e
    WHERE e.tenant = ok.tenant AND e.source = ${column("source")}
      AND e.sender_id = ${column("sender_id")} AND e.repeated = 0
      AND e.event_id <> ${column("event_id")}) THEN 1 ELSE 0 END`;

const deleteOf = (table: OwnedTable): string => {
  const { key } = SHAPES[table];
  return `${OK} DELETE FROM ${table} WHERE (tenant, ${quoted(key)}) IN
    (SELECT ok.tenant, ${columns(key)} FROM ${ROWS})`;
};

/** Rows whose keys do not come out of D1 as they went in: looked for in all of a tenant's. */
const deleteOdd = (table: OwnedTable): string => {
  const bytes = SHAPES[table].key.map((name) => `hex("${name}")`).join(" || ' ' || ");
  return `${OK} DELETE FROM ${table} WHERE tenant IN (SELECT tenant FROM ok)
    AND ${bytes} IN (SELECT ${column("bytes")} FROM ${ROWS})`;
};

function putOf(table: OwnedTable): string {
  const shape = SHAPES[table];
  const names = columnsOf(shape);
  const values = names.map((name) =>
    table === "events" && name === "repeated" ? REPEATED : column(name),
  );
  const set = shape.told.map((name) => `"${name}" = excluded."${name}"`).join(", ");
  // A transfer that stood there otherwise is gone by now.
  const onConflict =
    set === "" || table === "transfers"
      ? "DO NOTHING"
      : `(tenant, ${quoted(shape.key)}) DO UPDATE SET ${set}`;
  return `${OK} INSERT INTO ${table} (tenant, ${quoted(names)})
    SELECT ok.tenant, ${values.join(", ")} FROM ${ROWS} ON CONFLICT ${onConflict}`;
}

/** The trigger that keeps transfers from being deleted lets this batch pass, and no other. */
const BEGIN = `INSERT OR REPLACE INTO repairs (tenant, subject)
  SELECT value ->> 't', value ->> 's' FROM json_each(?1)`;
const END = `DELETE FROM repairs WHERE (tenant, subject) IN
  (SELECT value ->> 't', value ->> 's' FROM json_each(?1))`;

const PUT_VIEWS = `${OK} UPDATE subjects SET view = ${column("view")},
    view_position = ${column("viewPosition")}, as_of_ms = ${column("asOfMs")},
    display_name = ${column("displayName")}
  FROM ${ROWS} WHERE subjects.tenant = ok.tenant AND subjects.subject = ok.subject`;

const RESET = `${OK} DELETE FROM subjects WHERE (tenant, subject) IN
  (SELECT ok.tenant, ok.subject FROM ${ROWS})`;

// Whoever was held is so no more, whatever somebody decided about that meanwhile.
const THAW = `${OK} UPDATE breaks SET detail = iif(detail = '${HELD}', '${HELD_BEFORE}', detail),
    resolved_ms = ${column("nowMs")}, outcome = 'resolved',
    resolution = json_object('action', 'resolve', 'decision', NULL, 'reason', ${column("reason")},
      'by', ${column("by")}, 'at_ms', ${column("nowMs")})
  FROM ${ROWS} WHERE breaks.tenant = ok.tenant AND breaks.break_id = 'CHAIN:' || ok.subject
    AND (breaks.resolved_ms IS NULL OR breaks.detail = '${HELD}')`;

interface FencedRow {
  readonly s: string;
  readonly r: object;
}

/**
 * Writes what a rebuild found of some subjects, in one D1 batch. Each that has moved since it was read
 * is left as it is. Answers with those whose mark stands.
 */
export async function writeSubjects(
  db: D1Database,
  run: RunName,
  writes: readonly SubjectWrite[],
): Promise<ReadonlySet<string>> {
  const fences = JSON.stringify(writes.map(fenceOf));
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly FencedRow[], ...more: readonly string[]) => {
    for (const part of inChunks(rows)) {
      statements.push(db.prepare(sql).bind(fences, JSON.stringify(part), ...more));
    }
  };
  const moved = writes.filter(({ changes }) => changes.transfers !== undefined);
  const repaired = JSON.stringify(moved.map(({ tenant, subject }) => ({ t: tenant, s: subject })));
  if (moved.length > 0) statements.push(db.prepare(BEGIN).bind(repaired));
  for (const table of OWNED_TABLES) {
    const wrong = rowsOf(writes, table, "wrong");
    const isOdd = ({ r }: FencedRow): boolean => "bytes" in r;
    add(
      deleteOf(table),
      wrong.filter((row) => !isOdd(row)),
    );
    add(deleteOdd(table), wrong.filter(isOdd));
    const right = rowsOf(writes, table, "right");
    add(putOf(table), table === "events" ? once(right) : right);
  }
  if (moved.length > 0) statements.push(db.prepare(END).bind(repaired));
  for (const kind of ["volumes", "digests"] as const) {
    add(`${OK} ${ADD_SHARES[kind]}`, sharesIn(writes, kind), run.tenant, run.runId);
  }
  const marks = writes.map((write) => ({
    s: write.subject,
    r: { k: KIND_OF_SUBJECT(write.subject), mark: JSON.stringify(write.mark) },
  }));
  add(`${OK} ${MARK}`, marks, run.tenant, run.runId);
  add(
    PUT_VIEWS,
    one(writes, ({ view }) => view),
  );
  add(
    THAW,
    one(writes, ({ thawed }) => thawed),
  );
  // What is still to be read as it was, this takes away: it is the last.
  add(
    RESET,
    one(writes, ({ isReset }) => (isReset ? {} : undefined)),
  );
  const names = JSON.stringify(marks.map(({ s, r }) => ({ s, k: r.k })));
  statements.push(db.prepare(MARKED).bind(names, run.tenant, run.runId));
  const results = await db.batch<{ subject: string; mark: string }>(statements);
  const marked = new Map((results.at(-1)?.results ?? []).map((row) => [row.subject, row.mark]));
  return new Set(marks.filter(({ s, r }) => marked.get(s) === r.mark).map(({ s }) => s));
}

const fenceOf = ({ tenant, subject, state }: SubjectWrite): object => ({
  t: tenant,
  s: subject,
  p: state?.position ?? -1,
  h: state?.head ?? "",
  f: state?.frozenMs ?? -1,
});

const rowsOf = (
  writes: readonly SubjectWrite[],
  table: OwnedTable,
  which: "wrong" | "right",
): readonly FencedRow[] =>
  writes.flatMap(({ subject, changes }) =>
    (changes[table]?.[which] ?? []).map((r) => ({ s: subject, r })),
  );

const one = (
  writes: readonly SubjectWrite[],
  of: (write: SubjectWrite) => object | undefined,
): readonly FencedRow[] =>
  writes.flatMap((write) => {
    const r = of(write);
    return r === undefined ? [] : [{ s: write.subject, r }];
  });

const sharesIn = (writes: readonly SubjectWrite[], kind: ShareKind): readonly FencedRow[] =>
  writes.flatMap(({ subject: s, shares }) =>
    [...(shares?.[kind] ?? [])].map(([key, parts]) => ({
      s,
      r: { k: KIND_OF_SUBJECT(s), key, parts },
    })),
  );

/** Within one statement a second row of the same sender's id cannot see the first. */
function once(rows: readonly { readonly s: string; readonly r: object }[]): readonly FencedRow[] {
  const seen = new Set<string>();
  return rows.map(({ s, r }) => {
    const row: TableRow = { ...r };
    if (row["repeated"] === 1) return { s, r };
    const sender = JSON.stringify([row["source"], row["sender_id"]]);
    const isFirst = !seen.has(sender);
    seen.add(sender);
    return { s, r: isFirst ? row : { ...row, repeated: 1 } };
  });
}
