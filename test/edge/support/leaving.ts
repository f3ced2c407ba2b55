import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deletionPorts } from "#src/compose/deletion.ts";
import { destinationStubIn, stubIn } from "#src/compose/parts.ts";
import { putClaim } from "#src/edge/archive/claims.ts";
import { partRoster, putRoster } from "#src/edge/archive/roster.ts";
import { spill } from "#src/edge/archive/spill.ts";
import { LEASE_MS } from "#src/edge/control/deletion-store.ts";
import { runDeletions } from "#src/edge/cron/deletions.ts";
import type { DeletionsPorts } from "#src/edge/cron/deletion/ports.ts";
import { TENANT_COPIES } from "#src/edge/control/published.ts";
import { TENANT_JOBS, WALKS } from "#src/edge/d1/purge-rows.ts";
import { TENANT_TABLES } from "#src/edge/d1/tenant-tables.ts";
import { kindOfSubject } from "#src/edge/subject.ts";
import { WORKED } from "../../support/naive/worked.ts";
import { signStandard } from "../../../scripts/signing.ts";
import { enrolment, ORIGIN, SECRET, w2 } from "./company.ts";
import { layLine, type Line } from "./line.ts";
import { addDelivery } from "../outbound/rig.ts";

/** A company with something of every kind, and what only a test knows of it. */
export interface Leaving {
  readonly line: Line;
  readonly tenant: string;
  /** An admin's API key of its own. */
  readonly key: string;
  /** Objects with a log of which the mirror knows nothing. */
  readonly strays: readonly string[];
  readonly call: (line: string, more?: Call) => Promise<Response>;
}

interface Call {
  readonly token?: string;
  readonly body?: object;
}

export async function foundLeaving(): Promise<Leaving> {
  const [worked] = WORKED;
  if (worked === undefined) throw new Error("There is no worked example");
  const line = await layLine({}, { mode: worked.mode });
  const { tenant } = line.company;
  const call: Leaving["call"] = async (asked, { token = env.ADMIN_TOKEN, body } = {}) => {
    const [method = "GET", path = ""] = asked.split(" ");
    const url = `${ORIGIN}/v1/tenants/${tenant}${path}`;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    return line.fetch(new Request(url, { ...init, headers }));
  };
  const { plan, events } = worked;
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
    .bind(tenant, plan.plan_id, 1, Date.parse(plan.effective_from), JSON.stringify(plan), 0)
    .run();
  await line.post(...events.map((event) => [event]));
  await line.drain();
  const personal = { ...enrolment("PII"), id: "pii" };
  await line.post([
    { ...personal, data: { ...personal.data, pii: { name: "Ana Kos", email: "ana@example.com" } } },
    enrolment("W2"),
  ]);
  await line.drain();
  await line.post(w2("W2"), w2("NOBODY"));
  await line.drain();
  await holdBack(line);
  const made = await call("POST /keys", { body: { role: "admin" } });
  const { key } = await made.json<{ key: string }>();
  const strays = await stray(line);
  await tell(line, call);
  await fillUp(tenant);
  return { line, tenant, key, strays, call };
}

/** Deliveries that are accepted and stand still: of a paused source, spilled, and a claim. */
async function holdBack(line: Line): Promise<void> {
  const { tenant } = line.company;
  await line.fetch(
    new Request(`${ORIGIN}/v1/tenants/${tenant}/sources/bank/pause`, {
      method: "POST",
      headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` },
    }),
  );
  const body = JSON.stringify([enrolment("LATER")]);
  const timestampS = Math.floor(Date.now() / 1000);
  const headers = await signStandard({ secret: SECRET, id: `${tenant}-b`, timestampS, body });
  const url = `${ORIGIN}/in/${tenant}/bank`;
  const held = await line.fetch(
    new Request(url, { method: "POST", headers: { ...headers }, body }),
  );
  if (held.status !== 202) throw new Error(await held.text());
  await line.post([enrolment("SPILLED")]);
  const [message] = line.queued.splice(0);
  if (message?.body.kind !== "delivery") throw new Error("Nothing was queued");
  await spill(env.ARCHIVE_0, message.body);
  await putClaim(env.ARCHIVE_0, { tenant, deliveryId: "dlv_claimed" }, "sealed");
  for (const place of ["oversized", "paused-broken/core", "resuming", "dead"]) {
    const [root, rest = ""] = place.split("/");
    await env.ARCHIVE_0.put(`${root}/${tenant}/${rest}x`, "x");
  }
}

/** Settles two people whom D1 is not told of: one of them the roster has, one only a message. */
async function stray(line: Line): Promise<readonly string[]> {
  const { tenant } = line.company;
  await line.post([enrolment("ROSTERED")], [enrolment("UNTOLD")]);
  await line.run(() => ({ mirror: () => Promise.reject(new Error("D1 is out")) }));
  const died = line.queued.length === 0;
  if (died) throw new Error("Nothing comes again");
  const head = { tenant, subject: "dist:ROSTERED", position: 1, head: "" };
  for (const part of partRoster([head], { day: "2026-11-22", page: 0 })) {
    await putRoster(env.ARCHIVE_0, part);
  }
  return ["dist:ROSTERED", "dist:UNTOLD"];
}

/** Destinations of which objects know something: one that there is, and one that nobody could reach. */
export const DESTINATIONS_LEFT = ["crm", "unreached"] as const;

async function tell(line: Line, call: Leaving["call"]): Promise<void> {
  const { tenant } = line.company;
  const body = { url: "https://crm.example.com/" };
  const made = await call("PUT /destinations/crm", { body });
  if (made.status !== 201) throw new Error(await made.text());
  // Of the other one the trail alone tells: it was removed, and what woke it then did not come through.
  await env.MIRROR_0.prepare("INSERT INTO audit VALUES (?, ?, 1, 'x', ?, ?, '{}')")
    .bind(tenant, "unreached", "destination.create", `destination:${tenant}/unreached`)
    .run();
  for (const destination of DESTINATIONS_LEFT) {
    await inDestination(line, destination, async ({ storage }) => {
      const place = { tenant, destination, shard: 0 };
      const state = { place, pace: { arrivalMs: 0 }, breaker: { failures: 1 } };
      storage.kv.put("state", state);
    });
  }
  const soonMs = Date.now() + 3_600_000;
  await addDelivery({ tenant, destination: "crm" }, 1, { dueMs: soonMs, createdMs: 1 });
}

const inDestination = <Value>(
  { parts, company }: Line,
  destination: string,
  work: (state: DurableObjectState) => Promise<Value>,
): Promise<Value> =>
  runInDurableObject(
    destinationStubIn(parts, { tenant: company.tenant, shard: 0, destination }),
    (_object, state) => work(state),
  );

/** What a destination's object has in its storage: its names, and whether it has an alarm. */
export const leftIn = ({ line }: Leaving, destination: string): Promise<readonly unknown[]> =>
  inDestination(line, destination, async ({ storage }) => [
    ...[...storage.kv.list()].map(([name]) => name),
    (await storage.getAlarm()) !== null,
  ]);

/** A made-up row for every table that has none: so none is forgotten. */
async function fillUp(tenant: string): Promise<void> {
  for (const { name } of TENANT_TABLES) {
    if ((await rowsOf(name, tenant)).length > 0) continue;
    const { results } = await env.MIRROR_0.prepare("SELECT name, type FROM pragma_table_info(?)")
      .bind(name)
      .all<{ name: string; type: string }>();
    const values = results.map((column) =>
      // Text is an empty object: what reads JSON of one tenant reads it of this one too.
      column.name === "tenant" ? tenant : column.type === "INTEGER" ? 1 : "{}",
    );
    const places = values.map(() => "?").join(", ");
    await env.MIRROR_0.prepare(`INSERT INTO "${name}" VALUES (${places})`)
      .bind(...values)
      .run();
  }
  for (const job of jobsOf(tenant)) {
    await env.MIRROR_0.prepare("INSERT OR IGNORE INTO jobs VALUES (?, '[]', 1)").bind(job).run();
  }
  for (const copyOf of TENANT_COPIES) {
    const copy = copyOf(tenant);
    if ((await env.CONFIG.get(copy)) === null) await env.CONFIG.put(copy, "{}");
  }
}

/** One of every kind that is a tenant's own. */
const jobsOf = (tenant: string): readonly string[] => [
  ...TENANT_JOBS.alone.map((kind) => `${kind}:${tenant}`),
  ...TENANT_JOBS.parts.map((kind) => `${kind}:${tenant}:1`),
  ...TENANT_JOBS.sources.map((kind) => `${kind}:${tenant}/gone`),
];

/** Has every walk of the shard stand at a tenant: returns how many there are. */
export async function standAt(tenant: string): Promise<number> {
  const states = [
    { cursor: { tenant } },
    { after: tenant },
    { cursor: JSON.stringify([tenant, "x"]) },
    { large: [{ name: `${tenant}/x` }] },
  ];
  const rows = WALKS.flatMap((kind) => states.map((state, n) => [`${kind}:${n}`, state] as const));
  await env.MIRROR_0.batch(
    rows.map(([job, state]) =>
      env.MIRROR_0.prepare("INSERT OR REPLACE INTO jobs VALUES (?, ?, 1)").bind(
        job,
        JSON.stringify(state),
      ),
    ),
  );
  return rows.length;
}

export const rowsOf = async (table: string, tenant: string): Promise<readonly object[]> => {
  const sql = `SELECT * FROM "${table}" WHERE tenant = ?`;
  return (await env.MIRROR_0.prepare(sql).bind(tenant).all<object>()).results;
};

/** Names of all copies in KV: other files leave more of them than one page has. */
export async function everyCopy(): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await env.CONFIG.list(cursor === undefined ? {} : { cursor });
    names.push(...page.keys.map(({ name }) => name));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  return names;
}

async function everyFile(): Promise<readonly R2Object[]> {
  const files: R2Object[] = [];
  let cursor: string | undefined;
  do {
    const page = await env.ARCHIVE_0.list(cursor === undefined ? {} : { cursor });
    files.push(...page.objects);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return files;
}

/** Everything of a tenant outside its objects, to be compared. */
export async function allOf(tenant: string) {
  const read = await env.MIRROR_0.batch<object>(
    TENANT_TABLES.map(({ name }) =>
      env.MIRROR_0.prepare(`SELECT * FROM "${name}" WHERE tenant = ?`).bind(tenant),
    ),
  );
  const tables = Object.fromEntries(
    TENANT_TABLES.map(({ name }, i): [string, readonly object[]] => [name, read[i]?.results ?? []]),
  );
  const files = (await everyFile())
    .filter(({ key }) => key.includes(tenant))
    .map(({ key, size }) => [key, size]);
  const copies = await everyCopy();
  const jobs = await env.MIRROR_0.prepare("SELECT job FROM jobs WHERE instr(job || state, ?) > 0")
    .bind(tenant)
    .all<{ job: string }>();
  return {
    tables,
    files,
    copies: copies.filter((name) => name.includes(tenant)),
    jobs: jobs.results.map(({ job }) => job),
  };
}

/** How many tables an object's storage has. */
export const tablesIn = ({ line, tenant }: Leaving, subject: string): Promise<number> =>
  runInDurableObject(
    stubIn(line.parts, kindOfSubject(subject), { tenant, shard: 0, subject }),
    (_object, { storage }) =>
      storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name IN ('log', 'own')").toArray().length,
  );

/** Cron at a time of the test's own, for one tenant alone, as tests share their storage. */
export function cronOf({ line, tenant }: Leaving) {
  const clock = { ms: Date.now() };
  const ports = deletionPorts({ ...line.parts, nowMs: () => clock.ms });
  const run = (faults: Partial<DeletionsPorts> = {}) =>
    runDeletions({
      ...ports,
      open: async () => (await ports.open(1000)).filter((one) => one.tenant === tenant),
      ...faults,
    });
  return {
    clock,
    ports,
    run,
    /** Minute after minute, until it is so far. */
    until: async (isSo: () => Promise<boolean>, faults: Partial<DeletionsPorts> = {}) => {
      for (let i = 0; i < 200; i += 1) {
        if (await isSo()) return;
        await run(faults);
        clock.ms += LEASE_MS + 1;
      }
      throw new Error("It never came so far");
    },
  };
}
