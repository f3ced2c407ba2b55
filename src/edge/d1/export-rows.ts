import type { RowsPage } from "../deletion.ts";
import { TENANT_TABLES, type TenantTable } from "./tenant-tables.ts";

/** Rows in one part of an export; of tables whose rows can be long there are fewer. */
const ROWS_MAX = 500;
const LONG_ROWS_MAX = 40;
const LONG: ReadonlySet<string> = new Set(["held", "plans", "records", "runs", "subjects"]);

/**
 * What an owner gets no copy of: keys, and what is sealed or hashed so that nobody reads it. Senders
 * and callers have the secrets; nothing could be done with these.
 */
const SECRET: ReadonlySet<string> = new Set([
  "tenants.data_key",
  "tenants.core_auth",
  "sources.secrets",
  "destinations.secrets",
  "api_keys.hash",
  "idempotency.answer",
]);

/** Where a walk through all tables is: the last row of a table that it has. */
interface Place {
  readonly table: string;
  readonly after?: readonly (string | number)[];
}

/** A tenant's rows, a page of one table at a time. From the primary: the export is all there is. */
export async function tenantRows(
  dbOf: (table: string) => D1Database,
  tenant: string,
  cursor: string | undefined,
): Promise<RowsPage> {
  const at: Place = cursor === undefined ? { table: firstTable() } : JSON.parse(cursor);
  const index = TENANT_TABLES.findIndex(({ name }) => name === at.table);
  const table = TENANT_TABLES[index];
  if (table === undefined) throw new Error(`Cannot export table "${at.table}": it is gone`);
  const limit = LONG.has(table.name) ? LONG_ROWS_MAX : ROWS_MAX;
  const { results } = await dbOf(table.name)
    .withSession("first-primary")
    .prepare(pageOf(table, at.after))
    .bind(tenant, limit, ...(at.after ?? []))
    .all<Record<string, string | number | null>>();
  const rows = results.map((row) => withoutSecrets(table.name, row));
  const page = { table: table.name, rows };
  const last = results.length < limit || table.key.length === 0 ? undefined : results.at(-1);
  if (last !== undefined) {
    const after = table.key.map((column) => last[column] ?? "");
    return { ...page, next: JSON.stringify({ table: table.name, after } satisfies Place) };
  }
  const following = TENANT_TABLES[index + 1];
  if (following === undefined) return page;
  return { ...page, next: JSON.stringify({ table: following.name } satisfies Place) };
}

const firstTable = (): string => TENANT_TABLES[0]?.name ?? "";

function pageOf({ name, key }: TenantTable, after: Place["after"]): string {
  if (key.length === 0) return `SELECT * FROM "${name}" WHERE tenant = ?1 LIMIT ?2`;
  const columns = key.map((column) => `"${column}"`).join(", ");
  const places = key.map((_, i) => `?${i + 3}`).join(", ");
  const rest = after === undefined ? "" : `AND (${columns}) > (${places})`;
  return `SELECT * FROM "${name}" WHERE tenant = ?1 ${rest} ORDER BY ${columns} LIMIT ?2`;
}

const withoutSecrets = (table: string, row: object): object =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !SECRET.has(`${table}.${column}`)));
