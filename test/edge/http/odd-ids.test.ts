import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { openSource } from "../../../scripts/verify/source.ts";
import { type Verdict, verifyTenant } from "../../../scripts/verify/tenant.ts";
import { ORIGIN, w2 } from "../support/company.ts";
import { type Line, layLine } from "../support/line.ts";
import { planBody } from "../support/plans.ts";

/** Ids that a contract takes and an address does not take as they are. */
const IDS = [
  "a/b",
  "a%2Fb",
  "100%",
  "a?b=c&d#e",
  "../x",
  "...",
  " x ",
  "a+b",
  "ü→😀",
  "%2e%2e",
  "a\\b",
  "x:held",
  `'"<;`,
];

let line: Line;

const sale = (id: string, n: number) => ({
  id: `pay-${n}`,
  type: "payment.confirmed",
  version: 1,
  occurred_at: "2026-07-10T12:00:00.000Z",
  data: {
    payment_id: `P/${id}`,
    order_id: id,
    currency: "USD",
    amount_minor: 10_000,
    net_minor: 10_000,
    cv_x100: 10_000,
    source_node: id,
    order_kind: "store",
  },
});

/** A chain of people, each under the one before, everybody of whom buys and is paid. */
async function companyOf(ids: readonly string[]): Promise<Line> {
  const founded = await layLine();
  const { tenant, api } = founded.company;
  const plan = planBody();
  const put = await api(`PUT /v1/tenants/${tenant}/plans/main`, plan);
  expect(put.status).toBe(201);
  for (const [i, id] of ids.entries()) {
    const above = ids[i - 1];
    await founded.post({
      id: `enrol-${i}`,
      type: "distributor.enrolled",
      version: 1,
      occurred_at: "2026-01-01T10:00:00.000Z",
      rev: 1,
      data: {
        distributor_id: id,
        ...(above === undefined ? {} : { sponsor_id: above }),
        status: "active",
        joined_at: "2026-01-01",
        country: "SI",
      },
    });
  }
  await founded.drain();
  await founded.post(
    ids.map(sale),
    ids.flatMap((id) => w2(id)),
  );
  await founded.drain();
  return founded;
}

const gatewayOf = ({ parts }: Line) => createApi(parts, readRoutes(readPorts(parts)));

async function read(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { tenant } = line.company;
  const response = await gatewayOf(line).fetch(
    new Request(`${ORIGIN}/v1/tenants/${tenant}/${path}`, {
      headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` },
    }),
  );
  return { status: response.status, body: await response.json() };
}

function verify(of: Line): Promise<Verdict> {
  const api = gatewayOf(of);
  const send = async (url: string, init: RequestInit) => api.fetch(new Request(url, init));
  const { tenant } = of.company;
  const source = openSource({ url: ORIGIN, tenant, token: env.ADMIN_TOKEN, fetch: send });
  return verifyTenant(source, { pauseMs: 1 });
}

beforeAll(async () => {
  line = await companyOf(IDS);
});

describe.each(IDS)("somebody of the id %j", (id) => {
  test("has all their pages", async () => {
    const page = `distributors/${encodeURIComponent(id)}`;
    const status = await read(page);
    expect(status).toMatchObject({ status: 200, body: { distributor_id: id, status: "active" } });
    for (const path of ["ledger", "lines", "upline", "downline", "progress", "earnings/2026-07"]) {
      expect(await read(`${page}/${path}`)).toMatchObject({ status: 200 });
    }
    const { body } = await read(`${page}/earnings/2026-07`);
    expect(body).toMatchObject({ distributor_id: id, statements: [{ currency: "USD" }] });
  });

  test("has an order, and logs, of their own", async () => {
    const lines = await read(`lines?${new URLSearchParams({ order_id: id }).toString()}`);
    const { items } = lines.body;
    const own = IDS.indexOf(id) > 0 ? [{ order_id: id }] : [];
    expect(items).toMatchObject(own);
    for (const kind of ["dist", "order"]) {
      const chain = `chains/${encodeURIComponent(`${kind}:${id}`)}`;
      expect(await read(chain)).toMatchObject({
        status: 200,
        body: { mirrored: { subject: `${kind}:${id}` } },
      });
      expect(await read(`${chain}/transfers`)).toMatchObject({ status: 200 });
    }
  });
});

test("the books of all of them hold", async () => {
  const { findings, orders, chains } = await verify(line);
  expect(findings).toEqual([]);
  expect([orders, chains]).toEqual([IDS.length, 2 * IDS.length]);
});
