import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { rankChanged } from "#src/core/runs/rank-run.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { ORIGIN } from "../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../support/line.ts";

const JULY = { period_id: "2026-07", start_ms: Date.UTC(2026, 6), end_ms: Date.UTC(2026, 7) };

const told = (rev: number, pay_rank: string, again = "") => ({
  id: `rank-${rev}${again}`,
  type: "rank.changed",
  version: 1,
  occurred_at: "2026-07-20T00:00:00.000Z",
  rev,
  data: {
    distributor_id: "A",
    period_id: "2026-07",
    pay_rank,
    career_rank: "Gold",
    reason: "monthly run",
  },
});

/** As a run of ranks sends it. */
function runSets({ company, queued }: Line, rev: string): void {
  const change = { distributor_id: "A", pay_rank: "Gold", career_rank: "Gold", epoch: 0, rev };
  const event = rankChanged(change, { period: JULY, run_id: "ranks:main:2026-07" });
  const made = { eventId: `evt_${crypto.randomUUID()}`, event };
  const { tenant } = company;
  const sent = {
    kind: "made",
    tenant,
    deliveryId: "run",
    receivedAtMs: 0,
    events: [made],
  } as const;
  queued.push({ id: `made-${queued.length}`, body: sent, attempts: 1 });
}

const read = async ({ company: { tenant }, parts }: Line, path: string) => {
  const api = createApi(parts, readRoutes(readPorts(parts)));
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
  return (await api.fetch(new Request(`${ORIGIN}/v1/tenants/${tenant}/${path}`, { headers }))).json<
    Record<string, unknown>
  >();
};

test.each([
  { name: "told in turn, the run's last", order: ["1", "2", "run"] },
  { name: "told the other way round, with repeats", order: ["run", "2", "2", "2b", "run", "1"] },
])("every revision of a rank brings one message: $name", async ({ order }) => {
  const line = await lineOf("A");
  const say: Readonly<Record<string, () => Promise<void> | void>> = {
    "1": () => line.post(told(1, "Member")),
    "2": () => line.post(told(2, "Silver")),
    "2b": () => line.post(told(2, "Silver", "b")),
    run: () => runSets(line, "1000"),
  };
  for (const one of order) {
    await say[one]?.();
    await line.drain();
  }
  const about = { distributor_id: "A", period_id: "2026-07", career_rank: "Gold" };
  const message = (rev: string, pay_rank: string) => ({
    key: `msg:rank_changed:A:2026-07:0.${rev}`,
    kind: "rank_changed",
    subject: "dist:A",
    about: { ...about, pay_rank },
    created_at: expect.any(String),
  });
  expect((await read(line, "messages"))["items"]).toEqual([
    message("1", "Member"),
    message("1000", "Gold"),
    message("2", "Silver"),
  ]);
  // In force from the end of the period on, and yet the rank of the period.
  expect(await read(line, "distributors/A/progress?period=2026-07")).toMatchObject({
    rank: "Gold",
    rank_source: "run",
  });
  expect(await read(line, "distributors/A")).toMatchObject({ ranks: { source: "run" } });
  await expectMirrorEqualsObjects(line.company.tenant);
});
