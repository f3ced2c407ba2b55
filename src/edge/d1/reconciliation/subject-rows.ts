import type { MirroredTransfer } from "../../../core/subject/mirrored.ts";
import {
  type DigestedLine,
  type ListedPlace,
  type Place,
  type SubjectRow,
  type SubjectRows,
  SUMMARY_COLUMNS,
} from "../../subject-rows.ts";
import { END, straysIn } from "./strays.ts";
import { listed, type ListedRow, LISTED } from "./unreadable.ts";

/** In the order of members in which core/subject/mirrored.ts has them: equal rows are equal texts. */
export const TRANSFER_COLUMNS = [
  "position",
  "n",
  "rule",
  "debit",
  "credit",
  "amount_minor",
  "currency",
  "reference",
  "event_id",
  "effective_ms",
  "recorded_ms",
] as const satisfies readonly (keyof MirroredTransfer)[];

export const LINE_COLUMNS = [
  "distributor_id",
  "line_id",
  "order_id",
  "component",
  "level",
  "depth",
  "rate_ppm",
  "amount_minor",
  "reversed_minor",
  "currency",
  "state",
  "period_id",
  "effective_ms",
  "origin",
  "due_ms",
  "digest",
] as const satisfies readonly (keyof DigestedLine)[];

export const SUBJECT_COLUMNS = ["position", "head", "frozen_ms", ...SUMMARY_COLUMNS];

/** Rows of a table `x`, as JSON. */
export const json = (columns: readonly string[], more = ""): string =>
  `json_object(${columns.map((column) => `'${column}', x.${column}`).join(", ")}${more})`;

const select = (columns: readonly string[], from: string, more = "") =>
  `SELECT j.key AS place, ${json(columns, more)} AS text FROM json_each(?1) j CROSS JOIN ${from} LIMIT ?2`;

/** Of a subject `x`: whether a CHAIN break says why it is frozen. */
export const CHAIN_BREAK = `EXISTS (SELECT 1 FROM breaks b
    WHERE b.tenant = x.tenant AND b.break_id = 'CHAIN:' || x.subject
      AND (b.resolved_ms IS NULL OR b.outcome = 'accepted'))`;

const OF_SUBJECT = "x.tenant = j.value ->> 't' AND x.subject = j.value ->> 's'";
const SUBJECTS = select(
  SUBJECT_COLUMNS,
  `subjects x ON ${OF_SUBJECT}`,
  `, 'chain_break', ${CHAIN_BREAK}`,
);
const TRANSFERS = select(TRANSFER_COLUMNS, `transfers x ON ${OF_SUBJECT}`);
const LINES = select(
  LINE_COLUMNS,
  "lines x ON x.tenant = j.value ->> 't' AND x.distributor_id = j.value ->> 'd'",
);

interface Row {
  /** Which of the subjects that were asked for. */
  readonly place: number;
  readonly text: string;
}

/**
 * What the mirror has of these subjects, as of one instant. Nothing where that is more than `rowsMax`
 * transfers or lines: then fewer subjects have to be asked for at once.
 */
export async function readSubjectRows(
  db: D1Database,
  places: readonly Place[],
  rowsMax: number,
): Promise<readonly SubjectRows[] | undefined> {
  const named = JSON.stringify(
    places.map(({ tenant, subject }) => ({ t: tenant, s: subject, d: distributorOf(subject) })),
  );
  const queries = [SUBJECTS, TRANSFERS, LINES].map((sql) =>
    db.prepare(sql).bind(named, rowsMax + 1),
  );
  const [subjects = [], transfers = [], lines = []] = (await db.batch<Row>(queries)).map(
    ({ results }) => results,
  );
  if (transfers.length > rowsMax || lines.length > rowsMax) return undefined;
  const [ofSubjects, ofTransfers, ofLines] = [subjects, transfers, lines].map((rows) =>
    Map.groupBy(rows, ({ place }) => place),
  );
  return places.map(({ tenant, subject }, place) => {
    const [row] = (ofSubjects?.get(place) ?? []).map(parseSubject);
    return {
      tenant,
      subject,
      ...(row === undefined ? {} : { row }),
      transfers: (ofTransfers?.get(place) ?? []).map(parseTransfer),
      lines: (ofLines?.get(place) ?? []).map(parseLine),
    };
  });
}

/** Null where the subject is no distributor: it has no lines then. */
const distributorOf = (subject: string): string | null =>
  subject.startsWith("dist:") ? subject.slice("dist:".length) : null;

// Own text: columns of the schema, as the queries name them.
const parseSubject = ({ text }: Row): SubjectRow => JSON.parse(text);
const parseTransfer = ({ text }: Row): MirroredTransfer => JSON.parse(text);
const parseLine = ({ text }: Row): DigestedLine => JSON.parse(text);

/** An unreadable name can sort behind all others. */
const BEHIND_ALL: Place = { tenant: END, subject: END };

const AFTER = `SELECT ${LISTED} FROM subjects
  WHERE (tenant, subject) > (?1, ?2) AND (?4 = '${END}' OR (tenant, subject) <= (?4, ?5))
  ORDER BY tenant, subject LIMIT ?3`;

/**
 * The next subjects in the order of their names, those among them of which only rows are there. The
 * cursor of what comes after them, or none at the end.
 */
export async function subjectsAfter(
  db: D1Database,
  cursor: Place | undefined,
  limit: number,
): Promise<{ readonly items: readonly ListedPlace[]; readonly next?: Place }> {
  const after = cursor ?? { tenant: "", subject: "" };
  const knownUpTo = async ({ tenant, subject }: Place) => {
    const query = db.prepare(AFTER).bind(after.tenant, after.subject, limit, tenant, subject);
    return (await query.all<ListedRow>()).results.map(listed);
  };
  const known = await knownUpTo(BEHIND_ALL);
  const last = known.length < limit ? undefined : lastReadable(known, after);
  const end = last ?? BEHIND_ALL;
  const tenants = [...new Set([after, ...known].map(({ tenant }) => tenant))];
  const found = await straysIn(db, { after, end, tenants }, limit);
  if (found.end !== end) {
    // There are too many of them to be looked at with those that are known.
    return { items: [...(await knownUpTo(found.end)), ...found.strays], next: found.end };
  }
  const items = [...known, ...found.strays];
  return last === undefined ? { items } : { items, next: last };
}

/** From a name that is no text nobody can go on: it is taken away, and asked for as if it were not there. */
function lastReadable(known: readonly ListedPlace[], after: Place): Place {
  const { tenant, subject } = known.findLast(({ bytes }) => bytes === undefined) ?? after;
  return { tenant, subject };
}
