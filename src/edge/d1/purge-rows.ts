import { LAST_TABLE, TENANT_TABLES, type TenantTable } from "./tenant-tables.ts";

/** Rows in one statement: D1 is one thread, and others wait behind it. */
export const PURGED_ROWS_MAX = 1000;

/** Where a tenant's rows are: the control tables of every deployment, and the D1 of its shard. */
export interface TenantDatabases {
  readonly control: D1Database;
  readonly mirror: D1Database;
}

/** How many rows of a tenant each table has, those that have none left out; `jobs` among them. */
export async function countRows(
  { control, mirror }: TenantDatabases,
  tenant: string,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const db of new Set([control, mirror])) {
    for (const { name } of TENANT_TABLES) {
      add(
        counts,
        name,
        await count(db, `SELECT count(*) AS n FROM "${name}" WHERE tenant = ?1`, tenant),
      );
    }
    add(
      counts,
      "jobs",
      await count(db, `SELECT count(*) AS n FROM jobs WHERE ${JOB_NAMES}`, tenant),
    );
  }
  return counts;
}

function add(counts: Record<string, number>, name: string, rows: number): void {
  if (rows > 0) counts[name] = (counts[name] ?? 0) + rows;
}

async function count(db: D1Database, sql: string, tenant: string): Promise<number> {
  const rows = await db.withSession("first-primary").prepare(sql).bind(tenant).first<number>("n");
  return rows ?? 0;
}

/**
 * Rows of `jobs` that name a tenant, by what its name stands behind: lists of its runs, its core, and
 * copies to be published. `alone`: nothing follows the name; `parts` and `sources`: `:` or `/` does.
 */
export const TENANT_JOBS = {
  alone: ["publish:tenant", "slo", "usage"],
  parts: ["carry", "closed", "compared", "core", "cuts"],
  sources: ["publish:source"],
} as const;

// Not by LIKE, which would take `_` in a name for any letter. The character after a separator ends its range.
const rangeOf = (kind: string, first: ":" | "/"): string =>
  `(job >= '${kind}:' || ?1 || '${first}'
    AND job < '${kind}:' || ?1 || '${first === "/" ? "0" : ";"}')`;

const JOB_NAMES = [
  ...TENANT_JOBS.parts.map((kind) => rangeOf(kind, ":")),
  ...TENANT_JOBS.sources.map((kind) => rangeOf(kind, "/")),
  `job IN (${TENANT_JOBS.alone.map((kind) => `'${kind}:' || ?1`).join(", ")})`,
].join(" OR ");

/** Walks of a shard that stand at a tenant, or at something of its: they begin anew. */
export const WALKS = [
  "anchor",
  "breaks_aging",
  "closed_gaps",
  "gaps",
  "manifests",
  "objects",
  "outbound",
  "outbound_forget",
];

const IS_WALK = WALKS.map((kind) => `job >= '${kind}:' AND job < '${kind};'`).join(" OR ");

/**
 * Deletes some of a tenant's rows; where the next call goes on, nothing at the end. The table with
 * its data key is left for the last pass.
 */
export async function purgeRows(
  databases: TenantDatabases,
  tenant: string,
  { isLast, from }: { readonly isLast: boolean; readonly from: string | undefined },
): Promise<string | undefined> {
  const slices = slicesOf(databases, isLast);
  const first = Math.max(
    0,
    slices.findIndex(({ place }) => place === from),
  );
  let purged = 0;
  for (const { place, db, sql } of slices.slice(first)) {
    let rows = PURGED_ROWS_MAX;
    while (rows === PURGED_ROWS_MAX) {
      if (purged >= PURGED_ROWS_MAX) return place;
      const { meta } = await db.prepare(sql).bind(tenant, PURGED_ROWS_MAX).run();
      // Indexes count as well: what matters is whether it was a whole slice.
      rows = Math.min(meta.changes, PURGED_ROWS_MAX);
      purged += rows;
    }
  }
  return undefined;
}

interface Slice {
  readonly place: string;
  readonly db: D1Database;
  readonly sql: string;
}

const slicesOf = ({ control, mirror }: TenantDatabases, isLast: boolean): readonly Slice[] =>
  [...new Set([control, mirror])].flatMap((db, n) => [
    ...TENANT_TABLES.filter(({ name }) => isLast || name !== LAST_TABLE).map((table) => ({
      place: `${n}:${table.name}`,
      db,
      sql: sliceOf(table),
    })),
    {
      place: `${n}:jobs`,
      db,
      sql: `DELETE FROM jobs WHERE job IN (SELECT job FROM jobs WHERE ${JOB_NAMES} LIMIT ?2)`,
    },
  ]);

function sliceOf({ name, key }: TenantTable): string {
  if (key.length === 0) return `DELETE FROM "${name}" WHERE tenant = ?1 AND ?2 > 0`;
  const columns = key.map((column) => `"${column}"`).join(", ");
  return `DELETE FROM "${name}" WHERE tenant = ?1 AND (${columns}) IN
    (SELECT ${columns} FROM "${name}" WHERE tenant = ?1 LIMIT ?2)`;
}

/** Has jobs forget that their walk stood at one of the tenant's rows: they begin anew. */
export async function forgetInJobs(
  { control, mirror }: TenantDatabases,
  tenant: string,
): Promise<void> {
  const name = JSON.stringify(tenant);
  // A cursor is JSON within JSON: there the tenant stands between escaped quotes.
  const inCursor = JSON.stringify(name).slice(1, -1);
  const inName = `${name.slice(0, -1)}/`;
  const names = "(instr(state, ?1) > 0 OR instr(state, ?2) > 0 OR instr(state, ?3) > 0)";
  for (const db of new Set([control, mirror])) {
    await db.batch([
      db
        .prepare(
          `UPDATE jobs SET state = json_set(state, '$.lagging', (SELECT json_group_array(json(value))
             FROM json_each(state, '$.lagging') WHERE value ->> 'tenant' <> ?2))
           WHERE job >= 'sweep:' AND job < 'sweep;' AND instr(state, ?1) > 0`,
        )
        .bind(name, tenant),
      db
        .prepare(
          `UPDATE jobs SET state = json_remove(state, '$.cursor')
           WHERE (job >= 'sweep:' AND job < 'sweep;' OR job >= 'lines_' AND job < 'lines\`')
             AND instr(state, ?1) > 0`,
        )
        .bind(inCursor),
      db.prepare(`DELETE FROM jobs WHERE (${IS_WALK}) AND ${names}`).bind(name, inCursor, inName),
    ]);
  }
}

/**
 * Lets a shard's D1 delete a tenant's transfers: their trigger asks this table, and only the control
 * tables know of a deletion by themselves.
 */
export async function permitPurge(
  { control, mirror }: TenantDatabases,
  tenant: string,
): Promise<void> {
  if (control === mirror) return;
  const row = await control
    .prepare("SELECT * FROM deletions WHERE tenant = ?1")
    .bind(tenant)
    .first<Record<string, string | number | null>>();
  if (row === null) throw new Error(`Cannot purge "${tenant}": nobody asked for it`);
  await mirror
    .prepare(
      `INSERT INTO deletions (tenant, deletion_id, state, shard, jurisdiction, progress,
         requested_by, requested_ms) VALUES (?1, ?2, 'purging', ?3, ?4, '{}', ?5, ?6)
       ON CONFLICT DO UPDATE SET state = 'purging', deletion_id = excluded.deletion_id`,
    )
    .bind(
      tenant,
      row["deletion_id"],
      row["shard"],
      row["jurisdiction"],
      row["requested_by"],
      row["requested_ms"],
    )
    .run();
}
