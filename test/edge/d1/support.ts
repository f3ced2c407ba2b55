import { env } from "cloudflare:workers";
import type { Edge } from "#src/core/subject/entry.ts";

export interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly rowsRead: number;
  /** Of the answer. */
  readonly rows: number;
  /** Of the answer, as JSON. */
  readonly chars: number;
}

/** D1 as it is, and what was asked of it. */
export function watched(): { readonly db: D1Database; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const statement = (sql: string, of: D1PreparedStatement, values: readonly unknown[] = []) =>
    new Proxy(of, {
      get(target, name) {
        if (name === "bind") {
          return (...more: unknown[]) => statement(sql, target.bind(...more), more);
        }
        if (name !== "all") return Reflect.get(target, name);
        return async () => {
          const result = await target.all();
          const { results, meta } = result;
          const chars = JSON.stringify(results).length;
          asked.push({ sql, values, rowsRead: meta.rows_read, rows: results.length, chars });
          return result;
        };
      },
    });
  const session = (of: D1DatabaseSession) =>
    new Proxy(of, {
      get(target, name) {
        if (name === "prepare") return (sql: string) => statement(sql, target.prepare(sql));
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  const db = new Proxy(env.MIRROR_0, {
    get(target, name) {
      if (name === "withSession") {
        return (at: string) => session(target.withSession(at));
      }
      if (name === "prepare") return (sql: string) => statement(sql, target.prepare(sql));
      return Reflect.get(target, name);
    },
  });
  return { db, asked };
}

/** How D1 says that it would answer a query. */
export async function planOf({
  sql,
  values,
}: Pick<Asked, "sql" | "values">): Promise<readonly string[]> {
  const { results } = await env.MIRROR_0.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
}

/** The steps of a plan that walk through a table of ours rather than look something up in it. */
export const scansOf = (plan: readonly string[]): readonly string[] =>
  plan.filter((step) => /^SCAN (?:e|s|p|d|k|edges|standings|subjects)\b/.test(step));

export async function putEdges(tenant: string, edges: readonly Edge[]): Promise<void> {
  for (let i = 0; i < edges.length; i += 5000) {
    await env.MIRROR_0.prepare(
      `INSERT INTO edges SELECT ?1, value ->> 'tree', value ->> 'node', value ->> 'version',
         value ->> 'node_kind', value ->> 'effective_ms', value ->> 'parent_id', value ->> 'leg'
       FROM json_each(?2)`,
    )
      .bind(tenant, JSON.stringify(edges.slice(i, i + 5000)))
      .run();
  }
}

export interface StandingRow {
  readonly id: string;
  readonly kind: "enrolment" | "status" | "rank" | "volume";
  readonly period_id?: string;
  readonly epoch?: number;
  readonly rev: string;
  readonly effective_ms: number;
  readonly value: object;
}

export async function putStandings(tenant: string, rows: readonly StandingRow[]): Promise<void> {
  const given = rows.map(({ value, ...row }) => ({
    period_id: "",
    epoch: 0,
    ...row,
    value: JSON.stringify(value),
  }));
  for (let i = 0; i < given.length; i += 5000) {
    await env.MIRROR_0.prepare(
      `INSERT INTO standings SELECT ?1, value ->> 'id', value ->> 'kind', value ->> 'period_id',
         value ->> 'epoch', value ->> 'rev', value ->> 'effective_ms', value ->> 'value'
       FROM json_each(?2)`,
    )
      .bind(tenant, JSON.stringify(given.slice(i, i + 5000)))
      .run();
  }
}
