import * as z from "zod";
import { REPLAY_PHASES } from "../../src/edge/replay.ts";
import { REPLAY_SKIPS } from "../../src/core/operation/replay.ts";
import { Id, Instant } from "./parts.ts";

const Example = z.strictObject({
  event_id: Id,
  source: z.string().nullable(),
  delivery_id: Id.nullable(),
});

const Examples = z.array(Example).describe("The first ten");

const counts = (of: string) => z.record(z.string(), z.int()).describe(of);

const ReplayReport = z.strictObject({
  deliveries: z.int().describe("Deliveries of which something was sent"),
  events: z.strictObject({
    found: z
      .int()
      .describe("Events of the span, of the source and the subject that were asked for"),
    sent: z.int().describe("Of those, played again; in a dry run those that would be"),
    skipped: z.int().describe("Not played again, and why: see `skipped`"),
    lost: z
      .int()
      .describe("Of those found, in the archive alone: no event's read has known of them"),
  }),
  bytes: z
    .int()
    .describe("Of the messages as the queue takes them, and of bodies that lie in the archive"),
  before: counts(
    "What was found by how it stood then: an event's outcome, `discarded` where a person let go of it, `lost`",
  ),
  after: counts("The same events, by how they stood at `counted_at`").nullable(),
  counted_at: Instant.nullable().describe(
    "When what was sent had been worked off, or was waited for no longer. Null until then, and in a dry run",
  ),
  sources: counts("What was sent, by source"),
  types: counts("What was sent, by type; `unknown` where none could be read"),
  decided_anew: z
    .strictObject({ events: z.int(), examples: Examples })
    .describe("Of what was sent, what can end otherwise than it did"),
  skipped: z
    .array(
      z.strictObject({
        reason: z.enum(Object.keys(REPLAY_SKIPS)),
        detail: z.string(),
        events: z.int(),
        examples: Examples,
      }),
    )
    .describe("What was not sent, by reason"),
});

const Replay = z.strictObject({
  replay_id: Id.describe("`replay_…`: sorts by time"),
  state: z.enum(["running", "done", "failed"]),
  phase: z
    .enum([...REPLAY_PHASES, "done"])
    .describe(
      "events: those that the index has; archive: deliveries that it lacks; settling: what was sent is worked off; outcomes: how it all stands by now",
    ),
  dry_run: z.boolean().describe("Nothing was sent"),
  from: Instant,
  to: Instant,
  source: z.string().nullable(),
  subject: Id.nullable(),
  ids: z.array(Id).nullable().describe("These events only; null where all of the span"),
  reason: z.string().nullable(),
  cause: z.string().describe("The credential that asked for it"),
  started_at: Instant,
  ended_at: Instant.nullable(),
  report: ReplayReport.describe("How far it is, and what it found"),
  error: z
    .string()
    .nullable()
    .describe("Why it failed; while it is running, what last kept it from going on"),
});

/** What replays answer. */
export const REPLAY_ANSWERS = { Replay } as const satisfies Record<string, z.ZodType>;
