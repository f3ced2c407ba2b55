import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { recordDeed, recordDeedOnce } from "#src/edge/control/trail.ts";

const db = env.MIRROR_0;
const NOW_MS = Date.parse("2026-07-01T10:00:00Z");
const actor = "reconciliation";

const deed = (tenant: string, more: object = {}) => ({
  tenant,
  action: "reconciliation.healed",
  target: "recon_1",
  detail: { breaks: 2, events: 3, first: "recon:1" },
  ...more,
});

const countOf = (tenant: string) =>
  db.prepare("SELECT count(*) AS n FROM audit WHERE tenant = ?").bind(tenant).first<number>("n");

test("what a run that died had left already is left once, and anything else anew", async () => {
  const tenant = `t-${crypto.randomUUID()}`;
  const once = (nowMs: number, more: object = {}, sinceMs = NOW_MS) =>
    recordDeedOnce(db, deed(tenant, more), { actor, nowMs, sinceMs });
  await once(NOW_MS);
  await once(NOW_MS + 600_000);
  expect(await countOf(tenant)).toBe(1);
  await once(NOW_MS + 600_000, { detail: { breaks: 2, events: 3, first: "recon:2" } });
  await once(NOW_MS + 600_000, { target: "recon_2" });
  await once(NOW_MS + 600_000, { tenant: `${tenant}-other` });
  expect(await countOf(tenant)).toBe(3);
  // The same of before is no other's.
  await once(NOW_MS + 900_000, {}, NOW_MS + 1);
  expect(await countOf(tenant)).toBe(4);
  await recordDeed(db, deed(tenant), { actor, nowMs: NOW_MS });
  expect(await countOf(tenant)).toBe(5);
});
