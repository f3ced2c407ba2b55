import { expect, onTestFinished, test } from "vitest";
import { makeStateDir, startLocal } from "./support/gateway.ts";
import { enrolment, w2, w13 } from "./support/streams.ts";
import { openTenant } from "./support/tenant.ts";

const NAME = "lasting";
const PATHS = ["distributors/B", "distributors/B/lines", "ledger/balances", "held"];

test("keeps everything across a restart on the same state", async () => {
  const { stateDir, remove } = makeStateDir();
  const first = await startLocal(stateDir);
  onTestFinished(async () => {
    await first.stop();
    remove();
  });
  const before = await openTenant(first.client, NAME);
  const stream = w2("B");
  const [opening] = w13("C");
  if (opening === undefined) throw new Error("W13 has five events");
  await before.post([enrolment("B"), enrolment("C"), ...stream.slice(0, 3)]);
  await before.outcomes(stream.slice(0, 3).map(({ id }) => id));
  const seen = await Promise.all(PATHS.map(before.get));
  await expect(startLocal(stateDir)).rejects.toThrow(/a gateway runs on it/);
  // Accepted and not waited for: stopping lets it through the queue first.
  await before.post(opening);
  await first.stop();

  const second = await startLocal(stateDir);
  onTestFinished(second.stop);
  expect(second.adminToken).toBe(first.adminToken);
  const settings = await second.client.must(`GET /v1/tenants/${NAME}`);
  expect(settings).toMatchObject({ tenant: NAME, mode: "mirror" });
  const after = await openTenant(second.client, NAME);
  expect([...(await after.outcomes([opening.id])).values()]).toEqual(["applied"]);
  expect(await after.get("distributors/B")).toEqual(seen[0]);
  expect(await after.get("distributors/B/lines")).toEqual(seen[1]);

  // Streams go on where they were.
  await after.post(stream.slice(3));
  await after.outcomes(stream.map(({ id }) => id));
  expect(await after.get("ledger/balances?prefix=cash")).toEqual({
    balances: { USD: { "cash:bank": -12_350 } },
  });
});
