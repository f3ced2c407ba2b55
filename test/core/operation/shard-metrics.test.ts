import { expect, test } from "vitest";
import { openMetricsText } from "#src/core/operation/exposition.ts";
import {
  deploymentFamilies,
  type ShardFigures,
  shardFamilies,
} from "#src/core/operation/shard-metrics.ts";
import { readOpenMetrics } from "../../support/open-metrics.ts";

const NOW_MS = 1_000_000;

const QUIET: ShardFigures = {
  shard: 0,
  queues: [{ queue: "events", messages: 0, oldest_ms: 0 }],
  isSpilled: false,
  jobs: [],
};

const BUSY: ShardFigures = {
  shard: 1,
  queues: [
    { queue: "events", messages: 3, oldest_ms: 1500 },
    { queue: "slow", messages: 9, oldest_ms: 60_000 },
  ],
  isSpilled: true,
  jobs: [{ job: "sweep", ran_ms: NOW_MS - 30_000 }],
  walk: { subjects: 50, repaired: 1, frozen: 0 },
  lastWalk: {
    started_ms: NOW_MS - 500_000,
    ended_ms: NOW_MS - 200_000,
    figures: { subjects: 900, repaired: 2, frozen: 1 },
  },
};

function read(...shards: readonly ShardFigures[]) {
  const families = readOpenMetrics(openMetricsText(shardFamilies(shards, NOW_MS)));
  return Object.fromEntries(
    [...families.values()].map(({ name, samples }) => [
      name,
      samples.map(({ labels, value }) => [...Object.values(labels), value].join(" ")),
    ]),
  );
}

test("tells of a shard's queues, jobs and check of the objects", () => {
  expect(read(BUSY)).toEqual({
    upline_queue_messages: ["1 events 3", "1 slow 9"],
    upline_queue_oldest_message_age_seconds: ["1 events 1.5", "1 slow 60"],
    upline_spilled: ["1 1"],
    upline_job_age_seconds: ["1 sweep 30"],
    upline_object_check_objects: [
      "1 current checked 50",
      "1 current differing 1",
      "1 current frozen 0",
      "1 last checked 900",
      "1 last differing 2",
      "1 last frozen 1",
    ],
    upline_object_check_age_seconds: ["1 200"],
    upline_object_check_duration_seconds: ["1 300"],
  });
});

test("tells of a check's times alone where its figures are nobody's business", () => {
  const { walk: _walk, ...rest } = BUSY;
  const told = read(QUIET, { ...rest, lastWalk: { started_ms: 0, ended_ms: 1000 } });
  expect(Object.keys(told)).not.toContain("upline_object_check_objects");
  expect(told["upline_object_check_age_seconds"]).toEqual(["1 999"]);
  expect(told["upline_spilled"]).toEqual(["0 0", "1 1"]);
});

test("tells which build answers, and how many tenants are not shown", () => {
  const build = { version: "5f2c", environment: "production" };
  const textOf = (more: object) => openMetricsText(deploymentFamilies({ ...build, ...more }));
  expect([...readOpenMetrics(textOf({})).keys()]).toEqual(["upline_build"]);
  expect(textOf({ tenants: { all: 7, omitted: 2 } })).toContain("upline_tenants_omitted 2\n");
});
