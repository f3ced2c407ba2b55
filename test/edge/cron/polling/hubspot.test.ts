import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { rebuildPorts } from "#src/compose/rebuild.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { asDocumented } from "../../support/contract.ts";
import { fakeHubspot } from "../../../support/products/hubspot.ts";
import { json, productStore } from "../../../support/products/store.ts";
import { type PollRig, pollRig } from "./rig.ts";

const AT_MS = Date.parse("2026-03-01T00:00:00Z");
const TOKEN = "pat-na1-secret-0001";
const CLIENT_SECRET = "a3c5e7f9-1b2d-4c6e-8f0a-112233445566";

const STREAM = {
  name: "contacts",
  object: "contacts",
  fields: ["email", "firstname"],
  page_size: 3,
};
const POLL = {
  kind: "hubspot",
  account: "62515",
  auth: { kind: "token", token: TOKEN },
  streams: [STREAM],
};
const OAUTH = {
  kind: "refresh_token",
  client_id: "client-1",
  client_secret: "client-secret-0001",
  refresh_token: "refresh-1",
};

const source = (poll: object) => ({
  sender: "hubspot",
  auth: { scheme: "hubspot-v1", secrets: [CLIENT_SECRET] },
  options: { poll },
});

async function open(poll: object = POLL, tokens: readonly string[] = [TOKEN]) {
  const product = fakeHubspot(productStore(AT_MS), tokens);
  const rig = await pollRig(product);
  const put = await rig.call("PUT sources/hubspot", source(poll));
  expect([put.status, await put.clone().text()]).toEqual([201, expect.any(String)]);
  return { product, store: product.store, rig };
}

const events = ({ rows }: PollRig) =>
  rows(
    "SELECT type, outcome, code FROM events WHERE tenant = ? AND source = 'hubspot' ORDER BY event_id",
  );

const outcomes = async (rig: PollRig) => (await events(rig)).map(({ outcome }) => outcome);

const held = ({ rows }: PollRig) =>
  rows("SELECT event_id AS id, state, code, reason FROM held WHERE tenant = ? ORDER BY code");

const searches = (asked: readonly string[]) => asked.filter((line) => line.endsWith("/search"));

/** Changes as HubSpot posts them. */
async function webhook({ line, tenant }: PollRig, changes: readonly object[]) {
  const body = JSON.stringify(
    changes.map((change, at) => ({
      eventId: at + 1,
      subscriptionId: 12,
      portalId: 62515,
      appId: 54321,
      occurredAt: AT_MS + at,
      attemptNumber: 0,
      ...change,
    })),
  );
  const signature = createHash("sha256")
    .update(CLIENT_SECRET + body)
    .digest("hex");
  const response = await line.fetch(
    new Request(`https://gateway.example/in/${tenant}/hubspot`, {
      method: "POST",
      headers: { "X-HubSpot-Signature": signature, "Content-Type": "application/json" },
      body,
    }),
  );
  expect(response.status).toBe(202);
  await line.drain();
}

test("a rebuild meets in the archive whoever was told by a poll alone", async () => {
  const { rig, store } = await open();
  store.put("7", { email: "7@x.example", firstname: "Seven" });
  await rig.minutes(2);
  const subjects = await rig.rows(
    "SELECT subject FROM events WHERE tenant = ? AND source = 'hubspot' AND subject IS NOT NULL",
  );
  expect(subjects).toHaveLength(1);
  const { parts } = rig.line;
  const { archived } = rebuildPorts(parts, shardAt(parts.shards, 0));
  const { names } = await archived({ tenant: rig.tenant, fromMs: 0 }, undefined);
  expect([...names]).toEqual(subjects.map(({ subject }) => subject));
});

test("contacts become leads, each version once, however often they are polled", async () => {
  const { rig, store, product } = await open();
  for (let n = 1; n <= 8; n += 1) {
    store.nowMs += n % 3;
    store.put(String(n), { email: `${n}@x.example`, firstname: `N${n}` });
  }
  await rig.minutes(12);
  expect(await outcomes(rig)).toEqual(Array.from({ length: 8 }, () => "applied"));

  store.nowMs += 5000;
  store.put("3", { email: "new@x.example", firstname: "N3" });
  await rig.minutes(7);
  expect(await outcomes(rig)).toEqual(Array.from({ length: 9 }, () => "applied"));
  expect(product.asked).toEqual(searches(product.asked));

  const shown = await rig.call("GET sources/hubspot/polls");
  const url = `/v1/tenants/${rig.tenant}/sources/hubspot/polls`;
  const polls = await asDocumented({ method: "GET", url }, shown);
  expect(await polls.json()).toMatchObject({
    state: "active",
    used_24h: product.asked.length,
    streams: [
      {
        stream: "contacts",
        watermark: new Date(store.nowMs).toISOString(),
        failures: 0,
        error: null,
      },
    ],
  });
});

test("a crash between the queue and the place tells a page again, to no effect", async () => {
  const { rig, store } = await open();
  for (let n = 1; n <= 8; n += 1) {
    store.nowMs += 1;
    store.put(String(n), { email: `${n}@x.example` });
  }
  for (const [n, step] of (["deliver", "save", "release", "send", "save"] as const).entries()) {
    await rig.poll({ [step]: () => Promise.reject(new Error(`out ${n}`)) });
    await rig.line.drain();
    // The lease of whoever died ends.
    rig.clock.nowMs += 121_000;
  }
  await rig.minutes(3);
  const told = await outcomes(rig);
  expect(told.filter((outcome) => outcome === "applied")).toHaveLength(8);
  expect(told.filter((outcome) => outcome !== "applied" && outcome !== "duplicate")).toEqual([]);
});

test("two never poll one source at once, and a lease that is over writes nothing", async () => {
  const { rig, store, product } = await open();
  store.put("1", { email: "1@x.example" });
  await Promise.all([rig.poll(), rig.poll(), rig.poll()]);
  expect(product.asked).toHaveLength(1);

  rig.clock.nowMs += 600_000;
  store.nowMs += 1000;
  store.put("2", { email: "2@x.example" });
  await rig.poll({
    deliver: async () => {
      // Longer than its lease: another one has gone on meanwhile.
      rig.clock.nowMs += 200_000;
      await rig.poll();
    },
  });
  await rig.line.drain();
  expect(await outcomes(rig)).toEqual(["applied", "applied"]);
});

test("nothing is asked while the source is paused, deleted, or without poll", async () => {
  const { rig, store, product } = await open();
  store.put("1", { email: "1@x.example" });
  await rig.call("POST sources/hubspot/pause");
  await rig.minutes(2);
  expect(product.asked).toEqual([]);
  expect(await (await rig.call("GET sources/hubspot/polls")).json()).toMatchObject({
    state: "paused",
  });

  await rig.call("POST sources/hubspot/resume");
  await rig.minutes(1);
  expect(product.asked).toHaveLength(1);

  const { options: _options, ...rest } = source(POLL);
  await rig.call("PUT sources/hubspot", rest);
  await rig.minutes(8);
  expect(product.asked).toHaveLength(1);
  expect(await (await rig.call("GET sources/hubspot/polls")).json()).toMatchObject({
    state: "off",
    streams: [],
  });
  expect(await rig.rows("SELECT * FROM polls WHERE tenant = ?")).toEqual([]);

  await rig.call("PUT sources/hubspot", source(POLL));
  await rig.minutes(1);
  await rig.call("DELETE sources/hubspot");
  await rig.minutes(8);
  expect(product.asked).toHaveLength(2);
  expect(await rig.rows("SELECT * FROM polls WHERE tenant = ?")).toEqual([]);
});

test("secrets are shown by their ends, stand in no row, and may not be sent back as shown", async () => {
  const { rig } = await open({ ...POLL, auth: OAUTH }, []);
  const shown = await (await rig.call("GET sources/hubspot")).text();
  expect(shown).not.toContain("client-secret-0001");
  expect(JSON.parse(shown).options.poll.auth).toEqual({
    kind: "refresh_token",
    client_id: "client-1",
    client_secret: "…0001",
    refresh_token: "…sh-1",
  });
  await rig.minutes(1);
  await rig.call("POST sources/hubspot/rotate", { secret: "b3c5e7f9-1b2d-4c6e-8f0a-112233445566" });
  for (const table of ["sources", "polls", "audit"]) {
    const rows = JSON.stringify(await rig.rows(`SELECT * FROM ${table} WHERE tenant = ?`));
    expect(rows).not.toMatch(/client-secret-0001|refresh-1|access-1/);
  }
  expect(JSON.stringify(rig.logged)).not.toMatch(/client-secret-0001|refresh-1|access-1/);

  const masked = await rig.call("PUT sources/hubspot", {
    sender: "hubspot",
    auth: source(POLL).auth,
    options: JSON.parse(shown).options,
  });
  expect(masked.status).toBe(422);
  expect(await masked.json()).toMatchObject({
    errors: [
      { path: "options.poll.auth.client_secret", rule: "masked" },
      { path: "options.poll.auth.refresh_token", rule: "masked" },
    ],
  });
});

test("a token is kept until its end, and had anew once where it is taken back before", async () => {
  const { rig, store, product } = await open({ ...POLL, auth: OAUTH }, []);
  store.put("1", { email: "1@x.example" });
  const tokens = () => product.asked.filter((line) => line === "POST /oauth/v1/token").length;
  await rig.minutes(12);
  expect([tokens(), searches(product.asked).length]).toEqual([1, 3]);
  product.tokens.clear();
  rig.clock.nowMs += 300_000;
  await rig.minutes(1);
  expect([tokens(), searches(product.asked).length]).toEqual([2, 5]);
  // Half an hour is its life.
  rig.clock.nowMs += 1_800_000;
  await rig.minutes(1);
  expect(tokens()).toBe(3);
  expect(rig.logged.filter(({ level }) => level !== "info")).toEqual([]);
});

test("a credential that is refused is told, and asked with less and less often", async () => {
  const { rig, product } = await open(POLL, ["another"]);
  await rig.minutes(60);
  expect(product.asked.length).toBeLessThan(8);
  const alerts = rig.logged.filter(({ fields }) => fields["alert"] === true);
  expect(alerts).toMatchObject([
    {
      level: "error",
      event: "poll_failing",
      fields: { stream: "contacts", kind: "unauthorized", failures: 5 },
    },
  ]);
  expect(await (await rig.call("GET sources/hubspot/polls")).json()).toMatchObject({
    streams: [{ error: { kind: "unauthorized" } }],
  });
});

test("a product that wants to be left alone is, and its pages go on where they were", async () => {
  const { rig, store, product } = await open();
  for (let n = 1; n <= 8; n += 1) {
    store.nowMs += 1;
    store.put(String(n), { email: `${n}@x.example` });
  }
  product.faults.push(() =>
    json({ status: "error", message: "TEN_SECONDLY_ROLLING" }, 429, { "Retry-After": "600" }),
  );
  await rig.minutes(9);
  expect(product.asked).toHaveLength(1);
  await rig.minutes(3);
  expect(await outcomes(rig)).toHaveLength(8);

  product.faults.push(
    () => new Response("<html>", { status: 502 }),
    () => new Response("no json"),
  );
  store.nowMs += 60_000;
  store.put("9", { email: "9@x.example" });
  await rig.minutes(12);
  expect(await outcomes(rig)).toHaveLength(9);
});

test("the day's allowance is not gone beyond, and comes back by the hour", async () => {
  const { rig, store, product } = await open({
    ...POLL,
    budget: { requests_per_day: 10, share: 0.3 },
  });
  for (let n = 1; n <= 20; n += 1) {
    store.nowMs += 1;
    store.put(String(n), { email: `${n}@x.example` });
  }
  await rig.minutes(30);
  expect(product.asked).toHaveLength(3);
  expect(await (await rig.call("GET sources/hubspot/polls")).json()).toMatchObject({
    used_24h: 3,
    allowed_24h: 3,
    not_before: expect.any(String),
    streams: [{ round: { pages: 3 } }],
  });
  rig.clock.nowMs += 24 * 3_600_000;
  await rig.minutes(1);
  expect(product.asked).toHaveLength(6);
});

const creation = (objectId: number) => ({ subscriptionType: "contact.creation", objectId });

test("webhooks that tell ids alone are looked up in one batch, and end", async () => {
  const { rig, store, product } = await open({ ...POLL, streams: [{ ...STREAM, every: "never" }] });
  for (let n = 1; n <= 40; n += 1) store.put(String(n), { email: `${n}@x.example` });
  await webhook(
    rig,
    Array.from({ length: 40 }, (_, at) => creation(at + 1)),
  );
  expect(await held(rig)).toHaveLength(40);

  await rig.minutes(1);
  expect(product.asked).toEqual(["POST /crm/v3/objects/contacts/batch/read"]);
  expect(await held(rig)).toEqual([]);
  const told = await events(rig);
  expect(told.filter(({ type, code }) => type === "cdc.gap" && code === "hydrated")).toHaveLength(
    40,
  );
  expect(
    told.filter(({ type, outcome }) => type === "lead.upserted" && outcome === "applied"),
  ).toHaveLength(40);
  await rig.minutes(3);
  expect(product.asked).toHaveLength(1);
});

test("what is gone, merged or spoils its batch is told apart, and an outage leaves all waiting", async () => {
  const { rig, store, product } = await open({ ...POLL, streams: [{ ...STREAM, every: "never" }] });
  store.put("1", { email: "1@x.example" });
  store.put("2", { email: "2@x.example", hs_merged_object_ids: "7;8" });
  store.put("3", { email: "3@x.example" });
  store.remove("3");
  await webhook(rig, [
    creation(1),
    creation(3),
    creation(8),
    { ...creation(4), objectId: "no-id" },
  ]);
  product.faults.push(() => json({ status: "error" }, 500));
  await rig.minutes(1);
  expect(new Set((await held(rig)).map(({ code }) => code))).toEqual(new Set(["awaits_hydration"]));

  await rig.minutes(2);
  const kept = await held(rig);
  expect(kept).toMatchObject([
    {
      state: "quarantined",
      code: "hydration_missing",
      reason: expect.stringMatching(/^3: The product shows no such record/),
    },
    {
      state: "quarantined",
      code: "hydration_refused",
      reason: expect.stringMatching(/^no-id: status 400/),
    },
  ]);
  const told = await events(rig);
  expect(told.filter(({ code }) => code === "hydrated")).toHaveLength(2);
  expect(told.filter(({ type }) => type === "lead.upserted")).toHaveLength(2);

  // A person's retry has it looked up again.
  store.put("3", { email: "back@x.example" });
  await rig.call(`POST held/${String(kept[0]?.["id"])}/retry`);
  await rig.line.drain();
  await rig.minutes(1);
  expect((await held(rig)).map(({ code }) => code)).toEqual(["hydration_refused"]);
});

test("a creation that no stream covers, or of another portal, is what it was before", async () => {
  const { rig } = await open({ ...POLL, account: "999" });
  await webhook(rig, [creation(1)]);
  expect(await events(rig)).toMatchObject([{ type: "lead.upserted", outcome: "applied" }]);
});
