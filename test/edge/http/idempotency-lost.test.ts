import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { planStore } from "#src/edge/control/plan-store.ts";
import { planRoutes } from "#src/edge/http/plans.ts";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";
import { losingD1 } from "../support/out-d1.ts";
import { planBody } from "../support/plans.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);
let nowMs = START_MS;
const rig = controlRig({ nowMs: () => nowMs });
const { state, d1 } = losingD1();
const losing = controlRig({ d1, nowMs: () => nowMs });
const SOURCE = { sender: "acme", auth: { secrets: ["first-secret-0001"] } };

afterEach(() => {
  nowMs = START_MS;
  state.isLosing = false;
});

const codeOf = async (response: Response) => (await response.clone().json<{ code: string }>()).code;

const itemsOf = async (path: string) =>
  (await (await call(rig, `GET ${path}`)).json<{ items: { action?: string }[] }>()).items;

const trailOf = async (tenant: string, action: string): Promise<number> =>
  (await itemsOf(`/v1/tenants/${tenant}/audit`)).filter((deed) => deed.action === action).length;

/** Each makes ready what its write is about, and names that. */
const WRITES = [
  {
    action: "key.create",
    ready: async (tenant: string) => `POST /v1/tenants/${tenant}/keys`,
    body: { role: "auditor" },
  },
  {
    action: "key.revoke",
    ready: async (tenant: string) => {
      const { key_id } = await newKey(rig, tenant, { role: "auditor" });
      return `DELETE /v1/tenants/${tenant}/keys/${key_id}`;
    },
  },
  {
    action: "source.create",
    ready: async (tenant: string) => `PUT /v1/tenants/${tenant}/sources/core`,
    body: SOURCE,
  },
  {
    action: "source.rotate",
    ready: async (tenant: string) => {
      await call(rig, `PUT /v1/tenants/${tenant}/sources/core`, { body: SOURCE });
      return `POST /v1/tenants/${tenant}/sources/core/rotate`;
    },
    body: { secret: "second-secret-0002" },
  },
  {
    action: "source.delete",
    ready: async (tenant: string) => {
      await call(rig, `PUT /v1/tenants/${tenant}/sources/core`, { body: SOURCE });
      return `DELETE /v1/tenants/${tenant}/sources/core`;
    },
  },
  {
    action: "tenant.update",
    ready: async (tenant: string) => `PUT /v1/tenants/${tenant}`,
    body: { name: "Other", mode: "mirror", currency: "USD" },
  },
];

describe("a write that D1 saved and whose answer got lost on the way", () => {
  test.each(WRITES)("is done once under its key: $action", async ({ action, ready, body }) => {
    const tenant = await newTenant(rig);
    const line = await ready(tenant);
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const ask = () => call(losing, line, { headers, body });
    state.isLosing = true;
    const first = await ask();
    expect([first.status, await first.json()]).toEqual([
      503,
      expect.objectContaining({ detail: expect.stringContaining("idempotency_answer_lost") }),
    ]);
    nowMs = START_MS + 59_999;
    expect(await codeOf(await ask())).toBe("idempotency_in_progress");
    for (const laterMs of [60_000, 86_399_999]) {
      nowMs = START_MS + laterMs;
      const again = await ask();
      expect([again.status, await codeOf(again)]).toEqual([409, "idempotency_answer_lost"]);
      expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    }
    expect(await trailOf(tenant, action)).toBe(1);
  });

  test("creates one tenant", async () => {
    const tenant = `t${crypto.randomUUID()}`;
    const body = { name: "Acme", mode: "mirror", currency: "USD" };
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const ask = () => call(losing, `PUT /v1/tenants/${tenant}`, { headers, body });
    state.isLosing = true;
    expect((await ask()).status).toBe(503);
    nowMs = START_MS + 60_000;
    expect(await codeOf(await ask())).toBe("idempotency_answer_lost");
    expect(await trailOf(tenant, "tenant.create")).toBe(1);
    expect(await trailOf(tenant, "tenant.update")).toBe(0);
  });

  test("is another key's to do again", async () => {
    const tenant = await newTenant(rig);
    const make = (key: string) =>
      call(losing, `POST /v1/tenants/${tenant}/keys`, {
        headers: { "Idempotency-Key": key },
        body: { role: "auditor" },
      });
    state.isLosing = true;
    await make(crypto.randomUUID());
    expect((await make(crypto.randomUUID())).status).toBe(201);
    expect(await itemsOf(`/v1/tenants/${tenant}/keys`)).toHaveLength(2);
  });
});

test("a write that lost against another is not taken for saved", async () => {
  const tenant = await newTenant(rig);
  const path = `/v1/tenants/${tenant}/sources/core`;
  await call(rig, `PUT ${path}`, { body: SOURCE });
  const act = { actor: "a", nowMs };
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  // Between what it decides upon and its batch, somebody else's change.
  const racing = controlRig({
    d1: new Proxy(env.MIRROR_0, {
      get(real, name) {
        const value: unknown = Reflect.get(real, name);
        if (name !== "withSession") return typeof value === "function" ? value.bind(real) : value;
        return (from: string) => {
          const session = real.withSession(from);
          return {
            prepare: (query: string) => session.prepare(query),
            getBookmark: () => session.getBookmark(),
            async batch(statements: D1PreparedStatement[]) {
              await rig.sources.pause({ tenant, source: "core" }, act);
              return session.batch(statements);
            },
          };
        };
      },
    }),
    nowMs: () => nowMs,
  });
  const body = { secret: "second-secret-0002" };
  const lost = await call(racing, `POST ${path}/rotate`, { headers, body });
  expect([lost.status, await codeOf(lost)]).toEqual([409, "conflict"]);
  expect((await call(rig, `POST ${path}/rotate`, { headers, body })).status).toBe(200);
});

test.each([true, false])(
  "who is turned away after it was saved is told so, key: %s",
  async (keyed) => {
    const tenant = await newTenant(rig);
    const path = `/v1/tenants/${tenant}/sources/core`;
    const turning = { isOn: true };
    const odd = controlRig({
      d1: new Proxy(env.MIRROR_0, {
        get(real, name) {
          const value: unknown = Reflect.get(real, name);
          if (name !== "prepare") return typeof value === "function" ? value.bind(real) : value;
          return (query: string) => {
            const isSecondStep = query.startsWith('update "sources" set "published_ms"');
            if (isSecondStep && turning.isOn) throw new Error("D1_ERROR: D1 DB is overloaded.");
            return real.prepare(query);
          };
        },
      }),
      nowMs: () => nowMs,
    });
    const headers = keyed ? { "Idempotency-Key": crypto.randomUUID() } : {};
    const put = () => call(odd, `PUT ${path}`, { headers, body: SOURCE });
    const first = await put();
    expect([first.status, await first.json()]).toEqual([
      503,
      expect.objectContaining({ detail: expect.stringContaining("may have been done") }),
    ]);
    turning.isOn = false;
    if (!keyed) return;
    expect(await codeOf(await put())).toBe("idempotency_in_progress");
    nowMs = START_MS + 60_000;
    expect(await codeOf(await put())).toBe("idempotency_answer_lost");
    expect(await trailOf(tenant, "source.create")).toBe(1);
  },
);

test("a plan that is saved and not told of says so, and is told of under the same key", async () => {
  const tenant = await newTenant(rig);
  const sent: object[] = [];
  const queue = { isFull: true };
  const plansOf = async () => [];
  const routes = planRoutes({
    plans: planStore({ store: rig.store, plansOf }),
    plansOf,
    lineages: async () => [],
    send: async (_, message) => {
      if (queue.isFull) throw new Error("Queue is overloaded, please back off.");
      sent.push(message);
    },
    nowMs: () => nowMs,
  });
  const odd = controlRig({ routes, nowMs: () => nowMs });
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const put = () => call(odd, `PUT /v1/tenants/${tenant}/plans/uni`, { headers, body: planBody() });
  const first = await put();
  expect([first.status, await first.json()]).toEqual([
    503,
    expect.objectContaining({ detail: expect.stringContaining("may have been done") }),
  ]);
  queue.isFull = false;
  await expect.poll(async () => (await put()).status).toBe(200);
  expect(sent).toHaveLength(1);
  expect(await trailOf(tenant, "plan.create")).toBe(1);
});
