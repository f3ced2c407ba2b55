import * as z from "zod";
import { dataRevision, id, list, members, oneOf } from "./fields.ts";
import type { Data } from "./fields.ts";

const part = () => z.union([z.string().min(1).max(128), z.int()]);
const PrimaryKey = z
  .union([part(), z.array(part()).min(1).max(16), z.record(z.string(), part())])
  .describe("Primary key: a value, or its parts as a list or by column");

/** `table` and `pk` are always there after reading: they may be named by key alone. */
export const CdcRow = z.looseObject({
  table: id("The table; may be left out where key is cdc:{table}:{pk}").optional(),
  pk: PrimaryKey.optional(),
  op: oneOf("create, update, delete or read of a snapshot", ["c", "u", "d", "r"]),
  rev: dataRevision(),
  after: z
    .union([members("The row"), z.null()])
    .optional()
    .describe("The row after the change; required, except for a delete, where it is null"),
});
export type CdcRow = Data<typeof CdcRow>;

export const CdcGap = z.looseObject({
  table: id("The table of which changes were lost"),
  pks: list("The rows concerned; absent: the whole table", PrimaryKey).optional(),
});
export type CdcGap = Data<typeof CdcGap>;
