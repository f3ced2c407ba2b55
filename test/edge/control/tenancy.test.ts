import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createParts, stubIn, subjectStub } from "#src/compose/parts.ts";
import { partArchive } from "#src/edge/archive/archive.ts";
import { putClaim } from "#src/edge/archive/claims.ts";
import { exportPrefix } from "#src/edge/archive/export-parts.ts";
import { hold, markResuming } from "#src/edge/archive/paused.ts";
import { partRoster } from "#src/edge/archive/roster.ts";
import { spill } from "#src/edge/archive/spill.ts";
import { TENANT_TABLES } from "#src/edge/d1/tenant-tables.ts";
import type { DeliveryMessage } from "#src/edge/message.ts";
import { shardFor } from "#src/edge/shards.ts";
import { call, controlRig, newTenant } from "../support/control-rig.ts";

const select = async <Row>(sql: string, ...values: string[]) =>
  (
    await env.MIRROR_0.prepare(sql)
      .bind(...values)
      .all<Row>()
  ).results;

/** Tables of D1 that are no tenant's, and why. */
const NOBODYS: Readonly<Record<string, string>> = {
  jobs: "where cron goes on, of a whole shard; what names a tenant there is purged by name",
  deletions: "outlives its tenant: one row each, keyed by it",
  d1_migrations: "the schema's own history",
};

const tablesInD1 = () =>
  select<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );

test("every row belongs to a tenant: its name comes first in every primary key", async () => {
  const purged = new Set(TENANT_TABLES.map(({ name }) => name));
  for (const { name } of await tablesInD1()) {
    const columns = await select<{ name: string; pk: number }>(
      "SELECT name, pk FROM pragma_table_info(?)",
      name,
    );
    const [first] = columns.filter(({ pk }) => pk === 1);
    const isTenants = columns.some((column) => column.name === "tenant");
    if (name in NOBODYS) continue;
    // Fails for a table that is added and that no export and no purge would know of.
    expect([name, isTenants, first?.name, purged.has(name)]).toEqual([name, true, "tenant", true]);
  }
  expect(purged.size).toBeGreaterThan(25);
});

test("indexes begin with the tenant, or serve what asks for no tenant", async () => {
  const NO_TENANTS = new Set(["lines_due", "api_keys_hash", "idempotency_created"]);
  const indexes = await select<{ name: string; column: string }>(
    `SELECT m.name, i.name AS "column" FROM sqlite_master m, pragma_index_info(m.name) i
     WHERE m.type = 'index' AND m.name NOT LIKE 'sqlite_%' AND i.seqno = 0`,
  );
  const odd = indexes.filter(({ name, column }) => column !== "tenant" && !NO_TENANTS.has(name));
  expect(odd).toEqual([]);
});

test("whatever lies in R2 has its tenant in its path", async () => {
  const tenant = `t${crypto.randomUUID()}`;
  const message: DeliveryMessage = {
    kind: "delivery",
    tenant,
    source: "core",
    sender: "standard",
    deliveryId: `dlv_${crypto.randomUUID()}`,
    receivedAtMs: Date.UTC(2026, 10, 22),
    method: "POST",
    url: "https://gateway.example",
    headers: {},
    body: { sealed: "" },
    eventIds: [],
  };
  const written: string[] = [];
  const bucket = new Proxy(env.ARCHIVE_0, {
    get: (_target, name) => async (key: string) => name === "put" && written.push(key),
  });
  await putClaim(bucket, message, "");
  await hold(bucket, message);
  await spill(bucket, message);
  await markResuming(bucket, message);
  const [part] = partArchive([message], { batchId: "b", nowMs: 0 });
  const head = { tenant, subject: "dist:1", position: 1, head: "" };
  const [roster] = partRoster([head], { day: "2026-11-22", page: 0 });
  written.push(part?.objectKey ?? "", roster?.objectKey ?? "");
  written.push(exportPrefix({ tenant, deletionId: "del_1" }));
  expect(written).toHaveLength(7);
  for (const key of written) expect(key.split(/[/=]/)).toContain(tenant);
});

test("objects of one name and two tenants are two, and so is each kind", async () => {
  const parts = createParts(env);
  const names = ["t1", "t2"].flatMap((tenant) =>
    (["distributor", "order", "record", "tree"] as const).map((object) => {
      const subject = { distributor: "dist:1", order: "order:1", record: "lead:1", tree: "tree:t" };
      return String(stubIn(parts, object, { tenant, shard: 0, subject: subject[object] }).id);
    }),
  );
  expect(new Set(names).size).toBe(8);
});

test("objects, queue, D1 and R2 of a tenant are those of its jurisdiction", async () => {
  const intakes = ["global", "eu"] as const;
  expect(shardFor(intakes, "eu")).toBe(1);
  expect(shardFor(intakes, undefined)).toBe(0);
  expect(shardFor(intakes, "us")).toBeUndefined();

  // The local runtime knows no jurisdictions: what is asked of it is what counts.
  const asked: string[] = [];
  const namespace = new Proxy(env.DISTRIBUTOR, {
    get(target, name) {
      if (name === "getByName") return (key: string) => (asked.push(`anywhere ${key}`), {});
      if (name !== "jurisdiction") return Reflect.get(target, name);
      return (where: string) => ({
        getByName: (key: string) => (asked.push(`${where} ${key}`), {}),
      });
    },
  });
  const config = { ...createParts(env).config, intakes };
  const given = { env: { ...env, DISTRIBUTOR: namespace }, config };
  const subject = "dist:1";
  stubIn(given, "distributor", { tenant: "acme", shard: 1, jurisdiction: "eu", subject });
  stubIn(given, "distributor", { tenant: "acme", shard: 0, subject });
  expect(asked).toEqual(["eu acme/1", "anywhere acme/1"]);
});

test("a tenant stays in the jurisdiction in which it was created", async () => {
  const rig = controlRig();
  const tenant = await newTenant(rig, { jurisdiction: "eu" });
  expect((await rig.directory.tenant(tenant))?.shard).toBe(1);
  const body = { name: "Acme", mode: "mirror", currency: "USD", jurisdiction: "us" };
  const moved = await call(rig, `PUT /v1/tenants/${tenant}`, { body });
  expect([moved.status, await moved.json()]).toMatchObject([
    409,
    { errors: [{ path: "jurisdiction", rule: "fixed" }] },
  ]);
  const { jurisdiction: _us, ...same } = body;
  expect((await call(rig, `PUT /v1/tenants/${tenant}`, { body: same })).status).toBe(200);
  expect((await rig.directory.tenant(tenant))?.jurisdiction).toBe("eu");
});

test("nobody is served by a jurisdiction that the deployment does not have", async () => {
  const rig = controlRig();
  const body = { name: "Acme", mode: "mirror", currency: "USD", jurisdiction: "us" };
  const response = await call(rig, `PUT /v1/tenants/t${crypto.randomUUID()}`, { body });
  expect([response.status, await response.json()]).toMatchObject([
    422,
    { errors: [{ path: "jurisdiction", rule: "unavailable" }] },
  ]);
});

test("an object of an unknown tenant is not asked for", async () => {
  const place = { tenant: `t${crypto.randomUUID()}`, subject: "dist:1" };
  await expect(subjectStub(createParts(env), "distributor", place)).rejects.toThrow(
    "Cannot find tenant",
  );
});
