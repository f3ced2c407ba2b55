import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WORKED } from "../support/naive/worked.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { enrolment, w2, w13 } from "./support/streams.ts";
import { openTenant, type TestTenant } from "./support/tenant.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

const state = makeStateDir();
let gateway: LocalGateway;

beforeAll(async () => {
  gateway = await startLocal(state.stateDir);
});
afterAll(async () => {
  await gateway.stop();
  state.remove();
});

interface Run {
  readonly code: number | null;
  readonly out: string;
}

/** `npm run verify`, as an auditor runs it. */
function verify({ name }: Pick<TestTenant, "name">, token = gateway.adminToken): Promise<Run> {
  const given = ["--url", gateway.url, "--tenant", name, `--token=${token}`];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["scripts/verify.ts", ...given],
      { cwd: ROOT },
      (_error, out, problem) => {
        resolve({ code: child.exitCode, out: out + problem });
      },
    );
  });
}

async function runSql(sql: string, tenant: string): Promise<void> {
  const mirror = await gateway.miniflare.getD1Database("MIRROR_0");
  await mirror.prepare(sql).bind(tenant).run();
}

/** Two distributors' worth of history, all of it applied. */
async function companyOf(name: string): Promise<TestTenant> {
  const tenant = await openTenant(gateway.client, name);
  const events = [enrolment("B"), ...w2("B"), enrolment("C"), ...w13("C")];
  await tenant.post(events);
  await tenant.outcomes(events.map(({ id }) => id));
  await tenant.idle();
  return tenant;
}

test("finds nothing wrong with a company's books, also for an auditor", async () => {
  const tenant = await companyOf("verified");
  const key = await gateway.client.must(`POST /v1/tenants/${tenant.name}/keys`, {
    role: "auditor",
  });
  const { key: token } = Object(key);
  const { code, out } = await verify(tenant, String(token));
  expect(out).toMatch(
    /^verified: 2 chains of 12 rows, \d+ anchors, 11 transfers, 2 lines, 0 orders: everything holds\n$/,
  );
  expect(code).toBe(0);
});

/** W1's sale and W3's refund, told at once; the sale's four lines are in four logs. */
async function soldBy(name: string): Promise<TestTenant> {
  const tenant = await openTenant(gateway.client, name);
  const worked = WORKED.find((each) => each.name.startsWith("W3 "));
  if (worked === undefined) throw new Error("There is no W3");
  const { plan_id, version: _version, ...plan } = worked.plan;
  await gateway.client.must(`PUT /v1/tenants/${name}/plans/${plan_id}`, plan);
  await tenant.post(worked.events.map((event) => ({ ...event })));
  await tenant.outcomes(worked.events.map(({ id }) => id));
  await tenant.idle();
  return tenant;
}

test("holds a sale and its refund against the lines that they sent out", async () => {
  const tenant = await soldBy("sold");
  const whole = await verify(tenant);
  expect(whole.out).toMatch(/^sold: \d+ chains .*, 4 lines, 1 orders: everything holds\n$/);
  expect(whole.code).toBe(0);

  await runSql("UPDATE orders SET lines = lines + 1 WHERE tenant = ?", tenant.name);
  const { code, out } = await verify(tenant);
  expect(out).toMatch(
    /First bad entry: order:O1, position \d+: its manifest is of 5 lines in the mirror, of 4 in the log\n$/,
  );
  expect(code).toBe(1);
});

test("sees what was altered beside the amounts of a sale: its order, its volumes, its period", async () => {
  const tenant = await soldBy("retold");
  await runSql("UPDATE orders SET returned_minor = 0 WHERE tenant = ?", tenant.name);
  await runSql("UPDATE lines SET period_id = '2020-01' WHERE tenant = ?", tenant.name);
  await runSql("UPDATE volumes SET gv_x100 = gv_x100 + 1 WHERE tenant = ?", tenant.name);
  const { code, out } = await verify(tenant);
  expect(out).toMatch(/of period_id "2020-01" in the mirror, period_id "2026-07" in the log\n/);
  expect(out).toMatch(
    /order:O1, position \d+: the order is returned_minor 0 in the mirror, returned_minor \d+ in/,
  );
  expect(out).toMatch(/volumes: of ".*" in \d{4}-\d\d they are PV /);
  expect(code).toBe(1);
});

test("holds while rows keep arriving", async () => {
  const tenant = await companyOf("busy");
  const posting = Promise.all(
    Array.from({ length: 20 }, (_, i) => tenant.post([enrolment(`D${i}`), ...w13(`D${i}`)])),
  );
  const { code, out } = await verify(tenant);
  await posting;
  expect(out).toMatch(/: everything holds\n$/);
  expect(code).toBe(0);
});

test("holds a log against the heads that cron anchored", async () => {
  const tenant = await companyOf("anchored");
  // The cron of every minute may have been there before us today.
  await runSql("DELETE FROM jobs WHERE job LIKE 'anchor:%' AND ? <> ''", tenant.name);
  const worker = await gateway.miniflare.getWorker();
  await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  expect((await verify(tenant)).out).toContain(", 2 anchors,");
  await runSql(
    "UPDATE anchors SET head = 'another' WHERE tenant = ? AND subject = 'dist:C'",
    tenant.name,
  );
  const { code, out } = await verify(tenant);
  expect(out).toMatch(
    /First bad entry: dist:C, position 6: its hash is .*, the anchor of .* is another/,
  );
  expect(code).toBe(1);
});

test("names the first entry of which the mirror says something else", async () => {
  const tenant = await companyOf("altered");
  await runSql(
    "UPDATE account_days SET amount_minor = amount_minor + 1 WHERE tenant = ? AND account = 'cash:bank'",
    tenant.name,
  );
  await runSql(
    "UPDATE lines SET reversed_minor = 1 WHERE tenant = ? AND line_id = 'C-L1'",
    tenant.name,
  );
  const { code, out } = await verify(tenant);
  const [summary, ...found] = out.trimEnd().split("\n");
  expect(summary).toMatch(/^altered: 2 chains of 12 rows, .*: 2 things do not hold$/);
  expect(found).toEqual([
    'First bad entry: dist:C, position 5: line "C-L1" is 1000 USD, 1 reversed, available in the mirror, 1000 USD, 300 reversed, available in the log',
    "  ledger/balances: USD cash:bank is -12349, the logs come to -12350",
  ]);
  expect(code).toBe(1);
});

test("says in one line why it cannot", async () => {
  const run = await verify({ name: "nobody" });
  expect(run).toEqual({
    code: 1,
    out: expect.stringMatching(/^Cannot read anchors\?limit=200: 404 /),
  });
});
