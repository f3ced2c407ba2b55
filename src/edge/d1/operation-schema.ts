import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * What operators ask of a shard: how fast events became visible, and deliveries played again. Times are
 * UTC milliseconds.
 */

// Of what was spoilt by hand nothing: STRICT would refuse text, and a line must be written all the same.
const countIn = (key: string) =>
  sql.raw(`iif(json_valid(counts), CAST(counts ->> '$."${key}"' AS INTEGER), 0)`);

/**
 * How long lines took to be visible: a row a tenant and minute in which they were, and an hour for what
 * is long past. Not the minute of reception: a backlog of six minutes would be in no window of five.
 */
export const slaMinutes = sqliteTable(
  "sla_minutes",
  {
    tenant: text().notNull(),
    minuteMs: integer("minute_ms").notNull(),
    // What burn rates need, of `counts`, and before them: nobody who adds up goes through long text.
    lines: integer().generatedAlwaysAs(countIn("lines"), { mode: "stored" }),
    within5000: integer("within_5000").generatedAlwaysAs(countIn("within:5000"), {
      mode: "stored",
    }),
    within30000: integer("within_30000").generatedAlwaysAs(countIn("within:30000"), {
      mode: "stored",
    }),
    /** JSON: counts by stage and bucket, those that are zero left out. */
    counts: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.minuteMs] })],
);

/** Archived deliveries that a person had played again; a row a replay, continued by whoever holds its lease. */
export const replays = sqliteTable(
  "replays",
  {
    tenant: text().notNull(),
    /** Sorts in the order of time. */
    replayId: text("replay_id").notNull(),
    state: text({ enum: ["running", "done", "failed"] }).notNull(),
    /** Who asked for it. */
    actor: text().notNull(),
    startedMs: integer("started_ms").notNull(),
    endedMs: integer("ended_ms"),
    /** Until then somebody is at it: two never are. */
    leaseMs: integer("lease_ms").notNull(),
    /** JSON: what is to be played again. */
    asked: text().notNull(),
    /** JSON: where it goes on. */
    cursor: text().notNull(),
    /** JSON: what it found and sent, as far as it is. */
    report: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.replayId] }),
    index("replays_running")
      .on(t.tenant, t.replayId)
      .where(sql`state = 'running'`),
  ],
);
