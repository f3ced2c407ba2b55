import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { eventsPorts } from "#src/compose/queues.ts";
import { parsePlan } from "#src/core/plans/plan.ts";
import { readRaw } from "#src/edge/archive/read-raw.ts";
import { wakeable } from "#src/edge/d1/aliases.ts";
import type { DeliveryMessage } from "#src/edge/message.ts";
import { recomputePending } from "#src/edge/queue/recompute.ts";
import { kindOfSubject } from "#src/edge/subject.ts";
import { arrivalsOf, order } from "../../support/gateway/play.ts";
import { smallHistories } from "../../support/gateway/small.ts";
import type { History } from "../../support/histories/history.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import { WORKED } from "../../support/naive/worked.ts";
import { runs } from "../../support/runs.ts";
import { busyEvents, putPlan } from "../cron/rebuild/busy.ts";
import { MIRROR_TABLES, tamper } from "../cron/rebuild/support.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

/*
 * Objects and mirror of a company are lost, and all that is left are its configuration and the
 * archive: the deliveries as they came, still sealed. Put on the queue again they give the same books.
 */

const db = env.MIRROR_0;

/**
 * What does not depend on when something was recorded, under which id of ours, and together with what:
 * a sale that is known to be paid back already is confirmed to nobody.
 */
const BOOKS = {
  balances: `SELECT account, currency, SUM(amount_minor) AS amount FROM account_days
    WHERE tenant = ? GROUP BY 1, 2 HAVING SUM(amount_minor) <> 0`,
  lines: `SELECT distributor_id, line_id, order_id, component, level, depth, rate_ppm, amount_minor,
    reversed_minor, currency, state, period_id, effective_ms, origin FROM lines
    WHERE tenant = ? AND state NOT IN ('superseded', 'void') AND amount_minor <> 0`,
  volumes: `SELECT distributor_id, period_id, pv_x100, cv_x100, gv_x100 FROM volumes WHERE tenant = ?
    AND (pv_x100 <> 0 OR cv_x100 <> 0 OR gv_x100 <> 0)`,
  orders: `SELECT order_id, state, payment_id, source_node, net_minor, amount_minor, fee_minor,
    returned_minor, paid_ms, period_id FROM orders WHERE tenant = ?`,
  standings: `SELECT distributor_id, kind, period_id, epoch, rev, effective_ms, value FROM standings
    WHERE tenant = ?`,
  edges: `SELECT tree, node, version, node_kind, effective_ms, parent_id, leg FROM edges
    WHERE tenant = ?`,
  frontlines: `SELECT distributor_id, distributors FROM frontlines
    WHERE tenant = ? AND distributors <> 0`,
  records: "SELECT kind, id, epoch, rev, occurred_ms, value FROM records WHERE tenant = ?",
  held: "SELECT sender_id, state, type, key, code, needs FROM held WHERE tenant = ?",
} as const;

async function booksOf(tenant: string) {
  const books = new Map<string, unknown>();
  for (const [name, sql] of Object.entries(BOOKS)) {
    const { results } = await db.prepare(sql).bind(tenant).all();
    books.set(name, results.map((row) => JSON.stringify(row)).toSorted());
  }
  return books.set("outcomes", await outcomesOf(tenant));
}

async function emptied(line: Line): Promise<void> {
  for (let i = 0; i < 30 && line.queued.length > 0; i += 1) await line.run();
  expect(line.queued).toEqual([]);
}

/** Until nothing waits for cron. */
async function settled(line: Line): Promise<void> {
  const ports = eventsPorts(line.parts, 0);
  const { tenant } = line.company;
  for (let round = 0; round < 2; round += 1) {
    await emptied(line);
    for (const message of await wakeable(db, Number.MAX_SAFE_INTEGER)) {
      if (message.tenant === tenant) await ports.send(message, 0);
    }
    await recomputePending(ports, [tenant]);
  }
  await emptied(line);
}

async function archiveOf(tenant: string): Promise<readonly DeliveryMessage[]> {
  const deliveries: DeliveryMessage[] = [];
  let after: string | undefined;
  do {
    const page = await readRaw(env.ARCHIVE_0, { tenant, fromMs: 0 }, { after, limit: 3 });
    deliveries.push(...page.parts.flatMap((part) => part.deliveries));
    after = page.next;
  } while (after !== undefined);
  return deliveries;
}

/** Every object that the mirror knows, and all the mirror has. */
async function loseAll(tenant: string): Promise<void> {
  const { results } = await db
    .prepare("SELECT subject FROM subjects WHERE tenant = ?")
    .bind(tenant)
    .all<{ subject: string }>();
  await Promise.all(results.map(({ subject }) => stubOf(tenant, subject).purge()));
  await tamper(
    ...MIRROR_TABLES.map(({ name }) => [`DELETE FROM "${name}" WHERE tenant = ?`, tenant] as const),
  );
}

function stubOf(tenant: string, subject: string) {
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
}

interface Playing {
  readonly isByOutcome?: boolean;
  /** Where the gateway's lines are final they stay as people stood, as far as was known by then. */
  readonly isOneByOne?: boolean;
}

/** Loses everything but the archive, puts that on the queue again, and compares. */
async function expectSameFromArchive(
  line: Line,
  { isByOutcome = true, isOneByOne = false }: Playing = {},
): Promise<void> {
  const { tenant } = line.company;
  const shown = async () => {
    const books = await booksOf(tenant);
    // Which of two tellings of one payment is the duplicate, depends on which comes first.
    if (!isByOutcome) books.delete("outcomes");
    return books;
  };
  const before = await shown();
  const archive = await archiveOf(tenant);
  await loseAll(tenant);
  const lost = await booksOf(tenant);
  expect(["balances", "standings", "outcomes"].map((name) => lost.get(name))).toEqual([[], [], {}]);

  const ports = eventsPorts(line.parts, 0, "slow");
  for (const delivery of archive) {
    await ports.send(delivery, 0);
    if (isOneByOne) await emptied(line);
  }
  await settled(line);
  expect(await shown()).toEqual(before);
  await expectMirrorEqualsObjects(tenant);
}

async function lineOf({ mode, plans }: Pick<History, "mode" | "plans">): Promise<Line> {
  const line = await layLine({}, { mode });
  for (const plan of plans) await putPlan(line.company.tenant, plan);
  return line;
}

async function play(
  line: Line,
  events: readonly object[],
  size: number,
  { isOneByOne = false }: Playing = {},
): Promise<void> {
  for (let i = 0; i < events.length; i += size) {
    await line.post(events.slice(i, i + size));
    if (isOneByOne || i % 2 === 0) await emptied(line);
  }
  await settled(line);
}

test.each(WORKED)("the archive gives the same: $name", async ({ mode, plan, events }) => {
  const line = await lineOf({ mode, plans: [plan] });
  await play(line, events, 3);
  await expectSameFromArchive(line);
});

test("the archive gives the same of a company with something of everything", async () => {
  const [worked] = WORKED;
  if (worked === undefined) throw new Error("There are no examples");
  const line = await lineOf({ mode: worked.mode, plans: [worked.plan] });
  for (const delivery of [worked.events, ...busyEvents()]) await line.post(delivery);
  await settled(line);
  await expectSameFromArchive(line);
});

const EVENTS_MAX = 12;

/** Plans are read as they were saved: one that could not have been saved is none. */
const arePlans = ({ plans }: History): boolean =>
  plans.every((plan) => parsePlan(JSON.parse(JSON.stringify(plan)), plan).ok);

test(
  "the archive gives the same of random companies",
  async () => {
    const small = smallHistories.filter(
      (history) => history.events.length <= EVENTS_MAX && arePlans(history),
    );
    await fc.assert(
      fc.asyncProperty(
        small,
        order,
        fc.integer({ min: 1, max: 4 }),
        async (history, given, size) => {
          const line = await lineOf(history);
          const arrivals: readonly PlainEvent[] = arrivalsOf(history, given);
          const isOneByOne = history.mode === "gateway_final";
          await play(line, arrivals, size, { isOneByOne });
          await expectSameFromArchive(line, { isByOutcome: false, isOneByOne });
        },
      ),
      { numRuns: runs(10), endOnFailure: true },
    );
  },
  120_000 * runs(1),
);
