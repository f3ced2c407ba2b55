import type { DatabaseSync } from "node:sqlite";
import { textOf } from "./line.ts";
import type { Ledger } from "./ledger.ts";

/** `told` was sent, `waiting` is to be sent, `withheld` never is: a gateway has to ask for it. */
export type Telling = "told" | "waiting" | "withheld";

/** What a core tells the gateway; in a strict stream where it has one. */
export interface Told {
  readonly type: string;
  readonly key: string;
  readonly occurredMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** Registers count revisions where streams count their events. */
  readonly rev?: number;
  readonly lineId?: string;
  readonly telling: Telling;
  /** When it is sent at the earliest. */
  readonly dueMs?: number;
}

/** An event that is to be sent. */
export interface Waiting {
  readonly no: number;
  readonly envelope: string;
}

export interface Outbox {
  /** Within a transaction of the ledger. */
  readonly add: (told: Told) => void;
  /** The first that are due, in the order they came about. */
  readonly waiting: (dueMs: number, max: number) => readonly Waiting[];
  readonly told: (events: readonly Waiting[]) => void;
  /** Sends what was told of these lines once more; says how many events that are. */
  readonly again: (lineIds: readonly string[]) => number;
  /** Forgets what it counted: the books went back. */
  readonly forget: () => void;
}

/** `source`: the name that the gateway gave it, told with each event where it has one. */
export function createOutbox(database: DatabaseSync, ledger: Ledger, source?: string): Outbox {
  const heads = new Map<string, number>();
  const head = database.prepare(
    "SELECT max(seq) AS seq FROM outbox WHERE stream = ? AND epoch = ?",
  );
  const insert = database.prepare(
    `INSERT INTO outbox (change, stream, epoch, seq, line_id, envelope, state, due_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const waiting = database.prepare(
    "SELECT no, envelope FROM outbox WHERE state = 'waiting' AND due_ms <= ? ORDER BY no LIMIT ?",
  );
  const mark = database.prepare("UPDATE outbox SET state = 'told' WHERE no = ?");
  const again = database.prepare(
    "UPDATE outbox SET state = 'waiting', due_ms = 0 WHERE line_id = ? AND state = 'told'",
  );

  function nextSeq(stream: string): number {
    const known = heads.get(stream) ?? Number(head.get(stream, ledger.epoch())?.["seq"] ?? 0);
    heads.set(stream, known + 1);
    return known + 1;
  }

  return {
    add({ type, key, occurredMs, data, rev, lineId, telling, dueMs = 0 }) {
      const change = ledger.change();
      const epoch = ledger.epoch();
      const seq = rev === undefined ? nextSeq(key) : undefined;
      const place = seq === undefined ? { rev } : { seq };
      const envelope = JSON.stringify({
        id: `core-${epoch}-${change}-${seq ?? `r${rev}`}`,
        type,
        version: 1,
        occurred_at: textOf(occurredMs),
        key,
        ...(source !== undefined && { source }),
        ...(epoch > 0 && { epoch }),
        ...place,
        data,
      });
      const stream = seq === undefined ? null : key;
      insert.run(change, stream, epoch, seq ?? null, lineId ?? null, envelope, telling, dueMs);
    },
    waiting: (dueMs, max) =>
      waiting
        .all(dueMs, max)
        .map((row) => ({ no: Number(row["no"]), envelope: String(row["envelope"]) })),
    told(events) {
      ledger.transact(() => {
        for (const { no } of events) mark.run(no);
      });
    },
    again: (lineIds) =>
      ledger.transact(() =>
        lineIds.reduce((count, lineId) => count + Number(again.run(lineId).changes), 0),
      ),
    forget: () => {
      heads.clear();
    },
  };
}
