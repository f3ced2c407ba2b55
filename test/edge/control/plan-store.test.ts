import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { parsePlan, type Plan } from "#src/core/plans/plan.ts";
import { PLAN_CHARS_MAX, planStore } from "#src/edge/control/plan-store.ts";
import { readPlans } from "#src/edge/d1/reads/plans.ts";
import { controlRig, newTenant } from "../support/control-rig.ts";
import { level, planBody } from "../support/plans.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const act = { actor: "admin_token", nowMs: NOW_MS };
const told: { readonly event: string; readonly fields: unknown }[] = [];
const rig = controlRig();
const plansOf = async (tenant: string): Promise<readonly Plan[]> => {
  const read = await readPlans(env.MIRROR_0, [tenant], (_, event, fields) => {
    told.push({ event, fields });
  });
  return read.get(tenant) ?? [];
};
const store = planStore({ store: rig.store, plansOf });

function planOf(planId: string, more: object = {}): Plan {
  const plan = parsePlan(planBody(more), { plan_id: planId, version: 1 });
  if (!plan.ok) throw new Error(JSON.stringify(plan.refusal));
  return plan.value;
}

const put = (tenant: string, planId: string, more: object = {}, version?: number) =>
  store.put(
    { tenant, planId, plan: planOf(planId, more), ...(version === undefined ? {} : { version }) },
    act,
  );

const code = (name: string, more: object = {}) => ({
  components: [level({ code: name })],
  ...more,
});

const rowsOf = async (tenant: string) => {
  const { results } = await env.MIRROR_0.prepare(
    `SELECT 'audit' AS kind, action AS name, detail ->> 'version' AS version FROM audit
       WHERE tenant = ?1 AND target LIKE 'plan:%'
     UNION ALL SELECT 'plan', plan_id, version FROM plans WHERE tenant = ?1 ORDER BY 1, 3, 2`,
  )
    .bind(tenant)
    .all<{ kind: string; name: string; version: number }>();
  return results.map(({ kind, name, version }) => `${kind} ${name} ${version}`);
};

const insert = (tenant: string, planId: string, version: number, body: string) =>
  env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, 0, ?, 0)")
    .bind(tenant, planId, version, body)
    .run();

describe("planStore()", () => {
  test("makes a version of each change, and of nothing else", async () => {
    const tenant = await newTenant(rig);
    const kinds = [];
    for (const days of [14, 14, 30, 30, 14]) {
      const { kind } = await put(tenant, "uni", { holdback_days: days });
      kinds.push(kind);
    }
    expect(kinds).toEqual(["created", "unchanged", "updated", "unchanged", "updated"]);
    expect(await rowsOf(tenant)).toEqual([
      "audit plan.create 1",
      "audit plan.update 2",
      "audit plan.update 3",
      "plan uni 1",
      "plan uni 2",
      "plan uni 3",
    ]);
  });

  test.each([
    { name: "the next version", version: 3, days: 99, kind: "updated" },
    { name: "an old version that says the same", version: 1, days: 14, kind: "unchanged" },
    { name: "the newest version that says the same", version: 2, days: 30, kind: "unchanged" },
    { name: "the newest version that says otherwise", version: 2, days: 99, kind: "other_version" },
    { name: "an old version that says otherwise", version: 1, days: 30, kind: "other_version" },
    { name: "a version beyond the next", version: 4, days: 30, kind: "other_version" },
    { name: "the next version saying the same again", version: 3, days: 30, kind: "updated" },
  ])("a writer that means $name: $kind", async ({ version, days, kind }) => {
    const tenant = await newTenant(rig);
    await put(tenant, "uni", { holdback_days: 14 });
    await put(tenant, "uni", { holdback_days: 30 });
    const done = await put(tenant, "uni", { holdback_days: days }, version);
    expect(done).toMatchObject(kind === "other_version" ? { kind, next: 3 } : { kind });
  });

  test("loses no change of many at once, and numbers them without a gap", async () => {
    const tenant = await newTenant(rig);
    const days = [1, 2, 3];
    const done = await Promise.all(days.map((d) => put(tenant, "uni", { holdback_days: d })));
    expect(done.map(({ kind }) => kind).toSorted()).toEqual(["created", "updated", "updated"]);
    const saved = await plansOf(tenant);
    expect(saved.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(new Set(saved.map((plan) => plan.holdback_days))).toEqual(new Set(days));
  });

  test("saves the same at once only once", async () => {
    const tenant = await newTenant(rig);
    const done = await Promise.all([1, 2, 3].map(() => put(tenant, "uni")));
    expect(done.map(({ kind }) => kind).toSorted()).toEqual(["created", "unchanged", "unchanged"]);
    expect(await rowsOf(tenant)).toEqual(["audit plan.create 1", "plan uni 1"]);
  });

  test("gives up on a plan that keeps changing under it", async () => {
    const tenant = await newTenant(rig);
    let saved = 0;
    const busy = planStore({
      store: rig.store,
      plansOf: async () => {
        saved += 1;
        await put(tenant, "other", code("other", { holdback_days: saved }));
        return plansOf(tenant);
      },
    });
    const write = { tenant, planId: "uni", plan: planOf("uni") };
    expect(await busy.put(write, act)).toEqual({ kind: "raced" });
    expect((await store.get({ tenant, planId: "uni" })).value).toBeUndefined();
  });

  test("saves nothing for a tenant that there is not", async () => {
    const tenant = `t${crypto.randomUUID()}`;
    expect(await put(tenant, "uni")).toEqual({ kind: "raced" });
    expect(await rowsOf(tenant)).toEqual([]);
  });

  test.each([
    {
      name: "a code that another plan has",
      stored: [code("a")],
      given: code("a"),
      isTaken: true,
    },
    {
      name: "a code that another plan had until before",
      stored: [code("a"), code("b", { effective_from: "2026-02-01" })],
      given: code("a", { effective_from: "2026-02-01" }),
      isTaken: false,
    },
    {
      name: "a code that another plan has for a while yet",
      stored: [code("a"), code("b", { effective_from: "2026-03-01" })],
      given: code("a", { effective_from: "2026-02-01" }),
      isTaken: true,
    },
    {
      name: "a code that another plan will have",
      stored: [code("a", { effective_from: "2027-01-01" })],
      given: code("a"),
      isTaken: true,
    },
    {
      name: "a code of a version that was corrected before it held",
      stored: [code("a"), code("b")],
      given: code("a"),
      isTaken: false,
    },
  ])("$name: taken $isTaken", async ({ stored, given, isTaken }) => {
    const tenant = await newTenant(rig);
    for (const more of stored) await put(tenant, "first", more);
    const done = await put(tenant, "second", given);
    expect(done).toMatchObject(
      isTaken
        ? { kind: "code_taken", errors: [{ path: "components[0].code", rule: "taken" }] }
        : { kind: "created" },
    );
  });

  test("knows of no other tenant's codes", async () => {
    const [ours, theirs] = [await newTenant(rig), await newTenant(rig)];
    await put(theirs, "uni");
    expect(await put(ours, "uni2")).toMatchObject({ kind: "created" });
  });

  test("holds no more than the consumer can read", async () => {
    const tenant = await newTenant(rig);
    const text = JSON.stringify(" ".repeat(1_900_000));
    for (const version of [1, 2, 3, 4]) await insert(tenant, "broken", version, text);
    expect(await put(tenant, "uni")).toMatchObject({ kind: "created" });
    await insert(tenant, "broken", 5, JSON.stringify(" ".repeat(PLAN_CHARS_MAX - 7_600_000 - 500)));
    expect(await put(tenant, "uni", { holdback_days: 30 })).toEqual({ kind: "too_many" });
  });

  test("lists the newest of each by name, and versions from the newest on", async () => {
    const tenant = await newTenant(rig);
    for (const id of ["b", "a", "c"]) await put(tenant, id, code(id));
    await put(tenant, "b", code("b", { holdback_days: 1, effective_from: "2025-01-01" }));
    const part = await store.list({ tenant }, { limit: 2 });
    const rest = await store.list({ ...part, tenant }, { after: "b", limit: 2 });
    const shown = [...part.value, ...rest.value].map(
      ({ planId, version }) => `${planId} ${version}`,
    );
    expect(shown).toEqual(["a 1", "b 2", "c 1"]);

    const name = { tenant, planId: "b" };
    expect((await store.versions(name, { limit: 5 })).value).toEqual([
      { planId: "b", version: 2, effectiveMs: Date.UTC(2025, 0, 1), createdMs: NOW_MS },
      { planId: "b", version: 1, effectiveMs: Date.UTC(2026, 0, 1), createdMs: NOW_MS },
    ]);
    const behind = await store.versions(name, { after: 2, limit: 5 });
    expect(behind.value.map(({ version }) => version)).toEqual([1]);
    expect((await store.get(name)).value?.version).toBe(2);
    const first = (await store.get(name, 1)).value;
    expect(first?.body).toMatchObject({ plan_id: "b", holdback_days: 14 });
    expect((await store.get(name, 3)).value).toBeUndefined();
  });
});

describe("readPlans()", () => {
  test("reads every version of the tenants asked for, and of nobody else", async () => {
    const [ours, theirs] = [await newTenant(rig), await newTenant(rig)];
    const none = await newTenant(rig);
    await put(ours, "b", code("b"));
    await put(ours, "a", code("a"));
    await put(ours, "a", code("a", { holdback_days: 1 }));
    await put(theirs, "uni");
    const read = await readPlans(env.MIRROR_0, [ours, none, ours], () => {});
    expect([...read.keys()]).toEqual([ours]);
    expect(read.get(ours)).toEqual([
      planOf("a", code("a")),
      { ...planOf("a", code("a", { holdback_days: 1 })), version: 2 },
      planOf("b", code("b")),
    ]);
  });

  test("sees what was saved a moment ago", async () => {
    const tenant = await newTenant(rig);
    for (const days of [1, 2, 3]) {
      await put(tenant, "uni", { holdback_days: days });
      const read = await plansOf(tenant);
      expect(read.at(-1)?.holdback_days).toBe(days);
    }
  });

  test.each([
    { name: "is no JSON", body: "{", broken: " type" },
    { name: "today's rules refuse", body: '{"holdback_days":-1}', broken: "holdback_days minimum" },
  ])("leaves out what $name, and tells the log", async ({ body, broken }) => {
    const tenant = await newTenant(rig);
    await put(tenant, "uni");
    await insert(tenant, "old", 7, body);
    told.length = 0;
    const read = await plansOf(tenant);
    expect(read.map(({ plan_id }) => plan_id)).toEqual(["uni"]);
    expect(told).toEqual([
      {
        event: "plan_unreadable",
        fields: {
          alert: true,
          tenant,
          plan_id: "old",
          version: 7,
          broken: expect.arrayContaining([broken]),
        },
      },
    ]);
    // Neither does it stop a change of the plans beside it.
    expect(await put(tenant, "uni", { holdback_days: 1 })).toMatchObject({ kind: "updated" });
  });

  test("asks nothing for nobody", async () => {
    expect(await readPlans(env.MIRROR_0, [], () => {})).toEqual(new Map());
  });
});
