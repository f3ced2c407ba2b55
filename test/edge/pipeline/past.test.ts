import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { waylessSales, WOKEN_MAX } from "#src/edge/d1/aliases.ts";
import { pendingChanges } from "#src/edge/d1/changes.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import type { EventsPorts } from "#src/edge/queue/consume-events.ts";
import { ORIGIN } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line, outcomesOf } from "../support/line.ts";
import { level, planBody } from "../support/plans.ts";

const SOLD_AT = "2026-05-22T05:00:00.000Z";
const event = <Data extends object>(id: string, type: string, data: Data, more: object = {}) => ({
  id,
  type,
  version: 1,
  occurred_at: "2026-07-20T12:00:00.000Z",
  data,
  ...more,
});

const enrolled = (id: string, more: object = {}, rev = 0) =>
  event(
    `enrol-${id}-${rev}`,
    "distributor.enrolled",
    { distributor_id: id, status: "active", joined_at: "2026-01-01", country: "SI", ...more },
    { rev },
  );

/** Revision of whom the customer C hangs under, from a day on. */
const link = (to: string, rev: number, effective_at = "2026-01-01") =>
  event(
    `link-C-${rev}`,
    "customer.linked",
    { customer_id: "C", enroller_id: to, effective_at },
    { rev },
  );

const sold = (order = "O1", source = "C") => ({
  ...event(`pay-${order}`, "payment.confirmed", {
    payment_id: `P-${order}`,
    order_id: order,
    currency: "USD",
    amount_minor: 10_000,
    net_minor: 10_000,
    tax_minor: 0,
    shipping_minor: 0,
    cv_x100: 10_000,
    pv_x100: 10_000,
    source_node: source,
    order_kind: "store",
  }),
  occurred_at: SOLD_AT,
});

const matrix = {
  kind: "matrix",
  code: "matrix",
  tree: "placement",
  width: 1,
  height: 3,
  max_level: 1,
};

/** The API over the queue in the test's hands. */
const putPlan = async ({ parts, company: { tenant } }: Line, plan: object) => {
  const api = createApi(parts, readRoutes(readPorts(parts)));
  return api.fetch(
    new Request(`${ORIGIN}/v1/tenants/${tenant}/plans/main`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify(plan),
    }),
  );
};

async function company(plan: object = planBody()): Promise<Line> {
  const line = await layLine();
  expect((await putPlan(line, plan)).status).toBe(201);
  await line.drain();
  return line;
}

/** Each of these by itself; a list is one delivery. */
async function tell(
  line: Line,
  ...deliveries: readonly (object | readonly object[])[]
): Promise<void> {
  for (const one of deliveries) {
    await line.post(one);
    await line.drain();
  }
}

const rows = async (sql: string, { company: { tenant } }: Line) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all<Record<string, string | number | null>>())
    .results;

const pending = async (line: Line) =>
  Object.fromEntries(
    (
      await rows(
        `SELECT distributor_id, SUM(amount_minor) AS amount FROM lines
          WHERE tenant = ? AND state = 'pending' AND amount_minor > 0 GROUP BY 1`,
        line,
      )
    ).map((row) => [row["distributor_id"], row["amount"]]),
  );

const changes = (line: Line) => rows("SELECT * FROM changes WHERE tenant = ?", line);

/** Nobody is told of changes: they stay where they are written. */
const untold = (): Partial<EventsPorts> => ({
  pendingChanges: async () => ({ changes: [], rehung: [], done: async () => undefined }),
});

test("a sale that nothing became known of meanwhile asks for nothing more", async () => {
  const line = await company();
  await tell(line, [enrolled("A"), link("A", 1)]);
  await line.post(sold("O1"));
  await line.post(sold("O2"));
  await line.run();
  expect(await pending(line)).toEqual({ A: 1000 });
  expect(line.queued).toEqual([]);
});

describe("an edge of the past", () => {
  test.each([
    ["from after the sale, the earliest there is", [link("B", 1, "2026-06-16")], { B: 500 }],
    ["from before the sale", [link("B", 3, "2026-04-01")], { B: 500 }],
    ["from after the sale, and not the earliest", [link("B", 3, "2026-07-18")], { A: 500 }],
    ["to somebody whom nobody knows", [link("X", 3, "2026-04-01")], { A: 500 }],
    [
      "to somebody who is known afterwards",
      [link("X", 3, "2026-04-01"), enrolled("X")],
      { X: 500 },
    ],
    [
      "to somebody of whom more is told before the enrolment",
      [link("X", 3, "2026-04-01"), enrolled("Y", { sponsor_id: "X" }), enrolled("X")],
      { X: 500 },
    ],
    ["of whoever has bought, as a distributor", [enrolled("C", { sponsor_id: "B" })], { B: 500 }],
  ])("%s", async (_name, events, lines) => {
    const line = await company();
    const before = [enrolled("A"), enrolled("B"), link("A", 2, "2026-07-16"), sold()];
    await tell(line, before, ...events);
    expect(await pending(line)).toEqual(lines);
  });

  test("is no change where it leads where the others lead, nor where it is the first", async () => {
    const line = await company();
    await tell(line, [enrolled("A"), enrolled("B", { sponsor_id: "A" }), link("A", 1), sold()]);
    await line.post(
      link("A", 2, "2026-03-01"),
      enrolled("B", { sponsor_id: "A" }, 1),
      enrolled("D", { sponsor_id: "A" }),
    );
    await line.run(untold);
    expect(await changes(line)).toEqual([]);
  });

  test("of an enrolment holds from ever where it is the earliest, as its status does", async () => {
    const line = await company();
    const late = enrolled("A", { status: "suspended", joined_at: "2026-07-18" }, 2);
    await tell(line, [late, link("A", 1), sold()]);
    expect(await pending(line)).toEqual({});
    await tell(line, enrolled("A", { joined_at: "2026-07-10" }, 1));
    expect(await pending(line)).toEqual({ A: 500 });
  });
});

describe("a sale that waits for somebody above", () => {
  test("whom two enrolments hang under each other is paid once one of them is put right", async () => {
    const line = await company();
    const circle = [enrolled("A", { sponsor_id: "B" }), enrolled("B", { sponsor_id: "A" })];
    await tell(line, [...circle, link("B", 1)], sold());
    expect(await pending(line)).toEqual({});
    expect(await rows("SELECT code, state FROM held WHERE tenant = ?", line)).toEqual([
      { code: "tree_cycle", state: "parked" },
    ]);
    await tell(line, enrolled("A", {}, 1));
    expect(await pending(line)).toEqual({ B: 500 });
    expect(await rows("SELECT code FROM held WHERE tenant = ?", line)).toEqual([]);
  });

  test.each([
    ["who has bought is linked to somebody else", [link("X", 1)], link("A", 2)],
    [
      "somebody on the way is enrolled under another",
      [enrolled("B", { sponsor_id: "X" }), link("B", 1)],
      enrolled("B", { sponsor_id: "A", status: "suspended" }, 1),
    ],
    [
      "somebody on the way is moved",
      [enrolled("B", { sponsor_id: "X", status: "suspended" }), link("B", 1)],
      event(
        "move-1",
        "distributor.moved",
        { distributor_id: "B", tree: "sponsor", parent_id: "A", effective_at: "2026-02-01" },
        { seq: 1 },
      ),
    ],
  ])("is tried again when %s", async (_name, before, change) => {
    const line = await company(
      planBody({ components: [level({ max_level: 2, compression: "skip_inactive" })] }),
    );
    await tell(line, [enrolled("A"), ...before, sold()]);
    expect(await outcomesOf(line.company.tenant)).toMatchObject({ "pay-O1": "parked" });
    await tell(line, change);
    expect(await outcomesOf(line.company.tenant)).toMatchObject({ "pay-O1": "applied" });
    expect(Object.values(await pending(line))).toEqual([500]);
    expect(await changes(line)).toEqual([]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("is tried again by cron where whoever should have told it died", async () => {
    const line = await company();
    await tell(line, [enrolled("A"), link("X", 1), sold()]);
    await line.post(link("A", 2));
    await line.run(() => ({ waylessSales: () => Promise.reject(new Error("D1 is out")) }));
    await line.drain();
    expect(await pending(line)).toEqual({});
    const { rehung } = await pendingChanges(env.MIRROR_0, [line.company.tenant]);
    expect(rehung).toEqual([line.company.tenant]);
    // Whatever comes next for the tenant finds it too.
    await tell(line, enrolled("D"));
    expect(await pending(line)).toEqual({ A: 500 });
  });

  test("is tried again where the change was mirrored while it was parking", async () => {
    const line = await company();
    await tell(line, [enrolled("A"), link("X", 1)]);
    await line.post(sold());
    const selling = line.queued.splice(0);
    await line.post(link("A", 2));
    const linking = line.queued.splice(0);
    await line.run(
      (ports) => ({
        mirror: async (tails, loose) => {
          const isOrder = tails.some(({ subject }) => subject === "order:O1");
          if (isOrder) await line.run(() => ({}), linking.splice(0));
          return ports.mirror(tails, loose);
        },
      }),
      selling,
    );
    await line.drain();
    expect(await pending(line)).toEqual({ A: 500 });
  });

  test("is found a page at a time", async () => {
    const line = await company();
    const { tenant } = line.company;
    const parked = (from: number, to: number, code: string) =>
      env.MIRROR_0.prepare(
        `WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
          INSERT INTO held (tenant, event_id, state, source, sender_id, type, key, code, reason, since_ms, needs)
          SELECT ?1, 'e' || i, 'parked', 'core', 'e' || i, 'payment.confirmed', 'order:O' || i, ?4, '', 0,
            'node:' || (i % 7) FROM n`,
      )
        .bind(tenant, from, to, code)
        .run();
    await parked(1, WOKEN_MAX + 20, "ancestor_unknown");
    await parked(WOKEN_MAX + 21, WOKEN_MAX + 30, "node_unknown");
    const first = await waylessSales(env.MIRROR_0, tenant);
    const second = await waylessSales(env.MIRROR_0, tenant, first.next);
    expect([first.messages.length, second.messages.length]).toEqual([WOKEN_MAX, 20]);
    expect(second.next).toBeUndefined();
    const subjects = [...first.messages, ...second.messages].map((message) =>
      message.kind === "subject" ? message.subject : "",
    );
    expect(new Set(subjects).size).toBe(WOKEN_MAX + 20);
  });
});

describe("a plan of the past", () => {
  const dearer = planBody({ components: [level({ rates_ppm: { Member: [80_000] } })] });

  test("prices anew what was sold since, and nothing before", async () => {
    const line = await company();
    await tell(line, [enrolled("A"), link("A", 1), sold()]);
    expect((await putPlan(line, { ...dearer, effective_from: SOLD_AT })).status).toBe(200);
    await line.drain();
    expect(await pending(line)).toEqual({ A: 800 });
    await putPlan(line, { ...planBody(), effective_from: "2026-05-22T05:00:00.001Z" });
    await line.drain();
    expect(await pending(line)).toEqual({ A: 800 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("that begins between two times of a payment leaves it to the earlier", async () => {
    const line = await company();
    const psp = { ...sold(), id: "psp", occurred_at: "2026-05-22T05:00:02.000Z" };
    await tell(line, [enrolled("A"), link("A", 1)], psp, sold());
    const before = await pending(line);
    await putPlan(line, { ...dearer, effective_from: "2026-05-22T05:00:01.000Z" });
    await line.drain();
    expect(await pending(line)).toEqual(before);
    const paid = "SELECT paid_ms FROM orders WHERE tenant = ?";
    expect(await rows(paid, line)).toEqual([{ paid_ms: Date.parse(SOLD_AT) }]);
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("that is the first prices what was sold without, as soon as it is known below whom", async () => {
    const line = await layLine();
    await tell(line, sold());
    await putPlan(line, dearer);
    await line.drain();
    await tell(line, link("A", 1), enrolled("A"));
    expect(await pending(line)).toEqual({ A: 800 });
    const volumes = "SELECT distributor_id, gv_x100 FROM volumes WHERE tenant = ? ORDER BY 1";
    expect(await rows(volumes, line)).toEqual([
      { distributor_id: "A", gv_x100: 10_000 },
      { distributor_id: "C", gv_x100: 10_000 },
    ]);
    expect(await changes(line)).toEqual([]);
  });

  test("prices anew what was on its way while it was saved", async () => {
    const line = await company();
    await tell(line, [enrolled("A"), link("A", 1)]);
    await line.post(sold());
    const selling = line.queued.splice(0);
    await line.run(
      (ports) => ({
        mirror: async (tails, loose) => {
          if (tails.some(({ subject }) => subject === "order:O1")) {
            await putPlan(line, dearer);
            // Its own message finds nothing: the order is not mirrored yet.
            await line.run(() => ({}), line.queued.splice(0));
          }
          return ports.mirror(tails, loose);
        },
      }),
      selling,
    );
    await line.drain();
    expect(await pending(line)).toEqual({ A: 800 });
  });

  test("that brings a matrix has everybody placed who is enrolled", async () => {
    const line = await company();
    // Both joined after the sale: until then they hang where they were put first.
    const below = { sponsor_id: "A", joined_at: "2026-07-01" };
    await tell(line, [enrolled("A"), enrolled("B", below), enrolled("D", below), sold("O1", "D")]);
    expect(await pending(line)).toEqual({ A: 500 });
    await putPlan(line, planBody({ components: [level(matrix)] }));
    const told = line.queued.splice(0);
    expect(told).toHaveLength(2);
    for (const message of told) {
      await line.run(() => ({}), [message]);
      await line.drain();
    }
    // The only slot of A was taken: D hangs below B.
    expect(await pending(line)).toEqual({ B: 500 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

test("an order that could not be looked at again is priced anew again, whoever asked for it", async () => {
  const line = await company();
  await tell(line, [enrolled("A"), enrolled("B"), link("A", 1), sold()]);
  await line.post(link("B", 2));
  await line.run();
  expect(line.queued).toHaveLength(1);
  let reads = 0;
  const { retried } = await line.run((ports) => ({
    lineages: (asks) => {
      reads += 1;
      return reads > 1 ? Promise.reject(new Error("D1 is out")) : ports.lineages(asks);
    },
  }));
  expect(retried).toBe(1);
  await line.drain();
  expect(await pending(line)).toEqual({ B: 500 });
});

test("a thin payment that was priced and not mirrored is looked at again", async () => {
  const line = await company();
  await tell(line, [enrolled("A"), enrolled("B"), link("A", 1)]);
  const { data, ...payment } = sold();
  const { payment_id, order_id, currency, amount_minor } = data;
  const thin = { ...payment, data: { payment_id, order_id, currency, amount_minor } };
  await line.post([event("placed", "order.placed", { ...data, buyer_kind: "customer" }), thin]);
  await line.run((ports) => ({
    mirror: async (tails, loose) => {
      const isOrder = tails.some(({ subject }) => subject === "order:O1");
      return isOrder ? Promise.reject(new Error("died")) : ports.mirror(tails, loose);
    },
  }));
  const selling = line.queued.splice(0);
  await tell(line, link("B", 2));
  await line.run(() => ({}), selling);
  await line.drain();
  expect(await pending(line)).toEqual({ B: 500 });
});

test("a sale that was tried again, priced and not mirrored is looked at again", async () => {
  const line = await company();
  await tell(line, [enrolled("B"), link("A", 1), sold()]);
  await line.post(enrolled("A"));
  await line.run();
  await line.run(() => ({ mirror: () => Promise.reject(new Error("died")) }));
  const selling = line.queued.splice(0);
  await tell(line, link("B", 2));
  await line.run(() => ({}), selling);
  await line.drain();
  expect(await pending(line)).toEqual({ B: 500 });
});
