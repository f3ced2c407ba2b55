import { availableParallelism } from "node:os";
import path from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const migrations = () => readD1Migrations(path.join(import.meta.dirname, "migrations"));

/** `npm run test:long`: every random test twenty times as often. */
const LONG = process.env["LONG"] === "1";

const SEEDED = "./test/support/seed.ts";

/** What dies at every step, drifts at length or is looked at besides: `npm run test:long` alone. */
const leftOut = LONG
  ? []
  : [
      "test/edge/cron/rebuild/rebuild.test.ts",
      "test/edge/cron/rebuild/rows.test.ts",
      "test/edge/cron/reconciliation/crashes.test.ts",
      "test/journeys/drift.test.ts",
      "test/pages/reconciliation.test.ts",
    ];

// Time limits end what hangs; how long something takes is for the benches: machines that run tests are busy.
export default defineConfig({
  test: {
    silent: "passed-only",
    // Its own choice leaves one processor idle: on a machine with two that doubles the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: "core",
          environment: "node",
          setupFiles: [SEEDED],
          testTimeout: LONG ? 3_600_000 : 120_000,
          include: [
            "test/*.test.ts",
            "test/core/**/*.test.ts",
            "test/senders/**/*.test.ts",
            "test/destinations/**/*.test.ts",
            "test/pollers/**/*.test.ts",
            "test/tools/**/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await migrations(),
                MASTER_KEY: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                ADMIN_TOKEN: "test-admin-token",
                LONG: process.env["LONG"] ?? "",
                SEED: process.env["SEED"] ?? "",
              },
              queueConsumers: {
                "upline-local-events-0": {
                  maxBatchSize: 100,
                  maxBatchTimeout: 0.05,
                  maxRetries: 20,
                  retryDelay: 0,
                  deadLetterQueue: "upline-local-events-0-dead",
                },
                "upline-local-events-0-dead": { maxBatchSize: 100, maxBatchTimeout: 0.05 },
              },
            },
          })),
        ],
        test: {
          name: "edge",
          isolate: false,
          include: ["test/edge/**/*.test.ts"],
          exclude: leftOut,
          setupFiles: [SEEDED, "./test/edge/support/setup.ts"],
          testTimeout: LONG ? 3_600_000 : 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "journeys",
          environment: "node",
          setupFiles: [SEEDED],
          include: ["test/journeys/**/*.test.ts"],
          exclude: leftOut,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "pages",
          environment: "node",
          include: ["test/pages/**/*.test.ts"],
          exclude: leftOut,
          globalSetup: ["./test/pages/support/setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
