import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import {
  CLOSED_GAP_MS,
  forgetClosedGaps,
  type ForgetGapsPorts,
  type GapsWalk,
} from "#src/edge/cron/reconciliation/forget-gaps.ts";
import { forgetClosed } from "#src/edge/d1/reconciliation/gaps.ts";

const db = env.MIRROR_0;
const NOW_MS = Date.parse("2026-07-01T00:00:00Z");
const OLD_MS = NOW_MS - CLOSED_GAP_MS - 1;

beforeEach(async () => {
  await db.prepare("DELETE FROM gaps").run();
});

async function put(count: number, stage: string, atMs: number, tenant = "acme") {
  const seqs = JSON.stringify(Array.from({ length: count }, (_, n) => n + 1));
  await db
    .prepare(
      `INSERT INTO gaps (tenant, subject, source, epoch, from_seq, to_seq, since_ms, stage, at_ms)
       SELECT ?1, 'dist:' || ?2, 'core', ?5, value, value, 0, ?2, ?3 FROM json_each(?4)`,
    )
    .bind(tenant, stage, atMs, seqs, atMs === OLD_MS ? 0 : 1)
    .run();
}

const left = async () => {
  const { results } = await db
    .prepare("SELECT stage, at_ms, count(*) AS n FROM gaps GROUP BY 1, 2 ORDER BY 1, 2")
    .all<{ stage: string; at_ms: number; n: number }>();
  return results.map(({ stage, at_ms: at, n }) => `${n} ${stage} ${at === OLD_MS ? "old" : "new"}`);
};

function job() {
  const kept: { walk: GapsWalk | undefined; nowMs: number; asked: number } = {
    walk: undefined,
    nowMs: NOW_MS,
    asked: 0,
  };
  const ports: ForgetGapsPorts = {
    load: () => Promise.resolve(kept.walk),
    save: (walk) => {
      kept.walk = walk;
      return Promise.resolve();
    },
    forget: (asked) => {
      kept.asked += 1;
      return forgetClosed(db, asked);
    },
    nowMs: () => kept.nowMs,
  };
  return { kept, run: () => forgetClosedGaps(ports) };
}

test("what was closed a month ago goes, what is open or younger stays", async () => {
  await put(3, "closed", OLD_MS);
  await put(2, "closed", OLD_MS + 2);
  await put(2, "alert", OLD_MS);
  await put(1, "hydrate", OLD_MS);
  const { kept, run } = job();
  await run();
  expect(await left()).toEqual(["2 alert old", "2 closed new", "1 hydrate old"]);
  expect(kept.walk).toEqual({ endedMs: NOW_MS });
});

test("many are deleted some at a time, and then none are looked for until the next day", async () => {
  await put(700, "closed", OLD_MS, "a");
  await put(900, "alert", OLD_MS, "b");
  await put(700, "closed", OLD_MS, "c");
  const { kept, run } = job();
  await run();
  expect(await left()).toEqual(["900 alert old", "700 closed old"]);
  expect(kept.walk?.cursor).toBe('["b","dist:alert","core",0,300]');
  await run();
  await run();
  await run();
  expect(await left()).toEqual(["900 alert old"]);
  expect(kept.asked).toBe(3);
  kept.nowMs += 86_400_000;
  await run();
  expect(kept.asked).toBe(4);
});
