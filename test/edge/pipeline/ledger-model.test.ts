import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsPorts } from "#src/compose/queues.ts";
import { parsePlan } from "#src/core/plans/plan.ts";
import { wakeable } from "#src/edge/d1/aliases.ts";
import { type EventsPorts } from "#src/edge/queue/consume-events.ts";
import { recomputePending } from "#src/edge/queue/recompute.ts";
import { allowedOf } from "../../support/gateway/compare.ts";
import { arrivalsOf, order } from "../../support/gateway/play.ts";
import { smallHistories } from "../../support/gateway/small.ts";
import type { History } from "../../support/histories/history.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import { naive, type NaiveResult } from "../../support/naive/naive.ts";
import { runs } from "../../support/runs.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

const EVENTS_MAX = 12;

type Fault = "none" | "before D1" | "after D1" | "an object" | "D1 refuses" | "retry";

/** Some deliveries, consumed as one batch; or left in the queue for the next one. */
const batch = fc.record({
  deliveries: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  fault: fc.constantFrom<Fault>(
    "none",
    "none",
    "none",
    "before D1",
    "after D1",
    "an object",
    "D1 refuses",
    "retry",
  ),
  nth: fc.nat({ max: 9 }),
});

type Batch = typeof batch extends fc.Arbitrary<infer Of> ? Of : never;

const courses = fc.record({
  order,
  batches: fc.array(batch, { minLength: 1, maxLength: 6 }),
});

/** Whoever is named is enrolled, sooner or later: then nothing has to wait in the end. */
function isWhole({ events }: History): boolean {
  const people = new Set(
    events.flatMap(({ type, data }) =>
      type === "distributor.enrolled" ? [data["distributor_id"]] : [],
    ),
  );
  const named = events.flatMap(({ data }) => [
    data["sponsor_id"] ?? null,
    data["placement_id"] ?? null,
    data["enroller_id"] ?? null,
    data["parent_id"] ?? null,
  ]);
  return named.every((id) => id === null || people.has(id));
}

const dies = () => Promise.reject(new Error("The consumer dies"));

const faultOf =
  ({ fault, nth }: Batch) =>
  (ports: EventsPorts): Partial<EventsPorts> => {
    let calls = 0;
    switch (fault) {
      case "none":
      case "retry":
        return {};
      case "before D1":
        return { mirror: dies };
      case "after D1":
        return { mirror: async (...given) => ports.mirror(...given).then(dies) };
      case "D1 refuses":
        return {
          mirror: async (tails, loose) => {
            calls += 1;
            if (calls > nth % 3) return ports.mirror(tails, loose);
            const rows = [...loose.events, ...loose.revived];
            const unwritten = new Set(rows.map(({ eventId }) => eventId));
            return { positions: [], unwritten, errors: ["D1_ERROR: overloaded"] };
          },
        };
      case "an object":
        return {
          subject: (...given) => {
            calls += 1;
            return calls % (2 + (nth % 3)) === 0 ? dies() : ports.subject(...given);
          },
        };
    }
  };

async function lineOf({ mode, plans }: History): Promise<Line> {
  const line = await layLine({}, { mode });
  for (const plan of plans) {
    const effectiveMs = Date.parse(plan.effective_from);
    await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
      .bind(line.company.tenant, plan.plan_id, plan.version, effectiveMs, JSON.stringify(plan), 0)
      .run();
  }
  return line;
}

async function play(line: Line, arrivals: readonly PlainEvent[], batches: readonly Batch[]) {
  const coming = [...arrivals];
  for (let i = 0; coming.length > 0; i += 1) {
    const each = batches[i % batches.length];
    if (each === undefined) break;
    for (const size of each.deliveries) {
      const delivery = coming.splice(0, size);
      if (delivery.length > 0) await line.post(delivery);
    }
    if (each.fault !== "retry") await line.run(faultOf(each));
  }
  for (let round = 0; round < 2; round += 1) {
    await emptied(line);
    await cron(line);
  }
  await emptied(line);
}

async function emptied(line: Line): Promise<void> {
  for (let i = 0; i < 30 && line.queued.length > 0; i += 1) await line.run();
  expect(line.queued).toEqual([]);
}

/** The net below the messages: parked events that could be woken, and changes nobody was told of. */
async function cron({ parts, company: { tenant } }: Line): Promise<void> {
  const ports = eventsPorts(parts, 0);
  for (const message of await wakeable(env.MIRROR_0, Number.MAX_SAFE_INTEGER)) {
    if (message.tenant === tenant) await ports.send(message, 0);
  }
  await recomputePending(ports, [tenant]);
}

const select = async (sql: string, tenant: string) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all<Record<string, string | number>>()).results;

const BALANCES = `SELECT currency, account, SUM(amount_minor) AS amount FROM account_days
  WHERE tenant = ? GROUP BY 1, 2 HAVING SUM(amount_minor) <> 0`;
const LINES = `SELECT line_id, distributor_id, order_id, component, level, rate_ppm, amount_minor,
    reversed_minor, currency, state, CASE WHEN origin = 'gateway' THEN depth END AS depth FROM lines
  WHERE tenant = ? AND state NOT IN ('superseded', 'void') AND amount_minor <> 0`;
const VOLUMES = `SELECT distributor_id, period_id, pv_x100, cv_x100 FROM volumes WHERE tenant = ?
    AND (pv_x100 <> 0 OR cv_x100 <> 0)`;
const MESSAGES = "SELECT message_key FROM messages WHERE tenant = ?";

const sorted = (texts: readonly string[]) => texts.toSorted((a, b) => (a < b ? -1 : 1));

/** What the mirror says, as texts that are the same where the books are. */
async function found(tenant: string) {
  const [balances, lines, volumes] = await Promise.all([
    select(BALANCES, tenant),
    select(LINES, tenant),
    select(VOLUMES, tenant),
  ]);
  return {
    balances: sorted(
      balances.map((row) => `${row["currency"]} ${row["account"]} ${row["amount"]}`),
    ),
    lines: sorted(lines.map((line) => JSON.stringify(shown(line)))),
    volumes: sorted(
      volumes.map((row) =>
        [row["distributor_id"], row["period_id"], row["pv_x100"], row["cv_x100"]].join(" "),
      ),
    ),
  };
}

const shown = (line: Readonly<Record<string, unknown>>) => [
  line["distributor_id"],
  line["line_id"],
  line["order_id"],
  line["component"],
  line["level"],
  line["depth"],
  line["rate_ppm"],
  String(line["amount_minor"]),
  String(line["reversed_minor"]),
  line["currency"],
  line["state"],
];

function counted({ balances, lines, volumes }: NaiveResult) {
  const live = lines.filter(
    ({ state, amount_minor }) => state !== "superseded" && amount_minor !== 0n,
  );
  return {
    balances: sorted(
      Object.entries(balances).flatMap(([currency, accounts]) =>
        Object.entries(accounts).map(([account, sum]) => `${currency} ${account} ${sum}`),
      ),
    ),
    lines: sorted(live.map((line) => JSON.stringify(shown({ ...line })))),
    volumes: sorted(
      Object.entries(volumes).flatMap(([id, periods]) =>
        Object.entries(periods)
          .filter(([, { pv_x100, cv_x100 }]) => pv_x100 !== 0n || cv_x100 !== 0n)
          .map(([period, { pv_x100, cv_x100 }]) => `${id} ${period} ${pv_x100} ${cv_x100}`),
      ),
    ),
  };
}

/** Orders whose lines a person has to look at: they were payable when something became known. */
const isBackdated = async (tenant: string): Promise<boolean> =>
  (await select("SELECT 1 FROM breaks WHERE tenant = ? AND class = 'BACKDATED'", tenant)).length >
  0;

async function expectCounted(
  tenant: string,
  arrivals: readonly PlainEvent[],
  result: NaiveResult,
): Promise<void> {
  const outcomes = await outcomesOf(tenant);
  expect(arrivals.filter(({ id }) => outcomes[id] === undefined)).toEqual([]);
  const wrong = Object.entries(outcomes).filter(
    ([id, outcome]) => !allowedOf(id, result).includes(outcome),
  );
  expect(wrong).toEqual([]);
  const keys = (await select(MESSAGES, tenant)).map((row) => String(row["message_key"]));
  for (const [paymentId, allowed] of Object.entries(result.confirmations)) {
    const times = keys.filter((key) => key === `msg:payment_confirmed:${paymentId}`).length;
    expect(allowed).toContain(times);
  }
  if (result.doubts.length > 0 || (await isBackdated(tenant))) return;
  expect(await found(tenant)).toEqual(counted(result));
}

/** Here plans are read as they were saved: one that could not have been saved is none. */
const arePlans = ({ plans }: History): boolean =>
  plans.every((plan) => parsePlan(JSON.parse(JSON.stringify(plan)), plan).ok);

describe("the pipeline", () => {
  test(
    "ends as it is counted, whatever comes first, comes twice and fails on the way",
    async () => {
      const small = smallHistories.filter(
        (history) => history.events.length <= EVENTS_MAX && isWhole(history) && arePlans(history),
      );
      await fc.assert(
        fc.asyncProperty(small, courses, async (history, { order: given, batches }) => {
          const line = await lineOf(history);
          const { tenant } = line.company;
          const arrivals = arrivalsOf(history, given);
          await play(line, arrivals, batches);
          await expectMirrorEqualsObjects(tenant);
          const result = naive({ ...history, tenant, events: arrivals });
          await expectCounted(tenant, arrivals, result);
        }),
        // Here it would take minutes to shrink: test/core/ledger-model.test.ts finds the smallest.
        { numRuns: runs(100), endOnFailure: true },
      );
    },
    180_000 * runs(1),
  );
});
