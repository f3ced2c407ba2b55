import { env } from "cloudflare:workers";
import { createMessageBatch } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { consume } from "#src/compose/queues.ts";
import { matches } from "#src/core/outbound/patterns.ts";
import type { Message } from "#src/edge/message.ts";
import { rebuild, empty } from "../cron/rebuild/support.ts";
import { deliveriesOf } from "../d1/outbound/support.ts";
import { ORIGIN, w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, layLine, type Line } from "../support/line.ts";

/** Objects of destinations that only say when they were woken. */
function wakers() {
  const woken: string[] = [];
  const waker = (name: string) => ({ wake: async () => void woken.push(name) });
  const namespace = new Proxy(env.DESTINATION, {
    get: (target, name) => (name === "getByName" ? waker : Reflect.get(target, name)),
  });
  return { woken, bindings: { DESTINATION: namespace } };
}

async function put(line: Line, path: string, body: object): Promise<void> {
  const url = `${ORIGIN}/v1/tenants/${line.company.tenant}/${path}`;
  const headers = {
    Authorization: `Bearer ${env.ADMIN_TOKEN}`,
    "Content-Type": "application/json",
  };
  const request = new Request(url, { method: "PUT", headers, body: JSON.stringify(body) });
  const { ok, status } = await line.fetch(request);
  if (!ok) throw new Error(`PUT ${path}: ${status}`);
}

/** A company that tells a shop of everything and a CRM of payouts, and has somebody. */
async function tellingLine(more: Partial<Cloudflare.Env> = {}) {
  const { woken, bindings } = wakers();
  const line = await layLine({ ...bindings, ...more });
  await line.enrol("B");
  for (const name of ["shop", "crm"]) {
    await put(line, `destinations/${name}`, { url: `https://${name}.example/hook` });
  }
  await put(line, "subscriptions/everything", { destination: "shop", types: ["*"] });
  await put(line, "subscriptions/payouts", { destination: "crm", types: ["payout.*"] });
  woken.length = 0;
  return { line, woken };
}

/** `payout.settled B-5 crm`: what is told to whom. */
async function toldOf({ company: { tenant } }: Line): Promise<readonly string[]> {
  const rows = await deliveriesOf(tenant);
  return rows
    .map(({ type, body, destination }) => {
      const { data }: { data: { id?: string; key?: string } } = JSON.parse(String(body));
      return `${type} ${data.id ?? data.key} ${destination}`;
    })
    .toSorted();
}

const expected = (events: readonly object[]): readonly string[] =>
  events
    .flatMap((event) => {
      const { id = "", type = "" }: { id?: string; type?: string } = event;
      const crm = matches("payout.*", type) ? [`${type} ${id} crm`] : [];
      return [`${type} ${id} shop`, ...crm];
    })
    .toSorted();

/** Consumes what is queued the way a deployment does. */
async function consumed({ queued, parts }: Line): Promise<void> {
  while (queued.length > 0) {
    const messages = queued.splice(0).map((one) => ({ ...one, timestamp: new Date() }));
    await consume(createMessageBatch<Message>("upline-local-events-0", messages), parts);
  }
}

test("nobody waits for those who are woken, though none of them answers", async () => {
  const asked: string[] = [];
  const waker = (name: string) => ({
    wake: () => {
      asked.push(name);
      return new Promise(() => {});
    },
  });
  const namespace = new Proxy(env.DESTINATION, {
    get: (target, name) => (name === "getByName" ? waker : Reflect.get(target, name)),
  });
  const { line } = await tellingLine({ DESTINATION: namespace });
  await line.post(w2("B"));
  let isGivenUp = false;
  const wait = setTimeout(() => (isGivenUp = true), 4900);
  await consumed(line);
  clearTimeout(wait);
  // A wake is given up after five seconds: none was by then.
  expect(isGivenUp).toBe(false);
  expect(await toldOf(line)).toEqual(expected(w2("B")));
  await vi.waitFor(() => expect(new Set(asked).size).toBe(2));
});

test("each applied event is told to whoever wants it, who is woken", async () => {
  const { line, woken } = await tellingLine();
  const { tenant } = line.company;
  await line.post(w2("B"));
  await consumed(line);
  await vi.waitFor(() => expect(new Set(woken).size).toBe(2));
  expect(await toldOf(line)).toEqual(expected(w2("B")));
  expect(new Set(woken)).toEqual(new Set([`${tenant}/shop`, `${tenant}/crm`]));
  await expectMirrorEqualsObjects(tenant);
});

test("it is told once, however often it is sent and mirrored, in whatever order", async () => {
  const { line } = await tellingLine();
  const events = w2("B");
  await line.post(...events.toReversed().map((event) => [event]));
  const messages = [...line.queued];
  await line.run(({ mirror }) => ({
    mirror: async (...args) => {
      await mirror(...args);
      return mirror(...args);
    },
  }));
  await line.run(undefined, messages);
  await line.post(events);
  await line.drain();
  expect(await toldOf(line)).toEqual(expected(events));
});

test("what waits for an event before it is told once that is there", async () => {
  const { line } = await tellingLine();
  const [first, ...others] = w2("B");
  await line.post(others);
  await line.drain();
  expect(await toldOf(line)).toEqual([]);
  await line.post([first ?? {}]);
  await line.drain();
  expect(await toldOf(line)).toEqual(expected(w2("B")));
});

test.each(["before", "behind"])(
  "it is told once where the consumer dies %s the mirror's batch",
  async (when) => {
    const { line } = await tellingLine();
    await line.post(w2("B"));
    await line.run(({ mirror }) => ({
      mirror: async (...args) => {
        if (when === "behind") await mirror(...args);
        throw new Error("The consumer dies");
      },
    }));
    expect(line.queued.length).toBeGreaterThan(0);
    await line.drain();
    expect(await toldOf(line)).toEqual(expected(w2("B")));
  },
);

test("nothing is acknowledged while it is not known who wants to be told", async () => {
  let isOut = true;
  const db = new Proxy(env.MIRROR_0, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name !== "withSession")
        return typeof member === "function" ? member.bind(target) : member;
      return (from: string) => {
        const session = target.withSession(from);
        return new Proxy(session, {
          get(of, what) {
            const own: unknown = Reflect.get(of, what);
            if (what !== "prepare") return typeof own === "function" ? own.bind(of) : own;
            return (sql: string) => {
              if (isOut && sql.includes("JOIN subscriptions")) throw new Error("D1 is overloaded");
              return of.prepare(sql);
            };
          },
        });
      };
    },
  });
  isOut = false;
  const { line } = await tellingLine({ MIRROR_0: db });
  isOut = true;
  await line.post(w2("B"));
  expect(await line.run()).toMatchObject({ acked: 0 });
  expect(await toldOf(line)).toEqual([]);
  isOut = false;
  await line.drain();
  expect(await toldOf(line)).toEqual(expected(w2("B")));
});

test("a subscription is heeded from the next batch on, and tells nothing of before", async () => {
  const { line } = await tellingLine();
  await line.post(w2("B").slice(0, 2));
  await line.drain();
  await put(line, "destinations/late", { url: "https://late.example/hook" });
  await put(line, "subscriptions/late", {
    destination: "late",
    types: ["commission.*", "adjustment.*"],
  });
  await line.post(w2("B"));
  await line.drain();
  expect((await toldOf(line)).filter((told) => told.endsWith(" late"))).toEqual([
    "adjustment.posted B-3 late",
  ]);
});

test("a mirror that is filled again tells nobody anything", async () => {
  const { line, woken } = await tellingLine();
  const { tenant } = line.company;
  await line.post(w2("B"));
  await line.drain();
  const before = await deliveriesOf(tenant);
  await put(line, "destinations/late", { url: "https://late.example/hook" });
  await put(line, "subscriptions/late", { destination: "late", types: ["*"] });
  woken.length = 0;
  await empty(tenant);
  await rebuild(line);
  await line.drain();
  await expectMirrorEqualsObjects(tenant);
  expect(await deliveriesOf(tenant)).toEqual(before);
  expect(woken).not.toContain(`${tenant}/late`);
});

test("where nobody wants anything no row is written, and nobody is woken", async () => {
  const { woken, bindings } = wakers();
  const line = await layLine(bindings);
  await line.enrol("B");
  await line.post(w2("B"));
  await line.drain();
  expect(await deliveriesOf(line.company.tenant)).toEqual([]);
  expect(woken).toEqual([]);
});
