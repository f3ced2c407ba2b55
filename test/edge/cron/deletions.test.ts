import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { consume } from "#src/compose/queues.ts";
import { canonicalJson } from "#src/core/canonical.ts";
import { TENANT_COPIES } from "#src/edge/control/published.ts";
import { tenantsIn } from "#src/edge/d1/runs/due.ts";
import type { Message } from "#src/edge/message.ts";
import { enrolment, ORIGIN, SECRET } from "../support/company.ts";
import {
  allOf,
  cronOf,
  DESTINATIONS_LEFT,
  foundLeaving,
  type Leaving,
  leftIn,
  rowsOf,
  standAt,
  tablesIn,
} from "../support/leaving.ts";
import { signStandard } from "../../../scripts/signing.ts";

interface Shown {
  readonly deletion_id: string;
  readonly state: string;
  readonly step: string;
  readonly parts: number;
  readonly messages_dropped: number;
  readonly export: { readonly parts: number; readonly manifest_sha256: string } | null;
  readonly proof: Record<string, unknown> & {
    readonly sha256: string;
    readonly before: { readonly tables: Record<string, number>; readonly objects: number };
  };
}

interface Manifest {
  readonly parts: readonly { n: number; name: string; rows: number; sha256: string }[];
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

const shown = async (one: Leaving): Promise<Shown> =>
  (await one.call("GET /deletion")).json<Shown>();

const isIn = (one: Leaving, state: string) => async () => (await shown(one)).state === state;

const requestDeletion = (one: Leaving, more = "") =>
  one.call(`DELETE ?confirm=${one.tenant}${more}`);

/** Posts to the source `core`, signed as its sender does. */
async function deliver({ line, tenant }: Leaving): Promise<number> {
  const body = JSON.stringify([enrolment("TOO-LATE")]);
  const timestampS = Math.floor(Date.now() / 1000);
  const headers = await signStandard({ secret: SECRET, id: `${tenant}-l`, timestampS, body });
  const url = `${ORIGIN}/in/${tenant}/core`;
  const init = { method: "POST", headers: { ...headers }, body };
  return (await line.fetch(new Request(url, init))).status;
}

async function consumeLate({ line }: Leaving, bodies: readonly Message[], attempts: number) {
  const batch = createMessageBatch<Message>(
    "upline-local-events-0",
    bodies.map((body, i) => ({ id: `late${i}`, timestamp: new Date(), attempts, body })),
  );
  const ctx = createExecutionContext();
  await consume(batch, line.parts);
  return getQueueResult(batch, ctx);
}

const textIn = (row: object, member: string): string => String(Reflect.get(row, member));

// The runtime warns of text under a type that does not say so.
const textOf = async (response: Response): Promise<string> =>
  new TextDecoder().decode(await response.arrayBuffer());

async function fetchExport(one: Leaving) {
  const manifestText = await textOf(await one.call("GET /deletion/manifest"));
  const manifest: Manifest = JSON.parse(manifestText);
  const lines: Record<string, object[]> = {};
  for (const { n, name, rows, sha256: stated } of manifest.parts) {
    const part = await textOf(await one.call(`GET /deletion/parts/${n}`));
    expect(sha256(part)).toBe(stated);
    const own = part
      .split("\n")
      .filter(Boolean)
      .map((line): object => JSON.parse(line));
    expect(own).toHaveLength(rows);
    (lines[name] ??= []).push(...own);
  }
  return { manifest, manifestSha256: sha256(manifestText), lines };
}

/** Stays, until the last test. */
const other = await foundLeaving();

// Its deliveries that stand still lie where other files look, which share the bucket.
afterAll(async () => {
  for (const prefix of ["spill/", "paused/", "resuming/"]) {
    const { objects } = await env.ARCHIVE_0.list({ prefix });
    await env.ARCHIVE_0.delete(objects.map(({ key }) => key));
  }
});

test("a company leaves with all that is its own, and another one notices nothing", async () => {
  const others = await allOf(other.tenant);
  const one = await foundLeaving();
  const { tenant, line } = one;
  const late = line.queued.splice(0).map(({ body }) => body);
  const subjects = (await rowsOf("subjects", tenant)).map((row) => textIn(row, "subject"));
  const had = await allOf(tenant);
  expect(Object.entries(had.tables).filter(([, rows]) => rows.length === 0)).toEqual([]);
  const copies = TENANT_COPIES.map((copyOf) => copyOf(tenant));
  expect(had.copies).toEqual(expect.arrayContaining(copies));
  const walks = await standAt(tenant);
  expect((await allOf(tenant)).jobs).toHaveLength(had.jobs.length + walks);

  expect((await one.call(`DELETE `)).status).toBe(400);
  expect((await one.call(`DELETE ?confirm=${other.tenant}`)).status).toBe(400);
  const begun = await requestDeletion(one, "&include_raw=true");
  expect([begun.status, (await begun.json<Shown>()).state]).toEqual([202, "exporting"]);
  expect((await requestDeletion(one)).status).toBe(202);

  // At once nothing new comes in, and nobody is told that there was anything.
  expect(await deliver(one)).toBe(404);
  expect((await one.call("GET ")).status).toBe(404);
  expect((await one.call("GET ", { token: one.key })).status).toBe(404);
  expect((await one.call("GET /deletion", { token: one.key })).status).toBe(200);
  expect((await one.call("GET /deletion/manifest")).status).toBe(404);
  expect(
    (await one.call("PUT ", { body: { name: "X", mode: "mirror", currency: "USD" } })).status,
  ).toBe(409);

  const cron = cronOf(one);
  await cron.run();
  expect(await shown(one)).toMatchObject({ state: "exporting", step: "export:begin", parts: 0 });
  cron.clock.ms += 120_000;
  await cron.until(isIn(one, "exported"));

  const { manifestSha256, lines } = await fetchExport(one);
  expect((await shown(one)).export).toMatchObject({ manifest_sha256: manifestSha256 });
  for (const [name, rows] of Object.entries((await allOf(tenant)).tables)) {
    expect([name, lines[`tables/${name}`]?.length]).toEqual([name, rows.length]);
  }
  expect(lines["tables/tenants"]?.[0]).not.toHaveProperty("data_key");
  expect(JSON.stringify(lines["tables/sources"])).not.toContain("secrets");
  expect(lines["tables/destinations"]?.[0]).toMatchObject({ destination: "crm" });
  expect(JSON.stringify(lines["tables/destinations"])).not.toContain("secrets");
  expect(lines["profiles"]).toContainEqual({
    subject: "dist:PII",
    profile: { name: "Ana Kos", email: "ana@example.com" },
  });
  expect(new Set(lines["logs"]?.map((row) => textIn(row, "subject")))).toEqual(
    new Set([...subjects, "dist:ROSTERED"]),
  );
  const bodies = lines["raw"]?.map((row) => textIn(row, "body_base64")) ?? [];
  expect(bodies.map((body) => Buffer.from(body, "base64").toString()).join("")).toContain("LATER");

  // Nobody purges anything before its owner has the export.
  cron.clock.ms += 86_400_000;
  await cron.run();
  expect((await shown(one)).state).toBe("exported");
  const wrong = { manifest_sha256: "0".repeat(64) };
  expect((await one.call("POST /deletion/confirm", { body: wrong })).status).toBe(409);
  const right = { manifest_sha256: manifestSha256 };
  expect((await one.call("POST /deletion/confirm", { body: right })).status).toBe(202);

  await cron.run();
  expect(await shown(one)).toMatchObject({ state: "purging", step: "purge:begin" });
  expect((await one.call("POST /deletion/cancel")).status).toBe(409);
  const counted = await allOf(tenant);
  const untold = await consumeLate(one, late, 2);
  expect(untold.explicitAcks).toHaveLength(late.length);
  for (const destination of DESTINATIONS_LEFT) {
    expect(await leftIn(one, destination)).toContain("state");
  }
  await cron.until(isIn(one, "purged"));

  const { proof, messages_dropped } = await shown(one);
  expect(messages_dropped).toBe(late.length);
  const { sha256: stated, ...told } = proof;
  expect(sha256(canonicalJson(told))).toBe(stated);
  expect(proof).toMatchObject({
    tenant,
    export_manifest_sha256: manifestSha256,
    confirmed_by: "admin_token",
    after: { tables: {}, objects: 0, files: { objects: 0, bytes: 0 } },
    data_key: "destroyed",
  });
  const { subjects: known = [], ...rest } = counted.tables;
  expect(proof.before.tables["subjects"]).toBeGreaterThanOrEqual(known.length);
  for (const [name, rows] of Object.entries(rest)) {
    expect([name, proof.before.tables[name]]).toEqual([name, rows.length]);
  }
  expect(proof.before.tables["jobs"]).toBe(had.jobs.length);
  const nothing = await allOf(tenant);
  expect(Object.values(nothing.tables).flat()).toEqual([]);
  expect({ ...nothing, tables: {} }).toEqual({ tables: {}, files: [], copies: [], jobs: [] });
  for (const subject of [...subjects, ...one.strays]) {
    expect([subject, await tablesIn(one, subject)]).toEqual([subject, 0]);
  }
  for (const destination of DESTINATIONS_LEFT) {
    expect([destination, await leftIn(one, destination)]).toEqual([destination, [false]]);
  }

  // What comes later still leaves nothing, and the name is nobody's.
  const result = await consumeLate(one, late, 1);
  expect([result.explicitAcks.length, result.retryMessages]).toEqual([late.length, []]);
  expect((await shown(one)).messages_dropped).toBe(2 * late.length);
  expect(Object.values((await allOf(tenant)).tables).flat()).toEqual([]);
  expect(
    (await one.call("PUT ", { body: { name: "X", mode: "mirror", currency: "USD" } })).status,
  ).toBe(409);
  const own = { headers: { Authorization: `Bearer ${one.key}` } };
  const asked = await exports.default.fetch(`${ORIGIN}/v1/tenants/${tenant}/deletion`, own);
  expect(asked.status).toBe(401);
  expect(await allOf(other.tenant)).toEqual(others);
}, 60_000);

test("a crash in every step, before it is saved, ends the same", async () => {
  const one = await foundLeaving();
  const cron = cronOf(one);
  await requestDeletion(one, "&skip_export=true");
  let crashes = 0;
  let saves = 0;
  const faults = {
    // Every second time the run dies, and does not even let go.
    save: async (...given: Parameters<typeof cron.ports.save>) => {
      saves += 1;
      if (saves % 2 === 0) return cron.ports.save(...given);
      crashes += 1;
      throw new Error("The run died");
    },
    release: async () => {},
    log: () => {},
  };
  await cron.until(isIn(one, "purged"), faults);
  expect(crashes).toBeGreaterThan(15);
  const { proof } = await shown(one);
  expect(proof).toMatchObject({ after: { tables: {}, objects: 0 }, export_manifest_sha256: null });
  const nothing = await allOf(one.tenant);
  expect(Object.values(nothing.tables).flat()).toEqual([]);
  expect({ ...nothing, tables: {} }).toEqual({ tables: {}, files: [], copies: [], jobs: [] });
}, 60_000);

test("comes back as it was while nothing is purged, and loses nothing that was accepted", async () => {
  const one = other;
  const cron = cronOf(one);
  await one.line.drain();
  await one.line.post([enrolment("ACCEPTED")]);
  await requestDeletion(one);
  for (const mode of ["mirror", "gateway_final"] as const) {
    expect(await tenantsIn(env.MIRROR_0, { shard: 0, mode })).not.toContain(one.tenant);
  }
  const { queued } = one.line;
  await consumeLate(
    one,
    queued.splice(0).map(({ body }) => body),
    1,
  );
  cron.clock.ms += 120_000;
  await cron.until(isIn(one, "exported"));
  expect((await one.call("POST /deletion/cancel", { token: one.key })).status).toBe(204);
  expect((await one.call("GET /deletion")).status).toBe(404);
  expect((await one.call("GET ")).status).toBe(200);
  expect(
    (await allOf(one.tenant)).files.filter(([key]) => String(key).startsWith("exports/")),
  ).toEqual([]);
  expect(JSON.stringify(await rowsOf("subjects", one.tenant))).toContain("dist:ACCEPTED");
  expect(await deliver(one)).toBe(202);
  one.line.queued.splice(0);
  expect(await env.CONFIG.get(`tenant:${one.tenant}`)).not.toContain("deleting");
}, 60_000);
