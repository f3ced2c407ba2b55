import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What of D1 migrations need. */
export interface Database {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

interface Statement {
  bind(...values: unknown[]): Statement;
  run(): Promise<{ readonly results?: readonly unknown[] }>;
}

/** As wrangler writes it: `wrangler d1 migrations apply` finds done what was done here. */
const TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

const BREAKPOINT = "--> statement-breakpoint";

/** Applies the migrations that are not applied yet, each whole or not at all; names them. */
export async function migrate(d1: Database, migrationsDir: string): Promise<readonly string[]> {
  await d1.prepare(TABLE).run();
  const { results = [] } = await d1.prepare('SELECT name FROM "d1_migrations"').run();
  const applied = new Set(results.map(nameOf));
  const names = readdirSync(migrationsDir).filter((name) => name.endsWith(".sql"));
  const missing = names.toSorted().filter((name) => !applied.has(name));
  for (const name of missing) {
    const sql = readFileSync(path.join(migrationsDir, name), "utf8");
    const statements = sql.split(BREAKPOINT).filter((statement) => statement.trim() !== "");
    await d1.batch([
      ...statements.map((statement) => d1.prepare(statement)),
      d1.prepare('INSERT INTO "d1_migrations" (name) VALUES (?)').bind(name),
    ]);
  }
  return missing;
}

const nameOf = (row: unknown): unknown =>
  typeof row === "object" && row !== null && "name" in row ? row.name : undefined;
