/** Cloudflare's unit of a queue operation. */
const QUEUE_CHUNK_BYTES = 64_000;
/** Written, read, deleted. */
const QUEUE_STEPS = 3;

/** What Cloudflare would bill, by what caused it. */
export interface Bill {
  objectRows: number;
  d1Rows: number;
  d1RowsRead: number;
  d1Statements: number;
  queueOperations: number;
  r2Puts: number;
  /** Rows written by statement: `do INSERT INTO log`, `d1 INSERT INTO events`. */
  readonly byStatement: Record<string, number>;
}

const emptyBill = (): Bill => ({
  objectRows: 0,
  d1Rows: 0,
  d1RowsRead: 0,
  d1Statements: 0,
  queueOperations: 0,
  r2Puts: 0,
  byStatement: {},
});

let bill = emptyBill();

/** What was counted since the last time, in this isolate: objects and Worker share it locally. */
export function takeBill(): Bill {
  const taken = bill;
  bill = emptyBill();
  return taken;
}

function note(where: "do" | "d1", sql: string, rows: number): void {
  if (rows === 0) return;
  // The verb that writes: a fence in front of it only reads.
  const verb = /\b(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|CREATE TABLE)\s+(\w+)/i;
  const [, word = "?", table = "?"] = verb.exec(sql) ?? [];
  const name = `${where} ${word} ${table}`;
  bill.byStatement[name] = (bill.byStatement[name] ?? 0) + rows;
}

/** What stands in for members of an object. */
interface Members {
  readonly [name: string]: unknown;
}

/** The same object with some members replaced; the others keep their own `this`. */
function overlay<Target extends object>(target: Target, members: Members): Target {
  return new Proxy(target, {
    get(from, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(from, name);
      return typeof value === "function" ? value.bind(from) : value;
    },
  });
}

type Results = D1Result<never>;

function noteD1(sql: string, { meta }: Pick<D1Result, "meta">): void {
  bill.d1Rows += meta.rows_written;
  bill.d1RowsRead += meta.rows_read;
  bill.d1Statements += 1;
  note("d1", sql, meta.rows_written);
}

/** Statements as D1 takes them, by the counted ones that stand for them. */
const genuine = new WeakMap<D1PreparedStatement, { sql: string; statement: D1PreparedStatement }>();

function countStatement(sql: string, statement: D1PreparedStatement): D1PreparedStatement {
  const counted = overlay(statement, {
    bind: (...values: unknown[]) => countStatement(sql, statement.bind(...values)),
    all: async () => {
      const results = await statement.all<never>();
      noteD1(sql, results);
      return results;
    },
    run: async () => {
      const results = await statement.run<never>();
      noteD1(sql, results);
      return results;
    },
    // D1's own first() and raw() leave the meta out: the same query, with it.
    first: async (column?: string) => {
      const results = await statement.all<Record<string, never>>();
      noteD1(sql, results);
      const row = results.results[0] ?? null;
      return row === null || column === undefined ? row : (row[column] ?? null);
    },
    raw: async () => {
      const results = await statement.all<Record<string, never>>();
      noteD1(sql, results);
      return results.results.map((row) => Object.values(row));
    },
  });
  genuine.set(counted, { sql, statement });
  return counted;
}

async function batch(
  database: Pick<D1Database, "batch">,
  statements: D1PreparedStatement[],
): Promise<Results[]> {
  const known = statements.map(
    (counted) => genuine.get(counted) ?? { sql: "", statement: counted },
  );
  const results = await database.batch<never>(known.map(({ statement }) => statement));
  for (const [i, result] of results.entries()) noteD1(known[i]?.sql ?? "", result);
  return results;
}

type Asked = Pick<D1Database, "prepare" | "batch">;

const countAsked = <Database extends Asked>(database: Database, more: Members) =>
  overlay(database, {
    ...more,
    prepare: (sql: string) => countStatement(sql, database.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) => batch(database, statements),
  });

/** A database whose every statement is counted, in sessions too. */
export const countD1 = (database: D1Database): D1Database =>
  countAsked(database, {
    withSession: (constraint?: string) => countAsked(database.withSession(constraint), {}),
  });

/** A queue that keeps what it is sent, and counts it as if it were delivered once. */
export function captureQueue<Body>(queue: Queue<Body>, sent: Body[]): Queue<Body> {
  return overlay(queue, {
    send: async (body: Body) => {
      const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
      bill.queueOperations += QUEUE_STEPS * Math.ceil(bytes / QUEUE_CHUNK_BYTES);
      sent.push(body);
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  });
}

export const countR2 = (bucket: R2Bucket): R2Bucket =>
  overlay(bucket, {
    put: (...args: Parameters<R2Bucket["put"]>) => {
      bill.r2Puts += 1;
      return bucket.put(...args);
    },
  });

const patched = new WeakSet<object>();

/**
 * Counts what an object writes. A write without RETURNING is done when `exec` returns, and its
 * count final; an alarm set is a row written.
 */
export function countObject({ storage }: DurableObjectState): void {
  // Of the class, as the state itself cannot be stood in for: the runtime wants its own.
  const sql: SqlStorage = Object.getPrototypeOf(storage.sql);
  if (patched.has(sql)) return;
  patched.add(sql);
  watch(sql, "exec", (cursor: SqlStorageCursor<never>, [query]) => {
    bill.objectRows += cursor.rowsWritten;
    note("do", String(query), cursor.rowsWritten);
  });
  watch(Object.getPrototypeOf(storage), "setAlarm", () => {
    bill.objectRows += 1;
  });
}

/** Looks at every answer of a method, of all objects that share this prototype. */
function watch<Answer>(
  prototype: object,
  method: string,
  look: (answer: Answer, args: readonly unknown[]) => void,
): void {
  const genuineMethod = Reflect.get(prototype, method);
  Reflect.set(prototype, method, function watched(this: object, ...args: unknown[]) {
    const answer: Answer = Reflect.apply(genuineMethod, this, args);
    look(answer, args);
    return answer;
  });
}
