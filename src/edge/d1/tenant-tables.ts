import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as control from "../control/tables.ts";
import * as ledger from "./ledger-schema.ts";
import * as operation from "./operation-schema.ts";
import * as outbound from "./outbound-schema.ts";
import * as reconciliation from "./reconciliation-schema.ts";
import * as mirror from "./schema.ts";

/** A table whose rows belong to tenants. */
export interface TenantTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Its primary key without the tenant; empty where a tenant has one row. */
  readonly key: readonly string[];
}

/** All that is left of a tenant: the one table that outlives it. */
const OUTLIVING = "deletions";

/** Holds the tenant's data key: it goes last, as what arrives late is told by it. */
export const LAST_TABLE = "tenants";

/** Every table of the schema with a column `tenant`, in the order in which a tenant leaves them. */
export const TENANT_TABLES: readonly TenantTable[] = [
  mirror,
  ledger,
  reconciliation,
  operation,
  outbound,
  control,
]
  .flatMap((schema) => Object.values(schema))
  .filter((value) => value instanceof SQLiteTable)
  .map(tableOf)
  .filter(({ name, columns }) => columns.includes("tenant") && name !== OUTLIVING)
  .toSorted((a, b) => Number(a.name === LAST_TABLE) - Number(b.name === LAST_TABLE));

/** Names of the tables that stand in the first shard's D1 alone: who a tenant is, is asked first. */
export const CONTROL_TABLES: ReadonlySet<string> = new Set(
  Object.values(control)
    .filter((value) => value instanceof SQLiteTable)
    .map((table) => getTableConfig(table).name),
);

function tableOf(table: SQLiteTable): TenantTable {
  const { name, columns, primaryKeys } = getTableConfig(table);
  const joint = primaryKeys.flatMap((key) => key.columns.map((column) => column.name));
  const own = columns.filter(({ primary }) => primary).map((column) => column.name);
  const key = [...joint, ...own].filter((column) => column !== "tenant");
  return { name, columns: columns.map((column) => column.name), key };
}
