import type { MirroredTransfer } from "../../../core/subject/mirrored.ts";
import type { DigestedLine, Place, SubjectRow } from "../../subject-rows.ts";
import { rowsOf } from "../reads/session.ts";
import {
  CHAIN_BREAK,
  json,
  LINE_COLUMNS,
  SUBJECT_COLUMNS,
  TRANSFER_COLUMNS,
} from "./subject-rows.ts";

/** Rows handed out at once: some megabytes. */
const PART_ROWS = 5000;

const OF = "x.tenant = ?1 AND x.subject = ?2";

const ROW = `SELECT ${json(SUBJECT_COLUMNS, `, 'chain_break', ${CHAIN_BREAK}`)} AS text
  FROM subjects x WHERE ${OF}`;
const TRANSFERS = `SELECT ${json(TRANSFER_COLUMNS)} AS text FROM transfers x
  WHERE ${OF} AND (x.position, x.n) > (?3, ?4) AND x.position <= ?5
  ORDER BY x.position, x.n LIMIT ?6`;
const BEYOND = `SELECT ${json(TRANSFER_COLUMNS)} AS text FROM transfers x
  WHERE ${OF} AND x.position > coalesce((SELECT s.position FROM subjects s
    WHERE s.tenant = ?1 AND s.subject = ?2), 0)
  ORDER BY x.position, x.n LIMIT ?3`;
const LINES = `SELECT ${json(LINE_COLUMNS)} AS text FROM lines x
  WHERE x.tenant = ?1 AND x.distributor_id = substr(?2, 6) AND substr(?2, 1, 5) = 'dist:'
    AND x.line_id > ?3 ORDER BY x.line_id LIMIT ?4`;
/** From the first one on, even where that has no name. */
const FIRST_LINES = LINES.replace("x.line_id > ?3", "x.line_id >= ?3");

// Own text: columns of the schema, as the queries name them.
const parse = <Row>({ text }: { readonly text: string }): Row => JSON.parse(text);

/** A subject's parts, for one that has too many rows to be read as a whole. */
export function largeReads(db: D1Database, partRows = PART_ROWS) {
  const session = () => db.withSession("first-primary");
  const read = async <Row>(sql: string, values: readonly (string | number)[]) =>
    (await rowsOf<{ text: string }>(session(), sql, values)).map((row) => parse<Row>(row));
  return {
    partRows,
    row: async ({ tenant, subject }: Place) =>
      (await read<SubjectRow>(ROW, [tenant, subject])).at(0),
    transfersAfter: (
      { tenant, subject }: Place,
      after: readonly [position: number, n: number],
      upTo: number,
    ) => read<MirroredTransfer>(TRANSFERS, [tenant, subject, ...after, upTo, partRows]),
    transfersBeyond: ({ tenant, subject }: Place) =>
      read<MirroredTransfer>(BEYOND, [tenant, subject, partRows]),
    linesAfter: ({ tenant, subject }: Place, after?: string) =>
      read<DigestedLine>(after === undefined ? FIRST_LINES : LINES, [
        tenant,
        subject,
        after ?? "",
        partRows,
      ]),
  };
}
