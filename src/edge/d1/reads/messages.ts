import type { MessageRow, Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readRows, sessionOf } from "./session.ts";

const MESSAGES = `SELECT message_key AS messageKey, kind, subject, about, created_ms AS createdMs
  FROM messages WHERE tenant = ?1 AND message_key > ?2 ORDER BY message_key LIMIT ?3`;

/** What people are to be told, by key. */
export const messageReads = (mirrorOf: MirrorOf) => ({
  list(
    reader: Reader,
    { after = "", limit }: Part<string>,
  ): Promise<Reading<readonly MessageRow[]>> {
    return readRows(sessionOf(mirrorOf, reader), MESSAGES, [reader.tenant, after, limit]);
  },
});
