import { TENANT_COPIES } from "../control/published.ts";
import type { SubjectHead } from "../deletion.ts";

/** Events looked at for names that the mirror lacks, and copies named, in one step. */
const EVENTS_MAX = 5000;
const COPIES_MAX = 100;

/** A tenant's subjects by name, as far as each is mirrored. */
export async function subjectsAfter(
  mirror: D1Database,
  tenant: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly SubjectHead[]> {
  const { results } = await mirror
    .withSession("first-primary")
    .prepare(
      `SELECT subject, position, head FROM subjects WHERE tenant = ?1 AND subject > ?2
       ORDER BY subject LIMIT ?3`,
    )
    .bind(tenant, after, limit)
    .all<SubjectHead>();
  return results;
}

/** Subjects that a page of a tenant's events names and the mirror does not have. */
export async function straysInEvents(
  mirror: D1Database,
  tenant: string,
  after: string,
): Promise<{ readonly names: readonly string[]; readonly next?: string }> {
  const page = `SELECT event_id, subject FROM events WHERE tenant = ?1 AND event_id > ?2
    ORDER BY event_id LIMIT ${EVENTS_MAX}`;
  const session = mirror.withSession("first-primary");
  const [strays, last] = await session.batch<{ subject?: string; id?: string; n?: number }>([
    session
      .prepare(
        `SELECT DISTINCT e.subject FROM (${page}) e LEFT JOIN subjects s
           ON s.tenant = ?1 AND s.subject = e.subject
         WHERE e.subject IS NOT NULL AND s.subject IS NULL`,
      )
      .bind(tenant, after),
    session.prepare(`SELECT max(event_id) AS id, count(*) AS n FROM (${page})`).bind(tenant, after),
  ]);
  const names = (strays?.results ?? []).flatMap(({ subject }) => subject ?? []);
  const [{ id = "", n = 0 } = {}] = last?.results ?? [];
  return n < EVENTS_MAX ? { names } : { names, next: id };
}

/** Those of these names that the mirror does not have. */
export async function notMirrored(
  mirror: D1Database,
  tenant: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const { results } = await mirror
    .withSession("first-primary")
    .prepare(
      `SELECT DISTINCT j.value AS subject FROM json_each(?2) j LEFT JOIN subjects s
         ON s.tenant = ?1 AND s.subject = j.value WHERE s.subject IS NULL`,
    )
    .bind(tenant, JSON.stringify(names))
    .all<{ subject: string }>();
  return results.map(({ subject }) => subject);
}

/** Has the mirror know of subjects, as those of which it has nothing yet. */
export async function addSubjects(
  mirror: D1Database,
  tenant: string,
  names: readonly string[],
): Promise<void> {
  await mirror
    .prepare(
      `INSERT INTO subjects (tenant, subject, position, head)
       SELECT ?1, value, 0, '' FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(tenant, JSON.stringify(names))
    .run();
}

// What a deleted one has left in its object, as nobody could reach it, only the trail knows of.
const EVER = `SELECT destination FROM destinations WHERE tenant = ?1
  UNION SELECT substr(target, length('destination:' || ?1 || '/') + 1) FROM audit
    WHERE tenant = ?1 AND action = 'destination.create'`;

/** Names of all destinations that a tenant has or has had, a page at a time. */
export async function destinationsEver(
  control: D1Database,
  tenant: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { results } = await control
    .withSession("first-primary")
    .prepare(
      `SELECT destination FROM (${EVER}) WHERE destination > ?2 ORDER BY destination LIMIT ?3`,
    )
    .bind(tenant, after, limit)
    .all<{ destination: string }>();
  return results.map(({ destination }) => destination);
}

interface CopyPlace {
  readonly kind: "source" | "key";
  readonly after: string;
}

/** Names of the copies that KV may have of a tenant's configuration, a page at a time. */
export async function copiesAfter(
  control: D1Database,
  tenant: string,
  cursor: string | undefined,
): Promise<{ readonly names: readonly string[]; readonly next?: string }> {
  const { kind, after }: CopyPlace =
    cursor === undefined ? { kind: "source", after: "" } : JSON.parse(cursor);
  const sql =
    kind === "source"
      ? `SELECT source AS at, 'source:' || tenant || '/' || source AS name FROM sources
         WHERE tenant = ?1 AND source > ?2 ORDER BY source LIMIT ${COPIES_MAX}`
      : `SELECT key_id AS at, 'key:' || hash AS name FROM api_keys
         WHERE tenant = ?1 AND key_id > ?2 ORDER BY key_id LIMIT ${COPIES_MAX}`;
  const { results } = await control
    .withSession("first-primary")
    .prepare(sql)
    .bind(tenant, after)
    .all<{ at: string; name: string }>();
  const names = results.map(({ name }) => name);
  const last = results.length < COPIES_MAX ? undefined : results.at(-1);
  const next = (place: CopyPlace) => ({ names, next: JSON.stringify(place) });
  if (last !== undefined) return next({ kind, after: last.at });
  if (kind === "source") return next({ kind: "key", after: "" });
  return { names: [...names, ...TENANT_COPIES.map((copyOf) => copyOf(tenant))] };
}
