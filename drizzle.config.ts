import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./src/edge/control/tables.ts",
    "./src/edge/d1/schema.ts",
    "./src/edge/d1/ledger-schema.ts",
    "./src/edge/d1/reconciliation-schema.ts",
    "./src/edge/d1/operation-schema.ts",
    "./src/edge/d1/outbound-schema.ts",
  ],
  out: "./migrations",
});
