import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { KnownSubscription } from "#src/core/outbound/wants.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import { mirror, type MirrorMore } from "#src/edge/d1/mirror.ts";
import { NO_LOOSE_ROWS } from "#src/edge/d1/loose.ts";
import { deliveryId } from "#src/edge/d1/outbound/lay.ts";
import type { MirrorTail } from "#src/edge/mirror.ts";
import { applied, deliveriesOf, newTenant, subscriptionTo, tailOf } from "./support.ts";

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;

/** What somebody wants, and how often that was asked. */
function wanted(...subscriptions: readonly KnownSubscription[]) {
  const asked: (readonly string[])[] = [];
  const more: MirrorMore = {
    subscriptions: async (tenants) => {
      asked.push(tenants);
      return new Map(tenants.map((tenant) => [tenant, subscriptions]));
    },
  };
  return { asked, more };
}

const laid = (tails: readonly MirrorTail[], more: MirrorMore, db = env.MIRROR_0) =>
  mirror(db, tails, NO_LOOSE_ROWS, more);

const messageOf = (key: string, recordedMs = NOW_MS): Entry => ({
  recorded_ms: recordedMs,
  effects: { messages: [{ key, kind: "payment_confirmed", about: { payment_id: "P1" } }] },
});

/** D1 as it is, and the SQL of each batch. */
function batches() {
  const sql: string[][] = [];
  let at: string[] = [];
  const db = new Proxy(env.MIRROR_0, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => {
        if (name === "prepare") at.push(String(given[0]));
        if (name === "batch") {
          sql.push(at);
          at = [];
        }
        return Reflect.apply(member, target, given);
      };
    },
  });
  return { db, sql };
}

describe("a projection", () => {
  test("lays a row of each applied event for each destination that wants it", async () => {
    const tenant = newTenant();
    const { asked, more } = wanted(subscriptionTo("crm"), subscriptionTo("shop"));
    const entry = applied(NOW_MS);
    const tail = tailOf(tenant, "order:O1", [entry, { ...applied(NOW_MS), outcome: "buffered" }]);
    const { told } = await laid([tail], more);
    expect(told).toEqual([
      { tenant, destination: "crm" },
      { tenant, destination: "shop" },
    ]);
    expect(asked).toEqual([[tenant]]);
    const rows = await deliveriesOf(tenant);
    expect(rows.map(({ destination }) => String(destination)).toSorted()).toEqual(["crm", "shop"]);
    const crm = rows.find(({ destination }) => destination === "crm");
    expect(crm).toEqual({
      tenant,
      delivery_id: expect.stringMatching(
        /^out_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      destination: "crm",
      destination_ms: 7,
      subscription: "to-crm",
      event_id: entry.event?.event_id,
      type: "payment.confirmed",
      subject: "order:O1",
      state: "pending",
      body: expect.any(String),
      step: 0,
      due_ms: expect.any(Number),
      attempts: "[]",
      created_ms: NOW_MS,
      ended_ms: null,
    });
    expect(JSON.parse(String(crm?.["body"]))).toMatchObject({
      type: "payment.confirmed",
      data: { event_id: entry.event?.event_id, subject: "order:O1", position: 1 },
    });
  });

  test("lays it once, however often and in whatever parts it comes again", async () => {
    const tenant = newTenant();
    const { more } = wanted(subscriptionTo("crm"));
    const entries = Array.from({ length: 6 }, () => applied(NOW_MS));
    const tail = tailOf(tenant, "order:O1", entries);
    const early = { ...tail, rows: tail.rows.slice(0, 4) };
    await Promise.all([laid([early], more), laid([tail], more), laid([tail], more)]);
    await laid([tail], more);
    const rows = await deliveriesOf(tenant);
    expect(rows.map(({ event_id }) => String(event_id)).toSorted()).toEqual(
      entries.map(({ event }) => String(event?.event_id)).toSorted(),
    );
  });

  test("tells nothing twice where the mirror forgets how far it was", async () => {
    const tenant = newTenant();
    const { more } = wanted(subscriptionTo("crm"));
    const tail = tailOf(tenant, "order:O1", [applied(NOW_MS), messageOf("msg:m:1")]);
    await laid([tail], more);
    const before = await deliveriesOf(tenant);
    expect(before).toHaveLength(2);
    for (const table of ["subjects", "events", "messages"]) {
      await env.MIRROR_0.prepare(`DELETE FROM ${table} WHERE tenant = ?`).bind(tenant).run();
    }
    await laid([tail], more);
    expect(await deliveriesOf(tenant)).toEqual(before);
  });

  test("lays nothing of what is older than a subscription, or than what is remembered", async () => {
    const tenant = newTenant();
    const tail = tailOf(tenant, "order:O1", [
      applied(NOW_MS - 29 * DAY_MS),
      applied(NOW_MS - 27 * DAY_MS),
      applied(NOW_MS),
    ]);
    const { more } = wanted(
      subscriptionTo("crm"),
      subscriptionTo("shop", { sinceMs: NOW_MS - DAY_MS }),
    );
    await laid([tail], more);
    const rows = await deliveriesOf(tenant);
    expect(
      rows.map(({ destination, created_ms: at }) => `${destination} ${at}`).toSorted(),
    ).toEqual([`crm ${NOW_MS - 27 * DAY_MS}`, `crm ${NOW_MS}`, `shop ${NOW_MS}`].toSorted());
    // It begins to wait as it is laid.
    expect(Math.min(...rows.map(({ due_ms: due }) => Number(due)))).toBeGreaterThanOrEqual(NOW_MS);
  });

  test("lays as many in one batch as D1 bears, and all of them", async () => {
    const tenant = newTenant();
    const { db, sql } = batches();
    const fifty = Array.from({ length: 50 }, (_, i) => subscriptionTo(`d${i}`));
    const { asked, more } = wanted(...fifty);
    const tails = ["order:O1", "order:O2"].map((subject) =>
      tailOf(
        tenant,
        subject,
        Array.from({ length: 75 }, () => applied(NOW_MS)),
      ),
    );
    const { positions } = await laid(tails, more, db);
    expect(positions.map(({ position }) => position)).toEqual([75, 75]);
    expect(await deliveriesOf(tenant)).toHaveLength(7500);
    expect(sql).toHaveLength(2);
    expect(asked).toEqual([[tenant]]);
  });

  test("writes what tells nothing while it cannot be known who wants what, however that fails", async () => {
    const tenant = newTenant();
    const silent = { ...applied(NOW_MS), outcome: "duplicate" as const };
    const tails = [
      tailOf(tenant, "order:O1", [applied(NOW_MS)]),
      tailOf(tenant, "order:O2", [silent]),
    ];
    const out = () => Promise.reject(new Error("D1_ERROR: D1 DB is overloaded"));
    const { positions, errors } = await laid(tails, { subscriptions: out });
    const at = new Map(positions.map(({ subject, position }) => [subject, position]));
    expect(at.get("order:O2")).toBe(1);
    expect(at.get("order:O1") ?? 0).toBe(0);
    expect(errors.join()).toContain("overloaded");
  });

  test("waits for an answer that never comes once, however many tell", async () => {
    const tenant = newTenant();
    const silent = { ...applied(NOW_MS), outcome: "duplicate" as const };
    const tails = [
      ...Array.from({ length: 6 }, (_, i) => tailOf(tenant, `order:T${i}`, [applied(NOW_MS)])),
      ...Array.from({ length: 4 }, (_, i) => tailOf(tenant, `order:S${i}`, [silent])),
    ];
    const never = () => new Promise<never>(() => {});
    const { positions, errors } = await laid(tails, { subscriptions: never });
    const written = positions.filter(({ position }) => position === 1);
    expect(written.map(({ subject }) => subject).toSorted()).toEqual(
      [0, 1, 2, 3].map((i) => `order:S${i}`),
    );
    expect(errors).toHaveLength(1);
  }, 12_000);

  test("lays nothing of a log that the fence keeps out", async () => {
    const tenant = newTenant();
    const { more } = wanted(subscriptionTo("crm"));
    await laid([tailOf(tenant, "order:O1", [applied(NOW_MS)])], more);
    const forked = tailOf(tenant, "order:O1", [applied(NOW_MS)], 1);
    await laid([{ ...forked, base: { position: 1, head: "another" } }], more);
    await env.MIRROR_0.prepare("UPDATE subjects SET frozen_ms = 1 WHERE tenant = ?")
      .bind(tenant)
      .run();
    await laid([forked], more);
    expect(await deliveriesOf(tenant)).toHaveLength(1);
  });

  test("tells a message once for each key, and the first time that it is told", async () => {
    const tenant = newTenant();
    const { more } = wanted(subscriptionTo("crm"));
    await laid(
      [tailOf(tenant, "order:O1", [messageOf("msg:m:1"), messageOf("msg:m:1", NOW_MS + 5)])],
      more,
    );
    await laid([tailOf(tenant, "order:O2", [messageOf("msg:m:1", NOW_MS + 9)])], more);
    await laid([tailOf(tenant, "order:O3", [messageOf("msg:m:2")])], more);
    const rows = await deliveriesOf(tenant);
    expect(rows.map(({ type, created_ms: at }) => [type, at])).toEqual([
      ["message.payment_confirmed", NOW_MS],
      ["message.payment_confirmed", NOW_MS],
    ]);
    expect(rows.map(({ body }) => String(JSON.parse(String(body)).data.key)).toSorted()).toEqual([
      "msg:m:1",
      "msg:m:2",
    ]);
  });

  test("asks once, and only where there is something to tell", async () => {
    const tenant = newTenant();
    const { asked, more } = wanted(subscriptionTo("crm"));
    const silent = { ...applied(NOW_MS), outcome: "duplicate" as const };
    await laid([tailOf(tenant, "order:O0", [silent])], more);
    expect(asked).toEqual([]);
    const many = Array.from({ length: 1700 }, () => applied(NOW_MS));
    await laid(
      [tailOf(tenant, "order:O1", many), tailOf(tenant, "order:O2", many.slice(0, 1))],
      more,
    );
    expect(asked).toEqual([[tenant]]);
    expect(await deliveriesOf(tenant)).toHaveLength(1700);
  });

  test("has no statement of it where nobody wants anything", async () => {
    const { db, sql } = batches();
    const nobody = wanted();
    const other = wanted(subscriptionTo("crm", { types: ["rank.changed"] }));
    for (const { more } of [nobody, other, { more: {} }]) {
      await laid([tailOf(newTenant(), "order:O1", [applied(NOW_MS)])], more, db);
    }
    expect(sql).toHaveLength(3);
    expect(sql.flat().filter((text) => text.includes("deliveries"))).toEqual([]);
  });

  test("takes more than one value of D1 holds", async () => {
    const tenant = newTenant();
    const crowd = Array.from({ length: 12 }, (_, i) => subscriptionTo(`d${i}`));
    const entries = Array.from({ length: 300 }, () => applied(NOW_MS));
    const { db, sql } = batches();
    const { errors } = await laid([tailOf(tenant, "order:O1", entries)], wanted(...crowd).more, db);
    expect(sql.map((of) => of.filter((text) => text.includes("INTO deliveries")).length)).toEqual([
      3,
    ]);
    expect(errors).toEqual([]);
    expect(await deliveriesOf(tenant)).toHaveLength(3600);
  });
});

describe("a projection that fails", () => {
  test("writes nothing that tells while it is not known who wants it, and then all of it", async () => {
    const tenant = newTenant();
    let asked = 0;
    const failing: MirrorMore = {
      subscriptions: async () => {
        asked += 1;
        throw new Error("D1 DB is overloaded");
      },
    };
    const tails = ["order:O1", "order:O2", "order:O3"].map((subject) =>
      tailOf(tenant, subject, [applied(NOW_MS)]),
    );
    const { db, sql } = batches();
    const { positions, errors, told } = await laid(tails, failing, db);
    expect({ positions, told, asked, sql }).toEqual({ positions: [], told: [], asked: 1, sql: [] });
    expect(errors).toEqual([expect.stringContaining("overloaded")]);
    await laid(tails, wanted(subscriptionTo("crm")).more);
    expect(await deliveriesOf(tenant)).toHaveLength(3);
  });

  test("keeps what tells nothing apart where only the question is wrong", async () => {
    const tenant = newTenant();
    const failing = { subscriptions: () => Promise.reject(new Error("no such table")) };
    const silent = { ...applied(NOW_MS), outcome: "duplicate" as const };
    const tails = [
      tailOf(tenant, "order:O1", [silent]),
      tailOf(tenant, "order:O2", [applied(NOW_MS)]),
    ];
    const { positions } = await laid(tails, failing);
    expect(positions.map(({ subject, position }) => [subject, position])).toEqual([
      ["order:O1", 1],
    ]);
  });

  test("leaves out a row that D1 refuses, and lays the others' once", async () => {
    const tenant = newTenant();
    const name = `refuse_${crypto.randomUUID().replaceAll("-", "")}`;
    await env.MIRROR_0.exec(
      `CREATE TRIGGER ${name} BEFORE INSERT ON events WHEN NEW.tenant = '${tenant}' AND NEW.sender_id = 'poison' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
    const { more } = wanted(subscriptionTo("crm"));
    const tails = Array.from({ length: 7 }, (_, i) =>
      tailOf(tenant, `order:O${i}`, [
        applied(NOW_MS),
        applied(NOW_MS, i === 3 ? { id: "poison" } : {}),
        applied(NOW_MS),
      ]),
    );
    await laid(tails, more);
    expect(await deliveriesOf(tenant)).toHaveLength(6 * 3 + 1);
    await env.MIRROR_0.exec(`DROP TRIGGER ${name}`);
    await laid(tails, more);
    expect(await deliveriesOf(tenant)).toHaveLength(7 * 3);
  });
});

describe("deliveryId()", () => {
  const notice = { id: "evt_1", type: "t", subject: "s", recordedMs: NOW_MS, body: {} };

  test("is another one for each destination and notice, sorts by time, and never changes", () => {
    const of = (destination: string, more: object = {}) =>
      deliveryId(destination, { ...notice, ...more });
    expect(new Set([of("crm"), of("shop"), of("crm", { id: "evt_2" }), of("crm")]).size).toBe(3);
    expect(of("crm", { recordedMs: NOW_MS + 1 }) > of("shop")).toBe(true);
    expect(deliveryId("crm", { ...notice, recordedMs: 1_782_900_000_000 })).toBe(
      "out_019f1d1f-0500-745c-9365-8b2815b12c28",
    );
  });
});
