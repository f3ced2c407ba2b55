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

/** As the processor tells it: it knows an amount and an order. */
const thinPaid = event("pay", "payment.confirmed", {
  payment_id: "P1",
  order_id: "O1",
  currency: "USD",
  amount_minor: 27_500,
  fee_minor: 828,
});

const ordered = event("order", "order.placed", {
  order_id: "O1",
  buyer_kind: "distributor",
  source_node: "A",
  order_kind: "store",
  currency: "USD",
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  amount_minor: 27_500,
  cv_x100: 20_000,
  pv_x100: 20_000,
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

const messages = async (line: Line) =>
  (await rows("SELECT message_key FROM messages WHERE tenant = ?", line)).map(
    (row) => row["message_key"],
  );

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
    expect(await messages(line)).toEqual([]);
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
    expect(await messages(line)).toEqual([]);
  });

  test("confirms nothing where two of them waited, told by two senders (W5)", async () => {
    const line = await company();
    for (const one of [refunded(16_500, "R2"), refunded(11_000), refunded(11_000, "R1")]) {
      await line.post(one);
      await line.drain();
    }
    await line.post(paid(), paid({}, "again"));
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await messages(line)).toEqual([]);
    expect(await held(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("confirms the payment once where it is not the whole of it, or failed", async () => {
    const line = await company();
    const failed = event("failed", "refund.failed", {
      refund_id: "R1",
      payment_id: "P1",
      currency: "USD",
    });
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(failed);
    await line.drain();
    await line.post(paid());
    await line.drain();
    expect(await balances(line)).toEqual(SOLD);
    expect(await messages(line)).toEqual(["msg:payment_confirmed:P1"]);
    expect(await held(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test.each<[string, readonly object[]]>([
    ["the refund first", [refunded(27_500), thinPaid]],
    ["the payment first", [thinPaid, refunded(27_500)]],
  ])("waits beside a payment that waits for its order, %s", async (_name, events) => {
    const line = await company();
    for (const one of [...events, ordered]) {
      await line.post(one);
      await line.drain();
    }
    expect(await balances(line)).toEqual(RETURNED);
    expect(await messages(line)).toEqual([]);
    expect(await held(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("is asked for again by nobody while its payment waits", async () => {
    const line = await company();
    await line.post(thinPaid);
    await line.drain();
    await line.post(refunded(27_500));
    await line.drain();
    expect(await held(line)).toEqual([
      { sender_id: "pay", state: "parked", code: "order_unknown", needs: "placed" },
      { sender_id: "refund-R1", state: "parked", code: "payment_unknown", needs: "payment:P1" },
    ]);
    const woken = await wakeable(env.MIRROR_0, Date.now() + 60_000);
    expect(woken.filter(({ tenant }) => tenant === line.company.tenant)).toEqual([]);
  });

  test("comes again with its payment where what waits cannot be read", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(paid());
    const fails = () => Promise.reject(new Error("D1 is out"));
    expect(await line.run(() => ({ parkedFor: fails }))).toEqual({ acked: 0, retried: 1 });
    expect(await balances(line)).toEqual({});
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await messages(line)).toEqual([]);
  });

  test("goes to no object where nobody can say to which", async () => {
    const line = await company();
    await line.post(paid());
    await line.drain();
    await line.post(refunded(27_500));
    const fails = () => Promise.reject(new Error("D1 is out"));
    expect(await line.run(() => ({ findAliases: fails }))).toEqual({ acked: 0, retried: 1 });
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    const subjects = "SELECT subject FROM subjects WHERE tenant = ? AND subject LIKE 'payment:%'";
    expect(await rows(subjects, line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("is woken as ever where the batch that took it along died", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(paid());
    await line.run(() => ({ mirror: () => Promise.reject(new Error("died")) }));
    expect(await held(line)).toMatchObject([{ sender_id: "refund-R1", state: "parked" }]);
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await held(line)).toEqual([]);
    expect(await messages(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("counts once where its repeat, tried again, is the first to find the payment", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(refunded(27_500));
    const dies = () => Promise.reject(new Error("died"));
    await line.run((ports) => ({ mirror: async (...all) => ports.mirror(...all).then(dies) }));
    await line.post(paid());
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    const told = `SELECT outcome, repeated FROM events
      WHERE tenant = ? AND sender_id = 'refund-R1' ORDER BY outcome`;
    expect(await rows(told, line)).toEqual([
      { outcome: "applied", repeated: 0 },
      { outcome: "duplicate", repeated: 1 },
    ]);
  });

  test("is found by cron where the one who should have woken it died", async () => {
    const line = await company();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(paid());
    // It was parked a moment after the payment's batch had looked for it.
    await line.run(() => ({
      parkedFor: async () => [],
      waitingFor: () => Promise.reject(new Error("D1 is out")),
    }));
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

describe("a return that names another order than its payment's", () => {
  const named = (order_id: string, { data, ...more }: ReturnType<typeof refunded>) => ({
    ...more,
    data: { ...data, order_id },
  });
  const opened = event("opened", "chargeback.opened", {
    dispute_id: "D1",
    payment_id: "P1",
    currency: "USD",
    amount_minor: 27_500,
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    fee_minor: 0,
  });
  const otherOrder = paid({ payment_id: "P2", order_id: "O2", fee_minor: 0 }, "pay-2");
  /** Both sales, and one of them gone again. */
  const BACK = { ...SOLD, "cash:psp": 26_672, "rev:product": -50_000, "rev:refund": 25_000 };

  test.each([
    ["that nobody knows", "shop-77", refunded(27_500)],
    ["that has a payment of its own", "O2", refunded(27_500)],
    ["that nobody knows, and is a dispute", "shop-77", opened],
  ])("is led to its payment's order, whatever comes first: %s", async (_name, orderId, back) => {
    for (const isFirst of [true, false]) {
      const line = await company();
      await line.post(otherOrder);
      await line.drain();
      for (const one of isFirst ? [named(orderId, back), paid()] : [paid(), named(orderId, back)]) {
        await line.post(one);
        await line.drain();
      }
      expect(await balances(line)).toEqual(BACK);
      expect(await held(line)).toEqual([]);
      expect(await messages(line)).toContain("msg:payment_confirmed:P2");
      await expectMirrorEqualsObjects(line.company.tenant);
    }
  });

  test("goes with its payment in one batch, and confirms nothing", async () => {
    const line = await company();
    await line.post(paid(), named("shop-77", refunded(27_500)));
    await line.drain();
    expect(await balances(line)).toEqual(RETURNED);
    expect(await messages(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("ends as its refund does: a failure that names another order, a dispute's end too", async () => {
    const failed = event("failed", "refund.failed", {
      refund_id: "R1",
      payment_id: "P1",
      order_id: "shop-78",
      currency: "USD",
    });
    const closed = event("closed", "chargeback.closed", {
      dispute_id: "D1",
      order_id: "shop-78",
      outcome: "won",
      currency: "USD",
      fee_refunded_minor: 0,
    });
    for (const events of [
      [failed, closed, named("shop-77", refunded(27_500)), named("shop-77", opened), paid()],
      [paid(), named("shop-77", refunded(27_500)), failed, named("shop-77", opened), closed],
    ]) {
      const line = await company();
      for (const one of events) {
        await line.post(one);
        await line.drain();
      }
      expect(await balances(line)).toEqual(SOLD);
      expect(await held(line)).toEqual([]);
      await expectMirrorEqualsObjects(line.company.tenant);
    }
  });

  test.each([
    ["refund", refunded(27_500), "refund_of_another_order"],
    ["dispute", opened, "dispute_of_another_order"],
  ])(
    "is taken once: a %s told for two payments stands where it was told first",
    async (_name, back, code) => {
      const ofOther = {
        ...back,
        id: "other",
        data: { ...back.data, payment_id: "P2" },
      };
      for (const isOneBatch of [true, false]) {
        const line = await company();
        await line.post(paid(), otherOrder);
        await line.drain();
        for (const some of isOneBatch ? [[back, ofOther]] : [[back], [ofOther]]) {
          await line.post(...some);
          await line.drain();
        }
        expect(await balances(line)).toEqual(BACK);
        expect(await held(line)).toEqual([
          { sender_id: "other", state: "quarantined", code, needs: null },
        ]);
        await expectMirrorEqualsObjects(line.company.tenant);
      }
    },
  );

  test("is taken once, though both waited for their payments", async () => {
    const line = await company();
    const ofOther = { ...refunded(27_500), id: "other" };
    await line.post({ ...ofOther, data: { ...ofOther.data, payment_id: "P2" } });
    await line.drain();
    await line.post(refunded(27_500));
    await line.drain();
    await line.post(paid());
    await line.drain();
    await line.post(otherOrder);
    await line.drain();
    expect(await balances(line)).toEqual(BACK);
    expect(await held(line)).toMatchObject([{ code: "refund_of_another_order" }]);
    await expectMirrorEqualsObjects(line.company.tenant);
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

test("a dispute that found no room is taken by its end, which knows the dispute alone", async () => {
  const line = await company();
  const amounts = { currency: "USD", amount_minor: 27_500, net_minor: 25_000, tax_minor: 2000 };
  const opened = event("opened", "chargeback.opened", {
    dispute_id: "D1",
    payment_id: "P1",
    fee_minor: 1500,
    shipping_minor: 500,
    ...amounts,
  });
  const closed = event("closed", "chargeback.closed", {
    dispute_id: "D1",
    outcome: "won",
    currency: "USD",
    fee_refunded_minor: 1500,
  });
  for (const one of [closed, refunded(27_500), paid(), opened]) {
    await line.post(one);
    await line.drain();
  }
  expect(await balances(line)).toEqual(RETURNED);
  expect(await held(line)).toEqual([]);
  expect(await outcomesOf(line.company.tenant)).toMatchObject({
    closed: "applied",
    opened: "applied",
    "refund-R1": "applied",
  });
  await expectMirrorEqualsObjects(line.company.tenant);
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

/** A run of the check, over one tenant's orders; it remembers what it suspects. */
function checking(tenant: string): () => Promise<void> {
  let state: ManifestState | undefined;
  return () =>
    checkManifests({
      page: (after, limit) =>
        brokenManifests(env.MIRROR_0, after ?? { tenant, orderId: "" }, limit),
      openBreak: async (found) => {
        await openBreak(env.MIRROR_0, found);
        return true;
      },
      load: async () => state && { suspects: state.suspects },
      save: async (saved) => {
        state = saved;
      },
      nowMs: () => 1000,
      log: () => undefined,
    });
}

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
    const check = checking(tenant);
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

describe("a core's line that is named as one of ours", () => {
  const posted = (amount_minor: number, more: object = {}) => ({
    ...event("core-1", "commission.posted", {
      line_id: "O1:level:1:B",
      distributor_id: "B",
      order_id: "O1",
      component: "level",
      level: 1,
      currency: "USD",
      amount_minor,
      period_id: "2026-07",
      run_id: "run",
      effective_at: AT,
      ...more,
    }),
    key: "dist:B",
    seq: 1,
  });
  const broken = async (line: Line) => {
    const { tenant } = line.company;
    const page = await brokenManifests(env.MIRROR_0, { tenant, orderId: "" }, 1);
    return page.broken.filter((found) => found.tenant === tenant).map(({ orderId }) => orderId);
  };
  const change = (sql: string, { company: { tenant } }: Line) =>
    env.MIRROR_0.prepare(sql).bind(tenant).run();

  test.each([
    { name: "after ours", first: paid(), second: posted(390) },
    { name: "before ours", first: posted(390), second: paid() },
    { name: "of another order", first: posted(390, { order_id: "O2" }), second: paid() },
    { name: "of another order later", first: paid(), second: posted(390, { order_id: "O2" }) },
  ])(
    "breaks no manifest $name, and what is lost or changed still does",
    async ({ first, second }) => {
      const line = await company();
      await line.post(first);
      await line.drain();
      await line.post(second);
      await line.drain();
      const shown = await rows(
        "SELECT line_id, amount_minor, origin FROM lines WHERE tenant = ? ORDER BY 1",
        line,
      );
      expect(shown).toEqual([
        { line_id: "O1:level:1:B", amount_minor: 390, origin: "core" },
        { line_id: "O1:level:2:C", amount_minor: 400, origin: "gateway" },
      ]);
      expect(await broken(line)).toEqual([]);
      await line.post(refunded(11_000));
      await line.drain();
      expect(await broken(line)).toEqual([]);
      await expectMirrorEqualsObjects(line.company.tenant);

      const ours = "WHERE tenant = ? AND distributor_id = 'C'";
      await change(`UPDATE lines SET amount_minor = amount_minor + 1 ${ours}`, line);
      expect(await broken(line)).toEqual(["O1"]);
      await change(`DELETE FROM lines ${ours}`, line);
      expect(await broken(line)).toEqual(["O1"]);
    },
  );

  test("is still missed where it is lost", async () => {
    const line = await company();
    await line.post(paid());
    await line.drain();
    await line.post(posted(390));
    await line.drain();
    await change("DELETE FROM lines WHERE tenant = ? AND distributor_id = 'B'", line);
    expect(await broken(line)).toEqual(["O1"]);
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
  const path = `/v1/tenants/${tenant}/distributors/C/write-offs`;
  const ask = { id: "w1", step: "receivable", currency: "USD", amount_minor: 9999 };
  const refusal = async (body: object) => {
    const response = await api(`POST ${path}`, body);
    return [response.status, (await response.json<{ detail: string }>()).detail];
  };
  expect(await refusal(ask)).toEqual([
    409,
    'Distributor "C" is active, and owes 500 USD: only where one is terminated a debt is moved out',
  ]);
  await line.post(
    event("left", "distributor.status_changed", {
      distributor_id: "C",
      status: "terminated",
      effective_at: AT,
      rev: 2,
    }),
  );
  await line.drain();
  expect(await refusal({ ...ask, currency: "EUR" })).toEqual([
    409,
    'Distributor "C" owes nothing in EUR',
  ]);
  const loss = { ...ask, id: "w2", step: "bad_debt", amount_minor: 200 };
  expect(await refusal(loss)).toEqual([
    409,
    'Distributor "C" owes nothing in USD that was moved out for collection and is still to be lost',
  ]);
  const unknown = await api(`POST /v1/tenants/${tenant}/distributors/X/write-offs`, ask);
  expect(unknown.status).toBe(404);

  expect((await api(`GET ${path}/w1`)).status).toBe(404);
  const outcomeOf = async (id: string) => {
    const response = await api(`GET ${path}/${id}`);
    return response.ok ? response.json<object>() : undefined;
  };
  const accepted = await api(`POST ${path}`, ask);
  const owed = { amount_minor: 500, currency: "USD", amount: "5.00" };
  expect([accepted.status, await accepted.json()]).toEqual([
    202,
    { id: "w1", state: "accepted", owed },
  ]);
  const done = { id: "w1", state: "done", step: "receivable", moved: owed, reason: null };
  await expect.poll(() => outcomeOf("w1"), { timeout: 10_000 }).toEqual(done);
  const repeated = await api(`POST ${path}`, ask);
  expect([repeated.status, await repeated.json()]).toEqual([202, done]);
  expect((await refusal({ ...ask, amount_minor: 1 }))[0]).toBe(409);

  expect((await api(`POST ${path}`, loss)).status).toBe(202);
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
