import * as z from "zod";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { type Loose, looseOf } from "./read/loose.ts";
import { readRow, upTo } from "./read/rows.ts";
import type { Item, ReadingContext } from "./sender.ts";

/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;
/** A transaction has 100 000 changes at most before the rest of it is an overflow. */
const SEQUENCE_DIGITS = 7;
/** As many rows as a gap can name. */
const RECORDS_MAX = 1000;

const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);

/** https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm */
export const ChangeEventHeader = z.looseObject({
  entityName: z.string().min(1).max(100),
  recordIds: z
    .array(z.string().min(1).max(64))
    .min(1)
    .transform((ids) => [...new Set(ids)]),
  changeType: z.enum([
    "CREATE",
    "UPDATE",
    "DELETE",
    "UNDELETE",
    "GAP_CREATE",
    "GAP_UPDATE",
    "GAP_DELETE",
    "GAP_UNDELETE",
    "GAP_OVERFLOW",
  ]),
  transactionKey: z.string().min(1).max(64),
  sequenceNumber: z
    .int()
    .min(0)
    .max(10 ** SEQUENCE_DIGITS - 1),
  commitTimestamp: z.int().min(0).max(INSTANT_MS_MAX),
  /** 64 bits: beyond 2^53 it is read as the text of its digits. */
  commitNumber: z.union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "Must be digits")]),
  changedFields: Names,
  nulledFields: Names,
  diffFields: Names,
});

export interface Change {
  readonly header: z.output<typeof ChangeEventHeader>;
  /** Without the header. */
  readonly fields: Loose;
  /** `ContactChangeEvent`. */
  readonly event: string;
}

/** What a transaction's overflow names in place of its records. */
const EMPTY_ID = /^0{15}(?:AAA)?$/;
/** `001*`: a field was converted in all records of a kind. */
const isNoRecord = (id: string): boolean => EMPTY_ID.test(id) || id.includes("*");

/** Pub/Sub API's bitmaps of fields, `0x1A` and `2-0x01`, that a bridge has not spelled out. */
const BITMAP = /^(?:\d+-)?0x[\da-f]*$/i;

/**
 * One item for each record, or one for all where the records themselves have to be fetched. A
 * value told as a diff (`diffFields`) is no value, and which fields a bitmap names needs a schema:
 * such a record is a gap, too.
 */
export function readChange(change: Change, context: ReadingContext): readonly Item[] {
  const { recordIds, changeType, changedFields, nulledFields, diffFields } = change.header;
  const isWhole = recordIds.some(isNoRecord) || recordIds.length > RECORDS_MAX;
  if (isWhole || changeType === "GAP_OVERFLOW") return [readGap(change, undefined, context)];
  if (changeType.startsWith("GAP_")) return [readGap(change, recordIds, context)];

  const isPartial = diffFields.length > 0 || [...changedFields, ...nulledFields].some(isBitmap);
  return recordIds.map((id) =>
    isPartial ? readGap(change, [id], context) : readRecord(change, id, context),
  );
}

const isBitmap = (name: string): boolean => BITMAP.test(name);

const tableOf = ({ header }: Change): string => `salesforce:${header.entityName}`;

/** Rows to be looked at again; all of the table, where none are named. */
function readGap(
  change: Change,
  pks: readonly string[] | undefined,
  context: ReadingContext,
): Item {
  const { transactionKey, sequenceNumber, entityName, changeType, commitTimestamp } = change.header;
  const rows = pks === undefined ? "*" : pks.length === 1 ? pks[0] : fingerprint(pks.join());
  const item = readTelling(
    {
      // Gaps of one transaction all have sequence number 1: their records tell them apart.
      id: idOf(transactionKey, sequenceNumber, entityName, changeType, rows),
      type: changeType,
      occurredAtMs: commitTimestamp,
      payload: change.header,
      about: aboutOf(change),
      fact: { type: "cdc.gap", data: { table: tableOf(change), ...(pks && { pks }) } },
    },
    context,
  );
  return upTo(revOf(change), item);
}

function readRecord(change: Change, id: string, context: ReadingContext): Item {
  const { changeType, commitTimestamp, transactionKey, sequenceNumber, entityName } = change.header;
  const row = rowOf(change, id);
  return readRow(
    {
      tables: [tableOf(change), entityName],
      ...(changeType === "DELETE"
        ? { op: "d", before: row }
        : { op: changeType === "UPDATE" ? "u" : "c", after: row }),
      // It tells the fields that changed.
      isPartial: changeType === "UPDATE",
      rev: revOf(change),
      position: `${transactionKey}:${sequenceNumber}`,
      occurredAtMs: commitTimestamp,
      about: aboutOf(change),
    },
    context,
  );
}

/**
 * `commitNumber` × 10^7 + `sequenceNumber`: the order of commits, and of the changes inside of one,
 * as one integer.
 */
const revOf = ({ header: { commitNumber, sequenceNumber } }: Change): string =>
  `${commitNumber}${String(sequenceNumber).padStart(SEQUENCE_DIGITS, "0")}`;

const aboutOf = ({ header, event }: Change): Loose => ({
  event,
  change_type: header.changeType,
  changed_fields: header.changedFields,
  change_origin: header["changeOrigin"],
  commit_user: header["commitUser"],
});

/**
 * What is told of a record, under its id. Enriched fields are among it though they have not changed,
 * of a deleted record too. Null is a value only of a field that was changed to it.
 */
function rowOf({ header, fields }: Change, id: string): Loose {
  const { changedFields, nulledFields } = header;
  const named = new Set([...changedFields, ...nulledFields]);
  const told = Object.entries(fields).filter(([name, value]) => value !== null || named.has(name));
  const nulled = nulledFields.reduce(withNull, Object.fromEntries(told));
  return { ...nulled, Id: id };
}

/** A part of a compound field is named with it: `Name.FirstName`. */
function withNull(row: Loose, path: string): Loose {
  const dot = path.indexOf(".");
  if (dot === -1) return { ...row, [path]: null };
  const [whole, part] = [path.slice(0, dot), path.slice(dot + 1)];
  return { ...row, [whole]: { ...looseOf(row[whole]), [part]: null } };
}
