import { describe, expect, test } from "vitest";
import { destinationStore } from "#src/edge/control/destination-store.ts";
import type { Store } from "#src/edge/control/store.ts";
import { subscriptionStore } from "#src/edge/control/subscription-store.ts";
import { controlRig, newTenant } from "../support/control-rig.ts";

const rig = controlRig();
const { store, keyring } = rig;
const act = { actor: "a test", nowMs: Date.UTC(2026, 10, 23) };
const calm = { destinations: destinationStore({ store, keyring }), ...subscriptionsOf(store) };

function subscriptionsOf(of: Pick<Store, "db" | "reads" | "commit">) {
  return { subscriptions: subscriptionStore({ store: of }) };
}

/** Stores whose writes are each overtaken by another one, once they are decided. */
function overtakenBy(other: () => Promise<unknown>) {
  const commit: Store["commit"] = async (change, who) => {
    await other();
    return store.commit(change, who);
  };
  const slow = { db: store.db, reads: store.reads, commit };
  return { destinations: destinationStore({ store: slow, keyring }), ...subscriptionsOf(slow) };
}

async function newDestination() {
  const tenant = await newTenant(rig);
  const name = { tenant, destination: "shop" };
  const settings = { kind: "webhook", url: "https://shop.example/", perMinute: 1, concurrency: 1 };
  const write = { ...name, ...settings, made: "made" };
  await calm.destinations.put(write, act);
  const subscription = { tenant, subscription: "all", destination: "shop", types: ["*"] };
  await calm.subscriptions.put(subscription, act);
  const list = () => calm.subscriptions.list({ tenant }, { limit: 9 });
  const left = async () => (await list()).value.map((one) => one.subscription);
  return { tenant, name, write, subscription, left };
}

describe("a destination that is changed by another write meanwhile", () => {
  test("stays, and keeps its subscriptions, where it was to be removed", async () => {
    const { name, left } = await newDestination();
    const { destinations } = overtakenBy(() => calm.destinations.pause(name, act));
    expect(await destinations.remove(name, act)).toEqual({ kind: "raced" });
    expect(await calm.destinations.get(name)).toMatchObject({ paused: { why: "person" } });
    expect(await left()).toEqual(["all"]);
  });

  test("keeps that change, where it was to be changed otherwise", async () => {
    const { name, write } = await newDestination();
    const rotation = { secret: "new", keep: 1 };
    const { destinations } = overtakenBy(() => calm.destinations.rotate(name, rotation, act));
    expect(await destinations.put({ ...write, secrets: ["own"] }, act)).toEqual({ kind: "raced" });
    expect(await destinations.resume(name, act)).toEqual({ kind: "raced" });
    expect(await calm.destinations.get(name)).toMatchObject({ secrets: ["new", "made"] });
  });

  test("is created once", async () => {
    const { tenant, write } = await newDestination();
    const fresh = { ...write, destination: "fresh" };
    const { destinations } = overtakenBy(() => calm.destinations.put(fresh, act));
    const second = await destinations.put({ ...fresh, made: "second" }, act);
    expect(second).toEqual({ kind: "raced" });
    const kept = await calm.destinations.get({ tenant, destination: "fresh" });
    expect(kept?.secrets).toEqual(["made"]);
  });
});

describe("a subscription whose destination goes meanwhile", () => {
  test.each(["all", "new"])("is not kept: %s", async (name) => {
    const { name: shop, subscription, left } = await newDestination();
    const { subscriptions } = overtakenBy(() => calm.destinations.remove(shop, act));
    const put = await subscriptions.put({ ...subscription, subscription: name }, act);
    expect(put).toEqual({ kind: "destination_unknown" });
    expect(await left()).toEqual([]);
  });

  test("is not removed where it was changed", async () => {
    const { subscription, left } = await newDestination();
    const { subscriptions } = overtakenBy(() => calm.subscriptions.put(subscription, act));
    expect(await subscriptions.remove(subscription, act)).toEqual({ kind: "raced" });
    expect(await subscriptions.put(subscription, act)).toEqual({ kind: "raced" });
    expect(await left()).toEqual(["all"]);
  });
});

test("secrets of another kind are not kept", async () => {
  const { name, write } = await newDestination();
  await calm.destinations.put({ ...write, kind: "other", made: "fitting" }, act);
  expect((await calm.destinations.get(name))?.secrets).toEqual(["fitting"]);
});

test("sealed secrets open at their own destination alone", async () => {
  const { tenant } = await newDestination();
  await store.db.run(`INSERT INTO destinations
    SELECT tenant, 'thief', kind, url, secrets, per_minute, concurrency, paused_ms, paused_for,
      created_ms, updated_ms FROM destinations WHERE tenant = '${tenant}'`);
  const stolen = calm.destinations.get({ tenant, destination: "thief" });
  await expect(stolen).rejects.toThrow(/decrypt|OperationError|Decryption/i);
});
