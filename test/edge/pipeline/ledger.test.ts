import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { checkManifests, type ManifestState } from "#src/edge/cron/manifests.ts";
import { wakeable } from "#src/edge/d1/aliases.ts";
import { brokenManifests } from "#src/edge/d1/manifests.ts";
import { openBreak } from "#src/edge/d1/open-break.ts";
import { planBody, w1Plan } from "../support/plans.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";

const AT = "2026-07-10T12:00:00.000Z";
const event = (id: string, type: string, data: object, more: object = {}) => ({
  id,
  type,
  version: 1,
  occurred_at: AT,
  data,
  ...more,
});

const enrolled = (id: string, sponsor?: string) =>
  event(`enrol-${id}`, "distributor.enrolled", {
    distributor_id: id,
    ...(sponsor === undefined ? {} : { sponsor_id: sponsor }),
    status: "active",
    joined_at: "2026-01-01",
    country: "SI",
  });

const paid = (data: object = {}, id = "pay") =>
  event(id, "payment.confirmed", {
    payment_id: "P1",
    order_id: "O1",
    currency: "USD",
    amount_minor: 27_500,
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    fee_minor: 828,
    cv_x100: 20_000,
    source_node: "A",
    order_kind: "store",
    ...data,
  });

/** Told by the processor, which knows the payment and no order. */
const refunded = (amount_minor: number, id = "R1") =>
  event(`refund-${id}`, "refund.completed", {
    refund_id: id,
    payment_id: "P1",
    currency: "USD",
    amount_minor,
  });

const flat = (more: object = {}) =>
  planBody({
    components: [
      {
        kind: "unilevel",
        code: "level",
        tree: "sponsor",
        max_level: 2,
        pool_ppm: 400_000,
        compression: "none",
        rates_ppm: { Member: [50_000, 50_000] },
      },
    ],
    ...more,
  });

async function company(plan: object = flat(), settings: object = {}): Promise<Line> {
  const line = await layLine({}, settings);
  const { api, tenant } = line.company;
  const put = await api(`PUT /v1/tenants/${tenant}/plans/main`, plan);
  expect(put.status).toBe(201);
  await line.post(enrolled("A", "B"), enrolled("B", "C"), enrolled("C"));
  await line.drain();
  return line;
}

const rows = async (sql: string, { company: { tenant } }: Line) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all<Record<string, string | number | null>>())
    .results;

const balances = async (line: Line) =>
  Object.fromEntries(
    (
      await rows(
        "SELECT account, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1 HAVING SUM(amount_minor) <> 0",
        line,
      )
    ).map((row) => [row["account"], row["amount"]]),
  );

const held = (line: Line) =>
  rows("SELECT sender_id, state, code, needs FROM held WHERE tenant = ? ORDER BY sender_id", line);

const SOLD = {
  "cash:psp": 26_672,
  "exp:psp_fee": 828,
  "exp:commission": 800,
  "rev:product": -25_000,
  "rev:shipping": -500,
  "tax:sales": -2000,
  "dist:B:pending": -400,
  "dist:C:pending": -400,
};
const RETURNED = {
  "cash:psp": -828,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "rev:refund": 25_000,
};

describe("a refund that knows its payment alone", () => {
  test("waits in the mirror for the payment, and is applied by itself", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    expect(await held(line)).toEqual([
      { sender_id: "refund-R1", state: "parked", code: "payment_unknown", needs: "payment:P1" },
    ]);
    expect(await balances(line)).toEqual({});
    await line.post(paid());
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await held(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test.each([
    ["behind it", [paid(), refunded(27_500)]],
    ["before it", [refunded(27_500), paid()]],
  ])("is applied when it comes in the same batch, %s", async (_name, events) => {
    const line = await company();
    await line.post(...events);
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await rows("SELECT message_key FROM messages WHERE tenant = ?", line)).toHaveLength(
      events[0]?.type === "payment.confirmed" ? 1 : 0,
    );
  });

  test("is found by cron where the one who should have woken it died", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(paid());
    await line.run(() => ({ waitingFor: () => Promise.reject(new Error("D1 is out")) }));
    expect(await balances(line)).toEqual(SOLD);
    const found = (await wakeable(env.MIRROR_0, Date.now() + 60_000)).filter(
      ({ tenant }) => tenant === line.company.tenant,
    );
    expect(found).toHaveLength(1);
    line.queued.push(...found.map((body, i) => ({ id: `woken-${i}`, attempts: 1, body })));
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
  });
});

test("a dispute's end finds its order by the dispute alone", async () => {
  const line = await company();
  const amounts = { currency: "USD", amount_minor: 27_000, net_minor: 25_000, tax_minor: 2000 };
  await line.post(
    event("closed", "chargeback.closed", {
      dispute_id: "D1",
      outcome: "won",
      currency: "USD",
      fee_refunded_minor: 1500,
    }),
  );
  await line.drain();
  await line.post(
    event("opened", "chargeback.opened", {
      dispute_id: "D1",
      payment_id: "P1",
      fee_minor: 1500,
      ...amounts,
    }),
  );
  await line.drain();
  await line.post(paid());
  await line.drain();
  expect(await balances(line)).toEqual(SOLD);
  expect(await held(line)).toEqual([]);
  expect(await outcomesOf(line.company.tenant)).toMatchObject({
    closed: "applied",
    opened: "applied",
  });
});

describe("a payment below somebody who is not known yet", () => {
  test("posts nothing until that one is enrolled", async () => {
    const line = await layLine();
    const { api, tenant } = line.company;
    await api(`PUT /v1/tenants/${tenant}/plans/main`, flat());
    await line.post(paid(), enrolled("A", "B"), enrolled("C"));
    await line.drain();
    expect(await held(line)).toEqual([
      { sender_id: "pay", state: "parked", code: "ancestor_unknown", needs: "node:B" },
    ]);
    expect(await balances(line)).toEqual({});
    await line.post(enrolled("B", "C"));
    await line.drain();
    expect(await balances(line)).toEqual(SOLD);
    expect(await held(line)).toEqual([]);
    await expectMirrorEqualsObjects(tenant);
  });
});

describe("what the ledger cannot take", () => {
  test.each([
    ["a refund above the sale", refunded(27_501), "refund_exceeds_payment"],
    [
      "a refund in another currency",
      event("eur", "refund.completed", {
        refund_id: "R9",
        payment_id: "P1",
        currency: "EUR",
        amount_minor: 100,
      }),
      "currency_mismatch",
    ],
  ])("%s is quarantined and posts nothing", async (_name, refund, code) => {
    const line = await company();
    await line.post(paid());
    await line.drain();
    await line.post(refund);
    await line.drain();
    expect(await balances(line)).toEqual(SOLD);
    expect(await held(line)).toMatchObject([{ state: "quarantined", code }]);
  });

  test("a second payment is the customer's money, and is told of", async () => {
    const line = await company();
    await line.post(paid(), paid({ payment_id: "P2", fee_minor: 100 }, "again"));
    await line.drain();
    expect(await balances(line)).toEqual({
      ...SOLD,
      "cash:psp": 26_672 + 27_400,
      "exp:psp_fee": 928,
      "cust:unapplied": -27_500,
    });
    expect(await rows("SELECT class, reference FROM breaks WHERE tenant = ?", line)).toMatchObject([
      { class: "DUPLICATE_PAYMENT" },
    ]);
    expect(await rows("SELECT message_key FROM messages WHERE tenant = ?", line)).toHaveLength(1);
  });
});

describe("an order's lines and its own row", () => {
  test("are mirrored together: where a distributor is out, the payment comes again", async () => {
    const line = await company();
    await line.post(paid());
    await line.run((ports) => ({
      subject: (object, tenant, subject) =>
        subject === "dist:C"
          ? Promise.reject(new Error("overloaded"))
          : ports.subject(object, tenant, subject),
    }));
    expect(await outcomesOf(line.company.tenant)).not.toHaveProperty("pay");
    expect(await balances(line)).toEqual({ "dist:B:pending": -400, "exp:commission": 400 });
    await line.drain();
    expect(await balances(line)).toEqual(SOLD);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("are told again where the batch died before the mirror", async () => {
    const line = await company();
    await line.post(paid());
    await line.run(() => ({ mirror: () => Promise.reject(new Error("died")) }));
    expect(await balances(line)).toEqual({});
    await line.drain();
    expect(await balances(line)).toEqual(SOLD);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("are held against each other: a line that is lost is a break, once seen twice", async () => {
    const line = await company();
    const { tenant } = line.company;
    await line.post(paid());
    await line.drain();
    let state: ManifestState | undefined;
    const check = () =>
      checkManifests({
        page: (after, limit) =>
          brokenManifests(env.MIRROR_0, after ?? { tenant, orderId: "" }, limit),
        openBreak: (found) => openBreak(env.MIRROR_0, found),
        load: async () => state && { suspects: state.suspects },
        save: async (saved) => {
          state = saved;
        },
        nowMs: () => 1000,
        log: () => undefined,
      });
    const breaks = () => rows("SELECT break_id FROM breaks WHERE tenant = ?", line);
    await check();
    await check();
    expect(await breaks()).toEqual([]);
    await env.MIRROR_0.prepare("DELETE FROM lines WHERE tenant = ? AND distributor_id = 'B'")
      .bind(tenant)
      .run();
    await check();
    expect(await breaks()).toEqual([]);
    await check();
    expect(await breaks()).toEqual([{ break_id: "MANIFEST:O1" }]);
  });
});

test("a debt above the plan's limit is told of, and written off in two steps", async () => {
  const plan = { ...flat(), holdback_days: 0, clawback: { limit_minor: 300 } };
  const line = await company(plan, { mode: "gateway_final" });
  const { api, tenant } = line.company;
  await line.post(paid());
  await line.drain();
  expect(await balances(line)).toMatchObject({ "dist:C:available": -400 });
  await line.post({
    ...event("adjust", "adjustment.posted", {
      line_id: "X1",
      currency: "USD",
      amount_minor: -900,
      reason_code: "fraud",
      effective_at: AT,
      approved_by: "finance",
    }),
    key: "dist:C",
    seq: 1,
  });
  await line.drain();
  expect(await rows("SELECT break_id, detail FROM breaks WHERE tenant = ?", line)).toEqual([
    { break_id: "NEGATIVE_BALANCE:C:USD", detail: "Owes 500 USD, the limit is 300" },
  ]);
  const path = `POST /v1/tenants/${tenant}/distributors/C/write-offs`;
  const ask = { id: "w1", step: "receivable", currency: "USD", amount_minor: 9999 };
  for (const _ of [1, 2]) expect((await api(path, ask)).status).toBe(202);
  expect((await api(path, { ...ask, id: "w2", step: "bad_debt", amount_minor: 200 })).status).toBe(
    202,
  );
  await expect
    .poll(() => balances(line), { timeout: 10_000 })
    .toMatchObject({ "recv:dist:C": 300, "exp:bad_debt": 200 });
  expect(await balances(line)).not.toHaveProperty("dist:C:available");
  await expectMirrorEqualsObjects(tenant);
});

test("what became known of the past while an order was on its way has it priced anew", async () => {
  const line = await company(w1Plan());
  const rank = event("rank", "rank.changed", {
    distributor_id: "C",
    period_id: "2026-07",
    pay_rank: "Silver",
    career_rank: "Silver",
    rev: 1,
    reason: "qualified",
  });
  await line.post(paid());
  // The rank is mirrored after the order was priced, and before the order is mirrored.
  const overtake = line.queued.splice(0);
  await line.post(rank);
  const [late] = line.queued.splice(0);
  await line.run(
    (ports) => ({
      mirror: async (tails, loose) => {
        if (tails.some(({ subject }) => subject === "order:O1") && late !== undefined) {
          await line.run(() => ({}), [late]);
        }
        return ports.mirror(tails, loose);
      },
    }),
    overtake,
  );
  await line.drain();
  expect(await balances(line)).toMatchObject({ "dist:B:pending": -400, "dist:C:pending": -400 });
  await expectMirrorEqualsObjects(line.company.tenant);
});
