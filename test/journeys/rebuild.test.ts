import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pause } from "../../scripts/local/client.ts";
import { WORKED } from "../support/naive/worked.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { enrolment, w2, w13 } from "./support/streams.ts";
import { openTenant, type TestTenant } from "./support/tenant.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

const state = makeStateDir();
let gateway: LocalGateway;
let mirror: Awaited<ReturnType<LocalGateway["miniflare"]["getD1Database"]>>;

beforeAll(async () => {
  gateway = await startLocal(state.stateDir);
  mirror = await gateway.miniflare.getD1Database("MIRROR_0");
});
afterAll(async () => {
  await gateway.stop();
  state.remove();
});

interface Run {
  readonly code: number | null;
  readonly out: string;
}

/** `npm run {script}`, as an operator runs it. */
function run(script: "rebuild" | "verify", tenant: string, ...more: readonly string[]) {
  const given = [
    "--url",
    gateway.url,
    "--tenant",
    tenant,
    `--token=${gateway.adminToken}`,
    ...more,
  ];
  return new Promise<Run>((resolve) => {
    const child = execFile(
      process.execPath,
      [`scripts/${script}.ts`, ...given],
      { cwd: ROOT },
      (_error, out, problem) => {
        resolve({ code: child.exitCode, out: out + problem });
      },
    );
  });
}

async function minute(): Promise<void> {
  const worker = await gateway.miniflare.getWorker();
  await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
}

/** The cron of every minute, one after the other, until this is over. */
async function withCron<Value>(work: Promise<Value>): Promise<Value> {
  const over = work.then(() => "over");
  while ((await Promise.race([over, pause(200)])) !== "over") await minute();
  return work;
}

const LOST = [
  "subjects",
  "frontlines",
  "standings",
  "lines",
  "transfers",
  "account_days",
  "events",
  "edges",
  "aliases",
  "orders",
  "volumes",
  "records",
  "messages",
  "digests",
  "anchors",
];

/** As where D1 was made anew: nothing is left of what it mirrored. */
async function loseMirror(tenant: string): Promise<void> {
  const triggers = ["transfers_no_update", "transfers_no_delete"];
  const made: string[] = [];
  for (const name of triggers) {
    const named = mirror.prepare("SELECT sql FROM sqlite_master WHERE name = ?").bind(name);
    const { results: [row] = [] } = await named.run();
    made.push(String(Object(row).sql));
    await mirror.prepare(`DROP TRIGGER ${name}`).run();
  }
  for (const table of LOST) {
    await mirror.prepare(`DELETE FROM ${table} WHERE tenant = ?`).bind(tenant).run();
  }
  for (const sql of made) await mirror.prepare(sql).run();
}

/** A sale and its return, two distributors' streams, all of it applied; its names in the roster. */
async function companyOf(name: string): Promise<TestTenant> {
  const tenant = await openTenant(gateway.client, name);
  const worked = WORKED.find((each) => each.name.startsWith("W3 "));
  if (worked === undefined) throw new Error("There is no W3");
  const { plan_id, version: _version, ...plan } = worked.plan;
  await gateway.client.must(`PUT /v1/tenants/${name}/plans/${plan_id}`, plan);
  const events = [
    ...worked.events.map((event) => ({ ...event })),
    enrolment("X"),
    ...w2("X"),
    enrolment("Y"),
    ...w13("Y"),
  ];
  await tenant.post(events);
  await tenant.outcomes(events.map(({ id }) => id));
  await tenant.idle();
  await mirror.prepare("DELETE FROM jobs WHERE job LIKE 'anchor:%'").run();
  await minute();
  return tenant;
}

/** What the books say, and who stands where. */
const booksOf = async ({ get }: TestTenant) => ({
  balances: await get("ledger/balances"),
  lines: await get("lines?order_id=O1"),
  upline: await get("distributors/B/upline"),
});

test("brings a lost mirror back while deliveries come in, and everything holds", async () => {
  const tenant = await companyOf("rebuilt");
  const before = await booksOf(tenant);
  expect((await run("verify", tenant.name)).code).toBe(0);

  await loseMirror(tenant.name);
  const live = Array.from({ length: 12 }, (_, i) => [enrolment(`L${i}`), ...w2(`L${i}`)]);
  const posting = (async () => {
    for (const events of live) {
      await tenant.post(events);
      await pause(150);
    }
  })();
  const { code, out } = await withCron(run("rebuild", tenant.name, "--reason", "D1 is new"));
  expect(out).toMatch(/^rebuilt: done in \d+ s, \d+ subjects named: .*begun_anew/m);
  expect(code).toBe(0);
  await posting;
  await tenant.outcomes(live.flat().map(({ id }) => id));
  await tenant.idle();
  await minute();
  await tenant.idle();

  const verified = await run("verify", tenant.name);
  expect(verified.out).toMatch(/: everything holds\n$/);
  expect(verified.code).toBe(0);
  const after = await booksOf(tenant);
  expect({ ...after, balances: null }).toEqual({ ...before, balances: null });
  const again = await withCron(run("rebuild", tenant.name, "--reason", "Again"));
  expect(again.out).toMatch(/Rows that were wrong: none/);
  expect(again.code).toBe(0);
});

test("names what a person has to look at", async () => {
  const tenant = await companyOf("halting");
  await mirror.batch([
    mirror
      .prepare("UPDATE subjects SET frozen_ms = 1 WHERE tenant = ? AND subject = 'dist:X'")
      .bind(tenant.name),
    // Without it the check of the objects would set it going again.
    mirror
      .prepare(
        `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
         VALUES (?, 'CHAIN:dist:X', 'CHAIN', 'dist:X', 'X', 'It was restored', 1)`,
      )
      .bind(tenant.name),
  ]);
  await mirror.prepare("UPDATE orders SET lines = 9 WHERE tenant = ?").bind(tenant.name).run();
  const { code, out } = await withCron(run("rebuild", tenant.name, "--reason", "Orders differ"));
  expect(out).toMatch(/^halting: done in /m);
  expect(out).toMatch(/^Rows that were wrong: 1 orders$/m);
  expect(out).toMatch(/^frozen: dist:X$/m);
  expect(code).toBe(1);
  const thawed = await withCron(
    run("rebuild", tenant.name, "--reason", "X is right", "--thaw", "dist:X"),
  );
  expect(thawed.code).toBe(0);
  await tenant.idle();
  expect((await run("verify", tenant.name)).out).toMatch(/: everything holds\n$/);
});

test("says in one line why it cannot", async () => {
  expect(await run("rebuild", "nobody", "--reason", "x")).toEqual({
    code: 1,
    out: expect.stringMatching(/^Cannot POST \/v1\/tenants\/nobody\/rebuilds: 404 /),
  });
  expect(await run("rebuild", "nobody")).toEqual({
    code: 1,
    out: "Cannot rebuild: give a --reason, for the audit trail\n",
  });
});
