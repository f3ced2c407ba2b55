import { describe, expect, test } from "vitest";
import { readBookmarks } from "#src/edge/http/bookmarks.ts";
import type { DeliveryMessage, Message } from "#src/edge/message.ts";
import { entry, listed, logged, readRig, type Rig, walk } from "./rig.ts";

const again: DeliveryMessage = {
  kind: "delivery",
  tenant: "t",
  source: "shop",
  sender: "standard",
  deliveryId: "dlv_1",
  receivedAtMs: 1,
  method: "POST",
  url: "https://gateway.example/in/t/shop",
  headers: {},
  body: { sealed: "c2VhbGVk" },
  eventIds: ["evt_l0"],
  only: [0],
  attempt: 0,
  redrive: true,
};

/** One event in every state, and a queue that the test can look into. */
async function heldRig(send?: (message: Message) => Promise<void>) {
  const sent: Message[] = [];
  const take = async (message: Message) => void sent.push(message);
  const rig = await readRig(() => ({ send: (_, message) => (send ?? take)(message) }));
  const states = ["buffered", "conflict", "parked", "quarantined"] as const;
  const entries = states.map((outcome) =>
    entry({
      event: logged({ event_id: `evt_${outcome}`, id: outcome }),
      outcome,
      code: "some_code",
      reason: "Some reason",
    }),
  );
  await rig.mirror("dist:d1", entries);
  const message = JSON.stringify({ ...again, tenant: rig.tenant });
  const held = { reason: "Broke its contract", message };
  await rig.loose(
    { eventId: "evt_loose", id: "l1", code: "x", held: { ...held, state: "quarantined" } },
    {
      eventId: "evt_dead",
      id: "l2",
      outcome: "dead",
      code: "exhausted",
      type: "order.placed",
      held: { ...held, state: "dead", key: "order:o1" },
    },
  );
  return { rig, sent };
}

const statesOf = async (rig: Rig) =>
  Object.fromEntries((await walk(rig, "held", 2)).map(({ id, state }) => [id, state]));

// The rig's clock stands still before the tenant's creation: the newest row is not the last one.
const isHeldAct = ({ action }: Record<string, unknown>) => String(action).startsWith("held.");

const trail = async (rig: Rig) => (await listed(rig.call("GET audit"))).items;

describe("GET …/held", () => {
  test("lists what waits, in the shape integrators rely on", async () => {
    const { rig } = await heldRig();
    expect(await statesOf(rig)).toEqual({
      evt_buffered: "buffered",
      evt_conflict: "conflict",
      evt_dead: "dead",
      evt_loose: "quarantined",
      evt_parked: "parked",
      evt_quarantined: "quarantined",
    });
    const { items } = await listed(rig.call("GET held?state=quarantined"));
    expect(items).toEqual([
      {
        id: "evt_loose",
        state: "quarantined",
        event_id: "evt_loose",
        source: "shop",
        type: null,
        code: "x",
        reason: "Broke its contract",
        since: "2026-07-01T10:00:00.000Z",
      },
      {
        id: "evt_quarantined",
        state: "quarantined",
        event_id: "evt_quarantined",
        source: "core",
        type: "commission.posted",
        key: "dist:d1",
        code: "some_code",
        reason: "Some reason",
        since: "2026-07-01T10:00:02.000Z",
      },
    ]);
  });
});

describe("POST …/held/{id}/retry", () => {
  test.each([
    {
      id: "evt_quarantined",
      message: { kind: "subject", subject: "dist:d1", redrive: ["evt_quarantined"] },
    },
    { id: "evt_loose", message: again },
    { id: "evt_dead", message: again },
  ])("sends $id once more, and leaves the row to its new outcome", async ({ id, message }) => {
    const { rig, sent } = await heldRig();
    const response = await rig.call(`POST held/${id}/retry`);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id, state: "retrying" });
    expect(sent).toEqual([{ ...message, tenant: rig.tenant }]);
    expect(await statesOf(rig)).toHaveProperty(id);
    expect((await trail(rig)).find(isHeldAct)).toMatchObject({
      actor: "admin_token",
      action: "held.retry",
      target: `held:${id}`,
    });
  });

  test.each(["evt_conflict", "evt_buffered", "evt_parked"])("refuses %s", async (id) => {
    const { rig, sent } = await heldRig();
    const before = await trail(rig);
    const response = await rig.call(`POST held/${id}/retry`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "conflict",
      detail: expect.stringMatching(/^It /),
    });
    expect(sent).toEqual([]);
    expect(await trail(rig)).toEqual(before);
  });
});

describe("POST …/held/{id}/discard", () => {
  test.each([
    { id: "evt_loose", isKept: false },
    { id: "evt_dead", isKept: false },
    { id: "evt_quarantined", isKept: true },
    { id: "evt_conflict", isKept: true },
    { id: "evt_parked", isKept: true },
  ])("removes $id, and says so to an object that keeps it", async ({ id, isKept }) => {
    const { rig, sent } = await heldRig();
    const response = await rig.call(`POST held/${id}/discard`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ id, state: "discarded" });
    const discard = { kind: "subject", tenant: rig.tenant, subject: "dist:d1", discard: [id] };
    expect(sent).toEqual(isKept ? [discard] : []);
    expect(await statesOf(rig)).not.toHaveProperty(id);
    expect((await trail(rig)).find(isHeldAct)).toMatchObject({
      action: "held.discard",
      target: `held:${id}`,
      detail: { state: expect.any(String) },
    });
    expect((await rig.call(`POST held/${id}/discard`)).status).toBe(404);
  });

  test("says what a list has to be asked with that must not show it any more", async () => {
    const { rig } = await heldRig();
    const response = await rig.call("POST held/evt_loose/discard");
    const bookmark = response.headers.get("D1-Bookmark") ?? "";
    expect(readBookmarks(bookmark)).toEqual({ mirror: bookmark });
    const headers = { "D1-Bookmark": bookmark };
    const { items } = await listed(rig.call("GET held", { headers }));
    expect(items.map(({ id }) => id)).not.toContain("evt_loose");
  });

  test("never discards a buffered event", async () => {
    const { rig, sent } = await heldRig();
    expect((await rig.call("POST held/evt_buffered/discard")).status).toBe(409);
    expect(sent).toEqual([]);
    expect(await statesOf(rig)).toHaveProperty("evt_buffered");
  });

  test("keeps the row while its object could not be told", async () => {
    const { rig } = await heldRig(() => Promise.reject(new Error("The queue is out")));
    expect((await rig.call("POST held/evt_quarantined/discard")).status).toBe(500);
    expect(await statesOf(rig)).toHaveProperty("evt_quarantined");
  });

  test("writes no trail for a row that somebody else removed meanwhile", async () => {
    const { rig } = await heldRig();
    const { held } = rig.ports;
    const done = {
      tenant: rig.tenant,
      shard: 0,
      eventId: "evt_loose",
      action: "held.discard",
    } as const;
    const act = { actor: "key:1", nowMs: 1 };
    const states = ["dead", "quarantined", "quarantined"] as const;
    const removals: string[] = [];
    for (const state of states) removals.push((await held.remove({ ...done, state }, act)).kind);
    expect(removals).toEqual(["raced", "removed", "raced"]);
    const discards = (await trail(rig)).filter(({ action }) => action === "held.discard");
    expect(discards).toHaveLength(1);
  });
});

test.each(["support", "finance", "auditor"])("%s may neither retry nor discard", async (role) => {
  const { rig } = await heldRig();
  const token = await rig.key(role);
  for (const verb of ["retry", "discard"]) {
    const response = await rig.call(`POST held/evt_loose/${verb}`, { token });
    expect(response.status).toBe(403);
  }
});
