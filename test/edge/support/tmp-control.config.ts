import path from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
const root = path.join(import.meta.dirname, "../../..");
export default defineConfig({
  root,
  plugins: [
    cloudflareTest(async () => ({
      main: path.join(root, "test/edge/support/tmp-main.ts"),
      miniflare: {
        compatibilityDate: "2026-10-30",
        d1Databases: ["MIRROR_0"],
        kvNamespaces: ["CONFIG"],
        ratelimits: { API_RATE: { namespace_id: "1000", simple: { limit: 5, period: 10 } } },
        bindings: {
          ENVIRONMENT: "local",
          SHARDS: "*",
          TEST_MIGRATIONS: await readD1Migrations(path.join(root, "migrations")),
          MASTER_KEY: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
          ADMIN_TOKEN: "test-admin-token",
        },
      },
    })),
  ],
  test: { include: ["test/edge/**/*.test.ts"], setupFiles: ["./test/edge/support/setup.ts"], testTimeout: 20_000 },
});
