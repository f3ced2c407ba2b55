import { expectDigestsOfRows } from "./digests.ts";
import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts, type Parts } from "#src/compose/parts.ts";
import { eventsPorts } from "#src/compose/queues.ts";
import { firstBroken, GENESIS, type LogRow } from "#src/core/subject/chain.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import { post } from "#src/core/ledger/transfer.ts";
import { sha256 } from "#src/edge/objects/sql-store.ts";
import type { SubjectObject } from "#src/edge/objects/subject-object.ts";
import { consumeEvents, type EventsPorts } from "#src/edge/queue/consume-events.ts";
import type { Message } from "#src/edge/message.ts";
import { kindOfSubject } from "#src/edge/subject.ts";
import { signStandard } from "../../../scripts/signing.ts";
import { type Company, ENROLMENT_ID, enrolment, foundCompany, ORIGIN, SECRET } from "./company.ts";

export interface Sent {
  readonly id: string;
  readonly body: Message;
  readonly attempts: number;
}

export interface Line {
  readonly company: Company;
  readonly parts: Parts;
  /** What was sent to the queue and not yet taken by a run. */
  readonly queued: Sent[];
  readonly dead: Message[];
  /** Asks the gateway itself; what it enqueues stands in `queued`. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Posts each list as one delivery; their messages stand in `queued`, in this order. */
  readonly post: (...deliveries: readonly (object | readonly object[])[]) => Promise<void>;
  /**
   * Consumes these messages, or all that are queued, as one batch; what it retries is queued again.
   * Answers how many messages it acknowledged and retried.
   */
  readonly run: (
    faults?: (ports: EventsPorts) => Partial<EventsPorts>,
    messages?: readonly Sent[],
  ) => Promise<{ acked: number; retried: number }>;
  /** Runs until nothing is queued any more, at most ten times. */
  readonly drain: () => Promise<void>;
  /** Has these enrolled, and that mirrored: nobody's money is applied before his enrolment. */
  readonly enrol: (...distributors: readonly string[]) => Promise<void>;
}

/** The gateway with a queue that the test holds in its hands; everything else is the real thing. */
export async function layLine(
  bindings: Partial<Cloudflare.Env> = {},
  settings: object = {},
): Promise<Line> {
  const company = await foundCompany(settings);
  const queued: Sent[] = [];
  const dead: Message[] = [];
  let sent = 0;
  const queue = (take: (body: Message) => void) => ({
    ...env.EVENTS_0,
    send: async (body: Message) => {
      take(JSON.parse(JSON.stringify(body)));
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  });
  const enqueue = (body: Message, attempts = 1) => {
    sent += 1;
    queued.push({ id: `m${sent}`, body, attempts });
  };
  const parts = createParts({
    ...env,
    EVENTS_0: queue((body) => enqueue(body)),
    SLOW_0: queue((body) => enqueue(body)),
    DEAD_0: queue((body) => dead.push(body)),
    ...bindings,
  });
  const api = createApi(parts, []);
  let deliveries = 0;

  const run: Line["run"] = async (faults = () => ({}), messages = queued.splice(0)) => {
    const ctx = createExecutionContext();
    const batch = createMessageBatch<Message>(
      "upline-local-events-0",
      messages.map((message) => ({ ...message, timestamp: new Date() })),
    );
    const ports = eventsPorts(parts, 0);
    let died = false;
    try {
      await consumeEvents(batch.messages, { ...ports, ...faults(ports) });
    } catch {
      died = true;
    }
    const result = await getQueueResult(batch, ctx);
    const acked = new Set(result.explicitAcks);
    for (const message of messages) {
      if (
        died ? !acked.has(message.id) : result.retryMessages.some((m) => m.msgId === message.id)
      ) {
        queued.push({ ...message, attempts: message.attempts + 1 });
      }
    }
    return { acked: acked.size, retried: messages.length - acked.size };
  };

  const deliver: Line["post"] = async (...lists) => {
    for (const events of lists) {
      deliveries += 1;
      const body = JSON.stringify(events);
      const timestampS = Math.floor(Date.now() / 1000);
      const id = `${company.tenant}-${deliveries}`;
      const headers = await signStandard({ secret: SECRET, id, timestampS, body });
      const url = `${ORIGIN}/in/${company.tenant}/core`;
      const response = await api.fetch(
        new Request(url, { method: "POST", headers: { ...headers }, body }),
      );
      if (response.status !== 202) throw new Error(await response.text());
    }
  };
  const drain: Line["drain"] = async () => {
    for (let i = 0; i < 10 && queued.length > 0; i += 1) await run();
    expect(queued).toEqual([]);
  };

  return {
    company,
    parts,
    queued,
    dead,
    run,
    fetch: async (request) => api.fetch(request),
    post: deliver,
    drain,
    enrol: async (...distributors) => {
      await deliver(distributors.map(enrolment));
      await drain();
    },
  };
}

/** A line whose company has these distributors. */
export async function lineOf(...distributors: readonly string[]): Promise<Line> {
  const line = await layLine();
  await line.enrol(...distributors);
  return line;
}

interface Logged {
  readonly rows: readonly LogRow[];
  readonly view: string | undefined;
}

const stubOf = (tenant: string, subject: string) => {
  const id = subject.slice(subject.indexOf(":") + 1);
  switch (kindOfSubject(subject)) {
    case "distributor":
      return env.DISTRIBUTOR.getByName(`${tenant}/${id}`);
    case "order":
      return env.ORDER.getByName(`${tenant}/${id}`);
    case "tree":
      return env.TREE.getByName(tenant);
    case "record":
      return env.RECORD.getByName(`${tenant}/${subject}`);
  }
};

const readLog = (tenant: string, subject: string): Promise<Logged> => {
  const stub: DurableObjectStub<SubjectObject> = stubOf(tenant, subject);
  return runInDurableObject(stub, (object: SubjectObject, state) => ({
    rows: state.storage.sql
      .exec<{ position: number; hash: string; entry: string }>(
        "SELECT * FROM log ORDER BY position",
      )
      .toArray(),
    view: object.current().view,
  }));
};

const select = async (sql: string, ...bindings: string[]) =>
  (
    await env.MIRROR_0.prepare(sql)
      .bind(...bindings)
      .all<Record<string, string | number>>()
  ).results;

/**
 * Holds a tenant's mirror against its objects: same positions and heads, same transfers, lines,
 * views and outcomes, the sums of the days and the digests those of the rows, and every chain whole.
 */
export async function expectMirrorEqualsObjects(tenant: string): Promise<void> {
  await expectDigestsOfRows(tenant);
  const positions = await select("SELECT * FROM subjects WHERE tenant = ?", tenant);
  let balances = {};
  const outcomes = new Map<string, unknown>();
  const lines = new Map<string, unknown>();
  for (const { subject, position, head, view_position, view: mirroredView } of positions) {
    const { rows, view } = await readLog(tenant, String(subject));
    expect(firstBroken(rows, { position: 0, hash: GENESIS }, sha256)).toBeUndefined();
    expect({ subject, position, head }).toEqual({
      subject,
      position: rows.length,
      head: rows.at(-1)?.hash ?? GENESIS,
    });
    const entries = rows.map(({ entry }): Entry => JSON.parse(entry));
    const mirrored = await select(
      "SELECT * FROM transfers WHERE tenant = ? AND subject = ? ORDER BY position, n",
      tenant,
      String(subject),
    );
    const told = entries.flatMap(({ effects, event, cause }, i) =>
      (effects.transfers ?? []).map((transfer, n) => ({
        ...transfer,
        n,
        position: i + 1,
        event_id: event?.event_id ?? cause?.event_id,
      })),
    );
    expect(mirrored).toMatchObject(told);
    expect(mirrored).toHaveLength(told.length);
    for (const { effects, event, outcome } of entries) {
      balances = post(balances, effects.transfers ?? []);
      for (const line of effects.lines ?? []) lines.set(line.line_id, line);
      if (event !== undefined) outcomes.set(event.event_id, outcome);
    }
    expect({ at: view_position, view: mirroredView }).toEqual(
      view === undefined ? { at: null, view: null } : { at: position, view },
    );
  }
  const days = await select(
    "SELECT account, currency, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1, 2 HAVING SUM(amount_minor) <> 0",
    tenant,
  );
  const sums = Object.fromEntries(
    days.map((row) => [`${row["account"]} ${row["currency"]}`, String(row["amount"])]),
  );
  expect(sums).toEqual(
    Object.fromEntries(
      Object.entries(balances as Record<string, Record<string, string>>).flatMap(
        ([account, amounts]) =>
          Object.entries(amounts)
            .filter(([, amount]) => amount !== "0")
            .map(([currency, amount]) => [`${account} ${currency}`, amount]),
      ),
    ),
  );
  const events = await select(
    "SELECT event_id, outcome FROM events WHERE tenant = ? AND position IS NOT NULL",
    tenant,
  );
  expect(new Map(events.map((row) => [row["event_id"], row["outcome"]]))).toEqual(outcomes);
  const stored = await select(
    "SELECT line_id, state, amount_minor, reversed_minor FROM lines WHERE tenant = ?",
    tenant,
  );
  expect(stored).toHaveLength(lines.size);
  for (const row of stored) expect(lines.get(String(row["line_id"]))).toMatchObject(row);
}

/** The outcomes of a tenant's events by the sender's id, repeats and what {@link Line.enrol} sent left out. */
export const outcomesOf = async (tenant: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await select(
        "SELECT sender_id, outcome FROM events WHERE tenant = ? AND repeated = 0 AND sender_id NOT LIKE ? || '%'",
        tenant,
        ENROLMENT_ID,
      )
    ).map((row) => [String(row["sender_id"]), String(row["outcome"])]),
  );
