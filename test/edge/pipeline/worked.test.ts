import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { runs } from "../../support/runs.ts";
import { WORKED, type Worked, type WorkedLine } from "../../support/naive/worked.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

/** 0 is as told; of the others those that three divides go one batch after the other. */
const SEEDS = Array.from({ length: runs(1) }, (_, i) => 2 * i + 3);

/** Deterministic, so that a failure comes again. */
function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  let state = seed * 2_654_435_761;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const select = async (sql: string, tenant: string) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all<Record<string, string | number>>()).results;

async function balancesOf(tenant: string) {
  const rows = await select(
    "SELECT account, currency, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1, 2 HAVING SUM(amount_minor) <> 0",
    tenant,
  );
  const balances: Record<string, Record<string, number>> = {};
  for (const { account, currency, amount } of rows) {
    (balances[String(currency)] ??= {})[String(account)] = Number(amount);
  }
  return balances;
}

const linesOf = (tenant: string) =>
  select(
    `SELECT line_id, distributor_id, order_id, component, level, depth, rate_ppm, amount_minor,
      reversed_minor, currency, state FROM lines WHERE tenant = ? ORDER BY line_id`,
    tenant,
  );

const byId = (a: WorkedLine, b: WorkedLine) => (a.line_id < b.line_id ? -1 : 1);

async function companyOf({ mode, plan }: Worked): Promise<Line> {
  const line = await layLine({}, { mode });
  const { tenant } = line.company;
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
    .bind(
      tenant,
      plan.plan_id,
      plan.version,
      Date.parse(plan.effective_from),
      JSON.stringify(plan),
      0,
    )
    .run();
  return line;
}

/** Sends the events a few at a time, some of them twice. */
async function play(line: Line, worked: Worked, seed: number): Promise<void> {
  const events = seed === 0 ? worked.events : shuffled([...worked.events, ...worked.events], seed);
  const size = 1 + (seed % 4);
  for (let i = 0; i < events.length; i += size) {
    await line.post(...events.slice(i, i + size).map((event) => [event]));
    if (seed % 3 === 0) await line.drain();
  }
  await line.drain();
}

describe.each(WORKED)("$name", (worked) => {
  test.each(SEEDS)("ends as DOMAIN says, whatever comes first (%i)", async (seed) => {
    const line = await companyOf(worked);
    const { tenant } = line.company;
    await play(line, worked, seed);
    expect({
      balances: await balancesOf(tenant),
      outcomes: await outcomesOf(tenant),
    }).toMatchObject({
      balances: worked.balances,
    });
    const lines = (await linesOf(tenant)).filter(
      ({ state, amount_minor }) => state !== "superseded" && amount_minor !== 0,
    );
    expect(lines).toMatchObject(
      [...worked.lines].toSorted(byId).map(({ depth, ...told }) => ({
        ...told,
        ...(depth === null ? {} : { depth }),
      })),
    );
    expect(lines).toHaveLength(worked.lines.length);
    await expectMirrorEqualsObjects(tenant);
    const messages = await select("SELECT message_key FROM messages WHERE tenant = ?", tenant);
    expect(new Set(messages.map((row) => row["message_key"])).size).toBe(messages.length);
  });
});
