import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { enrolled, linked, paid } from "../../support/naive/told.ts";
import { PLAN, SALE_OF_C } from "../../core/order/support.ts";
import { ORIGIN } from "../support/company.ts";
import { layLine } from "../support/line.ts";

const UPLINE = ["E1", "E2", "E3", "E4", "E5"];
const RATES = { M: UPLINE.map(() => 50_000) };

test("one payment shows in the statuses of five levels after one batch of the queue", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  const [component] = PLAN.components;
  const levels = { ...component, max_level: 5, rates_ppm: RATES };
  const plan = { ...PLAN, ranks: [{ code: "M" }], components: [levels] };
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
    .bind(tenant, plan.plan_id, 1, Date.parse(plan.effective_from), JSON.stringify(plan), 0)
    .run();
  const people = UPLINE.map((id, i) =>
    enrolled(id, i + 1 < UPLINE.length ? { sponsor_id: UPLINE[i + 1] ?? "" } : {}),
  );
  await line.post([...people, linked("C", "E1")]);
  await line.drain();

  await line.post([paid("P1", SALE_OF_C, { occurred_at: "2026-05-22T05:00:00.000Z" })]);
  await line.run();
  expect(line.queued).toEqual([]);
  const api = createApi(line.parts, readRoutes(readPorts(line.parts)));
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
  for (const id of UPLINE) {
    const url = `${ORIGIN}/v1/tenants/${tenant}/distributors/${id}`;
    const status = await api.fetch(new Request(url, { headers }));
    expect(await status.json()).toMatchObject({
      distributor_id: id,
      balances: { USD: { pending: { amount_minor: 400, currency: "USD" } } },
    });
  }
});
