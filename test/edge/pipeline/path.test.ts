import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { foundCompany, w2 } from "../support/company.ts";

test("mirrors W2 without its payment, whichever way its events arrive", async () => {
  const company = await foundCompany();
  await company.enrol("B");
  const events = w2("B");
  for (const i of [4, 0, 2, 2, 3, 1]) {
    const response = await company.post(events[i] ?? {});
    expect(response.status).toBe(202);
  }
  const ids = ["B-1", "B-2", "B-3", "B-4", "B-5"];
  const outcomes = await company.settled(ids);
  expect(ids.map((id) => outcomes.get(id))).toEqual(ids.map(() => "applied"));
  const { results } = await env.MIRROR_0.prepare(
    "SELECT account, SUM(amount_minor) AS amount FROM account_days WHERE tenant = ? GROUP BY 1 HAVING amount <> 0 ORDER BY 1",
  )
    .bind(company.tenant)
    .all();
  expect(results).toEqual([
    { account: "cash:bank", amount: -12_350 },
    { account: "exp:commission", amount: 12_500 },
    { account: "rev:payout_fee", amount: -150 },
  ]);
});
