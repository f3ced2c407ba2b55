import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { listed, NOW_MS, readRig, type Rig } from "../../http/reads/rig.ts";
import { type DeliveryRow, idAt, putDelivery } from "./support.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let rig: Rig;
let at = 0;

beforeEach(async () => {
  rig = await readRig();
  for (const name of ["crm", "shop"]) await putDestination(name);
});

const putDestination = (name: string) =>
  env.MIRROR_0.prepare(
    `INSERT INTO destinations (tenant, destination, kind, url, secrets, per_minute, concurrency,
       created_ms, updated_ms) VALUES (?, ?, 'webhook', 'https://crm.example', '', 600, 4, 0, 0)`,
  )
    .bind(rig.tenant, name)
    .run();

const pause = (name: string, why: string) =>
  env.MIRROR_0.prepare(
    "UPDATE destinations SET paused_ms = 5, paused_for = ? WHERE tenant = ? AND destination = ?",
  )
    .bind(why, rig.tenant, name)
    .run();

async function put(more: DeliveryRow) {
  at += 1;
  await putDelivery(rig.tenant, idAt(at), more);
}

/** One whose schedule began with a failure so long ago. */
const failing = (agoMs: number, more: DeliveryRow = {}): DeliveryRow => ({
  step: 2,
  due_ms: NOW_MS + HOUR_MS,
  attempts: JSON.stringify(
    // The first is of before a person's retry.
    [NOW_MS - 90 * 24 * HOUR_MS, NOW_MS - agoMs, NOW_MS - agoMs + 1].map((at_ms) => ({
      at_ms,
      took_ms: 1,
      error: "No connection",
    })),
  ),
  ...more,
});

const dead = (endedMs: number, more: DeliveryRow = {}): DeliveryRow => ({
  state: "dead",
  due_ms: null,
  ended_ms: endedMs,
  ...more,
});

async function alerts(query = ""): Promise<readonly string[]> {
  const { items } = await listed(rig.call(`GET alerts${query}`));
  return items.map(({ alert_id: id, severity, since, detail }) =>
    [severity, id, Date.parse(String(since)), detail].join(" "),
  );
}

test("dead deliveries are an alert for each destination that there is", async () => {
  for (const endedMs of [30, 20, 40]) await put(dead(endedMs));
  await put(dead(50, { destination: "shop" }));
  await put(dead(60, { destination: "removed" }));
  await put(dead(10, { destination: "shop", destination_ms: 1 }));
  await put({ state: "delivered", due_ms: null, ended_ms: 1 });
  expect(await alerts()).toEqual([
    "ticket delivery_dead:crm 20 3 to destination crm that were given up",
    "ticket delivery_dead:shop 50 1 to destination shop that were given up",
  ]);
  const { items } = await listed(rig.call("GET alerts?kind=delivery_dead&limit=1"));
  const href = String(items[0]?.["href"]).slice(`/v1/tenants/${rig.tenant}/`.length);
  expect(href).toBe("deliveries?state=dead&destination=crm");
  expect((await listed(rig.call(`GET ${href}`))).items).toHaveLength(3);
});

test("what fails for a quarter of an hour is an alert, and urgent after a day", async () => {
  await put(failing(15 * MINUTE_MS - 1));
  expect(await alerts()).toEqual([]);
  await put(failing(15 * MINUTE_MS));
  const since = NOW_MS - 15 * MINUTE_MS;
  expect(await alerts()).toEqual([
    `ticket destination_failing:crm ${since} 1 to destination crm are late, 1 of them were tried in vain`,
  ]);
  await put(failing(24 * HOUR_MS));
  expect(await alerts("?severity=page")).toEqual([
    `page destination_failing:crm ${NOW_MS - 24 * HOUR_MS} 2 to destination crm are late, 2 of them were tried in vain`,
  ]);
});

test("so is what was due for as long, though nobody has tried it", async () => {
  await put({ destination: "shop", due_ms: NOW_MS - 15 * MINUTE_MS + 1 });
  expect(await alerts()).toEqual([]);
  await put({ destination: "shop", due_ms: NOW_MS - 15 * MINUTE_MS, created_ms: 1 });
  expect(await alerts()).toEqual([
    `ticket destination_failing:shop ${NOW_MS - 15 * MINUTE_MS} 1 to destination shop are late, 0 of them were tried in vain`,
  ]);
});

test("what a person has begun anew is as young as that", async () => {
  await put(failing(24 * HOUR_MS, { step: 0, due_ms: NOW_MS }));
  await put({ step: 3, attempts: "spoilt", due_ms: NOW_MS });
  expect(await alerts()).toEqual([]);
});

test("a destination that a person paused is none, and one that is gone is", async () => {
  await put(failing(24 * HOUR_MS));
  await put(failing(24 * HOUR_MS, { destination: "shop" }));
  await pause("crm", "person");
  await pause("shop", "gone");
  expect(await alerts()).toEqual([
    "ticket destination_failing:shop 5 Destination shop answered that it is gone: it is paused until a person resumes it",
  ]);
});

test("pages of one come to the same list", async () => {
  await put(dead(1));
  await put(dead(1, { destination: "shop" }));
  await put(failing(HOUR_MS));
  await put(failing(HOUR_MS, { destination: "shop" }));
  const all = await alerts();
  expect(all).toHaveLength(4);
  const one: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await listed(rig.call(`GET alerts?limit=1${cursor && `&cursor=${cursor}`}`));
    one.push(...page.items.map(({ alert_id: id }) => String(id)));
    cursor = page.next_cursor;
  }
  expect(one).toEqual(all.map((text) => text.split(" ")[1]));
});
