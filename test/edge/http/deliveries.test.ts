import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { deliveryReads, SEARCHED_ROWS_MAX } from "#src/edge/d1/outbound/reads.ts";
import { readBookmarks } from "#src/edge/http/bookmarks.ts";
import { deliveriesOf, idAt, putDelivery } from "../d1/outbound/support.ts";
import { planOf, watched } from "../d1/support.ts";
import { listed, NOW_MS, readRig, type Rig, walk } from "./reads/rig.ts";

const ATTEMPT = { at_ms: Date.UTC(2026, 6, 1), took_ms: 12, status: 500, error: "No" };
const SHOWN = { at: "2026-07-01T00:00:00.000Z", took_ms: 12, status: 500, error: "No" };

/** A tenant with a destination `crm`, and whom a retry woke. */
async function deliveryRig() {
  const woken: string[] = [];
  const rig = await readRig(() => ({
    onRetry: async ({ tenant }, destination) => void woken.push(`${tenant}/${destination}`),
  }));
  await env.MIRROR_0.prepare(
    `INSERT INTO destinations (tenant, destination, kind, url, secrets, per_minute, concurrency,
       created_ms, updated_ms) VALUES (?, 'crm', 'webhook', 'https://crm.example', '', 600, 4, 0, 0)`,
  )
    .bind(rig.tenant)
    .run();
  const post = (id: string, token?: string) =>
    rig.call(`POST deliveries/${id}/retry`, token === undefined ? {} : { token });
  return { rig, woken, post };
}

const idsOf = (items: readonly Record<string, unknown>[]) => items.map(({ delivery_id: id }) => id);

async function fill(rig: Rig, count: number, more: (i: number) => object = () => ({})) {
  for (let i = 0; i < count; i += 1) await putDelivery(rig.tenant, idAt(i), { ...more(i) });
}

describe("GET …/deliveries", () => {
  test("lists the newest first, in the shape that is documented", async () => {
    const { rig } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(1), {
      event_id: "evt_1",
      state: "dead",
      due_ms: null,
      step: 10,
      attempts: JSON.stringify([{ at_ms: 0, took_ms: 1 }, ATTEMPT]),
      created_ms: Date.UTC(2026, 5, 30),
      ended_ms: Date.UTC(2026, 6, 1),
    });
    await putDelivery(rig.tenant, idAt(2), { due_ms: NOW_MS, created_ms: NOW_MS });
    const { items } = await listed(rig.call("GET deliveries"));
    expect(items).toEqual([
      {
        delivery_id: idAt(2),
        destination: "crm",
        subscription: "all",
        type: "payment.confirmed",
        subject: "order:O1",
        state: "pending",
        attempts: 0,
        next_attempt_at: "2026-08-01T12:00:00.000Z",
        created_at: "2026-08-01T12:00:00.000Z",
      },
      {
        delivery_id: idAt(1),
        destination: "crm",
        subscription: "all",
        type: "payment.confirmed",
        event_id: "evt_1",
        subject: "order:O1",
        state: "dead",
        attempts: 2,
        last_attempt: SHOWN,
        created_at: "2026-06-30T00:00:00.000Z",
        ended_at: "2026-07-01T00:00:00.000Z",
      },
    ]);
  });

  test("is narrowed by state, destination, event and type, alone and together", async () => {
    const { rig } = await deliveryRig();
    const states = ["pending", "delivered", "dead", "cancelled"];
    await fill(rig, 16, (i) => ({
      state: states[i % 4] ?? "",
      destination: i < 8 ? "crm" : "shop",
      event_id: `evt_${i % 5}`,
      type: i % 3 === 0 ? "rank.changed" : "payment.confirmed",
    }));
    const all = await walk(rig, "deliveries", 3);
    expect(idsOf(all)).toEqual(Array.from({ length: 16 }, (_, i) => idAt(15 - i)));
    const queries = ["state=dead", "state=pending", "destination=shop", "event_id=evt_2"];
    const filters = [
      ...queries,
      "type=rank.changed",
      "state=dead&destination=crm&type=rank.changed",
    ];
    for (const query of filters) {
      const wanted = [...new URLSearchParams(query)];
      const expected = all.filter((item) => wanted.every(([name, value]) => item[name] === value));
      expect(expected.length).toBeGreaterThan(0);
      expect(await walk(rig, `deliveries?${query}`, 2)).toEqual(expected);
    }
    expect(await walk(rig, "deliveries?destination=nobody", 2)).toEqual([]);
  });

  test("shows each once while others arrive, and none of another tenant", async () => {
    const { rig } = await deliveryRig();
    const other = await readRig();
    await putDelivery(other.tenant, idAt(3));
    await fill(rig, 7);
    let page = await listed(rig.call("GET deliveries?limit=2"));
    const seen = [...idsOf(page.items)];
    for (let at = 7; page.next_cursor !== null; at += 1) {
      await putDelivery(rig.tenant, idAt(at));
      page = await listed(rig.call(`GET deliveries?limit=2&cursor=${page.next_cursor}`));
      seen.push(...idsOf(page.items));
    }
    expect(seen).toEqual(Array.from({ length: 7 }, (_, i) => idAt(6 - i)));
  });

  test("looks at so many of them in one search, and of the dead at these alone", async () => {
    const { rig } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(0), { state: "dead", due_ms: null, ended_ms: 0 });
    await env.MIRROR_0.prepare(
      `INSERT INTO deliveries SELECT ?1, 'out_1' || printf('%06d', key), 'crm', 0, 'all', NULL, 't', 's',
         'delivered', '{}', 1, NULL, '[]', 0, 0 FROM json_each(?2)`,
    )
      .bind(rig.tenant, JSON.stringify(Array(SEARCHED_ROWS_MAX + 1).fill(0)))
      .run();
    const rare = await listed(rig.call("GET deliveries?state=dead&limit=1"));
    expect(idsOf(rare.items)).toEqual([idAt(0)]);
    const searched = await listed(rig.call("GET deliveries?state=cancelled"));
    expect(searched.items).toEqual([]);
    expect(searched.next_cursor).not.toBeNull();
    const rest = await listed(
      rig.call(`GET deliveries?state=cancelled&cursor=${searched.next_cursor}`),
    );
    expect(rest).toEqual({ items: [], next_cursor: null });
  });

  test("finds the dead by their index, and others by the key", async () => {
    const { db, asked } = watched();
    const reads = deliveryReads(() => db);
    const reader = { tenant: "nobody", shard: 0 };
    await reads.search(reader, { state: "dead" }, { limit: 1 });
    await reads.search(reader, { type: "t" }, { limit: 1 });
    const plans = await Promise.all(asked.map(planOf));
    const used = plans.map((plan) => plan.filter((step) => step.includes("deliveries")).join());
    expect(used[0]).toContain("deliveries_dead");
    expect(used.at(-1)).toContain("PRIMARY KEY");
    expect(used.join()).not.toContain("SCAN deliveries");
  });
});

describe("GET …/deliveries/{id}", () => {
  test("adds its attempts and what is sent", async () => {
    const { rig } = await deliveryRig();
    const body = { type: "t", timestamp: "2026-07-01T00:00:00.000Z", data: { event_id: "evt_1" } };
    const attempts = JSON.stringify([ATTEMPT, { at_ms: ATTEMPT.at_ms, took_ms: 1, status: 204 }]);
    await putDelivery(rig.tenant, idAt(1), { body: JSON.stringify(body), attempts });
    const response = await rig.call(`GET deliveries/${idAt(1)}`);
    expect(await response.json()).toMatchObject({
      delivery_id: idAt(1),
      attempts: 2,
      last_attempt: { status: 204 },
      attempts_made: [SHOWN, { at: SHOWN.at, took_ms: 1, status: 204 }],
      body,
    });
  });

  test("is not found under another tenant, or another name", async () => {
    const { rig } = await deliveryRig();
    const other = await readRig();
    await putDelivery(other.tenant, idAt(1));
    for (const id of [idAt(1), "out_", "x"]) {
      expect((await rig.call(`GET deliveries/${id}`)).status).toBe(404);
    }
  });
});

describe("POST …/deliveries/{id}/retry", () => {
  test.each(["dead", "cancelled", "delivered"] as const)(
    "begins one anew that is %s",
    async (state) => {
      const { rig, post, woken } = await deliveryRig();
      const attempts = JSON.stringify([ATTEMPT]);
      const ended = { state, step: 10, due_ms: null, ended_ms: 5, attempts, created_ms: 3 };
      await putDelivery(rig.tenant, idAt(1), ended);
      const response = await post(idAt(1));
      expect(response.status).toBe(202);
      expect(readBookmarks(response.headers.get("D1-Bookmark") ?? "")?.mirror).toBeDefined();
      const answer = await response.json<Record<string, unknown>>();
      expect(answer).toMatchObject({ state: "pending", attempts_made: [SHOWN] });
      expect(answer).not.toHaveProperty("ended_at");
      expect(await deliveriesOf(rig.tenant)).toMatchObject([
        { state: "pending", step: 0, due_ms: NOW_MS, ended_ms: null, attempts, created_ms: 3 },
      ]);
      expect(woken).toEqual([`${rig.tenant}/crm`]);
      const { items } = await listed(rig.call("GET audit"));
      expect(items.find(({ action }) => action === "delivery.retry")).toMatchObject({
        actor: "admin_token",
        target: `delivery:${idAt(1)}`,
        detail: { state, destination: "crm" },
      });
    },
  );

  test("has one that is pending tried now, where it was in its schedule", async () => {
    const { rig, post } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(1), { step: 4, due_ms: NOW_MS + 9_000_000 });
    expect((await post(idAt(1))).status).toBe(202);
    expect(await deliveriesOf(rig.tenant)).toMatchObject([
      { state: "pending", step: 4, due_ms: NOW_MS },
    ]);
  });

  test("refuses where there is no such delivery, or nobody to send it to", async () => {
    const { rig, post, woken } = await deliveryRig();
    const other = await readRig();
    await putDelivery(other.tenant, idAt(1));
    await putDelivery(rig.tenant, idAt(2), { destination: "gone", state: "dead", due_ms: null });
    expect((await post(idAt(1))).status).toBe(404);
    const refused = await post(idAt(2));
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "conflict" }]);
    expect(await deliveriesOf(rig.tenant)).toMatchObject([{ state: "dead", due_ms: null }]);
    expect(woken).toEqual([]);
    const { items } = await listed(rig.call("GET audit"));
    expect(items.filter(({ action }) => action === "delivery.retry")).toEqual([]);
  });

  test("is not sent to another destination that has the name of the former by now", async () => {
    const { rig, post, woken } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(1), { state: "dead", due_ms: null, destination_ms: 1 });
    const refused = await post(idAt(1));
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "conflict" }]);
    expect(await deliveriesOf(rig.tenant)).toMatchObject([{ state: "dead", due_ms: null }]);
    expect(woken).toEqual([]);
  });

  test.each([
    { attempts: "[1]", body: "{}" },
    { attempts: '[{"at_ms":"x"}]', body: "[]" },
    { attempts: "{", body: "{" },
  ])("shows the rest of a row that somebody has spoilt: %o", async (spoilt) => {
    const { rig } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(1), spoilt);
    const one = await rig.call(`GET deliveries/${idAt(1)}`);
    expect([one.status, await one.json()]).toMatchObject([
      200,
      { attempts: 0, body: { type: "payment.confirmed", data: {} } },
    ]);
    expect((await listed(rig.call("GET deliveries"))).items).toHaveLength(1);
  });

  test("changes nothing that has changed since it was decided upon", async () => {
    const rig = await readRig(({ deliveries }) => ({
      deliveries: {
        ...deliveries,
        hasDestination: async () => {
          await env.MIRROR_0.prepare(
            "UPDATE deliveries SET state = 'delivered', step = 3, due_ms = NULL, ended_ms = 7 WHERE tenant = ?",
          )
            .bind(rig.tenant)
            .run();
          return true;
        },
      },
    }));
    await putDelivery(rig.tenant, idAt(1), { step: 2, due_ms: 9 });
    const raced = await rig.call(`POST deliveries/${idAt(1)}/retry`);
    expect([raced.status, await raced.json()]).toMatchObject([409, { code: "conflict" }]);
    expect(await deliveriesOf(rig.tenant)).toMatchObject([{ state: "delivered", ended_ms: 7 }]);
  });

  test("is for whoever may write deliveries, and reading for whoever may read them", async () => {
    const { rig, post } = await deliveryRig();
    await putDelivery(rig.tenant, idAt(1));
    const statuses: Record<string, readonly number[]> = {};
    for (const role of ["operator", "auditor", "admin", "support", "finance"]) {
      const token = await rig.key(role);
      statuses[role] = [
        (await rig.call("GET deliveries", { token })).status,
        (await post(idAt(1), token)).status,
      ];
    }
    expect(statuses).toEqual({
      operator: [200, 202],
      auditor: [200, 403],
      admin: [200, 202],
      support: [403, 403],
      finance: [403, 403],
    });
  });
});
