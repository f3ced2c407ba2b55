import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { knownSubscriptions } from "#src/edge/control/known-subscriptions.ts";

const newTenant = () => `t${crypto.randomUUID()}`;

const putDestination = (tenant: string, name: string, pausedMs: number | null = null) =>
  env.MIRROR_0.prepare(
    `INSERT INTO destinations (tenant, destination, kind, url, secrets, per_minute, concurrency,
       paused_ms, created_ms, updated_ms)
     VALUES (?, ?, 'webhook', 'https://crm.example', '', 600, 4, ?, 3, 4)`,
  )
    .bind(tenant, name, pausedMs)
    .run();

interface Row {
  readonly types?: string;
  readonly sources?: string | null;
  readonly except?: string | null;
}

const putSubscription = (
  tenant: string,
  name: string,
  destination: string,
  { types = '["*"]', sources = null, except = null }: Row = {},
) =>
  env.MIRROR_0.prepare("INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, 7, 6, 8)")
    .bind(tenant, name, destination, types, sources, except)
    .run();

function rig() {
  const logged: unknown[] = [];
  let [now, sessions] = [0, 0];
  const control = new Proxy(env.MIRROR_0, {
    get(target, name) {
      if (name !== "withSession") return Reflect.get(target, name);
      return (from: string) => {
        sessions += 1;
        expect(from).toBe("first-primary");
        return target.withSession(from);
      };
    },
  });
  const known = knownSubscriptions({
    control,
    nowMs: () => now,
    log: (_level, event, fields) => void logged.push([event, fields]),
  });
  return { known, logged, later: (ms: number) => (now += ms), sessions: () => sessions };
}

test("reads what several tenants want in one query, each by name", async () => {
  const { known, sessions } = rig();
  const [one, two, none] = [newTenant(), newTenant(), newTenant()];
  await putDestination(one, "crm");
  await putDestination(one, "paused", 5);
  await putDestination(two, "crm");
  await putSubscription(one, "b", "crm", { types: '["a.*","b.c"]', sources: '["core"]' });
  await putSubscription(one, "a", "paused", { except: '["shop","bank"]' });
  await putSubscription(one, "c", "removed");
  await putSubscription(two, "z", "crm");
  const found = await known.of([one, two, none]);
  expect(Object.fromEntries(found)).toEqual({
    [one]: [
      {
        subscription: "a",
        destination: "paused",
        types: ["*"],
        exceptSources: ["shop", "bank"],
        sinceMs: 7,
        destinationMs: 3,
      },
      {
        subscription: "b",
        destination: "crm",
        types: ["a.*", "b.c"],
        sources: ["core"],
        sinceMs: 7,
        destinationMs: 3,
      },
    ],
    [two]: [{ subscription: "z", destination: "crm", types: ["*"], sinceMs: 7, destinationMs: 3 }],
    [none]: [],
  });
  expect(sessions()).toBe(1);
});

test("believes it for 10 s, or until it was changed here", async () => {
  const { known, later, sessions } = rig();
  const tenant = newTenant();
  await putDestination(tenant, "crm");
  const namesOf = async () =>
    ((await known.of([tenant])).get(tenant) ?? []).map(({ subscription }) => subscription);
  expect(await namesOf()).toEqual([]);
  await putSubscription(tenant, "a", "crm");
  later(9999);
  expect([await namesOf(), sessions()]).toEqual([[], 1]);
  later(1);
  expect([await namesOf(), sessions()]).toEqual([["a"], 2]);
  await putSubscription(tenant, "b", "crm");
  known.forget(tenant);
  expect(await namesOf()).toEqual(["a", "b"]);
});

test("leaves out what was spoilt by hand, and says so", async () => {
  const { known, logged } = rig();
  const tenant = newTenant();
  await putDestination(tenant, "crm");
  await putSubscription(tenant, "good", "crm");
  await putSubscription(tenant, "no-json", "crm", { types: "x" });
  await putSubscription(tenant, "no-list", "crm", { sources: "{}" });
  await putSubscription(tenant, "no-names", "crm", { except: "[1]" });
  const found = (await known.of([tenant])).get(tenant) ?? [];
  expect(found.map(({ subscription }) => subscription)).toEqual(["good"]);
  expect(logged).toEqual(
    ["no-json", "no-list", "no-names"].map((subscription) => [
      "subscription_unreadable",
      { alert: true, tenant, subscription },
    ]),
  );
});
