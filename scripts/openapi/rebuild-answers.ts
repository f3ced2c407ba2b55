import * as z from "zod";
import { PHASES, SUBJECT_RESULTS } from "../../src/edge/rebuild.ts";
import { Id, Instant } from "./parts.ts";

const names = (of: string) => z.array(Id).describe(`${of}: the first twenty of each kind`);

const Report = z.strictObject({
  named: z.int().describe("Subjects by name, wherever the name was found"),
  looked_at: z.int().describe("Of those, held against their object by now"),
  results: z
    .partialRecord(z.enum(SUBJECT_RESULTS), z.int())
    .describe(
      "equal: the mirror was right; rewritten: some rows were not; begun_anew: mirrored from the beginning of the log; taken_away: rows of nobody; nothing: named, and nothing is there",
    ),
  rows: z
    .record(z.string(), z.int())
    .describe("Rows that were wrong, by table, without what is mirrored from its beginning"),
  behind: z.int().describe("Subjects whose mirror does not reach their log yet, up to 1,000"),
  sums_left: z
    .boolean()
    .describe("Volumes and digests of transfers stay as they were: not every log could be read"),
  frozen: names("Subjects that wait for a person"),
  not_found: names("Subjects that the roster knows, and whose object has nothing any more"),
  failed: names("Subjects that could not be looked at, or whose log is too long"),
});

const Rebuild = z.strictObject({
  rebuild_id: Id.describe("`rebuild_…`: sorts by time"),
  state: z.enum(["running", "done", "failed"]),
  phase: z.enum([...PHASES, "done"]).describe("What it is at"),
  reason: z.string(),
  cause: z.string().describe("The credential that asked for it"),
  started_at: Instant,
  ended_at: Instant.nullable(),
  seconds: z.int().nullable().describe("From its start to its end"),
  thaw: z.array(Id).describe("Frozen subjects that a person set free with it"),
  archive_from: Instant.nullable().describe(
    "Deliveries archived since then were read for names. Null where it decides by itself",
  ),
  reprice_from: Instant.nullable().describe(
    "What was paid since then is priced anew at the end. Null: nothing is",
  ),
  report: Report.describe("How far it is, and what it found"),
  error: z
    .string()
    .nullable()
    .describe("Why it failed; while it is running, what last kept it from going on"),
});

/** What rebuilds answer. */
export const REBUILD_ANSWERS = { Rebuild } as const satisfies Record<string, z.ZodType>;
