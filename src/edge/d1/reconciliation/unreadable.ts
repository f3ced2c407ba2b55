import type { ListedPlace, Place } from "../../subject-rows.ts";
import { rowsOf } from "../reads/session.ts";

/*
 * Names that do not come out of D1 as they went in: text that is no UTF-8. Whoever asks for what came
 * out finds nothing. No event brings such a name: its rows are found by their bytes, and go.
 */

/** Whether a text has anything but the plain characters of ASCII: all others are looked at by their bytes. */
export const isNotPlain = (column: string): string =>
  `(${column} GLOB '*[^ -~]*' OR instr(${column}, char(0)) > 0)`;

/** A text by the hex of its bytes. */
export const textOfHex = (hex: string): string => `CAST(unhex(${hex}) AS TEXT)`;

/** Stands for what is no UTF-8 in a text that came out of D1, unless it went in so. */
export const REPLACED = "\u{FFFD}";

/** Whether bytes are a text that comes out as it went in. */
export function isReadable(hex: string): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(hex));
    return true;
  } catch {
    return false;
  }
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );

/** Columns of rows that have a tenant and a subject. */
export const LISTED = `tenant, subject,
  iif(${isNotPlain("tenant")} OR ${isNotPlain("subject")}, hex(tenant) || ' ' || hex(subject), NULL) AS bytes`;

export interface ListedRow extends Place {
  readonly bytes: string | null;
}

export function listed({ tenant, subject, bytes }: ListedRow): ListedPlace {
  const [of = "", name = ""] = bytes?.split(" ") ?? [];
  if (isReadable(of) && isReadable(name)) return { tenant, subject };
  return { tenant, subject, bytes: [of, name] };
}

/** Lines looked at by their bytes at once. */
const PAGE_ROWS = 5000;

const OF_DISTRIBUTOR = `tenant = ?1 AND distributor_id = substr(?2, 6) AND substr(?2, 1, 5) = 'dist:'`;
const NOT_PLAIN = `SELECT hex(line_id) AS hex FROM lines WHERE ${OF_DISTRIBUTOR}
  AND line_id >= ${textOfHex("?3")} AND hex(line_id) <> ?3 AND ${isNotPlain("line_id")}
  ORDER BY line_id LIMIT ?4`;
const DROP_LINES = `DELETE FROM lines WHERE ${OF_DISTRIBUTOR}
  AND line_id IN (SELECT ${textOfHex("value")} FROM json_each(?3))`;

/** Takes away a subject's lines whose ids are no text; answers how many there were. */
export async function siftLines(db: D1Database, { tenant, subject }: Place): Promise<number> {
  const session = db.withSession("first-primary");
  let dropped = 0;
  let after = "";
  for (;;) {
    const values = [tenant, subject, after, PAGE_ROWS];
    const rows = await rowsOf<{ hex: string }>(session, NOT_PLAIN, values);
    const wrong = rows.map(({ hex }) => hex).filter((hex) => !isReadable(hex));
    if (wrong.length > 0) {
      await db.prepare(DROP_LINES).bind(tenant, subject, JSON.stringify(wrong)).run();
    }
    dropped += wrong.length;
    const last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
    if (last === undefined) return dropped;
    after = last.hex;
  }
}
