import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { dueDeliveries, nextDueMs, waitingDestinations } from "#src/edge/d1/outbound/due.ts";
import {
  cancelPending,
  forgetEnded,
  saveResults,
  tenantWithDeliveries,
} from "#src/edge/d1/outbound/save.ts";
import type { DeliveryResult } from "#src/edge/outbound/ports.ts";
import { addDelivery, type DeliveryGiven, idOf } from "../../outbound/rig.ts";
import { planOf } from "../support.ts";
import { newTenant } from "./support.ts";

const NOW_MS = 1_000_000;

function placed() {
  const place = { tenant: newTenant(), destination: "crm", shard: 0 };
  const add = (n: number, given: DeliveryGiven = {}) =>
    addDelivery(place, n, { dueMs: NOW_MS, ...given });
  const rows = async () =>
    (
      await env.MIRROR_0.prepare("SELECT * FROM deliveries WHERE tenant = ? ORDER BY delivery_id")
        .bind(place.tenant)
        .all()
    ).results;
  return { place, add, rows };
}

const resultOf = (n: number, more: Partial<DeliveryResult> = {}): DeliveryResult => ({
  deliveryId: idOf(n),
  readStep: 0,
  readDueMs: NOW_MS,
  state: "delivered",
  step: 1,
  attempts: [{ at_ms: 5, took_ms: 1, status: 200 }],
  endedMs: 6,
  ...more,
});

function failedOf(n: number, dueMs: number): DeliveryResult {
  const { endedMs: _none, ...result } = resultOf(n);
  return { ...result, state: "pending", dueMs };
}

/** D1 as it is, and which statements it was asked. */
function noting() {
  const asked: { sql: string; values: unknown[] }[] = [];
  const noted = <Target extends object>(target: Target, sql = ""): Target =>
    new Proxy(target, {
      get(of, name) {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          if (name === "bind") asked.push({ sql, values: given });
          const made: unknown = member.apply(of, given);
          if (name === "withSession" && made instanceof Object) return noted(made);
          return name === "prepare" && made instanceof Object
            ? noted(made, String(given[0]))
            : made;
        };
      },
    });
  return { db: noted(env.MIRROR_0), asked };
}

test("each is answered by its key or its index: none reads all that a tenant has", async () => {
  const { place, add } = placed();
  await add(1);
  const { db, asked } = noting();
  await dueDeliveries(db, place, { nowMs: NOW_MS, limit: 5 });
  await nextDueMs(db, place);
  await waitingDestinations(db, place, 5);
  await saveResults(db, place, [resultOf(1)]);
  await cancelPending(db, place, { nowMs: NOW_MS, madeMs: NOW_MS, limit: 5 });
  await forgetEnded(db, place.tenant, { beforeMs: NOW_MS, limit: 5, after: "" });
  await tenantWithDeliveries(db, place.tenant);
  expect(asked).toHaveLength(8);
  for (const one of asked) {
    const reading = (await planOf(one)).filter((line) => line.includes("deliveries"));
    expect(reading.length).toBeGreaterThan(0);
    expect(reading.filter((line) => !/delivery_id|destination|tenant>/.test(line))).toEqual([]);
  }
});

test("what is due comes the longest due first, as many as asked for", async () => {
  const { place, add } = placed();
  await add(1, { dueMs: NOW_MS });
  await add(2, { dueMs: NOW_MS - 10, step: 3, attempts: [{ at_ms: 1, took_ms: 2 }] });
  await add(3, { dueMs: NOW_MS + 1 });
  await add(4, { dueMs: NOW_MS - 5 });
  const due = await dueDeliveries(env.MIRROR_0, place, { nowMs: NOW_MS, limit: 2 });
  expect(due).toMatchObject([
    { deliveryId: idOf(2), step: 3, attempts: [{ at_ms: 1, took_ms: 2 }], dueMs: NOW_MS - 10 },
    { deliveryId: idOf(4), step: 0, attempts: [] },
  ]);
  expect(await nextDueMs(env.MIRROR_0, place)).toBe(NOW_MS - 10);
  expect(await nextDueMs(env.MIRROR_0, { ...place, destination: "other" })).toBeUndefined();
});

test("attempts that were spoilt by hand count as none, and hold up no other delivery", async () => {
  const { place, add } = placed();
  for (const n of [1, 2, 3]) await add(n);
  for (const [n, text] of ["{", '"text"'].entries())
    await env.MIRROR_0.prepare(
      "UPDATE deliveries SET attempts = ? WHERE tenant = ? AND delivery_id = ?",
    )
      .bind(text, place.tenant, idOf(n + 1))
      .run();
  const due = await dueDeliveries(env.MIRROR_0, place, { nowMs: NOW_MS, limit: 5 });
  expect(due.map(({ attempts, isSpoilt }) => [attempts, isSpoilt])).toEqual([
    [[], true],
    [[], true],
    [[], undefined],
  ]);
});

test("results are saved together, each where it is as it was read", async () => {
  const { place, add, rows } = placed();
  await add(1);
  await add(2, { step: 2 });
  await add(3);
  await add(4);
  await add(5, { dueMs: NOW_MS + 7 });
  await env.MIRROR_0.prepare(
    "UPDATE deliveries SET state = 'cancelled', due_ms = NULL WHERE tenant = ? AND delivery_id = ?",
  )
    .bind(place.tenant, idOf(4))
    .run();
  const before = await rows();
  await saveResults(env.MIRROR_0, place, [
    resultOf(1),
    // A person has begun it anew: it does not stand there any more.
    resultOf(2, { readStep: 1, step: 2 }),
    failedOf(3, NOW_MS + 5000),
    resultOf(4),
    // It was saved before and its answer got lost; since then a person has begun it anew.
    resultOf(5),
  ]);
  expect(await rows()).toEqual([
    {
      ...before[0],
      state: "delivered",
      step: 1,
      due_ms: null,
      ended_ms: 6,
      attempts: '[{"at_ms":5,"took_ms":1,"status":200}]',
    },
    before[1],
    { ...before[2], step: 1, due_ms: NOW_MS + 5000, attempts: expect.any(String) },
    before[3],
    before[4],
  ]);
});

test("one tenant's results touch no other's delivery of the same id", async () => {
  const [one, other] = [placed(), placed()];
  await one.add(1);
  await other.add(1);
  await saveResults(env.MIRROR_0, one.place, [resultOf(1)]);
  expect(await one.rows()).toMatchObject([{ state: "delivered" }]);
  expect(await other.rows()).toMatchObject([{ state: "pending" }]);
});

test("cancels what is pending for what was made by then, so many at a time, and says how many", async () => {
  const { place, add, rows } = placed();
  for (const n of [1, 2, 3]) await add(n, { dueMs: NOW_MS + n, destinationMs: NOW_MS - n });
  await add(4, { dueMs: NOW_MS + 1, createdMs: NOW_MS - 1, destinationMs: NOW_MS + 1 });
  await saveResults(env.MIRROR_0, place, [resultOf(3, { readDueMs: NOW_MS + 3 })]);
  const asked = { nowMs: NOW_MS + 9, madeMs: NOW_MS, limit: 1 };
  expect(await cancelPending(env.MIRROR_0, place, asked)).toBe(1);
  expect(await cancelPending(env.MIRROR_0, place, asked)).toBe(1);
  expect(await cancelPending(env.MIRROR_0, place, asked)).toBe(0);
  expect(await rows()).toMatchObject([
    { state: "cancelled", due_ms: null, ended_ms: NOW_MS + 9 },
    { state: "cancelled", due_ms: null, ended_ms: NOW_MS + 9 },
    { state: "delivered" },
    // Of a destination of the same name that was made since then.
    { state: "pending" },
  ]);
});
